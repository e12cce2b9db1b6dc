"""Measuring a Parquet file: one aggregate for all rules, one for profiles, two for suggestions.

DuckDB runs inside the calling thread under limits of memory, threads, disk and time. Only the one
file can be read: access to anything else is switched off and locked before the first query.
"""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from importlib.metadata import version
from math import isfinite
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import duckdb
import ibis
import ibis.expr.types as ir
from ibis.backends.sql.datatypes import DuckDBType

from exchange_market.appraisals.quality import Measured, QualityPlan
from pricing import ENGINE_VERSION
from pricing.quality import ColumnProfile, read_profile, rule_of, score
from pricing.quality.measure import build_aggregate, rule_sql
from pricing.quality.profile_measure import profile_aggregate
from pricing.quality.suggest import (
    Suggestion,
    find_candidates,
    suggest,
    suggest_freshness,
    suggestion_to_json,
)
from pricing.quality.suggest_measure import evidence_aggregate, length_aggregate

TABLE: Final = "revision"
"""The name of the data in the SQL of a report."""
MEMORY_MIB: Final = 512
THREADS: Final = 2
SPILL_GIB: Final = 16
SECONDS_MAX: Final = 900


def measure(parquet: Path, scratch: Path, plan: QualityPlan) -> Measured:
    """Measure a Parquet file; `scratch` is where DuckDB may spill. Blocking.

    Raises DuckDB's own errors when a limit does not suffice.
    """
    table = ibis.table({name: DuckDBType.from_string(t) for name, t in plan.types.items()}, TABLE)
    with _reader(parquet, scratch) as connection:
        counts = _one_row(connection, build_aggregate(table, plan.rules))
        profiled = _one_row(connection, profile_aggregate(table, plan.specs, plan.hidden))
        profiles, rows = read_profile(plan.specs, plan.hidden, profiled), int(profiled["rows"])
        suggestions = _suggestions(connection, table, plan, profiles, rows)
    report = score(plan.rules, counts, sql=rule_sql(table, plan.rules))
    versions = {
        "pricing": ENGINE_VERSION,
        "duckdb": version("duckdb"),
        "ibis": version("ibis-framework"),
    }
    return Measured(
        plan=plan,
        report=report,
        profiles=tuple(map(_to_json, profiles)),
        suggestions=tuple(map(suggestion_to_json, suggestions)),
        rows=rows,
        engine_versions=versions,
    )


def _suggestions(
    connection: duckdb.DuckDBPyConnection,
    table: ir.Table,
    plan: QualityPlan,
    profiles: Sequence[ColumnProfile],
    rows: int,
) -> Sequence[Suggestion]:
    """What the data suggest that is not in force already."""
    lengths = _one_row(connection, length_aggregate(table, plan.specs))
    candidates = find_candidates(plan.specs, profiles, rows, lengths)
    evidence = _one_row(connection, evidence_aggregate(table, candidates))
    found = list(suggest(plan.specs, profiles, rows, candidates, evidence))
    if plan.schedule is not None:
        found.append(suggest_freshness(plan.schedule))
    present = {rule.id for rule in plan.rules}
    return [each for each in found if rule_of(each.check).id not in present]


@contextmanager
def _reader(parquet: Path, scratch: Path) -> Generator[duckdb.DuckDBPyConnection]:
    with TemporaryDirectory(prefix="quality-", dir=scratch) as spill:
        config: dict[str, Any] = {
            "memory_limit": f"{MEMORY_MIB}MiB",
            "threads": THREADS,
            "temp_directory": spill,
            "max_temp_directory_size": f"{SPILL_GIB}GiB",
            "autoload_known_extensions": False,
            "autoinstall_known_extensions": False,
            "preserve_insertion_order": False,
        }
        with duckdb.connect(":memory:", config=config) as connection:
            _lock_to(connection, parquet)
            yield connection


def _lock_to(connection: duckdb.DuckDBPyConnection, parquet: Path) -> None:
    file = _literal(str(parquet))
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(f"SET allowed_paths = [{file}]")
    connection.execute(f"CREATE VIEW {TABLE} AS FROM read_parquet({file})")
    connection.execute("SET enable_external_access = false")
    connection.execute(f"SET max_execution_time = {SECONDS_MAX * 1000}")
    connection.execute("SET lock_configuration = true")


def _one_row(connection: duckdb.DuckDBPyConnection, expression: ir.Table) -> dict[str, Any]:
    result = connection.execute(str(ibis.to_sql(expression, dialect="duckdb")))
    names: Sequence[str] = [column[0] for column in result.description or ()]
    # An aggregate without groups has exactly one row.
    return dict(zip(names, result.fetchall()[0], strict=True))


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _to_json(profile: ColumnProfile) -> dict[str, Any]:
    return {
        "name": profile.name,
        "type": profile.type,
        "is_hidden": profile.is_hidden,
        "nulls": profile.nulls,
        "distinct": profile.distinct,
        "minimum": _plain(profile.minimum),
        "maximum": _plain(profile.maximum),
        "mean": _plain(profile.mean),
    }


def _plain(value: object) -> str | int | float | None:
    """A measured value in JSON: instants and decimals as text, infinities and NaN left out."""
    match value:
        case None | bool():
            return None
        case int():
            return value
        case float():
            return value if isfinite(value) else None
        case Decimal():
            return format(value, "f")
        case datetime() | date():
            return value.isoformat()
        case _:
            return str(value)
