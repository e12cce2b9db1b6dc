"""The contract document: one source for text, policy and run-time checks."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from contracts import terms as contract_terms
from contracts.canonical import JsonObject, bytes_digest, canonical_bytes, parse_object
from contracts.clauses import Enforcement, clauses, text
from contracts.document import (
    build_document,
    document_bytes,
    parse_document,
    zone_is_known,
)
from contracts.errors import InvalidDocument, InvalidValue, MalformedJson
from contracts.policy import PROFILE
from contracts.terms import (
    Dispute,
    DisputeMethod,
    Language,
    Period,
    ProhibitedUse,
    RevisionPolicy,
    Role,
)
from contracts.wording import amount
from tests.support.trade_evidence import (
    CONTRACT_ID,
    PARTIES,
    SIGNED_AT,
    TERMS,
    document,
    party,
)

RAW = document_bytes(document())


def changed(change: Callable[[Any], None]) -> bytes:
    """Canonical bytes of the sample document after a change."""
    value = parse_object(RAW)
    change(value)
    return canonical_bytes(value)


def test_a_document_is_read_back_as_it_was_built() -> None:
    contract = parse_document(RAW)

    assert contract.contract_id == CONTRACT_ID
    assert contract.terms == TERMS
    assert contract.parties == PARTIES
    assert contract.party(Role.EXCHANGE) == party(Role.EXCHANGE)
    assert contract.starts_at == datetime(2026, 11, 30, 16, tzinfo=UTC)
    assert contract.ends_at == datetime(2027, 5, 31, 16, tzinfo=UTC)
    assert zone_is_known(contract)


def test_the_order_in_which_parties_are_given_does_not_matter() -> None:
    other = build_document(
        TERMS, reversed(PARTIES), contract_id=CONTRACT_ID, version=1, created_at=SIGNED_AT
    )

    assert document_bytes(other) == RAW


def test_the_texts_named_in_the_document_are_the_clauses_in_both_languages() -> None:
    texts: Any = document()["texts"]

    for language in Language:
        whole = text(TERMS, PARTIES, language)
        assert texts[language.value] == bytes_digest(whole.encode())
        assert len(whole.splitlines()) == 1 + len(PARTIES) + len(clauses(TERMS))


def test_every_clause_is_bilingual_named_once_and_marked() -> None:
    written = clauses(TERMS)
    marks: Any = document()["clauses"]

    assert len({clause.id for clause in written}) == len(written)
    assert marks == [{"id": each.id, "enforcement": each.enforcement.value} for each in written]
    assert {each.enforcement for each in written} == set(Enforcement)
    for clause in written:
        assert any("\u4e00" <= character <= "\u9fff" for character in clause.zh)
        assert clause.en.endswith((".", "hubs"))
        assert clause.text(Language.EN) == clause.en


def test_clauses_quote_the_terms_they_come_from() -> None:
    by_id = {clause.id: clause for clause in clauses(TERMS)}

    assert "1000000 rows" in by_id["quota.rows"].en
    assert "year, month, carrier, dep_delay" in by_id["columns"].zh
    assert "CNY 12345.50" in by_id["price"].zh
    assert "PO-2026-118" in by_id["price"].en
    assert "7 days" in by_id["acceptance"].en
    assert "王敏" in by_id["responsible"].en
    assert "南昌仲裁委员会仲裁" in by_id["dispute"].zh
    assert "revision 3 only" in by_id["subject"].en


def test_clauses_follow_when_the_terms_change() -> None:
    other = replace(
        TERMS,
        product=replace(TERMS.product, revision_policy=RevisionPolicy.LATEST, revision=None),
        limits=replace(TERMS.limits, max_rows=None, max_bytes=None, max_calls=None),
        prohibited_uses=(),
        purchase_order=None,
        dispute=Dispute(DisputeMethod.LITIGATION, "南昌市中级人民法院"),
        supersedes="sha256:" + "2" * 64,
        prevailing_language=Language.EN,
    )
    by_id = {clause.id: clause for clause in clauses(other)}

    assert not any(name.startswith(("quota.", "prohibited.")) for name in by_id)
    assert "newest revision" in by_id["subject"].en
    assert "purchase order" not in by_id["price"].en
    assert "向南昌市中级人民法院起诉" in by_id["dispute"].zh
    assert "replaces sha256:2222" in by_id["changes"].en
    assert "the English text prevails" in by_id["language"].en
    assert parse_document(document_bytes(document(other))).terms == other


def test_the_policy_is_an_agreement_in_the_shape_of_the_dataspace_protocol() -> None:
    """Required members and types of the 2025-1 negotiation contract schema."""
    policy: Any = document()["policy"]

    assert policy["@type"] == "Agreement"
    assert policy["@id"] == CONTRACT_ID
    assert (policy["assigner"], policy["assignee"]) == ("org_provider", "org_buyer")
    assert policy["target"] == "prd_flights"
    assert policy["profile"] == PROFILE
    assert policy["timestamp"] == "2026-12-01T08:30:00.000000Z"
    for kind in ("permission", "prohibition", "obligation"):
        assert len(policy[kind]) >= 1
        for rule in policy[kind]:
            assert isinstance(rule["action"], str)
            for constraint in rule.get("constraint", []):
                assert isinstance(constraint["leftOperand"], str)
                assert constraint["operator"] in {"eq", "gteq", "lt", "lteq", "isAnyOf", "isPartOf"}
                assert isinstance(constraint["rightOperand"], (str, dict, list))


def test_every_rule_of_the_policy_names_a_clause_of_the_text() -> None:
    policy: Any = document()["policy"]
    named = {clause.id for clause in clauses(TERMS)}

    rules = [*policy["permission"], *policy["prohibition"], *policy["obligation"]]
    stated = [rule["dx:clause"] for rule in rules]
    stated += [each["dx:clause"] for rule in rules for each in rule.get("constraint", [])]

    assert set(stated) <= named


def test_quotas_and_period_appear_in_the_policy_as_typed_values() -> None:
    policy: Any = document()["policy"]
    constraints = [
        (each["leftOperand"], each["operator"], each["rightOperand"])
        for each in policy["permission"][0]["constraint"]
    ]

    assert constraints == [
        ("dateTime", "gteq", {"@type": "xsd:dateTime", "@value": "2026-11-30T16:00:00.000000Z"}),
        ("dateTime", "lt", {"@type": "xsd:dateTime", "@value": "2027-05-31T16:00:00.000000Z"}),
        ("purpose", "isAnyOf", ["market_research", "service_improvement"]),
        ("dx:operation", "isAnyOf", ["rows", "file"]),
        ("dx:column", "isPartOf", ["year", "month", "carrier", "dep_delay"]),
        ("dx:rows", "lteq", {"@type": "xsd:integer", "@value": "1000000"}),
        ("dx:bytes", "lteq", {"@type": "xsd:integer", "@value": "2000000000"}),
        ("count", "lteq", {"@type": "xsd:integer", "@value": "5000"}),
    ]
    pay = policy["obligation"][0]["constraint"][0]
    assert pay["rightOperand"] == {"@type": "xsd:decimal", "@value": "12345.500000"}
    assert pay["unit"] == "urn:iso:std:iso:4217:CNY"


def test_each_forbidden_use_becomes_a_prohibition() -> None:
    policy: Any = document(replace(TERMS, prohibited_uses=tuple(ProhibitedUse)))["policy"]

    assert [rule["action"] for rule in policy["prohibition"]] == [
        "distribute",
        "sell",
        "derive",
        "dx:reidentify",
        "dx:link",
        "dx:train",
        "dx:export",
    ]
    assert "prohibition" not in policy_of(prohibited_uses=())


def policy_of(**changes: Any) -> JsonObject:
    policy: Any = document(replace(TERMS, **changes))["policy"]
    return policy


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda d: d["policy"]["permission"][0]["constraint"].pop(), "policy"),
        (lambda d: d["policy"].update(target="prd_other"), "policy"),
        (lambda d: d["terms"]["limits"].update(max_rows=2_000_000), "policy"),
        (lambda d: d["terms"]["limits"]["columns"].append("tailnum"), "policy"),
        (lambda d: d["clauses"][3].update(enforcement="legal"), "clauses"),
        (lambda d: d["clauses"].pop(), "clauses"),
        (lambda d: d["texts"].update(zh="sha256:" + "0" * 64), "texts"),
        (lambda d: d["terms"]["responsible"][0].update(name="李明"), "texts"),
        (lambda d: d["terms"].update(acceptance_days=8), "texts"),
        (lambda d: d.update(starts_at="2026-11-29T16:00:00.000000Z"), "instants"),
        (lambda d: d["terms"]["period"].update(zone="Asia/Tokyo"), "instants"),
        (lambda d: d.update(format="dx-contract/2"), "this program reads"),
        (lambda d: d["texts"].update(clause_set="other"), "this program reads"),
        (lambda d: d.update(contract_id="urn:uuid:1"), "urn:uuid"),
        (lambda d: d.update(version=0), "urn:uuid"),
        (lambda d: d["parties"].reverse(), "in this order"),
        (lambda d: d["parties"].pop(), "in this order"),
        (lambda d: d["parties"][1].update(organisation_id="org_provider"), "different organi"),
        (lambda d: d["terms"].pop("acceptance_days"), "left out"),
    ],
)
def test_a_document_that_contradicts_its_terms_is_refused(
    change: Callable[[Any], None], reason: str
) -> None:
    with pytest.raises(InvalidDocument, match=reason):
        parse_document(changed(change))


def test_only_canonical_bytes_of_known_members_are_a_document() -> None:
    with pytest.raises(MalformedJson):
        parse_document(RAW + b"\n")
    with pytest.raises(MalformedJson):
        parse_document(b" " * (1 << 20) + RAW)
    with pytest.raises(InvalidValue, match="extra"):
        parse_document(changed(lambda d: d.update(extra=1)))


def test_a_contract_needs_all_three_parties() -> None:
    with pytest.raises(InvalidDocument, match="one provider"):
        build_document(TERMS, PARTIES[:2], contract_id=CONTRACT_ID, version=1, created_at=SIGNED_AT)


def test_a_contract_cannot_be_made_in_a_zone_that_does_not_exist() -> None:
    nowhere = replace(TERMS, period=Period(date(2026, 12, 1), date(2027, 1, 1), "Mars/Olympus"))

    with pytest.raises(contract_terms.InvalidTerms, match="Mars/Olympus"):
        document(nowhere)


def test_without_time_zone_data_the_signed_instants_stand(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def no_data(name: str) -> None:
        raise contract_terms.ZoneInfoNotFoundError(name)

    monkeypatch.setattr(contract_terms, "ZoneInfo", no_data)

    contract = parse_document(RAW)

    assert contract.starts_at == datetime(2026, 11, 30, 16, tzinfo=UTC)
    assert not zone_is_known(contract)


@pytest.mark.parametrize(
    ("micro", "written"),
    [
        (0, "CNY 0.00"),
        (1, "CNY 0.000001"),
        (12_345_500_000, "CNY 12345.50"),
        (1_230_000, "CNY 1.23"),
        (1_234_560, "CNY 1.23456"),
    ],
)
def test_amounts_are_written_exactly(micro: int, written: str) -> None:
    assert amount(micro, "CNY") == written
