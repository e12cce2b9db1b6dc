"""Compiled access: what a contract allows, and what it refuses under which clause."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.access import Decision, Reason, Usage, compile_access
from contracts.clauses import Enforcement, clauses
from contracts.errors import InvalidDocument, InvalidValue
from contracts.records import from_json, to_json
from contracts.terms import Operation, RevisionPolicy
from tests.support.trade_evidence import CONTRACT_ID, TERMS, document

RULE = compile_access(document())
START = datetime(2026, 11, 30, 16, tzinfo=UTC)
END = datetime(2027, 5, 31, 16, tzinfo=UTC)
NOW = datetime(2027, 1, 1, tzinfo=UTC)
COLUMNS = frozenset({"year", "carrier"})
TICK = timedelta(microseconds=1)


def test_a_request_within_the_terms_is_allowed() -> None:
    decision = RULE.decide(
        NOW, Operation.ROWS, COLUMNS, purpose="market_research", used=Usage(999_999, 1, 4_999)
    )

    assert decision == Decision(True, "subject", Reason.ALLOWED)
    assert (RULE.contract_id, RULE.product_id) == (CONTRACT_ID, "prd_flights")


@pytest.mark.parametrize(
    ("now", "allowed"),
    [(START - TICK, False), (START, True), (END - TICK, True), (END, False)],
)
def test_the_period_is_half_open_to_the_microsecond(now: datetime, allowed: bool) -> None:
    assert RULE.decide(now, Operation.ROWS, COLUMNS).allowed is allowed


@pytest.mark.parametrize(
    ("change", "clause", "reason"),
    [
        ({"now": START - TICK}, "period", Reason.NOT_STARTED),
        ({"now": END}, "period", Reason.ENDED),
        ({"columns": ["year", "tailnum"]}, "columns", Reason.COLUMN_NOT_ALLOWED),
        ({"purpose": "credit_scoring"}, "purpose", Reason.PURPOSE_NOT_ALLOWED),
        ({"used": Usage(rows=1_000_000)}, "quota.rows", Reason.ROWS_USED_UP),
        ({"used": Usage(bytes_sent=2_000_000_000)}, "quota.bytes", Reason.BYTES_USED_UP),
        ({"used": Usage(calls=5_000)}, "quota.calls", Reason.CALLS_USED_UP),
    ],
)
def test_a_refusal_names_its_clause(change: dict[str, Any], clause: str, reason: Reason) -> None:
    request: dict[str, Any] = {"now": NOW, "operation": Operation.ROWS, "columns": COLUMNS}

    assert RULE.decide(**(request | change)) == Decision(False, clause, reason)


def test_an_operation_that_was_not_agreed_is_refused() -> None:
    rows_only = replace(TERMS, limits=replace(TERMS.limits, operations=(Operation.ROWS,)))

    decision = compile_access(document(rows_only)).decide(NOW, Operation.FILE, COLUMNS)

    assert decision == Decision(False, "operations", Reason.OPERATION_NOT_ALLOWED)


def test_without_quotas_usage_never_refuses() -> None:
    limits = replace(TERMS.limits, max_rows=None, max_bytes=None, max_calls=None)
    rule = compile_access(document(replace(TERMS, limits=limits)))

    assert rule.decide(NOW, Operation.FILE, COLUMNS, used=Usage(10**12, 10**15, 10**9)).allowed


def test_a_fixed_contract_covers_one_revision_and_a_latest_one_all() -> None:
    product = replace(TERMS.product, revision_policy=RevisionPolicy.LATEST, revision=None)
    latest = compile_access(document(replace(TERMS, product=product)))

    assert RULE.covers(3)
    assert not RULE.covers(4)
    assert latest.covers(4)


def test_every_refusal_rests_on_a_clause_the_text_does_not_call_legal_only() -> None:
    marks = {clause.id: clause.enforcement for clause in clauses(TERMS)}
    for clause in ("subject", "period", "operations", "columns", "quota.rows", "quota.bytes"):
        assert marks[clause] is Enforcement.ENFORCED
    assert marks["purpose"] is Enforcement.MONITORED


def test_a_document_with_another_policy_is_not_compiled() -> None:
    tampered: Any = document()
    tampered["policy"]["permission"][0]["constraint"].pop()

    with pytest.raises(InvalidDocument, match="policy"):
        compile_access(tampered)


def test_a_decision_takes_microseconds() -> None:
    used = Usage(1, 1, 1)
    best = float("inf")
    for _ in range(5):
        started = time.perf_counter()
        for _ in range(2_000):
            RULE.decide(NOW, Operation.ROWS, COLUMNS, purpose="market_research", used=used)
        best = min(best, (time.perf_counter() - started) / 2_000)

    assert best < 20e-6, f"{best * 1e6:.1f} microseconds"


def test_a_decision_is_read_as_it_was_written() -> None:
    decision = RULE.decide(NOW, Operation.ROWS, COLUMNS)

    assert from_json(Decision, to_json(decision)) == decision
    with pytest.raises(InvalidValue, match="allowed: not true or false"):
        from_json(Decision, to_json(decision) | {"allowed": 1})
