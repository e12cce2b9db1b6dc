"""The valuation standards in force: those shipped, with the appraiser's corrections."""

from dataclasses import dataclass
from pathlib import Path

from pricing.valuation.standards import Profiles, overridden, shipped_profiles


@dataclass(frozen=True, slots=True)
class Standards:
    """Profiles by id; a case that names one takes its coefficients from here."""

    profiles: Profiles


def open_standards(override_file: Path | None) -> Standards:
    """The shipped profiles, corrected by a TOML file of `[[override]]` tables if there is one.

    Raises InvalidInput that names what the file has wrong: an exchange does not start with it.
    """
    profiles = shipped_profiles()
    if override_file is not None:
        profiles = overridden(profiles, override_file.read_text("utf-8"))
    return Standards(profiles)
