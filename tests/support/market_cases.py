"""Valuation cases of the market approach, for tests."""

from collections.abc import Sequence
from typing import Any

from pricing.valuation.market.codec import deal_to_json, target_to_json
from pricing.valuation.market.deal import Deal, Target
from tests.support.deals import VALUED_ON, target


def market_case(
    methods: Sequence[dict[str, Any]],
    deals: Sequence[Deal] = (),
    *,
    priced: Target | None = None,
    rules: dict[str, Any] | None = None,
    **members: Any,
) -> dict[str, Any]:
    """A case of market methods over some deals; without deals it has no market section."""
    case: dict[str, Any] = {
        "currency": "CNY",
        "purpose": "listing",
        "value_type": "market",
        "valued_on": VALUED_ON.isoformat(),
        "parameters": {},
        "methods": list(methods),
        "points": 256,
    }
    if deals:
        case["comparables"] = {
            "target": target_to_json(priced or target()),
            "deals": [deal_to_json(each) for each in deals],
            "rules": rules or {},
        }
    return case | members


def method(kind: str, name: str = "market", **members: Any) -> dict[str, Any]:
    """A method of some kind without arguments unless given."""
    return {"name": name, "kind": kind, "arguments": {}, **members}


def fixed(**values: str) -> dict[str, Any]:
    """Parameters with a value each."""
    return {name: {"value": value, "source": f"grid of {name}"} for name, value in values.items()}
