"""The salted commitment of a dataset revision: one root, cells that open one at a time.

Format, so that another program can follow it. ``||`` joins bytes; integers are written
``uint64_be``; SHA-256 gives 32 bytes. The revision has a secret of 32 random bytes, rows 0, 1, 2,
... in their permanent order, and columns 0, 1, 2, ... with names.

1. ``cell_salt = AES-256(revision secret, uint64_be(row) || uint64_be(column))``, one block of 16
   bytes. The salts of a row are thus the key stream of AES-256 in counter mode (NIST SP 800-38A,
   section 6.5) that begins at the counter block ``uint64_be(row) || uint64_be(0)``.
2. ``cell_hash = SHA-256(cell_salt || encoded value)``
3. ``row_leaf  = SHA-256(0x00 || cell_hash of column 0 || cell_hash of column 1 || ...)``
4. ``root      = RFC 6962 tree root over the row leaves``
5. ``digest    = SHA-256(canonical JSON of {columns, format, root in hex, rows})``

An encoded value is the byte 0x00 for a missing value, else one letter for the type and the value as
UTF-8 text (for ``x``, raw bytes):

====  ==============================  =========================================================
b     boolean                         ``true`` or ``false``
i     integer of any width            decimal digits, ``-`` in front if negative
d     exact decimal                   plain notation with the column's scale, never an exponent
f     binary floating point           shortest that reads back (``0.1``, ``1e+16``, ``nan``)
s     text                            the text
D     date                            ``YYYY-MM-DD``
t     date and time without a zone    microseconds since 1970-01-01 00:00:00 as an integer
z     instant                         microseconds since 1970-01-01 00:00:00 UTC as an integer
T     time of day                     microseconds since midnight as an integer
x     bytes                           the bytes
====  ==============================  =========================================================

Why it is sound. *Hiding*: AES under a secret key is a pseudorandom permutation, and every cell has
an input block of its own, so the salts are 16-byte values that nobody without the key tells from
random distinct ones (distinct where random ones might repeat, which shows only after some 2^64
cells). Opening a salt reveals one block of the permutation, which tells nothing of the key or of
another cell's salt; a guess of a value cannot be tried without 2^128 guesses of its salt. *Binding*
does not rest on AES: whoever opens a cell in two ways, under whatever salts, has found a collision
of SHA-256, since the salt has a fixed length, so that ``cell_salt || value`` splits in one way.
Cells, leaves and nodes cannot stand for one another: numbers of rows and columns, which the digest
names, fix the depth at which each hash is read.

Why it is cheap. All salts of many rows are one call of a cipher that processors have in hardware,
and one block of SHA-256 commits to a cell. One hash for each cell is the least that lets cells open
one at a time: what is shown in place of an unopened cell has to bind it, and to hide it.
"""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TypeAlias

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from contracts.canonical import JsonObject, digest
from contracts.errors import InvalidProof
from contracts.merkle import MerkleTree, leaf_hash, verify_inclusion

FORMAT = "dx-commitment/2"
SECRET_BYTES = 32
SALT_BYTES = 16
NULL = b"\x00"

CellValue: TypeAlias = bool | int | float | Decimal | str | bytes | date | datetime | time | None
# A row: column names with values, in the revision's column order (a mapping would hide the order).
Cells: TypeAlias = Sequence[tuple[str, CellValue]]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Commitment:
    """What a revision (or a view or marked copy of one) is, in one hash; safe to publish."""

    columns: tuple[str, ...]
    rows: int
    root: bytes

    def to_json(self) -> JsonObject:
        """The published form whose canonical bytes ``digest`` hashes."""
        return {
            "format": FORMAT,
            "columns": list(self.columns),
            "rows": self.rows,
            "root": self.root.hex(),
        }

    def digest(self) -> str:
        """``sha256:<hex>`` that names the artefact in contracts and receipts."""
        return digest(self.to_json())


@dataclass(frozen=True, slots=True)
class RevealedCell:
    """One opened cell.

    Its value and salt, the other cells of its row as hashes, and the row's path to the root.
    """

    row: int
    column: str
    encoded: bytes
    salt: bytes
    cell_hashes: tuple[bytes, ...]
    proof: tuple[bytes, ...]


def cell_salts(secret: bytes, row: int, columns: int) -> tuple[bytes, ...]:
    """Salts of the first ``columns`` cells of a row; revealing one opens its cell alone."""
    if len(secret) != SECRET_BYTES:
        raise ValueError(f"a revision secret has {SECRET_BYTES} bytes")
    first_block = row.to_bytes(8) + bytes(8)
    encryptor = Cipher(algorithms.AES256(secret), modes.CTR(first_block)).encryptor()
    stream = encryptor.update(bytes(SALT_BYTES * columns))
    return tuple(stream[i : i + SALT_BYTES] for i in range(0, len(stream), SALT_BYTES))


def encode_value(value: CellValue) -> bytes:
    """Bytes of a cell value by the table above; a missing value differs from an empty text."""
    match value:
        case None:
            return NULL
        case str():
            return b"s" + value.encode()
        case bytes():
            return b"x" + value
        case bool() | int() | float() | Decimal():
            return _encode_number(value)
        case date() | time():
            return _encode_time(value)
        case _:
            raise TypeError(f"a {type(value).__name__} is not a cell value")


def cell_hash(salt: bytes, encoded: bytes) -> bytes:
    """Commitment of one cell to its encoded value."""
    return hashlib.sha256(salt + encoded).digest()


def row_leaf(cell_hashes: Sequence[bytes]) -> bytes:
    """Leaf of a row: the tree's leaf hash over its cell hashes in column order."""
    return leaf_hash(b"".join(cell_hashes))


def row_cell_hashes(secret: bytes, row: int, cells: Cells) -> tuple[bytes, ...]:
    """Cell hashes of one row, whose cells are given in the revision's column order."""
    salts = cell_salts(secret, row, len(cells))
    return tuple(
        cell_hash(salt, encode_value(value)) for salt, (_, value) in zip(salts, cells, strict=True)
    )


def commit_row(secret: bytes, row: int, cells: Cells) -> bytes:
    """Leaf of one row, whose cells are given in the revision's column order."""
    return row_leaf(row_cell_hashes(secret, row, cells))


def reveal_cell(
    secret: bytes, row: int, cells: Cells, column: str, tree: MerkleTree
) -> RevealedCell:
    """Open one cell of a row against the tree of the revision's row leaves."""
    position = [name for name, _ in cells].index(column)
    return RevealedCell(
        row=row,
        column=column,
        encoded=encode_value(cells[position][1]),
        salt=cell_salts(secret, row, len(cells))[position],
        cell_hashes=row_cell_hashes(secret, row, cells),
        proof=tree.inclusion_proof(row),
    )


def verify_cell(cell: RevealedCell, commitment: Commitment) -> None:
    """Raise ``InvalidProof`` unless the opened cell belongs to the committed revision."""
    if cell.column not in commitment.columns or len(cell.cell_hashes) != len(commitment.columns):
        raise InvalidProof("the row does not have the committed columns")
    opened = cell_hash(cell.salt, cell.encoded)
    stated = cell.cell_hashes[commitment.columns.index(cell.column)]
    if len(cell.salt) != SALT_BYTES or not hmac.compare_digest(opened, stated):
        raise InvalidProof("value and salt do not open the cell")
    leaf = row_leaf(cell.cell_hashes)
    verify_inclusion(
        leaf=leaf, index=cell.row, size=commitment.rows, proof=cell.proof, root=commitment.root
    )


def _encode_number(value: bool | float | Decimal) -> bytes:
    match value:
        case bool():
            return b"btrue" if value else b"bfalse"
        case int():
            return b"i%d" % value
        case float():
            return b"f" + repr(value).encode()
        case _:
            return b"d" + _plain_decimal(value).encode()


def _plain_decimal(value: Decimal) -> str:
    if not value.is_finite():
        raise ValueError("a decimal cell is a finite number")
    text = format(value, "f")
    return text.removeprefix("-") if value.is_zero() else text


def _encode_time(value: date | time) -> bytes:
    match value:
        case datetime() if value.tzinfo is None:
            return b"t%d" % _microseconds(value.replace(tzinfo=UTC) - _EPOCH)
        case datetime():
            return b"z%d" % _microseconds(value - _EPOCH)
        case date():
            return b"D" + value.isoformat().encode()
        case _:
            since_midnight = timedelta(
                hours=value.hour,
                minutes=value.minute,
                seconds=value.second,
                microseconds=value.microsecond,
            )
            return b"T%d" % _microseconds(since_midnight)


def _microseconds(span: timedelta) -> int:
    return span // timedelta(microseconds=1)
