"""Infonomics scores of data: how good, how relevant, how effective they are. Scores, never money.

Source: Laney, "Infonomics", the foundational models (intrinsic, business and performance value of
information); formulas from general knowledge, not checked against the text.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

from pricing.document import Document
from pricing.errors import InvalidInput

PROCESSES_MAX: Final = 50
MONTHS_MAX: Final = 1_200
_DIGITS: Final = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Process:
    """A business process and how relevant the data are to it, in [0, 1]."""

    name: str
    relevance: Decimal
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """A figure of performance with and without the data, measured over some months.

    The effect is scaled to `horizon_months`, the time over which the data are useful.
    """

    name: str
    with_data: Decimal
    without_data: Decimal
    observed_months: int
    horizon_months: int
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreInputs:
    """What the scores are worked out from; shares in [0, 1]."""

    validity: Decimal
    completeness: Decimal
    timeliness: Decimal
    rival_scarcity: Decimal
    lifecycle: Decimal
    processes: tuple[Process, ...] = ()
    indicator: Indicator | None = None


@dataclass(frozen=True, slots=True)
class Scores:
    """The three scores; None where nothing was said that they could be worked out from."""

    intrinsic: Decimal
    business: Decimal | None
    performance: Decimal | None


def scores(inputs: ScoreInputs) -> Scores:
    """Return the three scores, with six decimals."""
    sound = inputs.validity * inputs.completeness
    intrinsic = sound * (1 - inputs.rival_scarcity) * inputs.lifecycle
    relevance = sum((each.relevance for each in inputs.processes), Decimal(0))
    business = relevance * sound * inputs.timeliness if inputs.processes else None
    performance = None if inputs.indicator is None else _performance(inputs.indicator)
    return Scores(
        _rounded(intrinsic),
        None if business is None else _rounded(business),
        None if performance is None else _rounded(performance),
    )


def scores_to_json(found: Scores) -> dict[str, object]:
    """Write the scores as decimal text; `unit` says that they are no money."""
    return {
        "unit": "score",
        "intrinsic": format(found.intrinsic, "f"),
        "business": None if found.business is None else format(found.business, "f"),
        "performance": None if found.performance is None else format(found.performance, "f"),
    }


def inputs_from_json(document: Document) -> ScoreInputs:
    """Read the section `scores` of a case; raises InvalidInput that names the field."""
    inputs = ScoreInputs(
        validity=_share(document, "validity"),
        completeness=_share(document, "completeness"),
        timeliness=_share(document, "timeliness"),
        rival_scarcity=_share(document, "rival_scarcity"),
        lifecycle=_share(document, "lifecycle"),
        processes=tuple(
            _process(item, at) for at, item in document.items("processes", at_most=PROCESSES_MAX)
        ),
        indicator=_indicator(document.optional_child("indicator")),
    )
    document.finish()
    return inputs


def inputs_to_json(inputs: ScoreInputs) -> dict[str, object]:
    """Write what `inputs_from_json` reads."""
    shares = ("validity", "completeness", "timeliness", "rival_scarcity", "lifecycle")
    found = inputs.indicator
    return {
        **{name: format(getattr(inputs, name), "f") for name in shares},
        "processes": _processes_to_json(inputs.processes),
        "indicator": None
        if found is None
        else {
            "name": found.name,
            "with": format(found.with_data, "f"),
            "without": format(found.without_data, "f"),
            "observed_months": found.observed_months,
            "horizon_months": found.horizon_months,
            "source": found.source,
        },
    }


def _performance(indicator: Indicator) -> Decimal:
    change = indicator.with_data / indicator.without_data - 1
    return change * indicator.horizon_months / indicator.observed_months


def _process(value: object, path: str) -> Process:
    document = Document(value, path)
    process = Process(document.text("name"), _share(document, "relevance"), document.text("source"))
    document.finish()
    return process


def _indicator(document: Document | None) -> Indicator | None:
    if document is None:
        return None
    indicator = Indicator(
        name=document.text("name"),
        with_data=document.decimal("with"),
        without_data=document.decimal("without"),
        observed_months=document.integer("observed_months", low=1, high=MONTHS_MAX),
        horizon_months=document.integer("horizon_months", low=1, high=MONTHS_MAX),
        source=document.text("source"),
    )
    document.finish()
    if indicator.with_data < 0 or indicator.without_data <= 0:
        raise InvalidInput(document.at("without"), "must be above zero, and `with` at least zero")
    return indicator


def _processes_to_json(processes: Sequence[Process]) -> list[dict[str, object]]:
    return [
        {"name": each.name, "relevance": format(each.relevance, "f"), "source": each.source}
        for each in processes
    ]


def _share(document: Document, name: str) -> Decimal:
    value = document.decimal(name)
    if not 0 <= value <= 1:
        raise InvalidInput(document.at(name), "must be from 0 to 1")
    return value


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(_DIGITS, ROUND_HALF_EVEN)
