"""The ODRL Agreement that says the terms of a contract in a vocabulary other connectors read.

Sources: W3C ODRL Information Model 2.2 (rules, constraints, conflict strategy) and the Agreement of
the Dataspace Protocol 2025-1 (negotiation contract schema), whose compact JSON-LD is fixed: an
action is one string, and a right operand is a string, an object or a list, so numbers are typed
literals. Terms that ODRL lacks are in the profile ``PROFILE``: ``dx:rows``, ``dx:bytes`` (volumes),
``dx:operation`` (way of delivery), ``dx:column`` (data item), and the actions ``dx:reidentify``,
``dx:link``, ``dx:train``, ``dx:export``. ``dx:clause`` names the clause a rule states.
"""

from dataclasses import dataclass
from datetime import datetime

from contracts.canonical import JsonObject, JsonValue
from contracts.instants import instant_text
from contracts.terms import ProhibitedUse, Terms
from contracts.wording import MICRO

PROFILE = "urn:exchange-market:odrl:1"
CONTEXT: list[JsonValue] = ["https://w3id.org/dspace/2025/1/context.jsonld", {"dx": f"{PROFILE}:"}]

_ACTIONS = {
    ProhibitedUse.DISTRIBUTE: "distribute",
    ProhibitedUse.SELL: "sell",
    ProhibitedUse.DERIVE: "derive",
    ProhibitedUse.REIDENTIFY: "dx:reidentify",
    ProhibitedUse.LINK: "dx:link",
    ProhibitedUse.TRAIN: "dx:train",
    ProhibitedUse.EXPORT: "dx:export",
}


@dataclass(frozen=True, slots=True)
class AgreementFrame:
    """What an Agreement needs besides the terms: its id, the two parties' ids, and the instants."""

    contract_id: str
    provider_id: str
    buyer_id: str
    created_at: datetime
    starts_at: datetime
    ends_at: datetime


def agreement(terms: Terms, frame: AgreementFrame) -> JsonObject:
    """The Agreement of these terms; the same terms always give the same object."""
    rules: JsonObject = {
        "permission": [_permission(terms, frame)],
        "obligation": _obligations(terms, frame),
    }
    if terms.prohibited_uses:
        rules["prohibition"] = [
            {"action": _ACTIONS[use], "dx:clause": f"prohibited.{use.value}"}
            for use in terms.prohibited_uses
        ]
    return {
        "@context": CONTEXT,
        "@id": frame.contract_id,
        "@type": "Agreement",
        "profile": PROFILE,
        "conflict": "prohibit",
        "target": terms.product.product_id,
        "assigner": frame.provider_id,
        "assignee": frame.buyer_id,
        "timestamp": instant_text(frame.created_at),
        **rules,
    }


def _permission(terms: Terms, frame: AgreementFrame) -> JsonObject:
    limits = terms.limits
    constraints: list[JsonValue] = [
        _constraint("period", "dateTime", "gteq", _instant(frame.starts_at)),
        _constraint("period", "dateTime", "lt", _instant(frame.ends_at)),
        _constraint("purpose", "purpose", "isAnyOf", list(terms.purpose.codes)),
        _constraint(
            "operations",
            "dx:operation",
            "isAnyOf",
            [operation.value for operation in limits.operations],
        ),
        _constraint("columns", "dx:column", "isPartOf", list(limits.columns)),
    ]
    quotas = (
        ("quota.rows", "dx:rows", limits.max_rows),
        ("quota.bytes", "dx:bytes", limits.max_bytes),
        ("quota.calls", "count", limits.max_calls),
    )
    constraints += [
        _constraint(clause, left, "lteq", _integer(quota))
        for clause, left, quota in quotas
        if quota
    ]
    return {"action": "use", "constraint": constraints, "dx:clause": "subject"}


def _obligations(terms: Terms, frame: AgreementFrame) -> list[JsonValue]:
    price = terms.price
    pay = _constraint(
        "price", "payAmount", "eq", {"@type": "xsd:decimal", "@value": _decimal(price.total_micro)}
    )
    pay["unit"] = f"urn:iso:std:iso:4217:{price.currency}"
    return [
        {"action": "compensate", "constraint": [pay], "dx:clause": "price"},
        {"action": "inform", "dx:clause": "security"},
        {
            "action": "delete",
            "constraint": [_constraint("deletion", "dateTime", "gteq", _instant(frame.ends_at))],
            "dx:clause": "deletion",
        },
    ]


def _constraint(clause: str, left: str, operator: str, right: JsonValue) -> JsonObject:
    return {"leftOperand": left, "operator": operator, "rightOperand": right, "dx:clause": clause}


def _instant(moment: datetime) -> JsonObject:
    return {"@type": "xsd:dateTime", "@value": instant_text(moment)}


def _integer(number: int) -> JsonObject:
    return {"@type": "xsd:integer", "@value": str(number)}


def _decimal(micro: int) -> str:
    return f"{micro // MICRO}.{micro % MICRO:06d}"
