"""What is different between two valuations of a product, for whoever reviews the later one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from exchange_market.appraisals import store
from exchange_market.appraisals.errors import ValuationNotFound
from exchange_market.appraisals.valuation import AppraisedValue, ValuationState
from exchange_market.appraisals.valuations import valuation_for
from exchange_market.kernel.principal import Principal
from exchange_market.persistence.transaction import Reading


@dataclass(frozen=True, slots=True)
class Change:
    """One member of the valuation before and after; None where it was not there."""

    path: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class ValuationChanges:
    """A valuation beside the one approved before it (None: it is the first)."""

    valuation: AppraisedValue
    previous: AppraisedValue | None
    changes: Sequence[Change]

    @property
    def middle_ratio(self) -> float | None:
        """The middle of the range, in multiples of the earlier one of the same currency."""
        earlier = self.previous
        if earlier is None or earlier.currency != self.valuation.currency:
            return None
        if earlier.middle_micro == 0:
            return None
        return round(self.valuation.middle_micro / earlier.middle_micro, 4)


async def changes_of(
    reading: Reading, viewer: Principal | None, valuation_id: str
) -> ValuationChanges:
    """What changed since the last approved version, for the provider and administrators.

    Raises ValuationNotFound, also to everybody else.
    """
    valuation, is_full = await valuation_for(reading, viewer, valuation_id)
    if not is_full:
        raise ValuationNotFound(valuation=valuation_id)
    earlier = await store.valuations_of(
        reading,
        valuation.product_id,
        states=(ValuationState.APPROVED,),
        before=valuation.version,
        limit=1,
    )
    previous = earlier[0] if earlier else None
    if previous is None:
        return ValuationChanges(valuation, None, ())
    return ValuationChanges(valuation, previous, compare(previous.result, valuation.result))


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> Sequence[Change]:
    """The members of two results that differ: named entries by their name, others as they are."""
    changes: list[Change] = []
    for member in sorted({*before, *after}):
        old, new = before.get(member), after.get(member)
        if old == new:
            continue
        old_entries, new_entries = _by_name(old), _by_name(new)
        if old_entries is None or new_entries is None:
            changes.append(Change(member, old, new))
            continue
        changes += [
            Change(f"{member}.{name}", old_entries.get(name), new_entries.get(name))
            for name in sorted({*old_entries, *new_entries})
            if old_entries.get(name) != new_entries.get(name)
        ]
    return tuple(changes)


def _by_name(value: Any) -> Mapping[str, Any] | None:
    if not isinstance(value, list):
        return None
    if not all(isinstance(entry, dict) and "name" in entry for entry in value):
        return None
    return {str(entry["name"]): entry for entry in value}
