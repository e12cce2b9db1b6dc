"""The compiled form of a contract, which a delivery asks before every request.

Compiled once per contract from its document, which has been checked to say the same as its text and
policy. The decision covers what the terms limit; whether the contract is active, paid and within
its leased quota is known to the caller, who keeps those facts current.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from contracts.canonical import JsonObject
from contracts.document import Contract, check_derived
from contracts.records import from_json
from contracts.terms import Operation


class Reason(StrEnum):
    """Why a request is allowed or refused; stable codes for answers and statistics."""

    ALLOWED = "allowed"
    NOT_STARTED = "not_started"
    ENDED = "ended"
    OPERATION_NOT_ALLOWED = "operation_not_allowed"
    COLUMN_NOT_ALLOWED = "column_not_allowed"
    PURPOSE_NOT_ALLOWED = "purpose_not_allowed"
    ROWS_USED_UP = "rows_used_up"
    BYTES_USED_UP = "bytes_used_up"
    CALLS_USED_UP = "calls_used_up"


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to one request and the clause it rests on."""

    allowed: bool
    clause_id: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class Usage:
    """What has been used of the period's quotas when the request arrives."""

    rows: int = 0
    bytes_sent: int = 0
    calls: int = 0


_ALLOWED = Decision(True, "subject", Reason.ALLOWED)
_NOT_STARTED = Decision(False, "period", Reason.NOT_STARTED)
_ENDED = Decision(False, "period", Reason.ENDED)
_OPERATION = Decision(False, "operations", Reason.OPERATION_NOT_ALLOWED)
_COLUMN = Decision(False, "columns", Reason.COLUMN_NOT_ALLOWED)
_PURPOSE = Decision(False, "purpose", Reason.PURPOSE_NOT_ALLOWED)
_ROWS = Decision(False, "quota.rows", Reason.ROWS_USED_UP)
_BYTES = Decision(False, "quota.bytes", Reason.BYTES_USED_UP)
_CALLS = Decision(False, "quota.calls", Reason.CALLS_USED_UP)


@dataclass(frozen=True, slots=True)
class AccessRule:
    """What one contract allows.

    Instants in UTC, end exclusive; quotas None where nothing is limited.
    """

    contract_id: str
    product_id: str
    starts_at: datetime
    ends_at: datetime
    operations: frozenset[Operation]
    columns: frozenset[str]
    purposes: frozenset[str]
    revision: int | None
    max_rows: int | None
    max_bytes: int | None
    max_calls: int | None

    def decide(
        self,
        now: datetime,
        operation: Operation,
        columns: Iterable[str],
        *,
        purpose: str | None = None,
        used: Usage | None = None,
    ) -> Decision:
        """Judge one request; ``columns`` are all it touches, also by filter and order.

        ``purpose`` and ``used`` are judged where given.
        """
        if now < self.starts_at:
            return _NOT_STARTED
        if now >= self.ends_at:
            return _ENDED
        if operation not in self.operations:
            return _OPERATION
        if not self.columns.issuperset(columns):
            return _COLUMN
        if purpose is not None and purpose not in self.purposes:
            return _PURPOSE
        return _ALLOWED if used is None else self._within_quota(used)

    def covers(self, revision: int) -> bool:
        """Whether deliveries may come from this revision of the product."""
        return self.revision is None or self.revision == revision

    def _within_quota(self, used: Usage) -> Decision:
        if self.max_calls is not None and used.calls >= self.max_calls:
            return _CALLS
        if self.max_rows is not None and used.rows >= self.max_rows:
            return _ROWS
        if self.max_bytes is not None and used.bytes_sent >= self.max_bytes:
            return _BYTES
        return _ALLOWED


def compile_access(document: JsonObject) -> AccessRule:
    """Compile a contract document; one whose policy or text differs from its terms is refused."""
    contract = from_json(Contract, document)
    check_derived(contract)
    return compile_contract(contract)


def compile_contract(contract: Contract) -> AccessRule:
    """Compile a contract already read with ``parse_document``."""
    terms, limits = contract.terms, contract.terms.limits
    return AccessRule(
        contract_id=contract.contract_id,
        product_id=terms.product.product_id,
        starts_at=contract.starts_at,
        ends_at=contract.ends_at,
        operations=frozenset(limits.operations),
        columns=frozenset(limits.columns),
        purposes=frozenset(terms.purpose.codes),
        revision=terms.product.revision,
        max_rows=limits.max_rows,
        max_bytes=limits.max_bytes,
        max_calls=limits.max_calls,
    )
