"""How samples are made, and what makes a sample outdated."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Final

from exchange_market.catalog.product import Column
from exchange_market.catalog.revision import ColumnRole
from sandbox.risk import RiskThresholds

K: Final = 5
L: Final = 2
SAMPLE_ROWS_MAX: Final = 10_000
SAMPLE_ROWS_FEW: Final = 1_000
SAMPLE_SHARE: Final = 5
THRESHOLDS: Final = RiskThresholds(k_min=K, l_min=L)
ENGINE: Final = "exchange-market-sandbox/1"
"""Recorded with every sample; changes with the algorithms that scan and anonymise."""

Roles = Mapping[str, ColumnRole]


def roles_of(columns: Iterable[Column]) -> dict[str, ColumnRole]:
    """The role of every column by name; a column that nobody has judged yet is withheld."""
    return {column.name: column.role or ColumnRole.DIRECT_IDENTIFIER for column in columns}


def sample_rows_max(rows: int) -> int:
    """How many rows a sample of a revision may show: a fifth, but not over 10,000.

    Of a small revision up to 1,000 rows, since a fifth of it would tell a buyer too little.
    """
    return min(SAMPLE_ROWS_MAX, max(SAMPLE_ROWS_FEW, rows // SAMPLE_SHARE))


def basis_of(roles: Roles, *, holds_persons: bool) -> str:
    """A digest (hex) of all that decides what a sample may show; another basis, another sample."""
    document = {"holds_persons": holds_persons, "roles": {n: r.value for n, r in roles.items()}}
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


def is_as_careful(shown: Roles, asked: Roles) -> bool:
    """Whether every column that both know is protected at least as much as is asked for."""
    return all(shown[name].is_at_least(role) for name, role in asked.items() if name in shown)
