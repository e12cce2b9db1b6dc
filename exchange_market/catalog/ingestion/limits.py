"""How much of everything an uploaded file may have."""

MIB = 1024 * 1024

COLUMNS_MAX = 2_000
COLUMN_NAME_CHARACTERS_MAX = 255
FIELD_BYTES_MAX = MIB
LINE_BYTES_MAX = 16 * MIB
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


def row_group_rows(columns: int) -> int:
    """Rows of a Parquet row group: fewer in wide tables, so that a group fits in memory."""
    return max(2_048, min(ROW_GROUP_ROWS, ROW_GROUP_CELLS_MAX // columns))


def batch_rows(columns: int) -> int:
    """Rows that are hashed and stored at a time."""
    return max(2_048, min(ROW_GROUP_ROWS, BATCH_CELLS_MAX // columns))
