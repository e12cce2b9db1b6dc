"""The three signatures of a contract."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from contracts.canonical import JsonObject
from contracts.document import document_bytes
from contracts.errors import ContractError, InvalidSignature, InvalidValue
from contracts.keys import Custody
from contracts.signatures import CONTRACT_TYP, sign_document, verify_document
from contracts.signing import add_signature
from contracts.terms import Role
from tests.support.trade_evidence import (
    BUYER_KEY,
    EXCHANGE_KEY,
    KEYS,
    PROVIDER_KEY,
    SIGNED_AT,
    TERMS,
    document,
    jwk,
    key_set,
    party,
    signatures,
)

RAW = document_bytes(document())
GENERAL = signatures(RAW)


def test_three_signatures_over_the_same_bytes_verify() -> None:
    verified = verify_document(RAW, GENERAL, key_set())

    assert [(each.role, each.custody, each.signed_at) for each in verified] == [
        (Role.PROVIDER, Custody.EXCHANGE, SIGNED_AT),
        (Role.BUYER, Custody.PARTY, SIGNED_AT),
        (Role.EXCHANGE, Custody.EXCHANGE, SIGNED_AT),
    ]
    assert verified[1].kid == party(Role.BUYER).kid
    assert verified[1].organisation_id == "org_buyer"


def test_the_buyer_may_sign_before_the_provider() -> None:
    general = None
    for role in (Role.BUYER, Role.PROVIDER, Role.EXCHANGE):
        general = sign_document(general, RAW, KEYS[role], party=party(role), signed_at=SIGNED_AT)
    assert general is not None

    assert len(verify_document(RAW, general, key_set())) == 3


def test_a_party_signs_only_with_the_key_the_document_names() -> None:
    with pytest.raises(InvalidSignature, match="not the one the document names"):
        sign_document(None, RAW, EXCHANGE_KEY, party=party(Role.BUYER), signed_at=SIGNED_AT)


def test_signatures_of_one_document_do_not_fit_another() -> None:
    other = document_bytes(document(replace(TERMS, acceptance_days=8)))

    with pytest.raises(InvalidSignature, match="other bytes"):
        verify_document(other, GENERAL, key_set())


def reorder(general: Any) -> None:
    general["signatures"].reverse()


def drop(index: int) -> Callable[[Any], None]:
    def change(general: Any) -> None:
        del general["signatures"][index]

    return change


def repeat(general: Any) -> None:
    general["signatures"].insert(0, general["signatures"][0])


@pytest.mark.parametrize("change", [reorder, drop(0), drop(1), drop(2), repeat])
def test_a_missing_repeated_or_moved_signature_is_refused(change: Callable[[Any], None]) -> None:
    general = deepcopy(GENERAL)
    change(general)

    with pytest.raises(InvalidSignature):
        verify_document(RAW, general, key_set())


def test_a_replaced_party_signature_breaks_the_countersignature() -> None:
    general: Any = deepcopy(GENERAL)
    later = sign_document(
        None, RAW, PROVIDER_KEY, party=party(Role.PROVIDER), signed_at=SIGNED_AT + timedelta(1)
    )
    replacement: Any = later["signatures"]
    general["signatures"][0] = replacement[0]

    with pytest.raises(InvalidSignature, match="countersigned other"):
        verify_document(RAW, general, key_set())


def test_an_exchange_that_signs_alone_countersigns_nothing() -> None:
    alone = sign_document(None, RAW, EXCHANGE_KEY, party=party(Role.EXCHANGE), signed_at=SIGNED_AT)

    with pytest.raises(InvalidSignature, match="one signature of"):
        verify_document(RAW, alone, key_set())


def signed_with_header(change: JsonObject) -> JsonObject:
    header: JsonObject = {
        "role": "provider",
        "organisation": "org_provider",
        "custody": "exchange",
        "signed_at": "2026-12-01T08:30:00.000000Z",
    }
    return add_signature(None, RAW, PROVIDER_KEY, typ=CONTRACT_TYP, signer=header | change)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"role": "notary"}, "no role"),
        ({"role": 1}, "no role"),
        ({"role": "buyer"}, "does not fit the document"),
        ({"organisation": "org_other"}, "does not fit the document"),
        ({"signed_at": "2025-12-31T23:59:59.000000Z"}, "not valid when"),
    ],
)
def test_a_header_that_says_something_else_than_the_document_is_refused(
    change: JsonObject, reason: str
) -> None:
    with pytest.raises(InvalidSignature, match=reason):
        verify_document(RAW, signed_with_header(change), key_set())


def test_a_signature_without_a_readable_instant_is_refused() -> None:
    with pytest.raises(InvalidValue, match="signed_at"):
        verify_document(RAW, signed_with_header({"signed_at": 1}), key_set())


def test_a_party_signature_by_the_key_of_another_party_is_refused() -> None:
    header: JsonObject = {
        "role": "buyer",
        "organisation": "org_buyer",
        "custody": "party",
        "signed_at": "2026-12-01T08:30:00.000000Z",
    }
    general = add_signature(None, RAW, PROVIDER_KEY, typ=CONTRACT_TYP, signer=header)
    keys: JsonObject = {"keys": [jwk(Role.PROVIDER) | {"custody": "party"}]}

    with pytest.raises(InvalidSignature, match="another key"):
        verify_document(RAW, general, keys)


def test_a_key_set_that_claims_another_custody_is_refused() -> None:
    keys: JsonObject = {
        "keys": [jwk(Role.PROVIDER) | {"custody": "party"}, jwk(Role.BUYER), jwk(Role.EXCHANGE)]
    }

    with pytest.raises(InvalidSignature, match="disagree on who held"):
        verify_document(RAW, GENERAL, keys)


def test_a_key_revoked_before_the_signature_is_refused() -> None:
    revoked = jwk(Role.BUYER) | {"revoked_at": "2026-12-01T08:30:00.000000Z"}
    keys: JsonObject = {"keys": [jwk(Role.PROVIDER), revoked, jwk(Role.EXCHANGE)]}

    with pytest.raises(InvalidSignature, match="not valid when"):
        verify_document(RAW, GENERAL, keys)


def test_a_signature_of_another_type_is_refused() -> None:
    general = add_signature(None, RAW, BUYER_KEY, typ="dx-receipts+jws", signer={})

    with pytest.raises(ContractError, match="typ is not"):
        verify_document(RAW, general, key_set())
