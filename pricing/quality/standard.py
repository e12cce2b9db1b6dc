"""Quality standards as data: groups, criteria, weights, and which rule kinds measure what.

Each standard is a TOML file in `standards`. An appraiser corrects a name, a source or a weight
there without a release; `is_verified` says whether somebody compared the entry with the text.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from importlib import resources
from typing import Any, Final

from pricing.errors import InvalidInput
from pricing.quality.rules import KINDS

STANDARDS: Final = ("gbt36344", "iso25012")


@dataclass(frozen=True, slots=True)
class Entry:
    """What a group and a criterion have in common; `weight` is relative to its siblings."""

    id: str
    zh: str
    en: str
    weight: Fraction
    source: str
    is_verified: bool


@dataclass(frozen=True, slots=True)
class Criterion:
    """An indicator of a standard, the group it belongs to, and the rule kinds that measure it."""

    entry: Entry
    group: str
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Standard:
    """A standard: its groups in order, and its criteria."""

    id: str
    number: str
    title_zh: str
    title_en: str
    source: str
    is_verified: bool
    groups: tuple[Entry, ...]
    criteria: tuple[Criterion, ...]

    def criterion_of(self, kind: str) -> Criterion:
        """Return the criterion that a kind of rule measures."""
        return next(each for each in self.criteria if kind in each.kinds)

    def criteria_of(self, group: str) -> tuple[Criterion, ...]:
        """Return the criteria of a group, in the order of the standard."""
        return tuple(each for each in self.criteria if each.group == group)


@cache
def load_standard(name: str) -> Standard:
    """Read a standard that comes with the package; raises InvalidInput for what it does not say."""
    if name not in STANDARDS:
        raise InvalidInput("standard", f"must be one of {', '.join(STANDARDS)}")
    file = resources.files("pricing.quality").joinpath("standards", f"{name}.toml")
    return read_standard(file.read_text("utf-8"))


def read_standard(text: str) -> Standard:
    """Read a standard from TOML; every kind of rule must measure exactly one criterion."""
    try:
        found = tomllib.loads(text)
        standard = Standard(
            id=found["id"],
            number=found["number"],
            title_zh=found["title_zh"],
            title_en=found["title_en"],
            source=found["source"],
            is_verified=found["verified"],
            groups=tuple(_entry(each) for each in found["groups"]),
            criteria=tuple(
                Criterion(_entry(each), each["group"], tuple(each["kinds"]))
                for each in found["criteria"]
            ),
        )
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise InvalidInput("standard", f"cannot be read: {error}") from error
    _check(standard)
    return standard


def _entry(found: Mapping[str, Any]) -> Entry:
    return Entry(
        id=found["id"],
        zh=found["zh"],
        en=found["en"],
        weight=Fraction(str(found["weight"])),
        source=found["source"],
        is_verified=found["verified"],
    )


def _check(standard: Standard) -> None:
    groups = [each.id for each in standard.groups]
    kinds = sorted(kind for each in standard.criteria for kind in each.kinds)
    if kinds != sorted(KINDS):
        raise InvalidInput("criteria.kinds", "must name every kind of rule exactly once")
    if len(set(groups)) < len(groups):
        raise InvalidInput("groups.id", "must be different")
    if any(each.group not in groups for each in standard.criteria):
        raise InvalidInput("criteria.group", "must be the id of a group")
    entries = (*standard.groups, *(each.entry for each in standard.criteria))
    if any(each.weight <= 0 for each in entries):
        raise InvalidInput("weight", "must be above zero")
