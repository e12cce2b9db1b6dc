"""For any table: classes of k and l, ranges that hold the original, every row once."""

import json
import tempfile
from collections import defaultdict
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.anonymise import AnonymisationPolicy, CannotAnonymise, anonymise_parquet
from sandbox.risk import assess
from sandbox.roles import Role

ROLES = {
    "age": Role.QUASI_IDENTIFIER,
    "weight": Role.QUASI_IDENTIFIER,
    "town": Role.QUASI_IDENTIFIER,
    "illness": Role.SENSITIVE,
    "row": Role.FREE,
}
QUASI = ("age", "age_min", "age_max", "weight", "weight_min", "weight_max", "town", "town_set")
ROW = st.tuples(
    st.one_of(st.none(), st.integers(-5, 40)),
    st.one_of(st.none(), st.floats(allow_subnormal=False)),
    st.one_of(st.none(), st.sampled_from(["a", "b", "c, d", 'e"', "深圳"])),
    st.one_of(st.none(), st.sampled_from(["x", "y", "z"])),
)


def released(
    rows: list[tuple[object, ...]], policy: AnonymisationPolicy, secret: bytes
) -> tuple[list[dict[str, object]], int, int | None]:
    """Return the released rows and the k and l that the risk report measured on them."""
    types = (pa.int64(), pa.float64(), pa.string(), pa.string())
    columns = {
        name: pa.array([row[at] for row in rows], kind)
        for at, (name, kind) in enumerate(zip(ROLES, types, strict=False))
    }
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "s.parquet", Path(folder) / "t.parquet"
        pq.write_table(pa.table(columns | {"row": list(range(len(rows)))}), source)
        report = assess(source, target, anonymise_parquet(source, target, policy, secret))
        return pq.read_table(target).to_pylist(), report.k, report.l


@settings(max_examples=30, deadline=None)
@given(st.lists(ROW, min_size=2, max_size=80), st.integers(2, 6), st.integers(1, 3))
def test_every_class_is_large_diverse_and_covers_its_rows(
    rows: list[tuple[object, ...]], k: int, least: int
) -> None:
    policy = AnonymisationPolicy(roles=ROLES, k=k, l=min(least, k), max_rows=1_000)
    can_be_released = len(rows) >= k and len({row[3] for row in rows}) >= policy.l
    try:
        sample, k_reached, l_reached = released(rows, policy, b"0123456789abcdef")
    except CannotAnonymise as refusal:
        assert not can_be_released
        assert refusal.reason in {"too_few_rows", "sensitive_not_diverse"}  # noqa: PT017
        return

    classes: dict[tuple[object, ...], list[object]] = defaultdict(list)
    for row in sample:
        classes[tuple(row[name] for name in QUASI)].append(row["illness"])
    assert can_be_released
    assert l_reached is not None
    assert min(map(len, classes.values())) == k_reached >= k
    assert min(len(set(values)) for values in classes.values()) == l_reached >= policy.l
    assert sorted(int(str(row["row"])) for row in sample) == list(range(len(rows)))
    for row in sample:
        age, weight, town, illness = rows[int(str(row["row"]))]
        assert row["illness"] == illness
        assert town in json.loads(str(row["town_set"]))
        assert _covers(row, "age", age)
        assert _covers(row, "weight", weight)


def _covers(row: dict[str, object], name: str, original: object) -> bool:
    """A missing or infinite original counts as missing, which a mixed class covers."""
    if original is None or str(original) in {"nan", "inf", "-inf"}:
        return True
    low, high = row[f"{name}_min"], row[f"{name}_max"]
    return low <= original <= high and low <= row[name] <= high  # type: ignore[operator]


@settings(max_examples=8, deadline=None)
@given(st.lists(ROW, min_size=40, max_size=80), st.binary(min_size=16, max_size=40))
def test_secret_decides_the_order_and_nothing_else(
    rows: list[tuple[object, ...]], secret: bytes
) -> None:
    policy = AnonymisationPolicy(roles=ROLES, k=3, l=1)

    first, again = (released(rows, policy, secret)[0] for _ in range(2))
    other = released(rows, policy, secret + b"!")[0]

    assert repr(first) == repr(again)
    assert [row["row"] for row in first] != [row["row"] for row in other]
    by_row = [sorted(map(repr, sample)) for sample in (first, other)]
    assert by_row[0] == by_row[1]
