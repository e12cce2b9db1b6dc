"""Searching published listings over HTTP."""

import pytest

from exchange_market.catalog import service
from exchange_market.catalog.product import FactKind
from tests.support.catalogue import PROVIDER, PROVIDER_ORG, STRANGER_ORG, Catalogue

pytestmark = pytest.mark.anyio


async def _found(catalogue: Catalogue, query: str) -> list[str]:
    status, body = await catalogue.call(None, "GET", f"/products?{query}")
    assert status == 200, body
    assert body["total"] == len(body["items"])
    return [item["id"] for item in body["items"]]


async def test_two_characters_of_a_chinese_title_find_it(catalogue: Catalogue) -> None:
    weather = await catalogue.published(title_zh="华东地区气象观测", subject="meteorology")
    await catalogue.published(title_zh="高速公路通行记录", title_en="Toll roads")

    assert await _found(catalogue, "q=气象") == [weather]
    assert await _found(catalogue, "q=东地") == [weather]
    assert await _found(catalogue, "q=象") == [weather]
    assert await _found(catalogue, "q=气象 高速") == []
    assert await _found(catalogue, "q=、。") == []


async def test_words_match_without_case_width_or_accents(catalogue: Catalogue) -> None:
    roads = await catalogue.published(title_en="Café Toll-Roads")

    for words in ("TOLL", "ｔｏｌｌ", "cafe roads", "CAFÉ"):
        assert await _found(catalogue, f"q={words}") == [roads]


async def test_the_title_counts_more_than_keyword_and_description(catalogue: Catalogue) -> None:
    in_text = await catalogue.published(description_zh="港口吞吐量港口港口港口")
    in_keyword = await catalogue.published(keywords=["港口"])
    in_title = await catalogue.published(title_zh="宁波港口")
    await catalogue.published()

    assert await _found(catalogue, "q=港口") == [in_title, in_keyword, in_text]


async def test_filters_and_facets_agree(catalogue: Catalogue) -> None:
    oceans = await catalogue.published(subject="oceans", openness="open")
    transport = await catalogue.published(subject="transport")

    _, everything = await catalogue.call(None, "GET", "/products")

    assert everything["total"] == 2
    assert everything["facets"] == {
        "subject": [{"value": "oceans", "count": 1}, {"value": "transport", "count": 1}],
        "grade": [{"value": "general", "count": 2}],
        "openness": [{"value": "conditional", "count": 1}, {"value": "open", "count": 1}],
        "price_mode": [{"value": "per_row", "count": 2}],
        "provider": [{"value": PROVIDER_ORG, "count": 2}],
    }
    assert await _found(catalogue, "subject=oceans") == [oceans]
    assert await _found(catalogue, "openness=conditional") == [transport]
    assert await _found(catalogue, f"provider={STRANGER_ORG}") == []
    assert await _found(catalogue, "price_mode=free") == []
    assert (await catalogue.call(None, "GET", "/products?subject=astrology"))[0] == 400


async def test_a_new_price_is_found_by_its_mode(catalogue: Catalogue) -> None:
    product_id = await catalogue.published()
    async with catalogue.database.write() as tx:
        revision = await service.latest_ready_revision(tx, product_id)
        await service.put_fact(
            tx, product_id, revision.id, FactKind.PRICE, {"price_mode": "subscription"}
        )

    assert await _found(catalogue, "price_mode=subscription") == [product_id]
    assert await _found(catalogue, "price_mode=per_row") == []


async def test_pages_cover_the_answer_without_repetition(catalogue: Catalogue) -> None:
    made: list[str] = []
    for _ in range(4):
        catalogue.clock.forward(minutes=1)
        made.append(await catalogue.published())

    for query in ("q=航班", "sort=newest"):
        seen, cursor, page = list[str](), "", {}
        for _ in range(2):
            _, page = await catalogue.call(None, "GET", f"/products?{query}&limit=2{cursor}")
            seen += [item["id"] for item in page["items"]]
            assert page["total"] == 4
            cursor = f"&cursor={page['next_cursor']}"
        assert seen == made[::-1]
        assert page["next_cursor"] is None


async def test_a_cursor_of_another_search_is_refused(catalogue: Catalogue) -> None:
    for _ in range(2):
        await catalogue.published()
    _, page = await catalogue.call(None, "GET", "/products?q=航班&limit=1")
    cursor = page["next_cursor"]

    for who, query in ((None, "q=纽约"), (PROVIDER, "q=航班")):
        status, problem = await catalogue.call(
            who, "GET", f"/products?{query}&limit=1&cursor={cursor}"
        )
        assert (status, problem["code"]) == (400, "paging.cursor_refused")


async def test_only_published_listings_are_found(catalogue: Catalogue) -> None:
    product_id = await catalogue.draft()
    await catalogue.complete(product_id)

    assert await _found(catalogue, "q=航班") == []
    assert await _found(catalogue, "") == []
