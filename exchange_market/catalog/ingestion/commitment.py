"""The salted commitment of `contracts.commitment`, computed over whole columns.

DuckDB encodes the values and hashes the cells, on all its threads; a batch has its salts from one
call of AES; the leaf of a row and the tree above it are left to `hashlib` and `contracts.merkle`.
The test suite compares the result with the reference, value by value and root by root.
"""

import binascii
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from contracts.commitment import NULL, SALT_BYTES

_HASH_BYTES = 32
_CELLS_PER_QUERY = 400_000
"""Cells hashed in one query: their hashes take 64 bytes each as the text that DuckDB gives."""

_ENCODED = {
    "BOOLEAN": "encode('b' || {0}::VARCHAR)",
    "DECIMAL": "encode('d' || {0}::VARCHAR)",
    # DuckDB knows two NaNs; Python writes one.
    "DOUBLE": "encode('f' || CASE WHEN isnan({0}) THEN 'nan' ELSE {0}::VARCHAR END)",
    "VARCHAR": "encode('s' || {0})",
    "DATE": "encode('D' || {0}::VARCHAR)",
    "TIMESTAMP": "encode('t' || epoch_us({0}))",
    "TIMESTAMP WITH TIME ZONE": "encode('z' || epoch_us({0}))",
    "TIME": "encode('T' || epoch_us({0}))",
    "BLOB": "unhex('78') || {0}",
}
_ENCODED_FRACTION = r"encode('d' || regexp_replace({0}::VARCHAR, '^(-?)[.]', '\10.'))"


@dataclass(frozen=True, slots=True)
class CellHashes:
    """Hashes of some whole rows, column by column, in hexadecimal."""

    rows: int
    columns: int
    texts: Sequence[pa.Array]


class CellHasher:
    """Steps 1 and 2 of the format: the hashes of all cells of a batch of rows.

    Has a cursor of its own, so that it may run in another thread than the rest.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, secret: bytes) -> None:
        self._cursor = connection.cursor()
        # Every block is encrypted once and none is a message: this is the permutation itself.
        cipher = Cipher(algorithms.AES256(secret), modes.ECB())  # noqa: S305
        self._encryptor = cipher.encryptor()

    def hashes(self, first: int, encoded: Sequence[pa.Array]) -> list[CellHashes]:
        """Hashes of rows with ordinals from `first` on, given all columns of encoded values."""
        rows, step = len(encoded[0]), max(1, _CELLS_PER_QUERY // len(encoded))
        return [
            self._some(first + start, [column.slice(start, step) for column in encoded])
            for start in range(0, rows, step)
        ]

    def _some(self, first: int, encoded: Sequence[pa.Array]) -> CellHashes:
        rows, columns = len(encoded[0]), len(encoded)
        cells = pa.table(
            {"salt": self._salts(first, rows, columns), "value": pa.chunked_array(encoded)}
        )
        # One long column, whatever the table looks like: planning costs the same for all.
        self._cursor.register("cell", cells)
        hashed = self._cursor.sql("SELECT sha256(salt || value) FROM cell").to_arrow_table()
        self._cursor.unregister("cell")
        return CellHashes(rows, columns, hashed.column(0).chunks)

    def _salts(self, first: int, rows: int, columns: int) -> pa.Array:
        blocks = np.empty((columns, rows, 2), dtype=">u8")
        blocks[:, :, 0] = np.arange(first, first + rows)
        blocks[:, :, 1] = np.arange(columns)[:, np.newaxis]
        salts = self._encryptor.update(blocks.data.cast("B"))
        buffers = [None, pa.py_buffer(salts)]
        return pa.Array.from_buffers(pa.binary(SALT_BYTES), rows * columns, buffers)


def row_leaves(hashes: CellHashes) -> Iterator[bytes]:
    """Step 3: the leaves of these rows."""
    by_column = np.frombuffer(
        b"".join(_raw(text) for text in hashes.texts), dtype=np.dtype((np.void, _HASH_BYTES))
    )
    by_row = by_column.reshape(hashes.columns, hashes.rows).T.tobytes()
    row_bytes, sha256 = hashes.columns * _HASH_BYTES, hashlib.sha256
    for start in range(0, len(by_row), row_bytes):
        yield sha256(b"\x00" + by_row[start : start + row_bytes]).digest()


def _raw(text: pa.Array) -> bytes:
    # All texts have the same length and no gap between them. Python turns hexadecimal into bytes
    # several times faster than DuckDB does.
    width, data = 2 * _HASH_BYTES, memoryview(text.buffers()[2])
    return binascii.unhexlify(data[text.offset * width : (text.offset + len(text)) * width])


def encoded_sql(kind: str, sql: str) -> str:
    """SQL of `contracts.commitment.encode_value` for a column of a DuckDB type that we deliver."""
    name, _, parameters = kind.rstrip(")").partition("(")
    template = _ENCODED.get(name, "encode('i' || {0})")
    if name == "DECIMAL" and len(set(parameters.split(","))) == 1:
        # Where all digits are decimals, DuckDB writes no zero before the point.
        template = _ENCODED_FRACTION
    return f"coalesce({template.format(sql)}, {_blob(NULL)})"


def _blob(value: bytes) -> str:
    return f"unhex('{value.hex()}')"
