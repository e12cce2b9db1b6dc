"""The double-entry ledger as values: accounts, entries and postings.

An entry's amount is signed: a debit is positive, a credit negative, so the entries of a posting add
up to zero per currency. An account's balance is told in the sense of its kind (its normal side), so
that a buyer's prepaid balance is a positive number although it is money the exchange owes.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from exchange_market.settlement.errors import PostingUnbalanced


class AccountKind(StrEnum):
    """What an account holds."""

    BANK = "bank"
    BUYER_PREPAID = "buyer_prepaid"
    CONTRACT_LIABILITY = "contract_liability"
    PROVIDER_PAYABLE = "provider_payable"
    COMMISSION_REVENUE = "commission_revenue"


DEBIT_NORMAL = frozenset({AccountKind.BANK})
"""Kinds whose balance grows by a debit; all others grow by a credit."""
EXCHANGE = "exchange"
"""The owner of the exchange's own accounts."""


@dataclass(frozen=True, slots=True)
class Account:
    """One account: its kind, whose it is (an organisation, a contract or the exchange), its
    currency."""

    kind: AccountKind
    owner_id: str
    currency: str

    @property
    def code(self) -> str:
        """The account's unique code."""
        return f"{self.kind}:{self.owner_id}:{self.currency}"

    def effect_of(self, amount_micro: int) -> int:
        """How a signed entry changes the balance."""
        return amount_micro if self.kind in DEBIT_NORMAL else -amount_micro


@dataclass(frozen=True, slots=True)
class Entry:
    """A signed amount on one account; debit positive."""

    account: Account
    amount_micro: int


@dataclass(frozen=True, slots=True)
class Posting:
    """A balanced set of entries with one cause: `kind` and `reference` together happen only
    once."""

    kind: str
    reference: str
    entries: tuple[Entry, ...]

    def __post_init__(self) -> None:
        sums: defaultdict[str, int] = defaultdict(int)
        for entry in self.entries:
            sums[entry.account.currency] += entry.amount_micro
        if not self.entries or any(sums.values()) or any(not e.amount_micro for e in self.entries):
            raise PostingUnbalanced(kind=self.kind)


@dataclass(frozen=True, slots=True)
class RecordedPosting:
    """A posting as it stands in the books."""

    id: str
    kind: str
    reference: str
    recorded_at: datetime
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Balance:
    """What an account holds, in the sense of its kind."""

    account: Account
    balance_micro: int


def transfer(
    kind: str, reference: str, *, debit: Account, credit: Account, amount_micro: int
) -> Posting:
    """The commonest posting: one amount from the credited account to the debited one."""
    return Posting(kind, reference, (Entry(debit, amount_micro), Entry(credit, -amount_micro)))
