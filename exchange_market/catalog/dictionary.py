"""The column dictionary of a revision: what each column means and how much care it needs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from exchange_market.catalog import revision_store, store
from exchange_market.catalog.errors import (
    ColumnRoleLowered,
    ColumnUnknown,
    ListingNotEditable,
    NoReadyRevision,
    ProductNotFound,
    RevisionNotFound,
)
from exchange_market.catalog.facts import withdraw_fact
from exchange_market.catalog.listing import ListingState
from exchange_market.catalog.product import FactKind, RevisionState
from exchange_market.catalog.products import is_insider
from exchange_market.catalog.revision import Column, ColumnRole, Revision
from exchange_market.kernel.principal import Actor, Principal
from exchange_market.persistence.transaction import Reading, Transaction
from exchange_market.trust import audit

# Meanings belong to what is reviewed; of a published listing they may still be filled for a new
# revision.
_MEANINGS_FIXED = frozenset({ListingState.SUBMITTED, ListingState.WITHDRAWN})


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnEntry:
    """What is said about one column; members that are None stay as they are."""

    name: str
    meaning_zh: str | None = None
    meaning_en: str | None = None
    role: ColumnRole | None = None


async def columns_of(reading: Reading, revision_id: str) -> tuple[Column, ...]:
    """The dictionary of a revision, by position."""
    return await revision_store.columns_of(reading, revision_id)


async def describe_columns(
    tx: Transaction, principal: Principal, product_id: str, entries: Sequence[ColumnEntry]
) -> tuple[Column, ...]:
    """Set meanings and roles of columns of the latest ready revision, by its provider or an
    administrator.

    Raises ProductNotFound, NoReadyRevision, ColumnUnknown, ListingNotEditable, or ColumnRoleLowered
    when anyone but an administrator would make a column less protected.
    """
    product = await store.lock_product(tx, product_id)
    if product is None or not is_insider(principal, product):
        raise ProductNotFound(product_id=product_id)
    revision = await revision_store.latest_revision(tx, product_id, RevisionState.READY)
    if revision is None:
        raise NoReadyRevision
    columns = await revision_store.columns_of(tx, revision.id)
    meanings = {entry.name: entry for entry in entries}
    _refuse_unknown(columns, meanings)
    described = tuple(_with_meanings(column, meanings.get(column.name)) for column in columns)
    if described != columns:
        if product.state in _MEANINGS_FIXED:
            raise ListingNotEditable(state=product.state.value)
        await revision_store.save_columns(tx, revision.id, described)
        subject = audit.Subject("revision", revision.id)
        changed = [new.position for old, new in zip(columns, described, strict=True) if old != new]
        audit.record(tx, principal, "catalog.columns_described", subject, {"positions": changed})
    roles = {entry.name: entry.role for entry in entries if entry.role is not None}
    return await _set_roles(tx, principal, revision, described, roles)


async def set_column_roles(
    tx: Transaction, actor: Actor, revision_id: str, roles: Mapping[str, ColumnRole]
) -> tuple[Column, ...]:
    """Set how much care columns need, by name.

    An administrator decides freely. A service (the scan) never lowers what was decided before: the
    more cautious role stays. A provider is refused with ColumnRoleLowered. A change takes the
    revision's sample back, since it was made under other roles. Raises RevisionNotFound,
    ProductNotFound or ColumnUnknown.
    """
    revision = await revision_store.lock_revision(tx, revision_id)
    if revision is None:
        raise RevisionNotFound(revision=revision_id)
    if isinstance(actor, Principal):
        product = await store.find_product(tx, revision.product_id)
        if product is None or not is_insider(actor, product):
            raise ProductNotFound(product_id=revision.product_id)
    columns = await revision_store.columns_of(tx, revision_id)
    _refuse_unknown(columns, roles)
    return await _set_roles(tx, actor, revision, columns, roles)


async def _set_roles(
    tx: Transaction,
    actor: Actor,
    revision: Revision,
    columns: tuple[Column, ...],
    roles: Mapping[str, ColumnRole],
) -> tuple[Column, ...]:
    decided = tuple(
        replace(column, role=_decided_role(actor, column, roles[column.name]))
        if column.name in roles
        else column
        for column in columns
    )
    if decided == columns:
        return columns
    await revision_store.save_columns(tx, revision.id, decided)
    await withdraw_fact(tx, revision.product_id, revision.id, FactKind.SAMPLE)
    topic, subject = "catalog.column_roles_changed", audit.Subject("revision", revision.id)
    audit.record(tx, actor, topic, subject, {"roles": _role_changes(columns, decided)})
    tx.emit(topic, {"product_id": revision.product_id, "revision_id": revision.id})
    return decided


def _decided_role(actor: Actor, column: Column, wanted: ColumnRole) -> ColumnRole:
    present = column.role
    if present is None or wanted.is_at_least(present):
        return wanted
    if not isinstance(actor, Principal):
        return present
    if actor.is_administrator:
        return wanted
    raise ColumnRoleLowered(
        field="role", column=column.name, present=present.value, wanted=wanted.value
    )


def _role_changes(before: Sequence[Column], after: Sequence[Column]) -> dict[str, list[str | None]]:
    """Old and new role by position: column names can tell something themselves."""
    return {
        str(new.position): [old.role and old.role.value, new.role and new.role.value]
        for old, new in zip(before, after, strict=True)
        if old.role is not new.role
    }


def _with_meanings(column: Column, entry: ColumnEntry | None) -> Column:
    if entry is None:
        return column
    return replace(
        column,
        meaning_zh=column.meaning_zh if entry.meaning_zh is None else entry.meaning_zh,
        meaning_en=column.meaning_en if entry.meaning_en is None else entry.meaning_en,
    )


def _refuse_unknown(columns: Sequence[Column], named: Mapping[str, object]) -> None:
    unknown = sorted(set(named) - {column.name for column in columns})
    if unknown:
        raise ColumnUnknown(field="columns", columns=", ".join(unknown))
