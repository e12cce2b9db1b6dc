"""Terms of a contract: what contradicts itself is refused, and what is read is what was written."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from contracts.canonical import JsonObject
from contracts.errors import InvalidTerms, InvalidValue, UnknownZone
from contracts.records import MAX_ITEMS, MAX_TEXT, from_json, json_schema, to_json
from contracts.terms import (
    Grade,
    Identifier,
    Limits,
    Operation,
    Party,
    Period,
    Price,
    Product,
    Purpose,
    ResponsiblePerson,
    Role,
    Source,
    Terms,
)
from tests.support.trade_evidence import TERMS, party


def test_terms_are_read_back_as_they_were_written() -> None:
    assert from_json(Terms, to_json(TERMS)) == TERMS
    assert from_json(Party, to_json(party(Role.BUYER))) == party(Role.BUYER)


def test_what_is_not_agreed_is_left_out() -> None:
    written: Any = to_json(replace(TERMS, limits=replace(TERMS.limits, max_calls=None)))

    assert "max_calls" not in written["limits"]
    assert "supersedes" not in written


def test_a_period_is_half_open_contract_days_in_its_zone() -> None:
    period = Period(date(2026, 12, 1), date(2027, 6, 1))

    assert period.starts_at == datetime(2026, 11, 30, 16, tzinfo=UTC)
    assert period.ends_at == datetime(2027, 5, 31, 16, tzinfo=UTC)


def test_a_period_follows_the_clock_changes_of_its_zone() -> None:
    period = Period(date(2026, 3, 1), date(2026, 4, 1), "Europe/Berlin")

    assert period.starts_at == datetime(2026, 2, 28, 23, tzinfo=UTC)
    assert period.ends_at == datetime(2026, 3, 31, 22, tzinfo=UTC)


def test_a_zone_that_is_not_installed_is_named() -> None:
    period = Period(date(2026, 1, 1), date(2026, 2, 1), "Mars/Olympus")

    with pytest.raises(UnknownZone, match="Mars/Olympus"):
        _ = period.ends_at


LIMITS, PRODUCT, PRICE = TERMS.limits, TERMS.product, TERMS.price
CONTRADICTIONS: list[Callable[[], object]] = [
    lambda: Period(date(2026, 1, 1), date(2026, 1, 1)),
    lambda: Period(date(2026, 1, 2), date(2026, 1, 1)),
    lambda: Period(date(2026, 1, 1), date(2026, 1, 2), "../etc/passwd"),
    lambda: Period(date(2026, 1, 1), date(2026, 1, 2), ""),
    lambda: replace(LIMITS, operations=()),
    lambda: replace(LIMITS, columns=()),
    lambda: replace(LIMITS, columns=("a", "")),
    lambda: replace(LIMITS, columns=("a", "a")),
    lambda: replace(LIMITS, operations=(Operation.ROWS, Operation.ROWS)),
    lambda: replace(LIMITS, max_rows=0),
    lambda: replace(LIMITS, max_bytes=-1),
    lambda: replace(LIMITS, max_calls=2**53),
    lambda: replace(PRODUCT, product_id=""),
    lambda: replace(PRODUCT, title_en=""),
    lambda: replace(PRODUCT, revision=None),
    lambda: replace(PRODUCT, revision=0),
    lambda: replace(PRODUCT, dictionary_digest="sha256:abc"),
    lambda: replace(PRODUCT, revision_digest="md5:" + "0" * 64),
    lambda: Purpose((), "research"),
    lambda: Purpose(("research",), "  "),
    lambda: Purpose(("Market Research",), "research"),
    lambda: Purpose(("research", "research"), "research"),
    lambda: replace(PRICE, currency="yuan"),
    lambda: replace(PRICE, total_micro=-1),
    lambda: replace(PRICE, prepaid_micro=-1),
    lambda: Source("", "own operation"),
    lambda: Source("own operation", " "),
    lambda: ResponsiblePerson(Role.BUYER, "", "a@b.example"),
    lambda: replace(TERMS.dispute, institution=""),
    lambda: replace(TERMS, acceptance_days=0),
    lambda: replace(TERMS, acceptance_days=91),
    lambda: replace(TERMS, responsible=()),
    lambda: replace(TERMS, prohibited_uses=TERMS.prohibited_uses * 2),
    lambda: replace(TERMS, supersedes="version 1"),
    lambda: Identifier("uscc", "91360100MA35X1Y22", "CN"),
    lambda: Identifier("uscc", "91360100MA35X1Y2IO", "CN"),
    lambda: Identifier("lei", "", "DE"),
    lambda: Identifier("lei", "5493001KJTIIGC8Y1R12", "Germany"),
    lambda: Identifier("L E I", "5493001KJTIIGC8Y1R12", "DE"),
    lambda: replace(party(Role.BUYER), kid=""),
    lambda: replace(party(Role.BUYER), name=""),
]


@pytest.mark.parametrize("build", CONTRADICTIONS, ids=range(len(CONTRADICTIONS)))
def test_terms_that_contradict_themselves_are_refused(build: Callable[[], object]) -> None:
    with pytest.raises(InvalidTerms):
        build()


def test_a_foreign_organisation_has_another_identifier_and_country() -> None:
    assert Identifier("lei", "5493001KJTIIGC8Y1R12", "DE").country == "DE"


def test_a_contract_over_the_newest_revision_needs_no_number() -> None:
    product = Product(
        product_id="p",
        title_zh="题",
        title_en="t",
        revision_policy=type(PRODUCT.revision_policy)("latest"),
        dictionary_digest=PRODUCT.dictionary_digest,
        grade=Grade.IMPORTANT,
    )

    assert (product.revision, product.revision_digest) == (None, None)


WRITTEN: dict[str, Any] = to_json(TERMS)


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"unknown": 1}, "unknown"),
        ({"purpose": None}, "purpose"),
        ({"purpose": []}, "purpose"),
        ({"purpose": {"codes": ["a"]}}, "purpose.statement"),
        ({"purpose": {"codes": "a", "statement": "s"}}, "purpose.codes"),
        ({"purpose": {"codes": [1], "statement": "s"}}, "purpose.codes[0]"),
        ({"purpose": {"codes": ["a"] * (MAX_ITEMS + 1), "statement": "s"}}, "purpose.codes"),
        ({"purpose": {"codes": ["a"], "statement": "x" * (MAX_TEXT + 1)}}, "purpose.statement"),
        ({"purpose": {"codes": ["a"], "statement": "one\ntwo"}}, "purpose.statement"),
        ({"purpose": {"codes": ["a"], "statement": "a\u202eb"}}, "purpose.statement"),
        ({"purpose": {"codes": ["a"], "statement": "a\u2066b"}}, "purpose.statement"),
        ({"acceptance_days": True}, "acceptance_days"),
        ({"acceptance_days": "7"}, "acceptance_days"),
        ({"acceptance_days": None}, "acceptance_days"),
        ({"purchase_order": None}, "purchase_order"),
        ({"prevailing_language": "fr"}, "prevailing_language"),
        ({"period": WRITTEN["period"] | {"starts_on": "1.12.2026"}}, "period.starts_on"),
        ({"price": WRITTEN["price"] | {"plan": []}}, "price.plan"),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_a_member_that_does_not_fit_is_named_by_its_path(change: JsonObject, path: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        from_json(Terms, WRITTEN | change)

    assert refused.value.path == path


def test_a_missing_member_and_a_non_object_are_named() -> None:
    with pytest.raises(InvalidValue, match=r"^product: missing"):
        from_json(Terms, {name: value for name, value in WRITTEN.items() if name != "product"})
    with pytest.raises(InvalidValue, match=r"^\(document\): not an object"):
        from_json(Terms, [])


def test_the_schema_describes_what_is_read() -> None:
    schema: Any = json_schema(Terms)

    assert schema["properties"]["acceptance_days"] == {"type": "integer"}
    assert schema["properties"]["period"]["properties"]["starts_on"]["format"] == "date"
    assert schema["properties"]["prevailing_language"]["enum"] == ["zh", "en"]
    assert schema["properties"]["price"]["properties"]["plan"] == {"type": "object"}
    assert schema["properties"]["limits"]["required"] == ["operations", "columns"]
    assert "acceptance_days" not in schema["required"]
    assert not schema["additionalProperties"]
    assert isinstance(from_json(Limits, WRITTEN["limits"]), Limits)
    assert isinstance(from_json(Price, WRITTEN["price"]), Price)
