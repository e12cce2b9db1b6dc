"""The ledger against an independent model, over any order of postings, replays and refusals."""

import asyncio
from collections import defaultdict

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from exchange_market.kernel.ids import new_id
from exchange_market.settlement.books import (
    balance_of,
    post,
    postings_of_owner,
    sums_per_currency,
    wrong_balances,
)
from exchange_market.settlement.errors import BalanceTooLow, PostingUnbalanced
from exchange_market.settlement.ledger import Account, AccountKind, Entry, Posting, transfer
from tests.support.database import open_database

BANK = Account(AccountKind.BANK, "exchange", "CNY")
PREPAID = Account(AccountKind.BUYER_PREPAID, "org_b", "CNY")
LIABILITY = Account(AccountKind.CONTRACT_LIABILITY, "con_1", "CNY")
KINDS = (
    AccountKind.BANK,
    AccountKind.BUYER_PREPAID,
    AccountKind.CONTRACT_LIABILITY,
    AccountKind.PROVIDER_PAYABLE,
)

moves = st.lists(
    st.tuples(
        st.integers(0, 12),
        st.sampled_from(KINDS),
        st.sampled_from(KINDS),
        st.integers(1, 5_000_000_000),
    ).filter(lambda move: move[1] != move[2]),
    max_size=25,
)


@given(moves)
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_books_equal_an_independent_model(
    database_url: str, plan: list[tuple[int, AccountKind, AccountKind, int]]
) -> None:
    asyncio.run(_compare_with_model(database_url, plan))


async def _compare_with_model(
    url: str, plan: list[tuple[int, AccountKind, AccountKind, int]]
) -> None:
    model: defaultdict[Account, int] = defaultdict(int)
    booked: set[str] = set()
    owner = new_id("org")  # every example keeps books of its own in the same database
    async with open_database(url) as database:
        for reference, debit_kind, credit_kind, amount in plan:
            debit, credit = Account(debit_kind, owner, "CNY"), Account(credit_kind, owner, "CNY")
            posting = transfer(
                "move", f"{owner}-{reference}", debit=debit, credit=credit, amount_micro=amount
            )
            after = {
                debit: model[debit] + debit.effect_of(amount),
                credit: model[credit] + credit.effect_of(-amount),
            }
            if posting.reference in booked:
                async with database.write() as tx:
                    await post(tx, posting)
            elif min(after.values()) < 0:
                with pytest.raises(BalanceTooLow):
                    async with database.write() as tx:
                        await post(tx, posting)
            else:
                async with database.write() as tx:
                    await post(tx, posting)
                model.update(after)
                booked.add(posting.reference)
        async with database.read() as reading:
            for account in (Account(kind, owner, "CNY") for kind in KINDS):
                assert await balance_of(reading, account) == model[account]
            assert all(total == 0 for total in (await sums_per_currency(reading)).values())
            assert await wrong_balances(reading) == []
            everything = await postings_of_owner(reading, owner, before=None, limit=100)
            assert {posting.reference for posting in everything} == booked


@pytest.mark.parametrize(
    "entries",
    [
        (),
        (Entry(BANK, 1),),
        (Entry(BANK, 5), Entry(PREPAID, -4)),
        (Entry(BANK, 5), Entry(Account(AccountKind.BUYER_PREPAID, "org_b", "USD"), -5)),
        (Entry(BANK, 0), Entry(PREPAID, 0)),
    ],
)
def test_a_posting_that_does_not_balance_cannot_be_made(entries: tuple[Entry, ...]) -> None:
    with pytest.raises(PostingUnbalanced):
        Posting("move", "r1", entries)


async def test_twenty_buyers_cannot_spend_one_balance_twice(database_url: str) -> None:
    async with open_database(database_url) as database:
        async with database.write() as tx:
            await post(tx, transfer("top_up", "t", debit=BANK, credit=PREPAID, amount_micro=10))

        async def spend(number: int) -> bool:
            try:
                async with database.write() as tx:
                    await post(
                        tx,
                        transfer(
                            "pay", f"{number}", debit=PREPAID, credit=LIABILITY, amount_micro=3
                        ),
                    )
            except BalanceTooLow:
                return False
            return True

        outcomes = await asyncio.gather(*(spend(number) for number in range(20)))

        assert sum(outcomes) == 3
        async with database.read() as reading:
            assert await balance_of(reading, PREPAID) == 1
            assert await balance_of(reading, LIABILITY) == 9
            assert await wrong_balances(reading) == []
            entries = await reading.session.scalar(text("SELECT count(*) FROM ledger_entry"))
            assert entries == 8
