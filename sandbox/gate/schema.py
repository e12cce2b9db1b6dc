"""What the gate is told about a sample, and what it answers when a statement may run."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

TABLE_NAME = "sample"
"""The name under which every sample is queried."""

_ASCII_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")


def folded(name: str) -> str:
    """Fold an identifier as DuckDB compares it: ASCII letters only.

    Unicode case folding would make U+212A KELVIN SIGN equal to "k", so a foreign name could pass
    for an allowed one.
    """
    return name.translate(_ASCII_LOWER)


@dataclass(frozen=True, slots=True)
class SampleSchema:
    """Tables that a statement may name, each with its column names."""

    tables: Mapping[str, tuple[str, ...]]

    @classmethod
    def of_sample(cls, columns: Iterable[str]) -> Self:
        """Describe one sample: a single table called `sample`."""
        return cls({TABLE_NAME: tuple(columns)})


@dataclass(frozen=True, slots=True)
class AllowedQuery:
    """A statement that passed the gate, byte for byte as it was checked."""

    sql: str
    tables: frozenset[str]
    functions: frozenset[str]
