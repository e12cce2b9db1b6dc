"""The money of one contract: paid in advance, invoiced by usage, shared out, the rest given back.

buyer_prepaid -> contract_liability                     payment, before a key is issued
contract_liability -> provider_payable + commission     settlement of an invoice
contract_liability -> buyer_prepaid                     what is left when the contract has ended
"""

from dataclasses import dataclass

from exchange_market.agreements.contract import Contract
from exchange_market.agreements.errors import ContractNotFound
from exchange_market.agreements.service import hold_contract, mark_paid
from exchange_market.kernel.principal import Actor, Principal
from exchange_market.persistence.transaction import Transaction
from exchange_market.settlement.books import balance_of, post
from exchange_market.settlement.errors import ContractNotPayable
from exchange_market.settlement.ledger import (
    EXCHANGE,
    Account,
    AccountKind,
    Entry,
    Posting,
    transfer,
)
from exchange_market.trust import audit
from pricing.money import Money


@dataclass(frozen=True, slots=True)
class Shares:
    """How an invoice is shared between the provider and the exchange."""

    provider: Money
    commission: Money


def liability_account(contract: Contract) -> Account:
    """The money that was paid for a contract and not earned yet."""
    return Account(AccountKind.CONTRACT_LIABILITY, contract.id, contract.currency)


def prepaid_account(organisation_id: str, currency: str) -> Account:
    """A buyer's prepaid balance."""
    return Account(AccountKind.BUYER_PREPAID, organisation_id, currency)


async def pay_contract(tx: Transaction, buyer: Principal, contract_id: str) -> Contract:
    """Set the contract's maximum charge aside from the buyer's prepaid balance.

    The charge can then never exceed what was paid, since the quota bounds the usage. Raises
    BalanceTooLow, ContractNotPayable, and ContractNotFound for all but its buyer.
    """
    contract = await hold_contract(tx, contract_id)
    if contract.buyer_id != buyer.organisation_id:
        raise ContractNotFound(contract_id=contract_id)
    if contract.is_paid or not contract.is_active or contract.ends_at <= tx.now():
        raise ContractNotPayable(state="paid" if contract.is_paid else contract.state.value)
    if contract.max_charge_micro:
        await post(
            tx,
            transfer(
                "contract_payment",
                contract.id,
                debit=prepaid_account(contract.buyer_id, contract.currency),
                credit=liability_account(contract),
                amount_micro=contract.max_charge_micro,
            ),
        )
    audit.record(
        tx,
        buyer,
        "settlement.contract_paid",
        audit.Subject("contract", contract.id),
        {"amount_micro": contract.max_charge_micro, "currency": contract.currency},
    )
    return await mark_paid(tx, buyer, contract.id)


def share_out(total: Money, commission_per_mille: int) -> Shares:
    """Split an invoice total so that the parts add up exactly (largest remainder)."""
    provider, commission = total.split([1000 - commission_per_mille, commission_per_mille])
    return Shares(provider, commission)


async def earn(tx: Transaction, contract: Contract, invoice_id: str, shares: Shares) -> None:
    """Book a settled invoice: the provider and the exchange have earned their shares."""
    total = shares.provider + shares.commission
    payable = Account(AccountKind.PROVIDER_PAYABLE, contract.provider_id, contract.currency)
    revenue = Account(AccountKind.COMMISSION_REVENUE, EXCHANGE, contract.currency)
    entries = (
        Entry(liability_account(contract), total.amount_micro),
        Entry(payable, -shares.provider.amount_micro),
        Entry(revenue, -shares.commission.amount_micro),
    )
    moved = tuple(entry for entry in entries if entry.amount_micro)
    if moved:
        await post(tx, Posting("invoice_settlement", invoice_id, moved))


async def give_back_rest(tx: Transaction, actor: Actor, contract: Contract) -> Money:
    """Return what is left of an ended contract's payment to the buyer's prepaid balance."""
    left = await balance_of(tx, liability_account(contract))
    if left:
        await post(
            tx,
            transfer(
                "contract_rest",
                contract.id,
                debit=liability_account(contract),
                credit=prepaid_account(contract.buyer_id, contract.currency),
                amount_micro=left,
            ),
        )
        audit.record(
            tx,
            actor,
            "settlement.rest_returned",
            audit.Subject("contract", contract.id),
            {"amount_micro": left, "currency": contract.currency},
        )
    return Money(left, contract.currency)
