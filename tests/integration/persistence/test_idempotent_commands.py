"""A command under an idempotency key happens once, whatever the client repeats."""

import asyncio
import shutil
import tempfile
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from exchange_market.kernel.ids import new_id
from tests.support.counters import LIMIT, open_counters

KEYS = st.sampled_from(["k1", "k2", "k3"])
ACTORS = st.sampled_from(["ann", "bob"])
ROUTES = st.sampled_from(["count", "recount"])


async def test_a_repetition_gets_the_same_answer_and_no_second_effect(database_url: str) -> None:
    async with open_counters(database_url) as counters:
        first = await counters.add(5, "key")
        again = await counters.add(5, "key")

        assert (first.status_code, first.json()) == (201, {"used": 5})
        assert (again.status_code, again.content) == (first.status_code, first.content)
        assert again.headers["Idempotent-Replay"] == "true"
        assert "Idempotent-Replay" not in first.headers
        assert await counters.used() == 5


async def test_another_body_under_the_same_key_is_refused(database_url: str) -> None:
    async with open_counters(database_url) as counters:
        await counters.add(5, "key")
        other = await counters.add(6, "key")

        assert (other.status_code, other.json()["code"]) == (409, "idempotency.key_reused")
        assert await counters.used() == 5


async def test_a_refused_command_may_be_tried_again_under_its_key(database_url: str) -> None:
    async with open_counters(database_url) as counters:
        refused = await counters.add(LIMIT + 1, "key")
        assert (refused.status_code, refused.json()["code"]) == (409, "test.limit_reached")

        accepted = await counters.add(1, "key")

        assert accepted.status_code == 201
        assert await counters.used() == 1


@pytest.mark.parametrize("key", ["", "x" * 201, "tab\there"])
async def test_a_malformed_key_is_refused(sqlite_url: str, key: str) -> None:
    async with open_counters(sqlite_url) as counters:
        answer = await counters.add(1, key)

        assert (answer.status_code, answer.json()["code"]) == (400, "idempotency.key_malformed")
        assert await counters.used() == 0


async def test_twins_sent_at_once_take_effect_once(database_url: str) -> None:
    async with open_counters(database_url) as counters:
        answers = await asyncio.gather(*(counters.add(5, "key") for _ in range(8)))

        assert {answer.status_code for answer in answers} == {201}
        assert {answer.content for answer in answers} == {b'{"used":5}'}
        replays = [answer for answer in answers if "Idempotent-Replay" in answer.headers]
        assert len(replays) == len(answers) - 1
        assert await counters.used() == 5


async def test_twins_with_different_bodies_take_effect_once(database_url: str) -> None:
    async with open_counters(database_url) as counters:
        answers = await asyncio.gather(*(counters.add(amount, "key") for amount in (3, 4)))

        assert sorted(answer.status_code for answer in answers) == [201, 409]
        accepted = next(answer for answer in answers if answer.status_code == 201)
        assert await counters.used() == accepted.json()["used"]


class Client(RuleBasedStateMachine):
    """Sends commands; knows what each must answer and what the counter must say."""

    template: ClassVar[Path]

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        path = shutil.copy(self.template, self.folder / f"{new_id('db')}.sqlite")
        self.runner = asyncio.Runner()
        self.opened = open_counters(f"sqlite+aiosqlite:///{path}")
        self.counters = self.runner.run(self.opened.__aenter__())
        self.expected = 0
        self.answers: dict[tuple[str, str, str], tuple[int, bytes]] = {}

    @rule(amount=st.integers(1, 3), key=KEYS, actor=ACTORS, route=ROUTES)
    def send(self, amount: int, key: str, actor: str, route: str) -> None:
        """A command that may be new, a repetition, or a key used for something else."""
        answer = self.runner.run(self.counters.add(amount, key, actor=actor, route=route))
        earlier = self.answers.get((actor, route, key))
        if earlier is None:
            self.expected += amount
            assert answer.json() == {"used": self.expected}
            self.answers[actor, route, key] = (amount, answer.content)
        elif earlier[0] == amount:
            assert (answer.status_code, answer.content) == (201, earlier[1])
        else:
            assert (answer.status_code, answer.json()["code"]) == (
                409,
                "idempotency.key_reused",
            )

    @rule(key=KEYS, actor=ACTORS)
    def refuse(self, key: str, actor: str) -> None:
        """A command that cannot succeed is not remembered."""
        used_up = LIMIT + 1
        answer = self.runner.run(self.counters.add(used_up, key, actor=actor))
        assert answer.status_code == 409

    @rule(amount=st.integers(1, 3))
    def send_without_key(self, amount: int) -> None:
        """Without a key every command counts."""
        self.runner.run(self.counters.add(amount))
        self.expected += amount

    @invariant()
    def counter_holds_each_command_once(self) -> None:
        """The sum of the accepted commands, each once."""
        assert self.runner.run(self.counters.used()) == self.expected

    def teardown(self) -> None:
        """Close the application."""
        self.runner.run(self.opened.__aexit__(None, None, None))
        self.runner.close()
        shutil.rmtree(self.folder)


def test_any_order_of_commands_repetitions_and_other_bodies_counts_each_command_once(
    sqlite_template: Path,
) -> None:
    Client.template = sqlite_template

    run_state_machine_as_test(Client, settings=settings(max_examples=15, stateful_step_count=20))
