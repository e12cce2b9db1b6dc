"""How much of everything an uploaded file may have."""

MIB = 1024 * 1024

COLUMNS_MAX = 2_000
COLUMN_NAME_CHARACTERS_MAX = 255
FIELD_BYTES_MAX = MIB
LINE_BYTES_MAX = 16 * MIB
LINE_BYTES_SHORT = 64 * 1024
"""Of lines up to this length, as many as are read at a time take little memory."""
ROWS_MAX = 200_000_000
NESTING_MAX = 32

PARQUET_FOOTER_BYTES_MAX = 32 * MIB
PARQUET_DECOMPRESSED_BYTES_MAX = 64 * 1024 * MIB

ZIP_ENTRIES_MAX = 2_000
ZIP_DECOMPRESSED_BYTES_MAX = 512 * MIB
ZIP_RATIO_MAX = 200
ZIP_RATIO_FREE_BYTES = 8 * MIB
"""Below this size a high ratio is harmless and, with repetitive tables, ordinary."""

SCRATCH_FILE_BYTES_MAX = 64 * 1024 * MIB
OPEN_FILES_MAX = 256
ROWS_NAMED_MAX = 10
"""How many faulty rows a refusal names; all of them are counted."""

ROW_GROUP_ROWS = 122_880
ROW_GROUP_CELLS_MAX = 8_000_000
BATCH_CELLS_MAX = 400_000
GROUP_BYTES_HARMLESS = 256 * MIB
"""A row group that cannot be longer than this, counting every value as the longest of its column,
is not made smaller."""
LONG_GROUP_BYTES = 16 * MIB
ROW_GROUPS_MAX = 4_096
"""A few long values among many short ones must not cut a file into countless row groups."""


def row_group_rows(columns: int, rows: int, row_bytes_max: int) -> int:
    """Rows of a Parquet row group: fewer in wide tables and in those with long values, so that a
    group fits in memory. `row_bytes_max` adds up the longest values of all columns."""
    most = max(2_048, min(ROW_GROUP_ROWS, ROW_GROUP_CELLS_MAX // columns))
    if most * row_bytes_max <= GROUP_BYTES_HARMLESS:
        return most
    return min(most, max(1, LONG_GROUP_BYTES // row_bytes_max, rows // ROW_GROUPS_MAX))


def batch_rows(columns: int) -> int:
    """Rows that are hashed and stored at a time."""
    return max(2_048, min(ROW_GROUP_ROWS, BATCH_CELLS_MAX // columns))
