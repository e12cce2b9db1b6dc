"""Valuing plain figures: a method without a case, and a case from few words."""

import copy
import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from pricing.valuation import case_from_json, result_bytes, value_case
from pricing.valuation.distributions import Array
from pricing.valuation.kinds import compute
from pricing.valuation.methods import Method, Options

NO_OPTIONS = Options()


def lines(
    kind: str, options: Options = NO_OPTIONS, /, **arguments: float | Sequence[float]
) -> dict[str, float]:
    """Compute a method on plain figures and return its lines."""
    names: dict[str, tuple[str, ...]] = {}
    drawn: dict[str, Array] = {}
    for name, given in arguments.items():
        figures = given if isinstance(given, Sequence) else [given]
        names[name] = tuple(f"{name}_{i}" for i in range(len(figures)))
        drawn |= {f"{name}_{i}": np.array([each]) for i, each in enumerate(figures)}
    computed = compute(Method("m", kind, names, options), drawn, 1)
    return {name: float(line[0]) for name, line in computed.items()}


def cents(value: float) -> str:
    return f"{value:.2f}".replace("-0.00", "0.00")


def total(found: dict[str, float]) -> str:
    return cents(sum(found.values()))


def case_of(
    *methods: dict[str, Any], parameters: dict[str, Any], **fields: object
) -> dict[str, Any]:
    """A case whose parameters are figures or the fields of a distribution."""
    return {
        "currency": "CNY",
        "purpose": "listing",
        "value_type": "market",
        "valued_on": "2026-11-23",
        "parameters": {
            name: {"source": "test", **(each if isinstance(each, dict) else {"value": str(each)})}
            for name, each in parameters.items()
        },
        "methods": [copy.deepcopy(method) for method in methods],
        **fields,
    }


def method_of(kind: str, name: str = "m", /, **fields: Any) -> dict[str, Any]:
    """A method whose arguments are names of parameters; options and adjustments among them."""
    options = ("timing", "tax_amortisation_years", "charges_taken", "adjustments")
    return {
        "name": name,
        "kind": kind,
        "arguments": {name: each for name, each in fields.items() if name not in options},
        **{name: each for name, each in fields.items() if name in options},
    }


def report(document: dict[str, Any]) -> Any:
    """Value a case and read its report back from the bytes."""
    return json.loads(result_bytes(value_case(case_from_json(document))))
