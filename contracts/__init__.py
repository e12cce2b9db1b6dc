"""Usage contracts, signatures, receipts and proofs as pure values.

Nothing here does I/O or knows a framework or settings. The package needs only the standard library,
cryptography, PyJWT and rfc8785, so that ``python -m contracts verify BUNDLE`` runs years later on a
machine that never saw the exchange.
"""
