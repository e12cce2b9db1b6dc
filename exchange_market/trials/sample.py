"""The sample of a revision and its life, as plain values.

preparing -> awaiting_approval -> approved
    |               |    ^           |        A change of the column roles, or of whether the rows
    v               v    |           v        are persons, leads back to preparing from everywhere.
 refused         rejected (or approved after all)
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from exchange_market.catalog.revision import ColumnRole
from exchange_market.trials.errors import SampleActionRefused


class SampleState(StrEnum):
    """Where a sample stands."""

    PREPARING = "preparing"
    AWAITING_APPROVAL = "awaiting_approval"
    APPROVED = "approved"
    REFUSED = "refused"
    REJECTED = "rejected"


class SampleAction(StrEnum):
    """What can happen to a sample: three steps of the exchange, two of the provider."""

    RENEW = "renew"
    PROPOSE = "propose"
    REFUSE = "refuse"
    APPROVE = "approve"
    REJECT = "reject"


_RENEW: Final = {SampleAction.RENEW: SampleState.PREPARING}

MOVES: Final[dict[SampleState, dict[SampleAction, SampleState]]] = {
    SampleState.PREPARING: {
        SampleAction.PROPOSE: SampleState.AWAITING_APPROVAL,
        SampleAction.REFUSE: SampleState.REFUSED,
        **_RENEW,
    },
    SampleState.AWAITING_APPROVAL: {
        SampleAction.APPROVE: SampleState.APPROVED,
        SampleAction.REJECT: SampleState.REJECTED,
        **_RENEW,
    },
    SampleState.APPROVED: {SampleAction.REJECT: SampleState.REJECTED, **_RENEW},
    SampleState.REJECTED: {SampleAction.APPROVE: SampleState.APPROVED, **_RENEW},
    SampleState.REFUSED: _RENEW,
}


def next_state(state: SampleState, action: SampleAction) -> SampleState:
    """Where `action` leads from `state`; raises SampleActionRefused when it leads nowhere."""
    after = MOVES[state].get(action)
    if after is None:
        raise SampleActionRefused(
            state=state.value, action=action.value, allowed=[a.value for a in MOVES[state]]
        )
    return after


@dataclass(frozen=True, slots=True)
class SampleColumn:
    """A column of the sample with its DuckDB type, and the column of the revision it speaks of."""

    name: str
    type: str
    source: str
    role: ColumnRole


@dataclass(frozen=True, slots=True)
class SampleRefusal:
    """Why no sample could be made: a stable code, and what to do in both languages."""

    code: str
    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class BuiltSample:
    """A finished sample file: what is in it and what was measured on it.

    `k` and `l` are measured on the released rows, None where the rows are not persons (`l` also
    without sensitive columns); so is `risk`. `policy` is what was asked for, `release` what the
    anonymiser says it did.
    """

    object_key: str
    sha256: str
    file_bytes: int
    rows: int
    k: int | None
    l: int | None  # noqa: E741 - the literature's name: l-diversity
    columns: tuple[SampleColumn, ...]
    policy: Mapping[str, Any]
    release: Mapping[str, Any]
    risk: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The one sample of a revision.

    `basis` names the roles it is made under (`policy.basis_of`). `scan` is the report of the column
    scan, shown to the provider and administrators only. `built` is None while preparing and when
    refused; `refusal` is set when refused.
    """

    id: str
    product_id: str
    revision_id: str
    revision_number: int
    state: SampleState
    basis: str
    roles: Mapping[str, ColumnRole]
    holds_persons: bool
    scan: Mapping[str, Any] | None
    built: BuiltSample | None
    refusal: SampleRefusal | None
    engine: str
    created_at: datetime
    updated_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None
    reason: str | None = None

    @property
    def is_approved(self) -> bool:
        """Whether the provider has let others see it."""
        return self.state is SampleState.APPROVED
