"""Base64url without padding (RFC 4648, section 5), read strictly: one text for each value."""

import base64
import binascii


def encode(raw: bytes) -> str:
    """Write bytes as base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def decode(text: str) -> bytes:
    """Read what ``encode`` writes.

    Padding, stray characters and unused bits raise ``ValueError``.
    """
    try:
        raw = base64.b64decode(
            text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True
        )
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ValueError("not base64url") from error
    if encode(raw) != text:
        raise ValueError("not canonical base64url")
    return raw
