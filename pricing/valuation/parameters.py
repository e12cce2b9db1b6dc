"""Parameters of a valuation: a value or a distribution, always with the source it comes from."""

import re
from dataclasses import dataclass
from typing import Final

from pricing.document import Document
from pricing.errors import InvalidInput
from pricing.valuation.distributions import (
    Distribution,
    Fixed,
    distribution_from_document,
    distribution_to_json,
)
from pricing.valuation.risks import Risk

RISKS_MAX: Final = 10
_SHA256: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A named distribution and what a reviewer must know of it.

    `source` says where the figure comes from, `evidence` is the SHA-256 (hexadecimal) of the paper
    that shows it, `accepted_by` who accepted it; `risks` are those that the figure prices in.
    """

    name: str
    distribution: Distribution
    source: str
    unit: str = ""
    evidence: str | None = None
    accepted_by: str | None = None
    risks: tuple[Risk, ...] = ()

    @property
    def is_uncertain(self) -> bool:
        """Whether the parameter has more than one possible value."""
        return not isinstance(self.distribution, Fixed)


def parameter_from_json(name: str, value: object, path: str) -> Parameter:
    """Read `{"value": "0.05", "source": …}` or one with the fields of another distribution."""
    document = Document(value, path)
    parameter = Parameter(
        name,
        distribution_from_document(document),
        document.text("source"),
        document.text("unit", ""),
        _evidence(document),
        _optional_text(document, "accepted_by"),
        _risks(document),
    )
    document.finish()
    return parameter


def parameter_to_json(parameter: Parameter) -> dict[str, object]:
    """Write a parameter; what was not given is left out."""
    given: dict[str, object] = {
        "unit": parameter.unit,
        "evidence": parameter.evidence,
        "accepted_by": parameter.accepted_by,
        "risks": [risk.value for risk in parameter.risks],
    }
    return {
        **distribution_to_json(parameter.distribution),
        "source": parameter.source,
        **{name: value for name, value in given.items() if value},
    }


def _evidence(document: Document) -> str | None:
    evidence = _optional_text(document, "evidence")
    if evidence is not None and _SHA256.fullmatch(evidence) is None:
        raise InvalidInput(document.at("evidence"), "must be a SHA-256 as 64 hexadecimal digits")
    return evidence


def _optional_text(document: Document, name: str) -> str | None:
    return document.text(name, "") or None


def _risks(document: Document) -> tuple[Risk, ...]:
    named: list[Risk] = []
    for at, item in document.items("risks", at_most=RISKS_MAX):
        if not isinstance(item, str) or item not in set(Risk):
            raise InvalidInput(at, f"must be one of {', '.join(Risk)}")
        named.append(Risk(item))
    if len(set(named)) < len(named):
        raise InvalidInput(document.at("risks"), "must name each risk once")
    return tuple(sorted(named))
