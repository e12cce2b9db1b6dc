"""Samples of tables about persons in which nobody stands out."""

from sandbox.anonymise.errors import CannotAnonymise
from sandbox.anonymise.outcome import Release, ReleasedColumn
from sandbox.anonymise.policy import AnonymisationPolicy, Form, Withholding
from sandbox.anonymise.release import anonymise_parquet, sample_parquet

__all__ = [
    "AnonymisationPolicy",
    "CannotAnonymise",
    "Form",
    "Release",
    "ReleasedColumn",
    "Withholding",
    "anonymise_parquet",
    "sample_parquet",
]
