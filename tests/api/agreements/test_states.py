"""Real contracts against the transition table: any command by anyone, in any order."""

import random
from typing import Any

from contracts.errors import IllegalTransition
from contracts.lifecycle import Event, Side, State, next_state
from exchange_market.agreements.keys import access_epoch
from tests.support.exchange import Trade, wishes

WALKS, STEPS = 6, 14
SIDES = {"buyer": Side.BUYER, "provider": Side.PROVIDER, "admin": Side.EXCHANGE}
PARTY_COMMANDS: dict[str, dict[Side, tuple[Event, ...]]] = {
    "offers": {Side.BUYER: (Event.REQUEST,), Side.PROVIDER: (Event.OFFER,)},
    "acceptance": dict.fromkeys((Side.BUYER, Side.PROVIDER), (Event.ACCEPT,)),
    "signatures": {Side.BUYER: (Event.VERIFY, Event.ACTIVATE), Side.PROVIDER: (Event.AGREE,)},
    "withdrawal": dict.fromkeys((Side.BUYER, Side.PROVIDER), (Event.TERMINATE,)),
    "suspension": dict.fromkeys((Side.BUYER, Side.PROVIDER), (Event.SUSPEND,)),
}
DECISIONS = {event.value: (event,) for event in (Event.SUSPEND, Event.RESUME, Event.RESOLVE)}


async def test_every_walk_follows_the_table(trade: Trade) -> None:
    product_id = await trade.product()
    for seed in range(WALKS):
        choose = random.Random(seed)  # noqa: S311 - the same walks on every run
        contract = await trade.requested(product_id)
        state, offers = State.REQUESTED, 1
        for _ in range(STEPS):
            who = choose.choice(["buyer", "provider", "buyer", "provider", "admin"])
            options = DECISIONS if who == "admin" else PARTY_COMMANDS
            # Leaving is tried seldom, or no walk would get anywhere.
            what = choose.choice([name for name in options if name != "withdrawal"])
            if choose.random() < 0.05 and who != "admin":
                what = "withdrawal"
            if choose.random() < 0.5:
                who, what = likely(state) or (who, what)
            epoch = await epoch_of(trade)
            answer = await act(trade, who, what, contract["id"], offers)

            expected = after(state, who, what)
            found = await trade.call("buyer", "GET", f"/contracts/{contract['id']}")
            if expected is None:
                assert answer.status_code == 409, (seed, state, who, what, answer.text)
                assert found["state"] == state.value
            else:
                assert answer.status_code in (200, 201), (seed, state, who, what, answer.text)
                assert found["state"] == expected.value
                offers += what == "offers"
                if {state, expected} & {State.ACTIVE}:
                    assert await epoch_of(trade) > epoch
                state = expected


def likely(state: State) -> tuple[str, str] | None:
    """The command that brings a negotiation forward."""
    forward = {
        State.REQUESTED: ("provider", "offers"),
        State.OFFERED: ("buyer", "acceptance"),
        State.ACCEPTED: ("provider", "signatures"),
        State.AGREED: ("buyer", "signatures"),
        State.SUSPENDED: ("admin", "resume"),
    }
    return forward.get(state)


def after(state: State, who: str, what: str) -> State | None:
    """Where the table says the command leads; None when it may not happen."""
    side = SIDES[who]
    events = DECISIONS[what] if who == "admin" else PARTY_COMMANDS[what][side]
    try:
        for event in events:
            by = Side.EXCHANGE if event is Event.ACTIVATE else side
            state = next_state(state, event, by)
    except IllegalTransition:
        return None
    return state


async def act(trade: Trade, who: str, what: str, contract_id: str, offers: int) -> Any:
    """Send the command."""
    path = f"/contracts/{contract_id}"
    if who == "admin":
        body = {"decision": what, "reason": "seen"}
        return await trade.send(who, "POST", f"/admin{path}/decision", json=body)
    if what == "signatures":
        if trade.clock.now().minute >= 8:  # sessions last ten minutes
            trade.clock.at = trade.clock.now().replace(minute=59)
            await trade.sign_in_again("admin", "buyer", "provider")
        return await trade.sign(who, await trade.call(who, "GET", path))
    bodies: dict[str, Any] = {
        "offers": {"terms": wishes(max_rows=offers + 1)},
        "acceptance": {"offer_number": offers},
    }
    body = bodies.get(what, {"reason": "because"})
    return await trade.send(who, "POST", f"{path}/{what}", json=body)


async def epoch_of(trade: Trade) -> int:
    """The present access epoch."""
    async with trade.exchange.database.read() as reading:
        return await access_epoch(reading)
