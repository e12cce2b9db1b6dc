"""The signed result of a valuation as its report reads it.

A signed result is kept for years, so every shape that was ever signed can be read: what an older
engine did not write is empty or None. The public part of a result, which has no figures of inputs,
is read the same way.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class RangeView:
    """The 10th, 50th and 90th percentile in major units."""

    low: Decimal
    middle: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class AdjustmentView:
    """A discount or premium and what it changed."""

    kind: str
    parameter: str
    reason: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class PaperColumn:
    """A column of a working paper; `measure` is text, year, amount or factor."""

    name: str
    measure: str


@dataclass(frozen=True, slots=True)
class PaperView:
    """A table by which a method can be followed by hand, and the single figures its rows need."""

    columns: tuple[PaperColumn, ...]
    rows: tuple[tuple[str, ...], ...]
    figures: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodView:
    """One method; lines and range are there only in the full result."""

    name: str
    kind: str
    approach: str
    role: str
    weight: Decimal
    reason: str
    lines: tuple[tuple[str, Decimal], ...]
    adjustments: tuple[AdjustmentView, ...]
    at_medians: Decimal | None
    range: RangeView | None
    arguments: Mapping[str, tuple[str, ...]]
    options: Mapping[str, str]
    paper: PaperView | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterView:
    """One input; its figures are there only in the full result."""

    name: str
    source: str
    unit: str
    distribution: tuple[tuple[str, str], ...]
    percentiles: tuple[str, str, str] | None
    evidence: str
    accepted_by: str
    uses: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class SwingView:
    """The conclusion with one input at its P10 and at its P90, and its shares of the variance."""

    parameter: str
    low: Decimal
    high: Decimal
    first_order: str
    total: str


@dataclass(frozen=True, slots=True)
class ConclusionView:
    """How the weighted value becomes the conclusion."""

    before_adjustments: Decimal
    adjustments: tuple[AdjustmentView, ...]
    at_medians: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketView:
    """The deals compared with: digests of those used and rejected, only their numbers in public.

    `statistics` are quartiles over the used ones, by name; empty where there are too few.
    """

    used: tuple[str, ...]
    used_count: int
    rejected: tuple[tuple[str, tuple[str, ...]], ...]
    rejected_count: int
    reasons: tuple[tuple[str, int], ...]
    statistics: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultView:
    """What a valuation says."""

    engine_version: str
    input_hash: str
    seed: int
    points: int
    currency: str
    purpose: str
    value_type: str
    valued_on: str
    value: RangeView
    conclusion: ConclusionView | None
    methods: tuple[MethodView, ...]
    parameters: tuple[ParameterView, ...]
    market: MarketView | None
    swings: tuple[SwingView, ...]
    sensitivity_points: int
    flags: tuple[tuple[str, tuple[str, ...]], ...]
    assumptions: tuple[str, ...]
    limits: tuple[str, ...]


def read_result(result: Mapping[str, Any]) -> ResultView:
    """Read a result, or the public part of one."""
    inputs = result["parameters"] if "parameters" in result else result["inputs"]
    return ResultView(
        **{
            name: result[name]
            for name in (
                "engine_version",
                "input_hash",
                "seed",
                "points",
                "currency",
                "purpose",
                "value_type",
                "valued_on",
            )
        },
        value=_range(result["value"]),
        conclusion=_conclusion(result.get("conclusion")),
        methods=tuple(map(_method, result["methods"])),
        parameters=tuple(map(_parameter, inputs)),
        market=_market(result.get("market")),
        swings=tuple(map(_swing, result.get("sensitivity", ()))),
        sensitivity_points=result.get("sensitivity_points", 0),
        flags=tuple((each["flag"], tuple(each["methods"])) for each in result["flags"]),
        assumptions=tuple(result["assumptions"]),
        limits=tuple(result["limits"]),
    )


def _conclusion(conclusion: Mapping[str, Any] | None) -> ConclusionView | None:
    if conclusion is None:
        return None
    return ConclusionView(
        Decimal(conclusion["before_adjustments"]),
        tuple(map(_adjustment, conclusion["adjustments"])),
        Decimal(conclusion["at_medians"]),
    )


def _method(method: Mapping[str, Any]) -> MethodView:
    arguments: Mapping[str, Any] = method.get("arguments", {})
    options = {
        name: str(method[name])
        for name in ("timing", "tax_amortisation_years", "charges_taken")
        if method.get(name) is not None
    }
    return MethodView(
        **{name: method[name] for name in ("name", "kind", "approach", "role", "reason")},
        weight=Decimal(method["weight"]),
        lines=tuple((line["name"], Decimal(line["amount"])) for line in method.get("lines", ())),
        adjustments=tuple(map(_adjustment, method.get("adjustments", ()))),
        at_medians=Decimal(method["at_medians"]) if "at_medians" in method else None,
        range=_range(method["range"]) if "range" in method else None,
        arguments={
            name: (names,) if isinstance(names, str) else tuple(names)
            for name, names in arguments.items()
        },
        options=options,
        paper=_paper(method["working_paper"]) if "working_paper" in method else None,
    )


def _parameter(parameter: Mapping[str, Any]) -> ParameterView:
    shares = ("p10", "p50", "p90")
    distribution: Mapping[str, Any] = parameter.get("distribution", {})
    return ParameterView(
        name=parameter["name"],
        source=parameter["source"],
        unit=parameter.get("unit") or "",
        distribution=tuple((name, _figure(value)) for name, value in distribution.items()),
        percentiles=(parameter["p10"], parameter["p50"], parameter["p90"])
        if all(share in parameter for share in shares)
        else None,
        evidence=parameter.get("evidence") or "",
        accepted_by=parameter.get("accepted_by") or "",
        uses=tuple((each["method"] or "", each["argument"]) for each in parameter.get("uses", ())),
    )


def _figure(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "; ".join(f"{each['value']} × {each['weight']}" for each in value)


def _market(market: Mapping[str, Any] | None) -> MarketView | None:
    if market is None:
        return None
    used, rejected = market["used"], market["rejected"]
    is_counted = isinstance(used, int)
    statistics: Mapping[str, Any] = market["statistics"] or {}
    return MarketView(
        used=() if is_counted else tuple(used),
        used_count=used if is_counted else len(used),
        rejected=()
        if is_counted
        else tuple((each["id"], tuple(each["reasons"])) for each in rejected),
        rejected_count=rejected if is_counted else len(rejected),
        reasons=tuple(market["reasons"].items()),
        statistics=tuple(
            (name, tuple(quartiles.items()))
            for name, quartiles in statistics.items()
            if isinstance(quartiles, dict)
        ),
    )


def _swing(swing: Mapping[str, Any]) -> SwingView:
    return SwingView(
        swing["parameter"],
        Decimal(swing["low"]),
        Decimal(swing["high"]),
        swing.get("first_order", ""),
        swing.get("total", ""),
    )


def _adjustment(adjustment: Mapping[str, Any]) -> AdjustmentView:
    return AdjustmentView(
        adjustment["kind"],
        adjustment["parameter"],
        adjustment["reason"] or "",
        Decimal(adjustment["amount"]),
    )


def _paper(paper: Mapping[str, Any]) -> PaperView:
    return PaperView(
        tuple(PaperColumn(each["name"], each["measure"]) for each in paper["columns"]),
        tuple(tuple(row) for row in paper["rows"]),
        tuple((each["name"], each["value"]) for each in paper.get("figures", ())),
    )


def _range(values: Mapping[str, Any]) -> RangeView:
    return RangeView(*(Decimal(values[name]) for name in ("p10", "p50", "p90")))
