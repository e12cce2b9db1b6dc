"""A settled deal as the exchange records it, for tests."""

from datetime import UTC, datetime, timedelta

from exchange_market.appraisals.deals import DealFact

APPROVED_AT = datetime(2026, 1, 10, tzinfo=UTC)
"""A day before the deal's negotiation begins."""

DEAL = DealFact(
    contract_id="con_0",
    deal_id="deal_0",
    product_id="prd_1",
    revision_id="rev_1",
    provider_id="org_1",
    buyer_id="org_2",
    provider_digest="p",
    buyer_digest="b",
    currency="CNY",
    price_micro=150,
    whole_micro=150,
    opened_at=APPROVED_AT + timedelta(days=1),
    settled_at=APPROVED_AT + timedelta(days=40),
    term_days=30,
    licence="file",
    subject="transport",
    rows=10,
    quality="0.9",
    age_days=0,
    recorded_at=APPROVED_AT + timedelta(days=40),
)
