"""What holds for every table: ratios in [0, 1], and the order of the rows changes nothing."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import ibis
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing.quality import (
    ColumnSpec,
    ColumnType,
    Determines,
    Ordered,
    QualityReport,
    UpdateFrequency,
    UpdateSchedule,
    profile_rules,
    score,
)
from pricing.quality.measure import build_aggregate

RULES = profile_rules(
    (
        ColumnSpec("code", ColumnType.INTEGER),
        ColumnSpec("name", ColumnType.STRING, pattern="[a-c]+", codes=("a", "b")),
        ColumnSpec("amount", ColumnType.INTEGER, minimum=Decimal(0), maximum=Decimal(5)),
        ColumnSpec("since", ColumnType.DATE),
        ColumnSpec("until", ColumnType.DATE),
    ),
    keys=("code", "name"),
    relations=(Ordered("since", "until"), Determines("code", "name")),
    schedule=UpdateSchedule("since", UpdateFrequency.MONTHLY, datetime(2026, 6, 1, tzinfo=UTC)),
)
SCHEMA = pa.schema(
    {
        "code": pa.string(),
        "name": pa.string(),
        "amount": pa.int64(),
        "since": pa.date32(),
        "until": pa.date32(),
    }
)
DATES = st.one_of(st.none(), st.dates(date(2025, 1, 1), date(2027, 1, 1)))
ROWS = st.fixed_dictionaries(
    {
        "code": st.sampled_from([None, "1", "2", "x"]),
        "name": st.sampled_from([None, "a", "c", "D"]),
        "amount": st.one_of(st.none(), st.integers(-3, 8)),
        "since": DATES,
        "until": DATES,
    }
)
STATEMENT = str(
    ibis.to_sql(
        build_aggregate(ibis.table(ibis.Schema.from_pyarrow(SCHEMA), name="subject"), RULES),
        dialect="duckdb",
    )
)


def measure(rows: list[dict[str, Any]]) -> QualityReport:
    with duckdb.connect() as connection:
        connection.register("subject", pa.Table.from_pylist(rows, SCHEMA))
        cursor = connection.execute(STATEMENT)
        names = [column[0] for column in cursor.description or ()]
        return score(RULES, dict(zip(names, cursor.fetchone() or (), strict=True)))


@settings(max_examples=20)
@given(st.lists(ROWS, max_size=12), st.randoms())
def test_scores_are_shares_and_independent_of_the_order_of_rows(
    rows: list[dict[str, Any]], random: Any
) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)

    report = measure(rows)

    assert report == measure(shuffled)
    scores = [report.total, *report.dimensions.values(), *(i.ratio for i in report.indicators)]
    assert all(each is None or 0 <= each <= 1 for each in scores)
    assert report.total is not None
    assert sum(report.weights.values()) == 1
