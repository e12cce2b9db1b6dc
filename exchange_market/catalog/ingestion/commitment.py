"""The salted commitment of `contracts.commitment`, computed over whole columns.

DuckDB hashes the cells (format steps 1 to 3), since there are two hashes for each of them; the
leaf of a row and the tree above it are left to `hashlib` and `contracts.merkle`. The test suite
compares the result with the reference, value by value and root by root.
"""

import hashlib
from collections.abc import Sequence

import pyarrow as pa

from contracts.commitment import NULL, column_tag, hmac_pads
from contracts.merkle import RootAccumulator

_CELLS_PER_TEXT = 64
"""Cell hashes joined in one text; bounds how long texts inside DuckDB become."""

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


def row_salt_sql(secret: bytes, ordinal: str) -> str:
    """SQL of step 1 for a column of row ordinals. The text contains the secret: never log it."""
    inner, outer = hmac_pads(secret)
    row = f"unhex('{b'row'.hex()}' || printf('%016x', {ordinal}))"
    return f"unhex(sha256({_blob(outer)} || unhex(sha256({_blob(inner)} || {row}))))"


def cell_hashes_sql(columns: Sequence[tuple[str, str, str]], salt: str) -> list[str]:
    """SQL of steps 2 and 3 for columns given as (name, type, SQL): texts of joined hexadecimal
    hashes, each for at most 64 columns."""
    cells = [
        f"sha256(unhex(sha256({salt} || {_blob(column_tag(name))})) || {encoded_sql(kind, sql)})"
        for name, kind, sql in columns
    ]
    return [
        f"concat({', '.join(cells[start : start + _CELLS_PER_TEXT])})"
        for start in range(0, len(cells), _CELLS_PER_TEXT)
    ]


def encoded_sql(kind: str, sql: str) -> str:
    """SQL of `contracts.commitment.encode_value` for a column of a DuckDB type that we deliver."""
    name, _, parameters = kind.rstrip(")").partition("(")
    template = _ENCODED.get(name, "encode('i' || {0})")
    if name == "DECIMAL" and len(set(parameters.split(","))) == 1:
        # Where all digits are decimals, DuckDB writes no zero before the point.
        template = _ENCODED_FRACTION
    return f"coalesce({template.format(sql)}, {_blob(NULL)})"


def add_rows(tree: RootAccumulator, texts: Sequence[pa.Array]) -> None:
    """Steps 4 and 5: append the leaves of a batch of rows, given the texts of their cell hashes."""
    # Python turns hexadecimal into bytes several times faster than DuckDB does.
    joined = zip(*(text.to_pylist() for text in texts), strict=True)
    sha256 = hashlib.sha256
    tree.add_leaf_hashes(sha256(bytes.fromhex("00" + "".join(parts))).digest() for parts in joined)


def _blob(value: bytes) -> str:
    return f"unhex('{value.hex()}')"
