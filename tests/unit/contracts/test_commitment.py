"""The commitment of a revision: exact values, and cells that open alone."""

import hashlib
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from contracts import commitment
from contracts.commitment import (
    CellValue,
    Commitment,
    cell_hash,
    cell_salts,
    commit_row,
    encode_value,
    reveal_cell,
    row_leaf,
    verify_cell,
)
from contracts.errors import InvalidProof
from contracts.merkle import MerkleTree

SECRET = bytes(range(32))
ROWS: list[list[tuple[str, CellValue]]] = [
    [("carrier", "UA"), ("delay", 2), ("note", None)],
    [("carrier", "AA"), ("delay", None), ("note", "")],
    [("carrier", "B6"), ("delay", -4), ("note", "晚点")],
]


def sha(raw: bytes) -> bytes:
    return hashlib.sha256(raw).digest()


def test_the_row_leaf_follows_the_documented_steps() -> None:
    aes = Cipher(algorithms.AES256(SECRET), modes.ECB()).encryptor()  # noqa: S305 - step 1 as written
    salts = [aes.update((1).to_bytes(8) + column.to_bytes(8)) for column in range(3)]
    hashes = [
        sha(salt + encoded) for salt, encoded in zip(salts, [b"sAA", b"\x00", b"s"], strict=True)
    ]

    assert cell_salts(SECRET, 1, 3) == tuple(salts)
    assert commit_row(SECRET, 1, ROWS[1]) == sha(b"\x00" + b"".join(hashes))


def test_openssl_gives_the_salts_of_a_row() -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    first_block = (7).to_bytes(8) + bytes(8)
    command = [openssl, "enc", "-aes-256-ctr", "-K", SECRET.hex(), "-iv", first_block.hex()]

    stream = subprocess.run(command, input=bytes(48), check=True, capture_output=True).stdout

    assert cell_salts(SECRET, 7, 3) == (stream[:16], stream[16:32], stream[32:])


@pytest.mark.parametrize(
    ("value", "encoded"),
    [
        (None, b"\x00"),
        ("", b"s"),
        ("é", b"s\xc3\xa9"),
        (True, b"btrue"),
        (False, b"bfalse"),
        (0, b"i0"),
        (-12, b"i-12"),
        (10**30, b"i" + b"1" + b"0" * 30),
        (0.1, b"f0.1"),
        (1e16, b"f1e+16"),
        (-0.0, b"f-0.0"),
        (float("nan"), b"fnan"),
        (float("-inf"), b"f-inf"),
        (Decimal("1.50"), b"d1.50"),
        (Decimal("1E+3"), b"d1000"),
        (Decimal("-0.00"), b"d0.00"),
        (b"\x00\xff", b"x\x00\xff"),
        (date(99, 1, 2), b"D0099-01-02"),
        (datetime(1970, 1, 1, 0, 0, 1, 5), b"t1000005"),  # noqa: DTZ001  a local time has no zone
        (datetime(1969, 12, 31, 23, 59, 59), b"t-1000000"),  # noqa: DTZ001
        (datetime(1970, 1, 1, 8, tzinfo=timezone(timedelta(hours=8))), b"z0"),
        (datetime(1970, 1, 1, tzinfo=UTC), b"z0"),
        (time(0, 0, 1, 2), b"T1000002"),
        (time(23, 59, 59, 999_999), b"T86399999999"),
    ],
)
def test_values_are_encoded_by_type(value: CellValue, encoded: bytes) -> None:
    assert encode_value(value) == encoded


def test_values_that_are_no_cells_are_refused() -> None:
    wrong: Any = [1]
    with pytest.raises(TypeError, match="list"):
        encode_value(wrong)
    with pytest.raises(ValueError, match="finite"):
        encode_value(Decimal("NaN"))


def committed() -> tuple[Commitment, MerkleTree]:
    tree = MerkleTree(commit_row(SECRET, row, cells) for row, cells in enumerate(ROWS))
    return Commitment(("carrier", "delay", "note"), len(ROWS), tree.root), tree


@pytest.mark.parametrize("row", range(3))
@pytest.mark.parametrize("column", ["carrier", "delay", "note"])
def test_one_cell_opens_without_the_others(row: int, column: str) -> None:
    whole, tree = committed()

    cell = reveal_cell(SECRET, row, ROWS[row], column, tree)

    verify_cell(cell, whole)
    assert cell.encoded == encode_value(dict(ROWS[row])[column])
    salts = dict(zip(whole.columns, cell_salts(SECRET, row, 3), strict=True))
    assert salts.pop(column) == cell.salt
    assert cell.salt not in salts.values()


def test_a_cell_opens_only_with_its_own_value_salt_and_place() -> None:
    whole, tree = committed()
    cell = reveal_cell(SECRET, 2, ROWS[2], "delay", tree)

    changed = [
        replace(cell, encoded=b"i-5"),
        replace(cell, salt=bytes(16)),
        replace(cell, salt=cell.salt + b"i", encoded=cell.encoded[1:]),
        replace(cell, column="carrier"),
        replace(cell, column="unknown"),
        replace(cell, row=1),
        replace(cell, row=3),
        replace(cell, cell_hashes=cell.cell_hashes[:-1]),
        replace(cell, cell_hashes=(*cell.cell_hashes[:2], bytes(32))),
        replace(cell, proof=()),
    ]
    for wrong in changed:
        with pytest.raises(InvalidProof):
            verify_cell(wrong, whole)


def test_the_digest_names_columns_rows_and_root() -> None:
    whole, _ = committed()

    assert whole.to_json() == {
        "format": "dx-commitment/2",
        "columns": ["carrier", "delay", "note"],
        "rows": 3,
        "root": whole.root.hex(),
    }
    others = [replace(whole, rows=4), replace(whole, columns=("carrier", "note", "delay"))]
    assert len({each.digest() for each in [whole, *others]}) == 3


def test_equal_values_do_not_show_as_equal_cells() -> None:
    salts = [salt for row in (0, 1) for salt in cell_salts(SECRET, row, 2)]
    hashes = [cell_hash(salt, b"sUA") for salt in salts]
    first, second, *_ = hashes

    assert len({*hashes}) == 4
    assert row_leaf([first, second]) != row_leaf([second, first])


def test_a_secret_has_32_bytes() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        cell_salts(bytes(16), 0, 1)
    assert (commitment.SECRET_BYTES, commitment.SALT_BYTES) == (32, 16)
