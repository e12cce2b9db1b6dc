"""A sample from the upload to its approval over HTTP, and what nobody else sees before."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest
from pycanon import anonymity

from exchange_market.catalog import service as catalog
from exchange_market.catalog.revision import ColumnRole
from exchange_market.trials import store
from exchange_market.trust.audit import AuditFilter
from tests.support.catalogue import ADMINISTRATOR, COLLEAGUE, PROVIDER, STRANGER
from tests.support.trial_tables import write_health_insurance, write_patients, write_weather
from tests.support.trials import Trials

pytestmark = pytest.mark.anyio

PERSONS = {"holds_persons": True, "impact_assessment": "Assessed on 2026-01-05."}


async def sample_file(trials: Trials, product_id: str) -> Path:
    async with trials.database.read() as reading:
        sample = await store.newest_sample(reading, product_id)
    assert sample is not None
    assert sample.built is not None
    return await trials.objects.as_file(sample.built.object_key)


async def sample_fact(trials: Trials, product_id: str) -> dict[str, object]:
    async with trials.database.read() as reading:
        revision = await catalog.latest_ready_revision(reading, product_id)
        facts = await catalog.facts_of_revision(reading, product_id, revision.id)
    return dict(facts.get("sample", {}))


async def test_the_provider_sees_rows_risk_and_evidence_before_anybody_else(
    trials: Trials, tmp_path: Path
) -> None:
    product_id = await trials.draft(**PERSONS)
    await trials.upload(product_id, write_patients(tmp_path / "patients.parquet"))

    status, sample = await trials.call(PROVIDER, "GET", f"/products/{product_id}/sample")

    assert status == 200
    assert (sample["state"], sample["revision"], sample["holds_persons"]) == (
        "awaiting_approval",
        1,
        True,
    )
    assert sample["withheld"] == ["full_name", "phone"]
    assert sample["k"] >= 5
    assert sample["l"] >= 2
    assert sample["risk"]["prosecutor_max"] == pytest.approx(1 / sample["k"], abs=1e-6)
    assert {c["name"]: c["role"] for c in sample["scan"]["columns"]}["diagnosis"] == "sensitive"
    assert len(sample["preview"]["rows"]) == 20
    assert "Person" not in str(sample["preview"])
    # A cursor belongs to the person it was given to.
    sample["preview"].pop("next_cursor")
    for who in (COLLEAGUE, ADMINISTRATOR):
        _, same = await trials.call(who, "GET", f"/products/{product_id}/sample")
        same["preview"].pop("next_cursor")
        assert same == sample


async def test_a_stranger_finds_nothing_before_the_approval(trials: Trials, tmp_path: Path) -> None:
    product_id = await trials.draft()
    await trials.upload(product_id, write_weather(tmp_path / "weather.parquet"))
    paths = ("sample", "sample/rows", "sandbox", "sandbox/queries")

    for who in (None, STRANGER):
        for path in paths if who else paths[:3]:
            status, _ = await trials.call(who, "GET", f"/products/{product_id}/{path}")
            assert status == 404, path
    assert (await trials.ask(STRANGER, product_id, "SELECT 1"))[0] == 404
    assert (await trials.decide(product_id, who=STRANGER))[0] == 404
    status, problem = await trials.ask(PROVIDER, product_id, "SELECT 1")
    assert (status, problem["code"]) == (409, "trials.sample_not_approved")
    assert (await trials.decide(product_id, who=ADMINISTRATOR))[0] == 403
    assert (await sample_fact(trials, product_id))["state"] == "awaiting_approval"


async def test_an_approved_sample_of_a_published_listing_is_shown_without_the_scan(
    trials: Trials, tmp_path: Path
) -> None:
    product_id = await trials.published(write_weather(tmp_path / "weather.parquet"))

    status, sample = await trials.call(None, "GET", f"/products/{product_id}/sample")
    _, listing = await trials.call(None, "GET", f"/products/{product_id}")

    assert status == 200
    assert sample["state"] == "approved"
    assert (sample["rows"], sample["k"], sample["risk"]) == (600, None, None)
    assert (sample["scan"], sample["decided_by"], sample["reason"]) == (None, None, None)
    assert listing["facts"]["sample"]["rows"] == 600
    assert listing["facts"]["sample"]["sha256"] == sample["sha256"]


async def test_the_pages_of_a_sample_give_every_row_once(trials: Trials, tmp_path: Path) -> None:
    product_id = await trials.published(write_weather(tmp_path / "weather.parquet"))
    expected = pq.read_table(await sample_file(trials, product_id))

    rows: list[list[object]] = []
    cursor = ""
    while True:
        status, page = await trials.call(
            STRANGER, "GET", f"/products/{product_id}/sample/rows?limit=170{cursor}"
        )
        assert status == 200
        rows += page["rows"]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"

    assert page["columns"] == expected.column_names
    assert [row[:5] for row in rows] == [
        list(row) for row in zip(*(c.to_pylist() for c in expected.columns[:5]), strict=True)
    ]
    assert [row[5] for row in rows] == [t.isoformat() for t in expected["measured"].to_pylist()]
    status, problem = await trials.call(
        PROVIDER, "GET", f"/products/{product_id}/sample/rows?limit=170{cursor}"
    )
    assert (status, problem["code"]) == (400, "paging.cursor_refused")


async def test_real_persons_are_hidden_among_five_by_the_judgement_of_another_program(
    trials: Trials, tmp_path: Path
) -> None:
    source = write_health_insurance(tmp_path / "health.parquet")
    product_id = await trials.published(source, **PERSONS)

    _, sample = await trials.call(None, "GET", f"/products/{product_id}/sample")
    released = pq.read_table(await sample_file(trials, product_id)).to_pandas()

    quasi = [c["name"] for c in sample["columns"] if c["role"] == "quasi_identifier"]
    assert {"age", "gender"} <= {
        c["source"] for c in sample["columns"] if c["role"] == "quasi_identifier"
    }
    assert sample["k"] == anonymity.k_anonymity(released, quasi)
    assert sample["k"] >= 5
    assert 1_500 < sample["rows"] == len(released) <= 1_760
    assert (await sample_fact(trials, product_id))["max_risk"] == sample["risk"]["prosecutor_max"]


async def test_a_raised_role_takes_the_sample_back_until_it_is_approved_again(
    trials: Trials, tmp_path: Path
) -> None:
    product_id = await trials.published(write_patients(tmp_path / "p.parquet"), **PERSONS)
    before = await sample_file(trials, product_id)
    raised = {"columns": [{"name": "visits", "role": "direct_identifier"}]}

    status, body = await trials.call(
        PROVIDER, "PUT", f"/products/{product_id}/columns", json=raised
    )

    assert status == 200, body
    # Hidden at once, before any job has run.
    assert (await trials.call(STRANGER, "GET", f"/products/{product_id}/sample"))[0] == 404
    assert (await trials.ask(STRANGER, product_id, "SELECT max(visits) FROM sample"))[0] == 404
    await trials.work()
    _, sample = await trials.call(PROVIDER, "GET", f"/products/{product_id}/sample")
    assert sample["state"] == "awaiting_approval"
    assert "visits" in sample["withheld"]
    assert not before.exists()
    assert (await trials.call(STRANGER, "GET", f"/products/{product_id}/sample"))[0] == 404
    assert (await trials.decide(product_id, sha256=sample["sha256"]))[0] == 200
    assert (await trials.call(STRANGER, "GET", f"/products/{product_id}/sample"))[0] == 200
    status, problem = await trials.ask(STRANGER, product_id, "SELECT max(visits) FROM sample")
    assert (status, problem["params"]["reason"]) == (400, "unknown_column")


async def test_a_sample_that_was_not_looked_at_cannot_be_approved(
    trials: Trials, tmp_path: Path
) -> None:
    product_id = await trials.draft(**PERSONS)
    await trials.upload(product_id, write_patients(tmp_path / "p.parquet"))

    status, problem = await trials.decide(product_id, sha256="0" * 64)
    raised = {"columns": [{"name": "visits", "role": "sensitive"}]}
    await trials.call(PROVIDER, "PUT", f"/products/{product_id}/columns", json=raised)
    outdated, _ = await trials.decide(product_id)

    assert (status, problem["code"]) == (409, "trials.sample_changed")
    assert outdated == 409


async def test_a_rejection_needs_a_reason_and_takes_an_approval_back(
    trials: Trials, tmp_path: Path
) -> None:
    product_id = await trials.published(write_weather(tmp_path / "weather.parquet"))

    without, problem = await trials.decide(product_id, "reject")
    status, sample = await trials.decide(product_id, "reject", reason="Too much rain in it.")

    assert (without, problem["code"]) == (400, "trials.rejection_reason_required")
    assert (status, sample["state"], sample["decided_by"]) == (200, "rejected", PROVIDER.user_id)
    assert (await trials.call(STRANGER, "GET", f"/products/{product_id}/sample"))[0] == 404
    assert (await trials.decide(product_id))[1]["state"] == "approved"
    leaves = await trials.leaves(AuditFilter(object_kind="sample"))
    assert [leaf.action.removeprefix("trials.") for leaf in leaves] == [
        "revision_scanned",
        "sample_awaiting_approval",
        "sample_approved",
        "sample_rejected",
        "sample_approved",
    ]
    assert "rain" not in str([leaf.details for leaf in leaves])


async def test_persons_that_nobody_marked_are_refused_with_a_remedy(
    trials: Trials, tmp_path: Path
) -> None:
    product_id = await trials.draft(**PERSONS)
    await trials.upload(product_id, write_weather(tmp_path / "weather.parquet"))

    _, sample = await trials.call(PROVIDER, "GET", f"/products/{product_id}/sample")

    assert (sample["state"], sample["preview"]) == ("refused", None)
    assert sample["refusal"]["code"] == "trials.persons_without_roles"
    assert (await trials.decide(product_id))[0] == 409
    assert (await sample_fact(trials, product_id))["state"] == "refused"
    marked = {"columns": [{"name": "station", "role": "quasi_identifier"}]}
    await trials.call(PROVIDER, "PUT", f"/products/{product_id}/columns", json=marked)
    await trials.work()
    _, sample = await trials.call(PROVIDER, "GET", f"/products/{product_id}/sample")
    assert (sample["state"], sample["k"]) == ("awaiting_approval", 100)


async def test_too_few_persons_are_refused(trials: Trials, tmp_path: Path) -> None:
    product_id = await trials.draft(**PERSONS)
    await trials.upload(product_id, write_patients(tmp_path / "p.parquet", rows=4))

    _, sample = await trials.call(PROVIDER, "GET", f"/products/{product_id}/sample")

    assert sample["state"] == "refused"
    assert sample["refusal"]["code"] == "trials.too_few_rows"
    assert list((trials.settings.data_dir / "objects").glob("samples/**/*.parquet")) == []


async def test_the_scan_never_lowers_what_the_provider_raised(
    trials: Trials, tmp_path: Path
) -> None:
    parquet = write_patients(tmp_path / "p.parquet")
    product_id = await trials.draft(**PERSONS)
    await trials.upload(product_id, parquet)
    raised = {"columns": [{"name": "visits", "role": "sensitive"}]}
    await trials.call(PROVIDER, "PUT", f"/products/{product_id}/columns", json=raised)

    second = await trials.upload(product_id, parquet)

    async with trials.database.read() as reading:
        columns = await catalog.columns_of(reading, second.id)
    assert {c.name: c.role for c in columns}["visits"] is ColumnRole.SENSITIVE
    _, sample = await trials.call(PROVIDER, "GET", f"/products/{product_id}/sample")
    assert (sample["revision"], sample["state"]) == (2, "awaiting_approval")
