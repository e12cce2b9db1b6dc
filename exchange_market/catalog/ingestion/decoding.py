"""Text files of any common encoding become UTF-8 without a byte order mark, in a stream.

Order of trust: a byte order mark; else UTF-8, if every byte of the file agrees; else GB18030 (GB
18030-2022, the superset of GBK and GB 2312), likewise; else the file is refused.
"""

import codecs
from collections.abc import Iterator
from pathlib import Path

from exchange_market.catalog.ingestion.refusals import BytesUndecodable, FileEmpty, NulBytes

_CHUNK_BYTES = 4 * 1024 * 1024
# UTF-32 first: its little-endian mark begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def as_utf8(original: Path, scratch: Path, chunk_bytes: int = _CHUNK_BYTES) -> Path:
    """The file as UTF-8: itself if it is so already, else a transcoded copy in `scratch`.

    Raises FileEmpty, BytesUndecodable or NulBytes with the first offending position.
    """
    with original.open("rb") as file:
        head = file.read(4)
    if not head:
        raise FileEmpty
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return _transcode(original, scratch, encoding, len(mark), chunk_bytes)
    try:
        for _ in _decoded(original, "utf-8", 0, chunk_bytes):
            pass
    except BytesUndecodable as not_utf8:
        return _transcode_or(not_utf8, original, scratch, chunk_bytes)
    return original


def _transcode_or(
    not_utf8: BytesUndecodable, original: Path, scratch: Path, chunk_bytes: int
) -> Path:
    try:
        return _transcode(original, scratch, "gb18030", 0, chunk_bytes)
    except BytesUndecodable as not_gb18030:
        # The encoding that got further is the likelier one; its complaint helps more.
        raise max(not_utf8, not_gb18030, key=_offset) from None


def _transcode(
    original: Path, scratch: Path, encoding: str, mark_bytes: int, chunk_bytes: int
) -> Path:
    target = scratch / "text.utf8"
    with target.open("wb") as file:
        for text in _decoded(original, encoding, mark_bytes, chunk_bytes):
            file.write(text.encode())
    if target.stat().st_size == 0:
        raise FileEmpty
    return target


def _decoded(original: Path, encoding: str, skip_bytes: int, chunk_bytes: int) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)(errors="strict")
    line, offset = 1, skip_bytes
    with original.open("rb") as file:
        file.seek(skip_bytes)
        while True:
            chunk = file.read(chunk_bytes)
            pending = len(decoder.getstate()[0])
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                sound = error.object[: error.start].decode(encoding, "ignore")
                raise BytesUndecodable(
                    offset=offset - pending + error.start,
                    line=line + sound.count("\n"),
                    encoding=encoding.upper(),
                ) from None
            if (at := text.find("\0")) >= 0:
                raise NulBytes(
                    offset=offset - pending + len(text[:at].encode(encoding)),
                    line=line + text.count("\n", 0, at),
                )
            if not chunk:
                if text:
                    yield text
                return
            yield text
            offset += len(chunk)
            line += text.count("\n")


def _offset(refusal: BytesUndecodable) -> int:
    return int(str(refusal.params["offset"]))
