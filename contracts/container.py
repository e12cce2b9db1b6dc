"""The zip file of an evidence bundle: fixed names, the same bytes every time, read under limits.

``SHA256SUMS`` lists every member but the seal and itself, as ``sha256sum -c`` reads it;
``seal.jws`` is the exchange's signature over it, made when the bundle was issued.
"""

import hashlib
import io
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from contracts.errors import UnreadableBundle
from contracts.terms import Language, Role

CONTRACT = "contract.json"
SIGNATURES = "contract.jws.json"
TEXTS = {Language.ZH: "contract.zh.txt", Language.EN: "contract.en.txt"}
KEYS = "keys.json"
RECEIPTS = "receipts.jsonl"
AUDIT = "audit.jsonl"
GUIDE = "VERIFY.md"
SUMS = "SHA256SUMS"
SEAL = "seal.jws"
TOOL_FILES = tuple(
    f"openssl/{role}.{end}" for role in Role for end in ("pem", "input", "signature")
)

_TEXT_FILES = (*TEXTS.values(), GUIDE)
REQUIRED = frozenset({CONTRACT, SIGNATURES, KEYS, RECEIPTS, SUMS, SEAL, *_TEXT_FILES, *TOOL_FILES})
OPTIONAL = frozenset({AUDIT})

MAX_BUNDLE_BYTES = 64 << 20
MAX_CONTENT_BYTES = 128 << 20
_FIXED_DATE = (1980, 1, 1, 0, 0, 0)
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_ENCRYPTED = 0x1


@dataclass(frozen=True, slots=True)
class Members:
    """Contents of a bundle's members by name, and the names whose bytes could not be restored."""

    contents: Mapping[str, bytes]
    damaged: tuple[str, ...]


def write_zip(members: Mapping[str, bytes]) -> bytes:
    """Write members as a zip in the order of their names, with fixed dates and modes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in sorted(members):
            entry = zipfile.ZipInfo(name, _FIXED_DATE)
            entry.external_attr = 0o644 << 16
            entry.create_system = 3
            archive.writestr(entry, members[name], zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def read_zip(raw: bytes) -> Members:
    """Read a bundle, or raise ``UnreadableBundle``.

    Refused: a file that is no zip or too big, names that a bundle does not have or that come twice,
    encryption, other compression, and more content than ``MAX_CONTENT_BYTES``, counted while
    decompressing since a header can lie. A member whose bytes are damaged is reported by name.
    """
    if len(raw) > MAX_BUNDLE_BYTES:
        raise UnreadableBundle(f"a bundle has at most {MAX_BUNDLE_BYTES} bytes")
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            return _read_members(archive)
    except (zipfile.BadZipFile, ValueError, EOFError, OSError) as error:
        raise UnreadableBundle(f"not a zip file: {error}") from error


def sums(members: Mapping[str, bytes]) -> bytes:
    """``SHA256SUMS`` of all members but itself and the seal."""
    lines = (
        f"{hashlib.sha256(members[name]).hexdigest()}  {name}\n"
        for name in sorted(members)
        if name not in {SUMS, SEAL}
    )
    return "".join(lines).encode()


def _read_members(archive: zipfile.ZipFile) -> Members:
    entries = archive.infolist()
    names = [entry.filename for entry in entries]
    if len(set(names)) != len(names) or not set(names) <= REQUIRED | OPTIONAL:
        raise UnreadableBundle("the zip holds names that a bundle does not have, or one twice")
    contents: dict[str, bytes] = {}
    damaged: list[str] = []
    for entry in entries:
        if entry.compress_type not in _METHODS or entry.flag_bits & _ENCRYPTED:
            raise UnreadableBundle(f"{entry.filename} is encrypted or compressed in another way")
        room = MAX_CONTENT_BYTES - sum(map(len, contents.values()))
        content = _read_member(archive, entry, room)
        if content is None:
            damaged.append(entry.filename)
        else:
            contents[entry.filename] = content
    return Members(contents, tuple(damaged))


def _read_member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, room: int) -> bytes | None:
    try:
        with archive.open(entry) as stream:
            content = stream.read(room + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError):
        return None
    if len(content) > room:
        raise UnreadableBundle(f"a bundle has at most {MAX_CONTENT_BYTES} bytes of content")
    return content
