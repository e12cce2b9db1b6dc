"""The same expressions count the same on DuckDB, on PostgreSQL and, where it is there, on Spark."""

import importlib
import importlib.util
import shutil
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import ibis
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pricing.quality import (
    ColumnSpec,
    ColumnType,
    UpdateFrequency,
    UpdateSchedule,
    profile_rules,
    rules_from_json,
)
from pricing.quality.measure import build_aggregate
from pricing.quality.rules import KINDS

AS_OF = datetime(2026, 3, 1, 12, tzinfo=UTC)
ROWS = 400
SCHEMA = pa.schema(
    {
        "id": pa.int64(),
        "parent": pa.int64(),
        "credit_code": pa.string(),
        "card": pa.string(),
        "resident": pa.string(),
        "note": pa.string(),
        "state": pa.string(),
        "amount": pa.float64(),
        "starts_on": pa.date32(),
        "ends_on": pa.date32(),
        "seen_at": pa.timestamp("us"),
        "is_open": pa.bool_(),
    }
)
COLUMNS = (
    ColumnSpec("id", ColumnType.INTEGER),
    ColumnSpec("parent", ColumnType.INTEGER),
    ColumnSpec("credit_code", ColumnType.STRING),
    ColumnSpec("card", ColumnType.STRING),
    ColumnSpec("resident", ColumnType.STRING),
    ColumnSpec("note", ColumnType.STRING),
    ColumnSpec("state", ColumnType.STRING),
    ColumnSpec("amount", ColumnType.FLOAT),
    ColumnSpec("starts_on", ColumnType.DATE),
    ColumnSpec("ends_on", ColumnType.DATE),
    ColumnSpec("seen_at", ColumnType.TIMESTAMP),
    ColumnSpec("is_open", ColumnType.BOOLEAN),
)
ASKED_FOR: list[dict[str, Any]] = [
    {"kind": "pattern", "column": "state", "pattern": "开.|closed"},
    {"kind": "pattern", "column": "id", "pattern": "[0-9]{1,2}"},
    {"kind": "in_codes", "column": "state", "codes": ["开放", "it's"]},
    {"kind": "in_codes", "column": "parent", "codes": ["1", "2"]},
    {"kind": "in_range", "column": "amount", "minimum": "0.5", "maximum": "99.5"},
    {"kind": "in_range", "column": "id", "minimum": "3"},
    {"kind": "checksum", "column": "credit_code", "scheme": "uscc"},
    {"kind": "checksum", "column": "card", "scheme": "luhn"},
    {"kind": "checksum", "column": "resident", "scheme": "resident_id"},
    {"kind": "clean_text", "column": "note"},
    {"kind": "no_duplicate_rows"},
    {"kind": "compared", "first": "starts_on", "comparison": "<=", "second": "ends_on"},
    {"kind": "compared", "first": "ends_on", "comparison": ">", "second": "seen_at"},
    {"kind": "determines", "determinant": "parent", "dependent": "state"},
    {"kind": "exists_in", "column": "parent", "referenced": "id"},
    {"kind": "fresh", "column": "seen_at", "max_age_hours": 24},
    {"kind": "periods_covered", "column": "seen_at", "frequency": "hourly"},
    {"kind": "periods_covered", "column": "ends_on", "frequency": "weekly"},
]
RULES = profile_rules(
    COLUMNS,
    keys=("id", "state"),
    schedule=UpdateSchedule("starts_on", UpdateFrequency.MONTHLY, AS_OF),
    further=rules_from_json(ASKED_FOR, "rules", AS_OF),
)
AGGREGATE = build_aggregate(ibis.table(ibis.Schema.from_pyarrow(SCHEMA), name="subject"), RULES)


def subject() -> pa.Table:
    """Rows that satisfy and break every rule, some with nothing in them."""
    notes = ["fine", "Ã©tat", "bad\ufffd", "tab\there", "bell\x07", "été\u00a0»", "锟斤拷", None]
    cards = ["4111111111111111", "4111111111111112", "79927398713", "6222021234567890123", None]
    codes = ["91360000MA35GJ7K85", "91360000MA35GJ7K86", "91360000ma35gj7k85", "no", None]
    residents = ["11010519491231002X", "11010519491231002x", "110105194912310020", None]
    rows = [
        {
            "id": n % 150,
            "parent": (n * 7) % 200 if n % 11 else None,
            "credit_code": codes[n % 5],
            "card": cards[n % 5],
            "resident": residents[n % 4],
            "note": notes[n % 8],
            "state": ["开放", "it's", "closed", "a\nb", None][n % 5],
            "amount": n / 3 if n % 13 else None,
            "starts_on": date(2025, 1, 1) + timedelta(days=n % 90),
            "ends_on": date(2025, 1, 1) + timedelta(days=(n * 3) % 120) if n % 7 else None,
            "seen_at": datetime(2025, 1, 20) + timedelta(hours=n) if n % 5 else None,  # noqa: DTZ001
            "is_open": n % 2 == 0,
        }
        for n in range(ROWS)
    ]
    return pa.Table.from_pylist([*rows, *rows[:50]], SCHEMA)


def counted_by_duckdb(table: pa.Table) -> dict[str, int]:
    with duckdb.connect() as connection:
        connection.register("subject", table)
        cursor = connection.execute(str(ibis.to_sql(AGGREGATE, dialect="duckdb")))
        names = [column[0] for column in cursor.description or ()]
        return dict(zip(names, map(int, cursor.fetchall()[0]), strict=True))


def by_rule(counts: Mapping[str, Any]) -> dict[str, tuple[int, int]]:
    return {
        rule.id: (int(counts[f"conforming_{n}"]), int(counts[f"examined_{n}"]))
        for n, rule in enumerate(RULES)
    }


def test_every_kind_of_rule_is_among_those_compared() -> None:
    assert {rule.kind for rule in RULES} == set(KINDS)


def test_postgresql_counts_what_duckdb_counts(empty_postgres_url: str) -> None:
    table = subject()
    columns = ", ".join(f'"{spec.name}" {_POSTGRESQL_TYPES[spec.type]}' for spec in COLUMNS)
    url = empty_postgres_url.replace("+asyncpg", "")

    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("SET TIME ZONE 'UTC'")
        cursor.execute(f"CREATE TABLE subject ({columns})".encode())
        with cursor.copy("COPY subject FROM STDIN") as copy:
            for row in table.to_pylist():
                copy.write_row(tuple(row.values()))
        cursor.execute(str(ibis.to_sql(AGGREGATE, dialect="postgres")).encode())
        names = [column.name for column in cursor.description or ()]
        found = dict(zip(names, cursor.fetchone() or (), strict=True))

    assert by_rule(found) == by_rule(counted_by_duckdb(table))


HAS_SPARK = importlib.util.find_spec("pyspark") is not None and shutil.which("java") is not None


@pytest.mark.slow
@pytest.mark.skipif(not HAS_SPARK, reason="needs pyspark (4.0) and Java 17")
@pytest.mark.filterwarnings("default")
def test_spark_counts_what_duckdb_counts(tmp_path: Path) -> None:
    spark: Any = importlib.import_module("pyspark.sql")
    table = subject()
    pq.write_table(table, tmp_path / "subject.parquet")
    session = (
        spark.SparkSession.builder.master("local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.shuffle.partitions", "1")
        .config("spark.sql.warehouse.dir", str(tmp_path / "warehouse"))
        .getOrCreate()
    )
    try:
        engine = ibis.pyspark.connect(session)
        session.read.parquet(str(tmp_path / "subject.parquet")).createOrReplaceTempView("subject")
        (found,) = engine.to_pyarrow(AGGREGATE).to_pylist()
    finally:
        session.stop()

    assert by_rule(found) == by_rule(counted_by_duckdb(table))


_POSTGRESQL_TYPES = {
    ColumnType.STRING: "text",
    ColumnType.INTEGER: "bigint",
    ColumnType.FLOAT: "double precision",
    ColumnType.BOOLEAN: "boolean",
    ColumnType.DATE: "date",
    ColumnType.TIMESTAMP: "timestamp",
}
