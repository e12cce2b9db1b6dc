"""Every query on quality reports and rules, valuations and price plans; row <-> domain value."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import func
from sqlalchemy import select as columns
from sqlmodel import col, select

from exchange_market.appraisals.deals import DealFact
from exchange_market.appraisals.price_plan import PriceMode, PricePlan
from exchange_market.appraisals.quality import QualityRecord
from exchange_market.appraisals.quality_rule_set import QualityRules
from exchange_market.appraisals.rows import (
    DealFactRow,
    PricePlanRow,
    QualityReportRow,
    QualityRulesRow,
    ValuationRow,
)
from exchange_market.appraisals.valuation import AppraisedValue, PastRange, ValuationState
from exchange_market.persistence.transaction import Reading, Transaction

_VALUATIONS_PER_REVIEW = 200
_PRODUCTS_PER_QUERY = 500


async def quality_of_revision(reading: Reading, revision_id: str) -> QualityRecord | None:
    """The quality report of a revision, if it was measured."""
    query = select(QualityReportRow).where(col(QualityReportRow.revision_id) == revision_id)
    row = await reading.session.scalar(query.execution_options(populate_existing=True))
    return None if row is None else QualityRecord(**row.model_dump())


async def save_quality(tx: Transaction, record: QualityRecord) -> None:
    """Insert a report, or write back one that was read in this transaction."""
    members = asdict(record)
    members["suggestions"] = list(record.suggestions)
    await tx.session.merge(QualityReportRow(**members))
    await tx.session.flush()


async def newest_quality_rules(reading: Reading, product_id: str) -> QualityRules | None:
    """The rules that the provider asks for."""
    query = select(QualityRulesRow).where(col(QualityRulesRow.product_id) == product_id)
    row = await reading.session.scalar(query.order_by(col(QualityRulesRow.version).desc()).limit(1))
    return None if row is None else QualityRules(**row.model_dump())


async def add_quality_rules(tx: Transaction, rules: QualityRules) -> None:
    """Insert the next version of a provider's rules."""
    tx.session.add(QualityRulesRow(**asdict(rules)))
    await tx.session.flush()


async def find_valuation(reading: Reading, valuation_id: str) -> AppraisedValue | None:
    """The valuation with this id, whoever asks."""
    row = await reading.session.get(ValuationRow, valuation_id)
    return None if row is None else _row_to_valuation(row)


async def lock_valuation(tx: Transaction, valuation_id: str) -> AppraisedValue | None:
    """The valuation, held against other writers until the transaction ends."""
    query = select(ValuationRow).where(col(ValuationRow.id) == valuation_id).with_for_update()
    row = await tx.session.scalar(query.execution_options(populate_existing=True))
    return None if row is None else _row_to_valuation(row)


async def add_valuation(tx: Transaction, valuation: AppraisedValue) -> None:
    """Insert a new valuation."""
    tx.session.add(ValuationRow(**_valuation_columns(valuation)))
    await tx.session.flush()


async def save_decision(tx: Transaction, valuation: AppraisedValue) -> None:
    """Write back what was decided; nothing else of a valuation ever changes."""
    row = await tx.session.get_one(ValuationRow, valuation.id)
    row.state = valuation.state.value
    row.decided_by, row.decided_at = valuation.decided_by, valuation.decided_at
    row.reason = valuation.reason
    await tx.session.flush()


async def next_valuation_version(tx: Transaction, product_id: str) -> int:
    """The number of the next valuation of a product that is locked in this transaction."""
    query = select(func.max(col(ValuationRow.version)))
    newest = await tx.session.scalar(query.where(col(ValuationRow.product_id) == product_id))
    return (newest or 0) + 1


async def valuations_of(
    reading: Reading,
    product_id: str,
    *,
    states: Sequence[ValuationState],
    before: int | None = None,
    limit: int = _VALUATIONS_PER_REVIEW,
) -> Sequence[AppraisedValue]:
    """Valuations of a product in some states, newest version first, from below `before`."""
    query = select(ValuationRow).where(
        col(ValuationRow.product_id) == product_id,
        col(ValuationRow.state).in_([state.value for state in states]),
    )
    if before is not None:
        query = query.where(col(ValuationRow.version) < before)
    rows = await reading.session.scalars(
        query.order_by(col(ValuationRow.version).desc()).limit(limit)
    )
    return [_row_to_valuation(row) for row in rows]


async def valuations_in_state(
    reading: Reading, state: ValuationState | None, *, after: str | None, limit: int
) -> Sequence[AppraisedValue]:
    """Valuations of all products, oldest first, from behind the id `after`."""
    query = select(ValuationRow).order_by(col(ValuationRow.id)).limit(limit)
    if state is not None:
        query = query.where(col(ValuationRow.state) == state.value)
    if after is not None:
        query = query.where(col(ValuationRow.id) > after)
    return [_row_to_valuation(row) for row in await reading.session.scalars(query)]


async def newest_price_plan(reading: Reading, product_id: str) -> PricePlan | None:
    """The price in force."""
    query = select(PricePlanRow).where(col(PricePlanRow.product_id) == product_id)
    row = await reading.session.scalar(query.order_by(col(PricePlanRow.version).desc()).limit(1))
    return None if row is None else _row_to_price_plan(row)


async def add_price_plan(tx: Transaction, price: PricePlan) -> None:
    """Insert the next version of a price."""
    members: dict[str, Any] = asdict(price)
    members["price_mode"] = price.price_mode.value
    tx.session.add(PricePlanRow(**members))
    await tx.session.flush()


async def save_deal(tx: Transaction, fact: DealFact) -> None:
    """Insert what is known of a deal, or put it in the place of what was known before."""
    await tx.session.merge(DealFactRow(**asdict(fact)))
    await tx.session.flush()


async def latest_deals(reading: Reading, limit: int) -> Sequence[DealFact]:
    """Deals, settled ones before open ones and the latest first."""
    settled_at = col(DealFactRow.settled_at)
    rows = await reading.session.scalars(
        select(DealFactRow)
        .order_by(settled_at.is_(None), settled_at.desc(), col(DealFactRow.contract_id).desc())
        .limit(limit)
    )
    return [DealFact(**row.model_dump()) for row in rows]


async def approved_ranges(reading: Reading, product_ids: Sequence[str]) -> Sequence[PastRange]:
    """The ranges of all approved valuations of some products."""
    found: list[PastRange] = []
    for start in range(0, len(product_ids), _PRODUCTS_PER_QUERY):
        some = product_ids[start : start + _PRODUCTS_PER_QUERY]
        query = columns(
            col(ValuationRow.product_id),
            col(ValuationRow.decided_at),
            col(ValuationRow.currency),
            col(ValuationRow.low_micro),
            col(ValuationRow.middle_micro),
            col(ValuationRow.high_micro),
        ).where(
            col(ValuationRow.product_id).in_(some),
            col(ValuationRow.state) == ValuationState.APPROVED.value,
        )
        found += [PastRange(*row) for row in await reading.session.execute(query)]
    return found


def _row_to_valuation(row: ValuationRow) -> AppraisedValue:
    members: dict[str, Any] = row.model_dump()
    members["state"] = ValuationState(row.state)
    return AppraisedValue(**members)


def _valuation_columns(valuation: AppraisedValue) -> dict[str, Any]:
    return asdict(valuation) | {"state": valuation.state.value}


def _row_to_price_plan(row: PricePlanRow) -> PricePlan:
    members: dict[str, Any] = row.model_dump()
    members["price_mode"] = PriceMode(row.price_mode)
    return PricePlan(**members)
