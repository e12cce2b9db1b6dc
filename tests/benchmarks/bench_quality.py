"""Eleven measures of 1,000,000 rows in ten columns: the rule engine against hand-written SQL.

Run `python tests/benchmarks/bench_quality.py`; it prints times, ratios and the resident memory of
each process, and fails if the counts differ, or a ratio or the memory is above its limit.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, Final

import duckdb

ROUNDS: Final = 15
RATIO_MAX: Final = 1.1
RESIDENT_MIB_MAX: Final = 350
SETTINGS: Final[dict[str, Any]] = {
    "threads": 2,
    "memory_limit": "512MiB",
    "preserve_insertion_order": False,
}
AS_OF: Final = datetime(2026, 1, 1, tzinfo=UTC)

TABLE: Final = """
    SELECT range AS id, 'user' || range || CASE WHEN range % 50 = 0 THEN '' ELSE '@example.com' END
               AS email,
           CASE WHEN range % 97 = 0 THEN 'XX' ELSE ['CN', 'US', 'DE', 'FR'][1 + range % 4] END
               AS country,
           (hash(range) % 100000) / 7.0 AS amount,
           CASE WHEN range % 10 = 0 THEN NULL ELSE range % 500 END AS quantity,
           DATE '2024-01-01' + (range % 700)::INTEGER AS starts_on,
           DATE '2024-01-01' + (range % 707)::INTEGER AS ends_on,
           TIMESTAMP '2025-12-20' + to_seconds(range) AS seen_at,
           'state ' || range % 5 AS state,
           range % 3 = 0 AS is_open
    FROM range(1000000)
"""

HAND_WRITTEN: Final = """
    SELECT count(email), count(*),
           count(quantity), count(*),
           count(DISTINCT id), count(*),
           count(*) FILTER (regexp_matches(email, '^[a-z0-9]+@[a-z]+[.]com$')), count(email),
           count(*) FILTER (country IN ('CN', 'US', 'DE', 'FR')), count(country),
           count(*) FILTER (amount BETWEEN 10 AND 14000), count(amount),
           count(*) FILTER (quantity <= 400), count(quantity),
           count(*) FILTER (starts_on <= ends_on),
           count(*) FILTER (starts_on IS NOT NULL AND ends_on IS NOT NULL),
           (max(seen_at) FILTER (seen_at <= TIMESTAMP '2026-01-01') >= TIMESTAMP '2025-12-31')::INT,
           (count(seen_at) > 0)::INT,
           count(DISTINCT date_trunc('day', seen_at)) FILTER (seen_at <= TIMESTAMP '2026-01-01'),
           date_diff('day', min(seen_at) FILTER (seen_at <= TIMESTAMP '2026-01-01'),
                     TIMESTAMP '2026-01-01') + 1,
           count(DISTINCT country) FILTER (state IS NOT NULL),
           count(DISTINCT (country, state)) FILTER (country IS NOT NULL AND state IS NOT NULL)
    FROM subject
"""


def eleven_rules() -> tuple[Any, ...]:
    """The same eleven measures as rules."""
    from pricing.quality import UpdateFrequency, rule_of  # noqa: PLC0415 - not for plain SQL
    from pricing.quality import rules as kinds  # noqa: PLC0415

    return tuple(
        rule_of(check)
        for check in (
            kinds.NotNull("email"),
            kinds.NotNull("quantity"),
            kinds.Unique(("id",)),
            kinds.Pattern("email", "[a-z0-9]+@[a-z]+[.]com"),
            kinds.InCodes("country", ("CN", "US", "DE", "FR")),
            kinds.InRange("amount", Decimal(10), Decimal(14_000)),
            kinds.InRange("quantity", None, Decimal(400)),
            kinds.Compared("starts_on", kinds.Comparison.AT_MOST, "ends_on"),
            kinds.Fresh("seen_at", 24, AS_OF),
            kinds.PeriodsCovered("seen_at", UpdateFrequency.DAILY, AS_OF),
            kinds.Determines("country", "state"),
        )
    )


def statement(rules: tuple[Any, ...], connection: duckdb.DuckDBPyConnection) -> str:
    """Build and compile the aggregate, as each measurement of a revision does."""
    import ibis  # noqa: PLC0415
    from ibis.backends.sql.datatypes import DuckDBType  # noqa: PLC0415

    from pricing.quality.measure import build_aggregate  # noqa: PLC0415

    described = connection.execute("DESCRIBE subject").fetchall()
    types = {row[0]: DuckDBType.from_string(row[1]) for row in described}
    return str(ibis.to_sql(build_aggregate(ibis.table(types, "subject"), rules), "duckdb"))


def by_hand(connection: duckdb.DuckDBPyConnection) -> list[int]:
    """Measure with the hand-written statement."""
    return [int(value) for value in connection.execute(HAND_WRITTEN).fetchall()[0]]


def by_rules(connection: duckdb.DuckDBPyConnection) -> list[int]:
    """Measure with the rules, building and compiling included."""
    sql = statement(eleven_rules(), connection)
    return [int(value) for value in connection.execute(sql).fetchall()[0]]


WAYS: Final[dict[str, Callable[[duckdb.DuckDBPyConnection], list[int]]]] = {
    "by_hand": by_hand,
    "by_rules": by_rules,
}


def compare(source: str) -> dict[str, Any]:
    """Alternate both ways on one source and return median seconds and their ratio."""
    with duckdb.connect(config=SETTINGS) as connection:
        connection.execute(source)
        if by_hand(connection) != by_rules(connection):
            raise AssertionError(f"{by_hand(connection)} by hand, {by_rules(connection)} by rules")
        spent: dict[str, list[float]] = {name: [] for name in WAYS}
        worked: dict[str, list[float]] = {name: [] for name in WAYS}
        for turn in range(ROUNDS):
            # Whoever comes second finds caches and neighbours as the first left them: take turns.
            for name in sorted(WAYS, reverse=turn % 2 == 1):
                started, before = time.perf_counter(), time.process_time()
                WAYS[name](connection)
                spent[name].append(time.perf_counter() - started)
                worked[name].append(time.process_time() - before)
    medians = {f"{name}_seconds": round(median(times), 4) for name, times in spent.items()}
    best = min(spent["by_rules"]) / min(spent["by_hand"])
    return {
        **medians,
        "ratio": ratio(spent),
        "ratio_of_best": round(best, 3),
        "processor_ratio": ratio(worked),
    }


def ratio(times: dict[str, list[float]]) -> float:
    """The median, over the rounds, of rules against hand."""
    pairs = zip(times["by_hand"], times["by_rules"], strict=True)
    return round(median(rules / hand for hand, rules in pairs), 3)


def resident_mib(way: str, parquet: Path) -> int:
    """Peak resident memory of one measurement in a process of its own."""
    command = [sys.executable, __file__, way, str(parquet)]
    found = subprocess.run(command, check=True, capture_output=True, text=True, timeout=300)
    return int(found.stdout)


def measure_once(way: str, parquet: str) -> None:
    """Measure the Parquet file once and print the peak of resident memory in MiB."""
    with duckdb.connect(config=SETTINGS) as connection:
        connection.execute(f"CREATE VIEW subject AS FROM read_parquet('{parquet}')")
        WAYS[way](connection)
    # Not ru_maxrss: that of a child begins at what its parent held when it was started.
    status = Path("/proc/self/status").read_text("utf-8")
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    print(int(peak.split()[1]) // 1024)


def main() -> int:
    """Print ratios and memory as JSON."""
    with TemporaryDirectory() as folder:
        parquet = Path(folder) / "subject.parquet"
        with duckdb.connect() as connection:
            connection.execute(f"COPY ({TABLE}) TO '{parquet}' (FORMAT parquet)")
        found = {
            "in_memory": compare(f"CREATE TABLE subject AS {TABLE}"),
            "parquet": compare(f"CREATE VIEW subject AS FROM read_parquet('{parquet}')"),
        }
        resident = {way: resident_mib(way, parquet) for way in WAYS}
    print(json.dumps({"rows": 1_000_000, "measures": 11, **found, "resident_mib": resident}))
    is_fast = all(each["ratio"] <= RATIO_MAX for each in found.values())
    return 0 if is_fast and resident["by_rules"] <= RESIDENT_MIB_MAX else 1


if __name__ == "__main__":
    sys.exit(measure_once(*sys.argv[1:]) if len(sys.argv) > 1 else main())
