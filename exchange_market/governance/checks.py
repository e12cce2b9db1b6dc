"""The auditor's round: everything that is kept twice is recomputed and compared.

Each check reads in batches with short transactions, so it may run beside the exchange: what it
compares is either append-only or read in one statement.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from exchange_market.agreements.service import find_contract
from exchange_market.metering.overview import delivered_first
from exchange_market.metering.service import ContractUsage
from exchange_market.metering.verification import Findings, verify_quotas, verify_receipts
from exchange_market.persistence.transaction import Database, Reading
from exchange_market.settlement.books import sums_per_currency, wrong_balances
from exchange_market.settlement.invoices import Invoice, invoices_in_order, priced_usage
from exchange_market.trust.extracts import verify_trail
from pricing.money import Money
from pricing.plans import Rating, plan_from_json, rate, rate_interim, rating_to_json

_BATCH = 200
_NAMED_MAX = 5


@dataclass(frozen=True, slots=True)
class Check:
    """One finding: what was looked at, whether it holds, and how much or what is wrong."""

    name: str
    ok: bool
    detail: str


async def run_checks(database: Database) -> list[Check]:
    """Every check, in a fixed order; one that fails does not stop the others."""
    checks: tuple[tuple[str, Callable[[Database], Awaitable[Findings]]], ...] = (
        ("ledger_sums_to_zero", _ledger_sums),
        ("balances_equal_entries", _balances),
        ("quotas_equal_usage", verify_quotas),
        ("receipts_are_whole", verify_receipts),
        ("invoices_recompute", _invoices),
        ("audit_chain_is_intact", _audit_chain),
    )
    return [_check(name, await look(database)) for name, look in checks]


def _check(name: str, findings: Findings) -> Check:
    if not findings.faults:
        return Check(name, ok=True, detail=f"{findings.checked} checked")
    named = "; ".join(findings.faults[:_NAMED_MAX])
    more = len(findings.faults) - _NAMED_MAX
    return Check(name, ok=False, detail=f"{named}; and {more} more" if more > 0 else named)


async def _ledger_sums(database: Database) -> Findings:
    async with database.read() as reading:
        sums = await sums_per_currency(reading)
    return Findings(
        len(sums), [f"{currency} sums to {total}" for currency, total in sums.items() if total]
    )


async def _balances(database: Database) -> Findings:
    async with database.read() as reading:
        wrong = await wrong_balances(reading)
    return Findings(1, [f"{code} differs from its entries" for code in wrong])


async def _audit_chain(database: Database) -> Findings:
    verdict = await verify_trail(database)
    bad = verdict.first_bad_sequence
    return Findings(verdict.leaves, [] if bad is None else [f"the chain breaks at leaf {bad}"])


async def _invoices(database: Database) -> Findings:
    checked, faults = 0, list[str]()
    after, billed = ("", 0), 0
    while True:
        async with database.read() as reading:
            invoices = await invoices_in_order(reading, after=after, limit=_BATCH)
            for invoice in invoices:
                billed = 0 if invoice.contract_id != after[0] else billed
                billed += invoice.total.amount_micro
                faults += await _faults_of(reading, invoice, billed)
                after = (invoice.contract_id, invoice.contract_sequence)
        checked += len(invoices)
        if len(invoices) < _BATCH:
            return Findings(checked, faults)


async def _faults_of(reading: Reading, invoice: Invoice, billed_micro: int) -> list[str]:
    """What is wrong with an invoice; `billed_micro` is what the contract was billed up to it."""
    contract = await find_contract(reading, invoice.contract_id)
    if contract is None:
        return [f"{invoice.id}: its contract is missing"]
    counted = await delivered_first(reading, contract.id, int(invoice.usage["events"]))
    found = (counted.deliveries, counted.rows, counted.body_bytes, counted.calls)
    stated = tuple(int(invoice.usage[name]) for name in ("events", "rows", "bytes", "calls"))
    if found != stated:
        return [f"{invoice.id}: it states usage {stated}, the usage events say {found}"]
    usage = ContractUsage(*found, None)
    plan = plan_from_json(contract.plan)
    # Whether a minimum was due depends on whether the contract had ended when this was issued.
    priced = priced_usage(contract, usage)
    possible = [rating(plan, priced) for rating in (rate_interim, rate)]
    return _rating_faults(invoice, possible, billed_micro)


def _rating_faults(invoice: Invoice, possible: list[Rating], billed_micro: int) -> list[str]:
    faults: list[str] = []
    rating = next((r for r in possible if rating_to_json(r) == invoice.rating), None)
    if rating is None:
        faults.append(f"{invoice.id}: its rating is not what its usage and plan give")
    elif rating.total != Money(billed_micro, invoice.total.currency):
        faults.append(f"{invoice.id}: the contract was billed {billed_micro}, not {rating.total}")
    if invoice.shares.provider + invoice.shares.commission != invoice.total:
        faults.append(f"{invoice.id}: its shares do not add up to its total")
    return faults
