"""What can be wrong with a contract, a key, a signature, a proof or a bundle.

Every class carries a stable dotted ``code``; the shell that uses this package maps codes to its own
answers. Messages never repeat key material.
"""

from typing import ClassVar


class ContractError(Exception):
    """Root of everything this package raises on purpose."""

    code: ClassVar[str] = "contracts.error"


class NotCanonical(ContractError):
    """A value has no canonical JSON form here.

    A float, an unsafe integer, a lone surrogate, a foreign type.
    """

    code: ClassVar[str] = "contracts.not_canonical"


class MalformedJson(ContractError):
    """Bytes are not the strict JSON this package reads.

    Too big, too deep, repeated members, unsafe numbers.
    """

    code: ClassVar[str] = "contracts.malformed_json"


class InvalidValue(ContractError):
    """A JSON value does not fit the shape of the record it should be; ``path`` names the member."""

    code: ClassVar[str] = "contracts.invalid_value"

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


class InvalidKey(ContractError):
    """A JWK is unknown, weak, private, not canonical, or not meant for signing."""

    code: ClassVar[str] = "contracts.invalid_key"


class InvalidSignature(ContractError):
    """A signature does not verify, or its header asks for something that is refused."""

    code: ClassVar[str] = "contracts.invalid_signature"


class InvalidProof(ContractError):
    """A Merkle inclusion or consistency proof does not lead to the given root."""

    code: ClassVar[str] = "contracts.invalid_proof"


class InvalidTerms(ContractError):
    """Terms contradict themselves: an empty period, a quota below one, no purpose."""

    code: ClassVar[str] = "contracts.invalid_terms"


class UnknownZone(InvalidTerms):
    """The contract's time zone is not in the time zone data of this machine."""

    code: ClassVar[str] = "contracts.unknown_zone"


class InvalidDocument(ContractError):
    """A contract document is not canonical, or says something else than its terms."""

    code: ClassVar[str] = "contracts.invalid_document"


class IllegalTransition(ContractError):
    """The event is not allowed in the state, or not for the side that asked."""

    code: ClassVar[str] = "contracts.illegal_transition"

    def __init__(self, state: str, event: str, side: str) -> None:
        super().__init__(f"{side} may not {event} a contract that is {state}")
        self.state = state
        self.event = event
        self.side = side


class MalformedKey(ContractError):
    """A text is not an API key of this exchange: prefix, length, alphabet or checksum."""

    code: ClassVar[str] = "contracts.malformed_api_key"


class InvalidReceipt(ContractError):
    """A delivery receipt contradicts itself or the batch that signs it."""

    code: ClassVar[str] = "contracts.invalid_receipt"


class BrokenChain(ContractError):
    """The audit chain does not hold at ``sequence``, the first position found wrong."""

    code: ClassVar[str] = "contracts.broken_chain"

    def __init__(self, sequence: int, reason: str) -> None:
        super().__init__(f"audit leaf {sequence}: {reason}")
        self.sequence = sequence
        self.reason = reason


class UnreadableBundle(ContractError):
    """A file is not an evidence bundle, or exceeds the size, count or name rules of one."""

    code: ClassVar[str] = "contracts.unreadable_bundle"
