"""The column dictionary: who may say what, and what a new revision keeps."""

import pytest

from exchange_market.catalog import service
from exchange_market.catalog.errors import HoldsPersonsDenied
from exchange_market.catalog.revision import ColumnRole
from exchange_market.catalog.revisions import INGESTION
from exchange_market.persistence.outbox import waiting_events
from tests.support.catalogue import ADMINISTRATOR, PROVIDER, Catalogue

pytestmark = pytest.mark.anyio


async def test_a_provider_may_only_become_more_cautious(catalogue: Catalogue) -> None:
    product_id = await catalogue.draft()
    revision = await catalogue.complete(product_id)
    path = f"/products/{product_id}/columns"

    def say(role: str) -> dict[str, object]:
        return {"json": {"columns": [{"name": "delay", "role": role}]}}

    raised, _ = await catalogue.call(PROVIDER, "PUT", path, **say("quasi_identifier"))
    lowered, problem = await catalogue.call(PROVIDER, "PUT", path, **say("sensitive"))
    roles = {column.name: column.role for column in await catalogue.columns(revision.id)}
    decided, _ = await catalogue.call(ADMINISTRATOR, "PUT", path, **say("free"))

    assert (raised, lowered, decided) == (200, 403, 200)
    assert problem["code"] == "catalog.column_role_lowered"
    assert roles == {"flight": ColumnRole.FREE, "delay": ColumnRole.QUASI_IDENTIFIER}
    after = {column.name: column.role for column in await catalogue.columns(revision.id)}
    assert after["delay"] is ColumnRole.FREE


async def test_a_changed_role_takes_the_sample_back(catalogue: Catalogue) -> None:
    product_id = await catalogue.draft()
    revision = await catalogue.complete(product_id)
    assert await catalogue.missing(product_id) == ()

    async with catalogue.database.write() as tx:
        await service.set_column_roles(tx, INGESTION, revision.id, {"delay": ColumnRole.SENSITIVE})

    assert [item.item for item in await catalogue.missing(product_id)] == ["sample"]
    async with catalogue.database.read() as reading:
        topics = [event.topic for event in await waiting_events(reading, 20)]
    assert topics[-1] == "catalog.column_roles_changed"


async def test_the_scan_never_lowers_what_was_decided(catalogue: Catalogue) -> None:
    product_id = await catalogue.draft()
    revision = await catalogue.complete(product_id)
    async with catalogue.database.write() as tx:
        await service.set_column_roles(
            tx, PROVIDER, revision.id, {"delay": ColumnRole.DIRECT_IDENTIFIER}
        )
        columns = await service.set_column_roles(
            tx, INGESTION, revision.id, {"delay": ColumnRole.FREE, "flight": ColumnRole.SENSITIVE}
        )

    assert [column.role for column in columns] == [
        ColumnRole.SENSITIVE,
        ColumnRole.DIRECT_IDENTIFIER,
    ]


async def test_a_new_revision_keeps_meanings_and_roles_by_name(catalogue: Catalogue) -> None:
    product_id = await catalogue.draft()
    await catalogue.complete(product_id)

    second = await catalogue.ready_revision(product_id, ("carrier", "delay"))

    assert [
        (column.name, column.meaning_en, column.role)
        for column in await catalogue.columns(second.id)
    ] == [("carrier", "", None), ("delay", "meaning of delay", ColumnRole.FREE)]


async def test_an_unknown_column_changes_nothing(catalogue: Catalogue) -> None:
    product_id = await catalogue.draft()
    revision = await catalogue.complete(product_id)
    before = await catalogue.columns(revision.id)
    entries = [{"name": "delay", "meaning_en": "new"}, {"name": "nope", "meaning_en": "x"}]

    status, problem = await catalogue.call(
        PROVIDER, "PUT", f"/products/{product_id}/columns", json={"columns": entries}
    )

    assert (status, problem["code"]) == (400, "catalog.column_unknown")
    assert problem["params"] == {"columns": "nope"}
    assert await catalogue.columns(revision.id) == before


async def test_strangers_read_the_dictionary_before_they_buy(catalogue: Catalogue) -> None:
    product_id = await catalogue.published()

    status, body = await catalogue.call(None, "GET", f"/products/{product_id}/columns")

    assert status == 200
    assert body["columns"][0] == {
        "name": "flight",
        "position": 0,
        "type": "BIGINT",
        "meaning_zh": "flight 的含义",
        "meaning_en": "meaning of flight",
        "role": "free",
        "is_key": True,
        "is_restricted": False,
    }


async def test_only_an_administrator_takes_personal_data_back(catalogue: Catalogue) -> None:
    product_id = await catalogue.draft()
    path = f"/products/{product_id}/personal-data"

    async with catalogue.database.write() as tx:
        await service.set_holds_persons(tx, INGESTION, product_id, True)
        scanned = await service.set_holds_persons(tx, INGESTION, product_id, False)
    denied = await catalogue.call(PROVIDER, "PUT", path, json={"holds_persons": False})
    patched = await catalogue.call(
        PROVIDER, "PATCH", f"/products/{product_id}", json={"holds_persons": False}
    )
    decided = await catalogue.call(ADMINISTRATOR, "PUT", path, json={"holds_persons": False})

    assert scanned.holds_persons is True
    assert {denied[1]["code"], patched[1]["code"]} == {HoldsPersonsDenied.code}
    assert (decided[0], decided[1]["holds_persons"]) == (200, False)
