"""Finding a font with Chinese characters: one that was named, the system's, else a wheel's.

A PDF set without one shows boxes, while its text still reads well to a program; so a font is
accepted only if it has the glyphs, and with none the PDF is refused.
"""

import importlib.util
import os
import re
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import islice
from pathlib import Path
from typing import Final

from exchange_market.documents.errors import ChineseFontMissing
from exchange_market.documents.opentype import Face, UnreadableFont, read_faces

PACKAGE: Final = "mplfonts"
"""A wheel that carries Noto Sans CJK SC (SIL Open Font Licence 1.1)."""
SYSTEM_PACKAGE: Final = "fonts-noto-cjk"
PROBE: Final = "合同估值质量"
"""Characters that a usable font has."""
_FILES_MAX: Final = 20_000
_ENDINGS: Final = frozenset({".otf", ".ttf", ".ttc", ".otc"})
_LIKELY: Final = re.compile(
    r"noto.?sans.?(cjk|sc)|source.?han.?sans|wqy|wenquanyi|sarasa.?(ui|gothic)|pingfang|hiragino"
    r"|msyh|simhei|droid.?sans.?fallback",
    re.IGNORECASE,
)
_PREFERRED: Final = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "Noto Sans SC",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
)
_REGULAR: Final = 400


@dataclass(frozen=True, slots=True)
class Font:
    """A font file and the face in it that has Chinese characters."""

    path: Path
    face: Face

    @property
    def identity(self) -> str:
        """What distinguishes the font from others, on whatever machine."""
        return f"{self.face.family}:{self.path.name}:{self.path.stat().st_size}"


def packaged_folders() -> tuple[Path, ...]:
    """The folder of fonts inside the wheel of the extra `reports`, if it is installed."""
    spec = importlib.util.find_spec(PACKAGE)
    places = [] if spec is None else list(spec.submodule_search_locations or ())
    return tuple(Path(place) / "fonts" for place in places)


def system_folders() -> tuple[Path, ...]:
    """Where systems keep fonts (fonts.conf(5), and the XDG base directories it refers to)."""
    home = Path.home()
    data = os.environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
    shared = [Path(each) / "fonts" for each in data.split(":") if each.startswith("/")]
    own = [home / ".local/share/fonts", home / ".fonts", home / "Library/Fonts"]
    return (*own, *shared, Path("/Library/Fonts"), Path("/System/Library/Fonts"))


@dataclass(frozen=True)
class FontSearch:
    """Where to look, in this order: the folder that was named, the system's folders, wheels."""

    named: Path | None = None
    system: Sequence[Path] = field(default_factory=system_folders)
    packaged: Sequence[Path] = field(default_factory=packaged_folders)

    @cached_property
    def found(self) -> Font | None:
        """The first font that will do; None if there is none."""
        folders = [(self.named, False)] if self.named is not None else []
        folders += [(folder, True) for folder in (*self.system, *self.packaged)]
        for folder, is_shared in folders:
            if font := _best_in(folder, only_likely=is_shared):
                return font
        return None

    def font(self) -> Font:
        """The font to set documents in; raises ChineseFontMissing. Blocking the first time."""
        if self.found is None:
            raise ChineseFontMissing(package=PACKAGE, system_package=SYSTEM_PACKAGE)
        return self.found


@lru_cache(maxsize=64)
def _best_in(folder: Path, *, only_likely: bool) -> Font | None:
    files = islice(_font_files(folder), _FILES_MAX)
    fonts = [
        font
        for path in files
        if not only_likely or _LIKELY.search(path.name)
        for font in _read(path)
    ]
    return min(fonts, key=_preference, default=None)


def _font_files(folder: Path) -> Generator[Path]:
    for path, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            if Path(name).suffix.lower() in _ENDINGS:
                yield Path(path, name)


def _read(path: Path) -> list[Font]:
    try:
        faces = read_faces(path)
    except (UnreadableFont, OSError):
        return []
    return [Font(path, face) for face in faces if all(map(face.covers, PROBE))]


def _preference(font: Font) -> tuple[int, int, int, str]:
    family = font.face.family
    rank = _PREFERRED.index(family) if family in _PREFERRED else len(_PREFERRED)
    return rank, int("Mono" in family), abs(font.face.weight - _REGULAR), str(font.path)
