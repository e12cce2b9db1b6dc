"""The profiles that come with this package, and corrections of them by an appraiser."""

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Final

from pricing.document import Document
from pricing.errors import InvalidInput
from pricing.valuation.standards.profile import (
    Coefficient,
    Override,
    Profile,
    profile_from_document,
)

NAMES: Final = ("cas-2023", "gb-t-37550", "guideline-9", "infonomics", "ivs-210")
OVERRIDES_MAX: Final = 500

Profiles = Mapping[str, Profile]


@cache
def shipped_profiles() -> Profiles:
    """Return the shipped profiles by id, read from the package's own data."""
    folder = resources.files(__package__ or "pricing.valuation.standards")
    texts = {name: (folder / f"{name}.toml").read_text("utf-8") for name in NAMES}
    return {name: profile_from_toml(text) for name, text in texts.items()}


def profile_from_toml(text: str) -> Profile:
    """Read one profile file."""
    return profile_from_document(Document(_parsed(text)))


def overridden(profiles: Profiles, text: str) -> Profiles:
    """Return the profiles with the corrections of an override file, a TOML text of `[[override]]`.

    Each names `profile`, `coefficient`, `by`, `source` and any of `default`, `low`, `high` and
    `verified`. Raises InvalidInput that names the field.
    """
    document = Document(_parsed(text))
    corrected = dict(profiles)
    for at, item in document.items("override", at_most=OVERRIDES_MAX):
        _correct(corrected, Document(item, at))
    document.finish()
    return corrected


def _correct(profiles: dict[str, Profile], document: Document) -> None:
    profile = profiles.get(document.text("profile"))
    if profile is None:
        raise InvalidInput(document.at("profile"), f"must be one of {', '.join(sorted(profiles))}")
    before = profile.coefficients.get(document.text("coefficient"))
    if before is None:
        raise InvalidInput(document.at("coefficient"), f"is no coefficient of {profile.id}")
    after = _corrected(before, document)
    document.finish()
    coefficients = {**profile.coefficients, after.id: after}
    profiles[profile.id] = replace(profile, coefficients=coefficients)


def _corrected(before: Coefficient, document: Document) -> Coefficient:
    figures: dict[str, Decimal] = {
        name: document.decimal(name, getattr(before, name)) for name in ("default", "low", "high")
    }
    verified = document.flag("verified") if "verified" in document else False
    override = Override(document.text("by"), document.text("source"), before.default)
    try:
        return replace(before, **figures, verified=verified, override=override)
    except InvalidInput as error:
        raise InvalidInput(document.at(error.field), error.problem) from None


def _parsed(text: str) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput("document", f"must be TOML: {error}") from None
