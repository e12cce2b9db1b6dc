"""A standard as a data profile: what it is, what of it was confirmed, formulas and coefficients."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from pricing.document import Document
from pricing.errors import InvalidInput

COEFFICIENTS_MAX: Final = 200
FORMULAS_MAX: Final = 50


@dataclass(frozen=True, slots=True)
class Override:
    """Who corrected a coefficient, on what ground, and what stood there before."""

    by: str
    source: str
    replaced_default: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Coefficient:
    """A figure that the standard or its practice suggests, within a range.

    `verified` is true only where it was read in the text of the standard; a copy of the text or
    general knowledge, which `source` tells of, is not enough.
    """

    id: str
    name_zh: str
    name_en: str
    default: Decimal
    low: Decimal
    high: Decimal
    source: str
    verified: bool
    override: Override | None = None

    def __post_init__(self) -> None:
        if not self.low <= self.default <= self.high:
            raise InvalidInput("default", "must lie from low to high")


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula of the standard and the kinds of method that follow it."""

    id: str
    methods: tuple[str, ...]
    expression: str
    source: str
    verified: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A standard: `confirmed` and `unconfirmed` say how far it was checked, in both languages."""

    id: str
    number: str
    issued_on: str
    title: Mapping[str, str]
    issuer: Mapping[str, str]
    confirmed: Mapping[str, str]
    unconfirmed: Mapping[str, str]
    formulas: tuple[Formula, ...]
    coefficients: Mapping[str, Coefficient]

    @property
    def version(self) -> str:
        """The SHA-256 of all it says, overrides included."""
        text = json.dumps(
            profile_to_json(self), sort_keys=True, separators=(",", ":"), ensure_ascii=False
        )
        return hashlib.sha256(text.encode()).hexdigest()


def profile_from_document(document: Document) -> Profile:
    """Read a profile; raises InvalidInput that names the field."""
    formulas = document.items("formula", at_most=FORMULAS_MAX)
    coefficients = document.items("coefficient", at_most=COEFFICIENTS_MAX)
    profile = Profile(
        id=document.text("id"),
        number=_perhaps(document, "number"),
        issued_on=_perhaps(document, "issued_on"),
        title=_both(document, "title"),
        issuer=_both(document, "issuer"),
        confirmed=_both(document, "confirmed"),
        unconfirmed=_both(document, "unconfirmed"),
        formulas=tuple(_formula(item, at) for at, item in formulas),
        coefficients=_by_id([_coefficient(item, at) for at, item in coefficients]),
    )
    document.finish()
    return profile


def profile_to_json(profile: Profile) -> dict[str, object]:
    """Write a profile as plain JSON values."""
    return {
        "id": profile.id,
        "number": profile.number,
        "issued_on": profile.issued_on,
        "title": dict(profile.title),
        "issuer": dict(profile.issuer),
        "confirmed": dict(profile.confirmed),
        "unconfirmed": dict(profile.unconfirmed),
        "formulas": [
            {
                "id": each.id,
                "methods": list(each.methods),
                "expression": each.expression,
                "source": each.source,
                "verified": each.verified,
            }
            for each in profile.formulas
        ],
        "coefficients": [coefficient_to_json(each) for each in profile.coefficients.values()],
    }


def coefficient_to_json(coefficient: Coefficient) -> dict[str, object]:
    """Write a coefficient; `override` is null unless somebody corrected it."""
    override = coefficient.override
    return {
        "id": coefficient.id,
        "name_zh": coefficient.name_zh,
        "name_en": coefficient.name_en,
        "default": _text(coefficient.default),
        "low": _text(coefficient.low),
        "high": _text(coefficient.high),
        "source": coefficient.source,
        "verified": coefficient.verified,
        "override": None
        if override is None
        else {
            "by": override.by,
            "source": override.source,
            "replaced_default": _text(override.replaced_default),
        },
    }


def coefficient_from_json(value: object, path: str) -> Coefficient:
    """Read what `coefficient_to_json` wrote."""
    document = Document(value, path)
    return _read(document, _override(document.optional_child("override")))


def _coefficient(value: object, path: str) -> Coefficient:
    return _read(Document(value, path), None)


def _read(document: Document, override: Override | None) -> Coefficient:
    try:
        coefficient = Coefficient(
            id=document.text("id"),
            name_zh=document.text("name_zh"),
            name_en=document.text("name_en"),
            default=document.decimal("default"),
            low=document.decimal("low"),
            high=document.decimal("high"),
            source=document.text("source"),
            verified=document.flag("verified"),
            override=override,
        )
    except InvalidInput as error:
        field = error.field if error.field != "default" else document.at("default")
        raise InvalidInput(field, error.problem) from None
    document.finish()
    return coefficient


def _override(document: Document | None) -> Override | None:
    if document is None:
        return None
    override = Override(
        document.text("by"), document.text("source"), document.decimal("replaced_default")
    )
    document.finish()
    return override


def _formula(value: object, path: str) -> Formula:
    document = Document(value, path)
    methods = document.items("methods", at_most=FORMULAS_MAX)
    formula = Formula(
        document.text("id"),
        tuple(Document({at: item}).text(at) for at, item in methods),
        document.text("expression"),
        document.text("source"),
        document.flag("verified"),
    )
    document.finish()
    return formula


def _by_id(coefficients: Sequence[Coefficient]) -> dict[str, Coefficient]:
    found = {each.id: each for each in coefficients}
    if len(found) < len(coefficients):
        raise InvalidInput("coefficient", "must have different ids")
    return found


def _both(document: Document, name: str) -> dict[str, str]:
    return {language: document.text(f"{name}_{language}") for language in ("zh", "en")}


def _perhaps(document: Document, name: str) -> str:
    value = document.value(name)
    return "" if value == "" else document.text(name)


def _text(value: Decimal) -> str:
    return format(value, "f")
