"""Passwords are hashed with the right function, a few at a time, and compared in one spelling."""

import asyncio

import pytest

from exchange_market.accounts.errors import PasswordRefused, RegistrationBusy, SignInBusy
from exchange_market.accounts.passwords import NOBODY, Passwords


@pytest.fixture(scope="module")
def passwords() -> Passwords:
    return Passwords()


async def test_hash_is_argon2id_with_the_recommended_cost(passwords: Passwords) -> None:
    stored = await passwords.hash("a long enough password")

    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert len(stored) <= 200
    assert await passwords.matches(stored, "a long enough password")
    assert not await passwords.matches(stored, "a long enough passwore")


async def test_same_password_never_has_the_same_hash(passwords: Passwords) -> None:
    assert await passwords.hash("a long enough password") != await passwords.hash(
        "a long enough password"
    )


async def test_nobody_signs_in_as_nobody_and_takes_as_long(passwords: Passwords) -> None:
    of_somebody = await passwords.hash("a long enough password")
    assert NOBODY.split("$")[:4] == of_somebody.split("$")[:4]
    assert len(NOBODY) == len(of_somebody)
    assert not await passwords.matches(None, "nobody has this password")


async def test_keyboards_may_spell_one_password_differently(passwords: Passwords) -> None:
    stored = await passwords.hash("caf\u00e9 longpassword")

    assert await passwords.matches(stored, "cafe\u0301 longpassword")


@pytest.mark.parametrize("password", ["a" * 11, "a" * 201, ""])
async def test_length_is_limited(passwords: Passwords, password: str) -> None:
    with pytest.raises(PasswordRefused) as refusal:
        await passwords.hash(password, "owner.password")

    assert refusal.value.params == {"field": "owner.password"}


async def test_a_crowd_of_newcomers_delays_nobody_who_signs_in(passwords: Passwords) -> None:
    release = asyncio.Event()

    async def register() -> None:
        async with passwords.newcomer_turn():
            await release.wait()

    waiting = [asyncio.create_task(register()) for _ in range(16)]
    await asyncio.sleep(0)

    with pytest.raises(RegistrationBusy) as refusal:
        async with passwords.newcomer_turn():
            pass
    async with passwords.turn(), passwords.turn(), passwords.turn():
        assert not await passwords.matches(None, "a long enough password")

    assert refusal.value.params == {"retry_after_seconds": 2}
    release.set()
    await asyncio.gather(*waiting)


async def test_queue_for_turns_is_bounded(passwords: Passwords) -> None:
    release = asyncio.Event()

    async def wait() -> None:
        async with passwords.turn():
            await release.wait()

    waiting = [asyncio.create_task(wait()) for _ in range(64)]
    await asyncio.sleep(0)

    with pytest.raises(SignInBusy):
        await passwords.hash("a long enough password")

    # Those without an account have turns of their own.
    async with passwords.newcomer_turn():
        assert await passwords.hash_now("a long enough password")
    release.set()
    await asyncio.gather(*waiting)
    assert await passwords.hash("a long enough password")
