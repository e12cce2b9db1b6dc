"""The profiling job on real Parquet files: what it counts, and what of it becomes public."""

from typing import Any

import pytest

from exchange_market.appraisals import store
from exchange_market.appraisals.quality import QualityRecord
from exchange_market.catalog.product import Revision
from exchange_market.catalog.revision import ColumnRole
from exchange_market.persistence.outbox import waiting_events
from exchange_market.storage.objects import ObjectMissing
from tests.support.appraisals import FLIGHT_ROLES, Appraisals

pytestmark = pytest.mark.anyio

DAILY_FOR_FOUR_DAYS = {
    "time_column": "hour",
    "update_frequency": "daily",
    "temporal_start": "2013-01-01",
    "temporal_end": "2013-01-05",
}


async def record_of(appraisals: Appraisals, revision: Revision) -> QualityRecord:
    async with appraisals.database.read() as reading:
        record = await store.quality_of_revision(reading, revision.id)
    assert record is not None
    return record


def indicators_of(report: Any) -> dict[str, tuple[int, int]]:
    return {each["id"]: (each["conforming"], each["examined"]) for each in report["indicators"]}


def scores_of(report: Any) -> dict[str, str | None]:
    return {each["dimension"]: each["score"] for each in report["dimensions"]}


async def test_the_report_counts_what_the_file_holds(appraisals: Appraisals) -> None:
    product_id = await appraisals.catalogue.draft(**DAILY_FOR_FOUR_DAYS)
    revision = await appraisals.revision(product_id)
    await appraisals.profile(revision)

    record = await record_of(appraisals, revision)
    counts = indicators_of(record.report)

    assert record.rows == 48
    assert counts["completeness.not_null(tail)"] == (47, 48)
    assert counts["completeness.not_null(delay)"] == (48, 48)
    assert counts["accuracy.unique(flight)"] == (48, 48)
    # Two of the four days of the declared coverage have records, although it ended years ago.
    assert counts["timeliness.periods_covered(hour)"] == (2, 4)
    assert scores_of(record.report)["timeliness"] == "0.500000"
    assert scores_of(record.report)["consistency"] is None


async def test_repeated_keys_lower_the_accuracy(appraisals: Appraisals) -> None:
    product_id = await appraisals.catalogue.draft()
    revision = await appraisals.revision(
        product_id, "SELECT range // 2 AS flight, range AS delay FROM range(40)"
    )
    await appraisals.profile(revision)

    record = await record_of(appraisals, revision)

    assert indicators_of(record.report)["accuracy.unique(flight)"] == (20, 40)
    assert scores_of(record.report)["accuracy"] == "0.500000"


async def test_nothing_of_an_unscanned_column_is_public(appraisals: Appraisals) -> None:
    product_id = await appraisals.catalogue.draft(**DAILY_FOR_FOUR_DAYS)
    revision = await appraisals.revision(product_id)
    await appraisals.profile(revision)

    record = await record_of(appraisals, revision)
    fact = (await appraisals.facts(product_id))["quality"]

    assert record.profiles == []
    assert fact["indicators"] == []
    assert fact["withheld_indicators"] == len(record.report["indicators"])
    # The single missing tail number is rare: the score does not tell of it.
    assert scores_of(record.report)["completeness"] == "0.994791"
    assert scores_of(fact)["completeness"] == "1.000000"
    assert scores_of(fact)["timeliness"] is None


async def test_changed_roles_change_what_is_public(appraisals: Appraisals) -> None:
    product_id = await appraisals.catalogue.draft()
    revision = await appraisals.revision(product_id)
    await appraisals.profile(revision)
    unscanned = await record_of(appraisals, revision)
    await appraisals.give_roles(revision, FLIGHT_ROLES)
    await appraisals.profile(revision)

    record = await record_of(appraisals, revision)
    public = {each["id"] for each in record.public_report["indicators"]}
    profiles = {profile["name"]: profile for profile in record.profiles}

    assert record.id == unscanned.id
    assert "completeness.not_null(delay)" in public
    assert not [each for each in public if "tail" in each]
    assert all("SELECT" in each["sql"] for each in record.public_report["indicators"])
    assert set(profiles) == {"flight", "delay", "hour"}
    assert (profiles["delay"]["minimum"], profiles["delay"]["maximum"]) == (0.0, 6.0)
    assert profiles["hour"]["maximum"] == "2013-01-02T23:00:00"
    assert "tail" not in str((await appraisals.facts(product_id))["quality"])

    await appraisals.give_roles(revision, {"delay": ColumnRole.SENSITIVE})
    await appraisals.profile(revision)
    after = await record_of(appraisals, revision)
    assert "delay" not in str(after.public_report) + str(after.profiles)
    assert after.report == record.report


async def test_a_repeated_job_changes_nothing(appraisals: Appraisals) -> None:
    product_id = await appraisals.catalogue.draft()
    revision = await appraisals.revision(product_id)
    await appraisals.profile(revision)
    first = await record_of(appraisals, revision)
    appraisals.catalogue.clock.forward(hours=1)

    await appraisals.profile(revision)

    assert await record_of(appraisals, revision) == first
    async with appraisals.database.read() as reading:
        topics = [event.topic for event in await waiting_events(reading, 50)]
    assert topics.count("appraisals.quality_measured") == 1


async def test_a_revision_without_file_is_no_report(appraisals: Appraisals) -> None:
    product_id = await appraisals.catalogue.draft()
    revision = await appraisals.revision(product_id)
    assert revision.parquet_key is not None
    await appraisals.catalogue.objects.delete(revision.parquet_key)

    with pytest.raises(ObjectMissing):
        await appraisals.profile(revision)

    assert "quality" not in await appraisals.facts(product_id)


async def test_odd_values_can_be_stored(appraisals: Appraisals) -> None:
    product_id = await appraisals.catalogue.draft(key_columns=[])
    query = """SELECT 'nan'::DOUBLE AS d, 'infinity'::DOUBLE AS e, 9007199254740993::BIGINT
        AS h, 1.5::DECIMAL(38, 9) AS m, TIME '10:00' AS t, 'x'::BLOB AS b, true AS f,
        DATE '2020-02-29' AS "a,b(c)", TIMESTAMPTZ '2020-01-01 00:00:00+00' AS z"""
    revision = await appraisals.revision(product_id, query)
    names = ("d", "e", "h", "m", "t", "b", "f", "a,b(c)", "z")
    await appraisals.give_roles(revision, dict.fromkeys(names, ColumnRole.FREE))

    await appraisals.profile(revision)

    profiles = {p["name"]: p for p in (await record_of(appraisals, revision)).profiles}
    assert profiles["d"]["maximum"] is None
    assert profiles["h"]["minimum"] == 9007199254740993
    assert profiles["m"]["minimum"] == "1.500000000"
    assert profiles["a,b(c)"]["minimum"] == "2020-02-29"
    assert set(profiles) == set(names) - {"t"}
