"""Which family an OpenType font belongs to and which characters it has.

Reads only the tables needed. Source: OpenType specification, "Font collections", "name - Naming
table", "OS/2", "cmap - Character to glyph index mapping table" (formats 4 and 12).
"""

import struct
from bisect import bisect_right
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

_COLLECTION = b"ttcf"
_FACES_MAX: Final = 64
_TABLES_MAX: Final = 256
_TABLE_BYTES_MAX: Final = 8 * 1024 * 1024
_WINDOWS, _ENGLISH_US = 3, 0x0409
_FAMILY, _TYPOGRAPHIC_FAMILY = 1, 16
_BMP, _FULL_UNICODE = 4, 12
_REGULAR: Final = 400
_LAST_CODE = 0xFFFF


class UnreadableFont(ValueError):
    """The file is no OpenType font that this module can read."""


@dataclass(frozen=True, slots=True)
class Face:
    """One face of a font file; `starts` and `stops` bound the half-open runs of its characters."""

    family: str
    weight: int
    starts: tuple[int, ...]
    stops: tuple[int, ...]

    def covers(self, character: str) -> bool:
        """Whether the face has a glyph for a character."""
        code = ord(character)
        position = bisect_right(self.starts, code) - 1
        return position >= 0 and code < self.stops[position]


def read_faces(path: Path) -> tuple[Face, ...]:
    """The faces of a font file or collection; raises UnreadableFont or OSError."""
    try:
        with path.open("rb") as file:
            return tuple(_face(file, offset) for offset in _offsets(file))
    except (struct.error, UnicodeDecodeError, IndexError) as error:
        raise UnreadableFont(path.name) from error


def _offsets(file: BinaryIO) -> list[int]:
    if file.read(4) != _COLLECTION:
        return [0]
    _, count = struct.unpack(">II", file.read(8))
    return list(struct.unpack(f">{_at_most(count, _FACES_MAX)}I", file.read(4 * count)))


def _face(file: BinaryIO, offset: int) -> Face:
    file.seek(offset + 4)
    (count,) = struct.unpack(">H6x", file.read(8))
    records = file.read(16 * _at_most(count, _TABLES_MAX))
    tables = {tag: (at, length) for tag, at, length in struct.iter_unpack(">4s4xII", records)}

    def table(tag: bytes) -> bytes:
        at, length = tables.get(tag, (0, 0))
        file.seek(at)
        return file.read(_at_most(length, _TABLE_BYTES_MAX))

    starts, stops = _runs(table(b"cmap"))
    weight = table(b"OS/2")[4:6]
    return Face(
        _family(table(b"name")),
        struct.unpack(">H", weight)[0] if weight else _REGULAR,
        starts,
        stops,
    )


def _family(name: bytes) -> str:
    _, count, storage = struct.unpack_from(">HHH", name)
    found: dict[int, str] = {}
    for record in struct.iter_unpack(">6H", name[6 : 6 + 12 * count]):
        platform, _, language, kind, length, at = record
        is_english = (platform, language) == (_WINDOWS, _ENGLISH_US)
        if is_english and kind in (_FAMILY, _TYPOGRAPHIC_FAMILY):
            found[kind] = name[storage + at : storage + at + length].decode("utf-16-be")
    return found.get(_TYPOGRAPHIC_FAMILY) or found.get(_FAMILY, "")


def _runs(cmap: bytes) -> tuple[tuple[int, ...], tuple[int, ...]]:
    (count,) = struct.unpack_from(">2xH", cmap)
    by_format: dict[int, int] = {}
    for _, _, at in struct.iter_unpack(">HHI", cmap[4 : 4 + 8 * count]):
        by_format[struct.unpack_from(">H", cmap, at)[0]] = at
    if _FULL_UNICODE in by_format:
        runs = _full_runs(cmap, by_format[_FULL_UNICODE])
    elif _BMP in by_format:
        runs = _basic_runs(cmap, by_format[_BMP])
    else:
        return (), ()
    ordered = sorted(runs)
    return tuple(start for start, _ in ordered), tuple(stop for _, stop in ordered)


def _full_runs(cmap: bytes, at: int) -> list[tuple[int, int]]:
    (count,) = struct.unpack_from(">12xI", cmap, at)
    groups = cmap[at + 16 : at + 16 + 12 * count]
    return [
        (start, end + 1) for start, end, glyph in struct.iter_unpack(">III", groups) if glyph > 0
    ]


def _basic_runs(cmap: bytes, at: int) -> list[tuple[int, int]]:
    (double,) = struct.unpack_from(">6xH", cmap, at)
    return list(_segments(cmap, at, double // 2))


def _segments(cmap: bytes, at: int, count: int) -> Generator[tuple[int, int]]:
    def column(place: int, kind: str = "H") -> tuple[int, ...]:
        return struct.unpack_from(f">{count}{kind}", cmap, at + place)

    ends, starts = column(14), column(16 + 2 * count)
    ranges_at = 16 + 6 * count
    for index, offset in enumerate(column(ranges_at)):
        start, end = starts[index], ends[index]
        if start == _LAST_CODE:
            return
        if not offset:
            yield start, end + 1
            continue
        glyphs_at = at + ranges_at + 2 * index + offset
        glyphs = struct.unpack_from(f">{end - start + 1}H", cmap, glyphs_at)
        yield from ((start + i, start + i + 1) for i, glyph in enumerate(glyphs) if glyph)


def _at_most(count: int, most: int) -> int:
    if count > most:
        raise UnreadableFont(f"{count} is more than {most}")
    return count
