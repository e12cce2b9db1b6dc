"""Fonts: found where they are, taken only if they have Chinese characters."""

import shutil
import struct
from pathlib import Path

import pytest

from exchange_market.documents.fonts import FontSearch, packaged_folders, system_folders
from exchange_market.documents.opentype import UnreadableFont, read_faces


def bundled() -> Path:
    (folder,) = packaged_folders()
    return folder / "NotoSansCJKsc-Regular.otf"


def font_file(path: Path, family: str, characters: str, weight: int = 400) -> Path:
    """A font with a name and a character map (format 4), and nothing else."""
    codes = sorted(map(ord, characters))
    segments = [(code, code, 1) for code in codes] + [(0xFFFF, 0xFFFF, 1)]
    count = len(segments)
    ends = b"".join(struct.pack(">H", end) for _, end, _ in segments)
    starts = b"".join(struct.pack(">H", start) for start, _, _ in segments)
    zeros = b"\0\0" * count
    body = struct.pack(">HHHH", count * 2, 0, 0, 0) + ends + b"\0\0" + starts + zeros + zeros
    table = struct.pack(">HHH", 4, 6 + len(body), 0) + body
    cmap = struct.pack(">HHHHI", 0, 1, 3, 1, 12) + table
    encoded = family.encode("utf-16-be")
    name = struct.pack(">HHH", 0, 1, 18) + struct.pack(">6H", 3, 1, 0x409, 1, len(encoded), 0)
    tables = {
        b"OS/2": struct.pack(">HhH", 4, 0, weight),
        b"cmap": cmap,
        b"name": name + encoded,
    }
    head, at = struct.pack(">IHHHH", 0x00010000, len(tables), 0, 0, 0), 12 + 16 * len(tables)
    body = b""
    for tag, content in tables.items():
        head += struct.pack(">4sIII", tag, 0, at + len(body), len(content))
        body += content
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(head + body)
    return path


CHINESE = "合同估值质量a"


def test_the_wheel_of_the_extra_brings_a_font() -> None:
    font = FontSearch(system=()).font()

    assert font.path == bundled()
    assert font.face.family == "Noto Sans CJK SC"
    assert font.face.covers("㐀")
    assert font.face.covers("①")
    assert not font.face.covers("😀")


def test_the_folder_that_was_named_comes_first_then_the_system(tmp_path: Path) -> None:
    named = font_file(tmp_path / "named" / "anything.ttf", "House Font", CHINESE)
    system = font_file(
        tmp_path / "system" / "deep" / "wqy-zenhei.ttf", "WenQuanYi Zen Hei", CHINESE
    )

    both = FontSearch(named=named.parent, system=(tmp_path / "system",)).font()
    without = FontSearch(system=(tmp_path / "system",)).font()
    neither = FontSearch(system=(tmp_path / "nowhere",)).font()

    assert both.path == named
    assert (without.path, without.face.family) == (system, "WenQuanYi Zen Hei")
    assert neither.path == bundled()


def test_a_font_without_chinese_characters_is_passed_over(tmp_path: Path) -> None:
    font_file(tmp_path / "NotoSansSC-Regular.ttf", "Noto Sans SC", "abc合同")
    (tmp_path / "NotoSansCJK-broken.otf").write_bytes(b"OTTO" + b"\xff" * 60)

    assert FontSearch(named=tmp_path, system=(), packaged=()).found is None


def test_of_several_weights_and_families_the_regular_of_the_best_is_taken(tmp_path: Path) -> None:
    font_file(tmp_path / "a.ttf", "WenQuanYi Zen Hei", CHINESE)
    font_file(tmp_path / "b.ttf", "Noto Sans CJK SC", CHINESE, weight=700)
    regular = font_file(tmp_path / "c.ttf", "Noto Sans CJK SC", CHINESE)

    assert FontSearch(named=tmp_path).font().path == regular


def test_a_family_of_another_script_is_not_searched_in_shared_folders(tmp_path: Path) -> None:
    shutil.copy(bundled(), tmp_path / "Unrelated.otf")

    assert FontSearch(system=(tmp_path,), packaged=()).found is None
    assert FontSearch(named=tmp_path, system=(), packaged=()).found is not None


@pytest.mark.parametrize("content", [b"", b"ttcf", b"ttcf\0\1\0\0\xff\xff\xff\xff", b"OTTO\0\x09"])
def test_broken_fonts_are_told_from_fonts(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.otf"
    path.write_bytes(content)

    with pytest.raises(UnreadableFont):
        read_faces(path)


def test_the_folders_of_the_system_follow_the_base_directories(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XDG_DATA_DIRS", "/opt/share:relative:/usr/share")

    assert Path("/opt/share/fonts") in system_folders()
    assert Path("relative/fonts") not in system_folders()
