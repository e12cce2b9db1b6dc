"""Every query on products, their history and their facts; row <-> domain value."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from exchange_market.catalog.listing import ListingState
from exchange_market.catalog.product import Fact, ListingEvent, Product
from exchange_market.catalog.rows import ListingEventRow, ListingFactRow, ProductRow, RevisionRow
from exchange_market.catalog.vocabulary import (
    FactKind,
    Grade,
    Openness,
    Subject,
    UpdateFrequency,
)
from exchange_market.persistence.transaction import Reading, Transaction

_HISTORY_MAX = 500


async def find_product(reading: Reading, product_id: str) -> Product | None:
    """The product, whoever asks."""
    row = await reading.session.get(ProductRow, product_id)
    return None if row is None else row_to_product(row)


async def lock_product(tx: Transaction, product_id: str) -> Product | None:
    """The product, held against other writers until the transaction ends."""
    query = select(ProductRow).where(col(ProductRow.id) == product_id)
    row = await tx.session.scalar(query.with_for_update().execution_options(populate_existing=True))
    return None if row is None else row_to_product(row)


async def add_product(tx: Transaction, product: Product) -> None:
    """Insert a new product."""
    tx.session.add(ProductRow(**_columns(product)))
    await tx.session.flush()


async def save_product(tx: Transaction, product: Product) -> None:
    """Write back a product that was read and locked in this transaction."""
    row = await tx.session.get_one(ProductRow, product.id)
    for name, value in _columns(product).items():
        setattr(row, name, value)
    await tx.session.flush()


async def products_in_state(
    reading: Reading, state: ListingState, *, after: str | None, limit: int
) -> Sequence[Product]:
    """Products in a state, oldest first, from behind the id `after`."""
    query = select(ProductRow).where(col(ProductRow.state) == state.value)
    return await _page(reading, query, after, limit)


async def products_of_organisation(
    reading: Reading, organisation_id: str, *, after: str | None, limit: int
) -> Sequence[Product]:
    """All products of an organisation, oldest first, from behind the id `after`."""
    query = select(ProductRow).where(col(ProductRow.organisation_id) == organisation_id)
    return await _page(reading, query, after, limit)


async def products_waiting(
    reading: Reading, state: ListingState, *, after: tuple[datetime, str] | None, limit: int
) -> Sequence[Product]:
    """Products in a state by (time of the last change, id), from behind that pair."""
    changed, product_id = col(ProductRow.updated_at), col(ProductRow.id)
    query = select(ProductRow).where(col(ProductRow.state) == state.value)
    if after is not None:
        later = (changed == after[0]) & (product_id > after[1])
        query = query.where((changed > after[0]) | later)
    rows = await reading.session.scalars(query.order_by(changed, product_id).limit(limit))
    return [row_to_product(row) for row in rows]


async def count_products(reading: Reading) -> dict[ListingState, int]:
    """How many products stand in each state."""
    query = select(ProductRow.state, func.count()).group_by(col(ProductRow.state))
    counted = {ListingState(state): n for state, n in await reading.session.execute(query)}
    return {state: counted.get(state, 0) for state in ListingState}


async def products_by_id(reading: Reading, product_ids: Sequence[str]) -> dict[str, Product]:
    """Those of the products that exist, by id."""
    query = select(ProductRow).where(col(ProductRow.id).in_(product_ids))
    return {row.id: row_to_product(row) for row in await reading.session.scalars(query)}


async def _page(
    reading: Reading, query: SelectOfScalar[ProductRow], after: str | None, limit: int
) -> Sequence[Product]:
    if after is not None:
        query = query.where(col(ProductRow.id) > after)
    rows = await reading.session.scalars(query.order_by(col(ProductRow.id)).limit(limit))
    return [row_to_product(row) for row in rows]


async def add_event(tx: Transaction, event: ListingEvent) -> None:
    """Append to the history of a listing."""
    tx.session.add(ListingEventRow(**asdict(event)))
    await tx.session.flush()


async def events_of(reading: Reading, product_id: str) -> Sequence[ListingEvent]:
    """The history of a listing, oldest first; the latest steps when there are very many."""
    query = (
        select(ListingEventRow)
        .where(col(ListingEventRow.product_id) == product_id)
        .order_by(col(ListingEventRow.happened_at).desc(), col(ListingEventRow.id).desc())
        .limit(_HISTORY_MAX)
    )
    rows = list(await reading.session.scalars(query))
    return [_row_to_event(row) for row in reversed(rows)]


async def put_fact(tx: Transaction, product_id: str, fact: Fact) -> None:
    """Insert or replace a fact."""
    key = (product_id, fact.revision_id, fact.kind.value)
    row = await tx.session.get(ListingFactRow, key)
    if row is None:
        row = ListingFactRow(
            product_id=product_id,
            revision_id=fact.revision_id,
            kind=fact.kind.value,
            fact=dict(fact.document),
            recorded_at=fact.recorded_at,
        )
        tx.session.add(row)
    row.fact, row.recorded_at = dict(fact.document), fact.recorded_at
    await tx.session.flush()


async def delete_fact(tx: Transaction, product_id: str, revision_id: str, kind: FactKind) -> None:
    """Remove a fact if it is there."""
    await tx.session.execute(
        delete(ListingFactRow).where(
            col(ListingFactRow.product_id) == product_id,
            col(ListingFactRow.revision_id) == revision_id,
            col(ListingFactRow.kind) == kind.value,
        )
    )


async def facts_newest_first(reading: Reading, product_id: str) -> Sequence[Fact]:
    """All facts of a product, those of its newest revision first."""
    query = (
        select(ListingFactRow)
        .join(RevisionRow, col(RevisionRow.id) == col(ListingFactRow.revision_id))
        .where(col(ListingFactRow.product_id) == product_id)
        .order_by(col(RevisionRow.number).desc(), col(ListingFactRow.kind))
    )
    return [
        Fact(FactKind(row.kind), row.revision_id, row.recorded_at, row.fact)
        for row in await reading.session.scalars(query)
    ]


def row_to_product(row: ProductRow) -> Product:
    """The domain value of a row."""
    values = {field.name: getattr(row, field.name) for field in fields(Product)}
    frequency = values["update_frequency"]
    values |= {
        "state": ListingState(row.state),
        "subject": Subject(row.subject),
        "grade": Grade(row.grade),
        "openness": Openness(row.openness),
        "update_frequency": None if frequency is None else UpdateFrequency(frequency),
        "keywords": tuple(row.keywords),
        "key_columns": tuple(row.key_columns),
    }
    return Product(**values)


def _columns(product: Product) -> dict[str, Any]:
    values = asdict(product)
    frequency = product.update_frequency
    return values | {
        "state": product.state.value,
        "subject": product.subject.value,
        "grade": product.grade.value,
        "openness": product.openness.value,
        "update_frequency": None if frequency is None else frequency.value,
        "keywords": list(product.keywords),
        "key_columns": list(product.key_columns),
    }


def _row_to_event(row: ListingEventRow) -> ListingEvent:
    return ListingEvent(
        id=row.id,
        product_id=row.product_id,
        action=row.action,
        from_state=None if row.from_state is None else ListingState(row.from_state),
        to_state=ListingState(row.to_state),
        actor_id=row.actor_id,
        reason=row.reason,
        happened_at=row.happened_at,
    )
