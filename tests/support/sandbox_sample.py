"""A real Parquet sample for the sandbox tests, with values that can be worked out by hand."""

import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

COLUMNS = ("id", "age", "city", "income", "day", "score")
CITIES = ("北京", "上海", "广州", "深圳")


def write_sample(path: Path, rows: int = 1_000) -> Path:
    """Write `rows` rows: id counts up; age is 20 + id % 50; city cycles; income is 20 x id + 5."""
    ids = range(rows)
    first = datetime.date(2026, 1, 1)
    table = pa.table(
        {
            "id": pa.array(ids, pa.int64()),
            "age": pa.array([20 + i % 50 for i in ids], pa.int32()),
            "city": pa.array([CITIES[i % 4] for i in ids], pa.string()),
            "income": pa.array([20.0 * i + 5 for i in ids], pa.float64()),
            "day": pa.array([first + datetime.timedelta(days=i % 365) for i in ids], pa.date32()),
            "score": pa.array([i % 10 for i in ids], pa.int16()),
        }
    )
    pq.write_table(table, path)  # pyright: ignore[reportUnknownMemberType]
    return path
