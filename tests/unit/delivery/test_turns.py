"""Places and reading turns of contracts in one process."""

import asyncio

import pytest

from exchange_market.delivery.errors import PagesBusy, TooManyDeliveries
from exchange_market.delivery.turns import RUNNING_MAX, Turns

pytestmark = pytest.mark.anyio


async def test_a_contract_has_so_many_places_and_others_have_their_own() -> None:
    turns = Turns()
    places = [turns.enter("a") for _ in range(RUNNING_MAX)]

    with pytest.raises(TooManyDeliveries) as refused:
        turns.enter("a")

    assert refused.value.params["retry_after_seconds"] == 2
    turns.enter("b").leave()
    places[0].leave()
    places[0].leave()
    turns.enter("a")
    with pytest.raises(TooManyDeliveries):
        turns.enter("a")


async def test_a_place_is_given_back_when_its_delivery_does_not_begin() -> None:
    turns = Turns(running_max=1)
    for _ in range(3):
        with pytest.raises(OSError, match="disk"), turns.enter("a"):
            raise OSError("disk")
    with turns.enter("a"):
        pass
    with pytest.raises(TooManyDeliveries):
        turns.enter("a")


async def test_so_many_read_at_once_and_the_rest_follow_in_order() -> None:
    turns, reading, most, order = Turns(running_max=9), 0, 0, list[int]()

    async def read(number: int) -> None:
        nonlocal reading, most
        with turns.enter("a") as place:
            async with place.reading():
                reading += 1
                most = max(most, reading)
                order.append(number)
                await asyncio.sleep(0.001)
                reading -= 1
            place.leave()

    await asyncio.gather(*(read(number) for number in range(9)))

    assert (most, order) == (2, list(range(9)))


async def test_who_waits_too_long_is_refused_and_the_turn_is_not_lost() -> None:
    turns = Turns(wait_seconds=0.01)
    first, second, third = (turns.enter("a") for _ in range(3))
    async with first.reading(), second.reading():
        with pytest.raises(PagesBusy):
            async with third.reading():
                raise AssertionError("not its turn")
    async with third.reading(), second.reading():
        pass
