"""Risks that a parameter may price in, and when two of them are the same risk."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Risk(StrEnum):
    """Something that lowers (or raises) the value of data and may be counted once only."""

    QUALITY = "quality"
    FRESHNESS = "freshness"
    COMPLIANCE = "compliance"
    ATTRITION = "attrition"
    OBSOLESCENCE = "obsolescence"
    PHYSICAL_OBSOLESCENCE = "physical_obsolescence"
    FUNCTIONAL_OBSOLESCENCE = "functional_obsolescence"
    TECHNOLOGICAL_OBSOLESCENCE = "technological_obsolescence"
    ECONOMIC_OBSOLESCENCE = "economic_obsolescence"
    COUNTRY = "country"
    INDUSTRY = "industry"
    SIZE = "size"
    LIQUIDITY = "liquidity"
    CONTROL = "control"
    EXCLUSIVITY = "exclusivity"
    REALISATION = "realisation"
    COMPETITION = "competition"
    COUNTERPARTY = "counterparty"
    SECURITY = "security"
    LEGAL = "legal"
    SPECIFIC = "specific"


_PART_OF: Final[Mapping[Risk, Risk]] = {
    Risk.PHYSICAL_OBSOLESCENCE: Risk.OBSOLESCENCE,
    Risk.FUNCTIONAL_OBSOLESCENCE: Risk.OBSOLESCENCE,
    Risk.TECHNOLOGICAL_OBSOLESCENCE: Risk.OBSOLESCENCE,
    Risk.ECONOMIC_OBSOLESCENCE: Risk.OBSOLESCENCE,
}
"""A part meets its whole, but not the other parts: kinds of obsolescence may stand together."""


def is_same_risk(one: Risk, other: Risk) -> bool:
    """Whether counting both would count one risk twice."""
    return one is other or _PART_OF.get(one) is other or _PART_OF.get(other) is one
