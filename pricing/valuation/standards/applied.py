"""A standard applied to a case: parameters that name a coefficient get its figures and source.

Before: `"standard": "cas-2023"` and parameters such as `{"coefficient": "quality"}`. After: every
parameter is spelt out and `standard` holds what was used, so that the case alone gives the value.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from pricing.document import Document, check_decimal
from pricing.errors import InvalidInput
from pricing.valuation.standards.profile import (
    COEFFICIENTS_MAX,
    Coefficient,
    Profile,
    coefficient_from_json,
    coefficient_to_json,
)
from pricing.valuation.standards.shipped import Profiles, shipped_profiles

FIGURES: Final = ("value", "low", "mode", "high", "median", "mean")


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedStandard:
    """Which standard a case follows, in which version, and the coefficient behind each parameter.

    `coefficients` are as the profile had them; a parameter may have figures of its own within the
    range of its coefficient.
    """

    id: str
    number: str
    title: Mapping[str, str]
    version: str
    coefficients: Mapping[str, Coefficient]


def spelt_out(value: object, profiles: Profiles | None = None) -> object:
    """Return a case document whose standard is spelt out if it was only named.

    `profiles` are the shipped ones unless given. Raises InvalidInput that names the field.
    """
    document = Document(value)
    if "standard" not in document or not isinstance(document.value("standard"), str):
        return value
    known = shipped_profiles() if profiles is None else profiles
    return _spelt_out(dict(_mapping(value)), document.text("standard"), known)


def check_standard(applied: AppliedStandard, profiles: Profiles) -> None:
    """Refuse a standard that is not what the profiles say: nobody verifies his own coefficient."""
    profile = _profile(applied.id, profiles)
    same = {name: profile.coefficients.get(each.id) for name, each in applied.coefficients.items()}
    told = (applied.number, dict(applied.title), applied.version)
    if told != (profile.number, dict(profile.title), profile.version) or (
        dict(applied.coefficients) != same
    ):
        raise InvalidInput("standard", f"is not {profile.id} as it is in force here; name it anew")


def applied_from_json(document: Document) -> AppliedStandard:
    """Read a standard that was spelt out."""
    title, coefficients = document.child("title"), document.child("coefficients")
    names = coefficients.names()
    if len(names) > COEFFICIENTS_MAX:
        raise InvalidInput(document.at("coefficients"), "has too many names")
    applied = AppliedStandard(
        id=document.text("id"),
        number=document.text("number", ""),
        title={language: title.text(language) for language in ("zh", "en")},
        version=document.text("version"),
        coefficients={
            name: coefficient_from_json(coefficients.value(name), coefficients.at(name))
            for name in names
        },
    )
    for each in (title, document):
        each.finish()
    return applied


def applied_to_json(applied: AppliedStandard) -> dict[str, object]:
    """Write a standard that was spelt out; `number` is left out where there is none."""
    number = {"number": applied.number} if applied.number else {}
    return {
        "id": applied.id,
        **number,
        "title": dict(applied.title),
        "version": applied.version,
        "coefficients": {
            name: coefficient_to_json(each) for name, each in sorted(applied.coefficients.items())
        },
    }


def _spelt_out(case: dict[str, Any], named: str, profiles: Profiles) -> dict[str, Any]:
    profile = _profile(named, profiles)
    parameters = dict(_mapping(case.get("parameters", {}), "parameters"))
    used: dict[str, Coefficient] = {}
    for name, parameter in parameters.items():
        fields = dict(_mapping(parameter, f"parameters.{name}"))
        if "coefficient" in fields:
            path = f"parameters.{name}"
            coefficient = _coefficient(profile, fields.pop("coefficient"), path)
            parameters[name] = _filled(fields, coefficient, path)
            used[name] = coefficient
    applied = AppliedStandard(
        id=profile.id,
        number=profile.number,
        title=profile.title,
        version=profile.version,
        coefficients=used,
    )
    return {**case, "parameters": parameters, "standard": applied_to_json(applied)}


def _filled(fields: dict[str, Any], coefficient: Coefficient, path: str) -> dict[str, Any]:
    """Give a parameter the figures of its coefficient, or check its own against the range."""
    spread = fields.pop("spread", False)
    if not isinstance(spread, bool):
        raise InvalidInput(f"{path}.spread", "must be true or false")
    own = [name for name in FIGURES if name in fields]
    if own and spread:
        raise InvalidInput(f"{path}.spread", "takes the range of the coefficient, not own figures")
    for name in own:
        figure = check_decimal(fields[name], f"{path}.{name}")
        if not coefficient.low <= figure <= coefficient.high:
            bounds = f"from {coefficient.low:f} to {coefficient.high:f}"
            raise InvalidInput(f"{path}.{name}", f"must be {bounds} for {coefficient.id}")
    if own:
        return fields
    said = coefficient.source if coefficient.override is None else coefficient.override.source
    return {"source": said} | fields | _figures(coefficient, is_spread=spread)


def _figures(coefficient: Coefficient, *, is_spread: bool) -> dict[str, str]:
    if not is_spread or coefficient.low == coefficient.high:
        return {"value": _text(coefficient.default)}
    low, mode, high = coefficient.low, coefficient.default, coefficient.high
    return {"low": _text(low), "mode": _text(mode), "high": _text(high)}


def _profile(named: str, profiles: Profiles) -> Profile:
    if named not in profiles:
        raise InvalidInput("standard", f"must be one of {', '.join(sorted(profiles))}")
    return profiles[named]


def _coefficient(profile: Profile, named: object, path: str) -> Coefficient:
    found = profile.coefficients.get(named) if isinstance(named, str) else None
    if found is None:
        known = ", ".join(sorted(profile.coefficients))
        raise InvalidInput(f"{path}.coefficient", f"must be one of {known}")
    return found


def _mapping(value: object, path: str = "document") -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise InvalidInput(path, "must be a JSON object")
    return value  # pyright: ignore[reportUnknownVariableType]


def _text(value: Decimal) -> str:
    return format(value, "f")
