"""Quality rules of a product: setting them, and showing them to those who may see them."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from exchange_market.appraisals import store
from exchange_market.appraisals.errors import QualityRulesFixed
from exchange_market.appraisals.quality import (
    QualityPlan,
    QualityRecord,
    plan_measurement,
    reads_hidden,
    types_of,
)
from exchange_market.appraisals.quality_rule_set import (
    NO_INSTANT,
    QualityRules,
    Unmeasured,
    check_fit,
)
from exchange_market.catalog.product import ListingState, Product, Revision
from exchange_market.catalog.products import is_insider, lock_own_product
from exchange_market.catalog.service import (
    columns_of,
    find_latest_ready_revision,
    latest_ready_revision,
    product_for,
)
from exchange_market.kernel.ids import new_id
from exchange_market.kernel.principal import Principal
from exchange_market.persistence.transaction import Reading, Transaction
from exchange_market.trust import audit
from pricing.quality import Rule, rule_of, rules_to_json
from pricing.quality.rule_document import check_from_json
from pricing.quality.suggest import hides_values

_FIXED: Final = frozenset({ListingState.SUBMITTED, ListingState.WITHDRAWN})


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownRules:
    """The rules of a product as somebody may see them; see `QualityRulesOut`."""

    product_id: str
    version: int
    set_at: datetime | None
    is_full: bool
    revision_number: int | None
    measured_version: int | None
    in_force: Sequence[Rule]
    withheld_rules: int
    unmeasured: Sequence[Unmeasured]
    suggested: Sequence[Mapping[str, Any]]


async def set_quality_rules(
    tx: Transaction, principal: Principal, product_id: str, rules: Sequence[Rule]
) -> ShownRules:
    """Put rules of the provider in force, as a new version, and have the latest revision measured.

    The same rules again change nothing. Raises ProductNotFound, NoReadyRevision, QualityRulesFixed,
    or DocumentRefused for a rule that does not fit the columns.
    """
    product = await lock_own_product(tx, principal, product_id)
    if product.state in _FIXED:
        raise QualityRulesFixed(state=product.state.value)
    revision = await latest_ready_revision(tx, product_id)
    columns = await columns_of(tx, revision.id)
    declared = plan_measurement(product, revision, columns).declared
    check_fit(rules, declared, types_of(columns))
    before = await store.newest_quality_rules(tx, product_id)
    documents = rules_to_json(rules)
    if documents != ([] if before is None else list(before.rules)):
        version = 1 if before is None else before.version + 1
        await _add(tx, principal, revision, documents, version)
    return await _shown(tx, product, is_full=True)


async def quality_rules_for(
    reading: Reading, viewer: Principal | None, product_id: str
) -> ShownRules:
    """The rules of a product that `viewer` may see: in full for its provider and administrators.

    Raises ProductNotFound.
    """
    product = await product_for(reading, viewer, product_id)
    return await _shown(reading, product, is_full=is_insider(viewer, product))


async def _add(
    tx: Transaction,
    principal: Principal,
    revision: Revision,
    documents: Sequence[Mapping[str, Any]],
    version: int,
) -> None:
    rules = QualityRules(
        id=new_id("qrl"),
        product_id=revision.product_id,
        version=version,
        rules=list(documents),
        set_by=principal.actor_id,
        set_at=tx.now(),
    )
    await store.add_quality_rules(tx, rules)
    audit.record(
        tx,
        principal,
        "appraisals.quality_rules_set",
        audit.Subject("product", rules.product_id),
        {"quality_rules_id": rules.id, "version": version, "rules": len(documents)},
    )
    payload = {"product_id": rules.product_id, "revision_id": revision.id}
    tx.emit("appraisals.quality_rules_set", payload | {"quality_rules_id": rules.id})


async def _shown(reading: Reading, product: Product, *, is_full: bool) -> ShownRules:
    rules = await store.newest_quality_rules(reading, product.id)
    revision = await find_latest_ready_revision(reading, product.id)
    plan: QualityPlan | None = None
    record: QualityRecord | None = None
    if revision is not None:
        columns = await columns_of(reading, revision.id)
        plan = plan_measurement(product, revision, columns, rules)
        record = await store.quality_of_revision(reading, revision.id)
    in_force = () if plan is None else plan.rules
    hidden = frozenset() if plan is None or is_full else plan.hidden
    shown = [rule for rule in in_force if not reads_hidden(rule, hidden)]
    return ShownRules(
        product_id=product.id,
        version=0 if rules is None else rules.version,
        set_at=None if rules is None else rules.set_at,
        is_full=is_full,
        revision_number=None if revision is None else revision.number,
        measured_version=None if record is None else record.rules_version,
        in_force=shown,
        withheld_rules=len(in_force) - len(shown),
        unmeasured=plan.unmeasured if is_full and plan else (),
        suggested=_suggested(plan, record) if is_full else [],
    )


def _suggested(plan: QualityPlan | None, record: QualityRecord | None) -> list[Mapping[str, Any]]:
    """What was suggested when the revision was measured, and still may be, and is not in force."""
    if plan is None or record is None:
        return []
    present = {rule.id for rule in plan.rules}
    return [each for each in record.suggestions if _is_open(each, plan, present)]


def _is_open(suggestion: Mapping[str, Any], plan: QualityPlan, present: Set[str]) -> bool:
    """Roles may have become stricter since: then members and limits are told no more."""
    check = check_from_json(suggestion["rule"], "rule", NO_INSTANT)
    return rule_of(check).id not in present and not hides_values(check, plan.hidden)
