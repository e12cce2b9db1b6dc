"""Passwords: stored as Argon2id hashes, checked outside transactions, a few at a time.

Parameters: 19 MiB, 2 passes, 1 lane (OWASP Password Storage Cheat Sheet, section "Argon2id"), so
that all turns together take less than 80 MiB. Strangers who want an account have a turn of their
own: however many they are, those who have one sign in.
"""

import asyncio
import unicodedata
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Final

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from exchange_market.accounts.errors import PasswordRefused, RegistrationBusy, SignInBusy
from exchange_market.kernel.errors import Unavailable

CHARACTERS_MIN = 12
CHARACTERS_MAX = 200
_TURNS = 3
_WAITING_MAX = 64
_NEWCOMER_TURNS = 1
_NEWCOMERS_WAITING_MAX = 16
_RETRY_SECONDS = 2


class _Turns:
    """So many at the same time, and so many who wait or work; others are refused."""

    def __init__(self, turns: int, waiting_max: int, busy: type[Unavailable]) -> None:
        self._turns = asyncio.Semaphore(turns)
        self._waiting_max = waiting_max
        self._busy = busy
        self._waiting = 0

    @asynccontextmanager
    async def turn(self) -> AsyncGenerator[None]:
        if self._waiting >= self._waiting_max:
            raise self._busy(retry_after_seconds=_RETRY_SECONDS)
        self._waiting += 1
        try:
            async with self._turns:
                yield
        finally:
            self._waiting -= 1


NOBODY: Final = (
    "$argon2id$v=19$m=19456,t=2,p=1$LHRvgwH38RZJjDw84crW4A$"
    "hIhfYUBYUFqo3xVvZeJmhsZ0C5eopfQH9vYTXey0KyQ"
)
"""A hash with the parameters of all others, which no password is accepted for: somebody without an
account must wait as long as somebody with a wrong password."""


class Passwords:
    """Hashes and checks passwords in threads, never more than a few at the same time."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(
            time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID
        )
        self._members = _Turns(_TURNS, _WAITING_MAX, SignInBusy)
        self._newcomers = _Turns(_NEWCOMER_TURNS, _NEWCOMERS_WAITING_MAX, RegistrationBusy)

    def turn(self) -> AbstractAsyncContextManager[None]:
        """Wait for a turn; raises SignInBusy when too many wait already."""
        return self._members.turn()

    def newcomer_turn(self) -> AbstractAsyncContextManager[None]:
        """Wait for a turn of those without an account; raises RegistrationBusy like `turn`."""
        return self._newcomers.turn()

    async def hash(self, password: str, field: str = "password") -> str:
        """The stored form of a member's new password; raises PasswordRefused. Not inside `turn`."""
        refuse_length(password, field)
        async with self.turn():
            return await self.hash_now(password)

    async def hash_now(self, password: str) -> str:
        """The stored form of a password of allowed length. Inside `turn` or `newcomer_turn`."""
        return await asyncio.to_thread(self._hasher.hash, _normal(password))

    async def matches(self, stored: str | None, password: str) -> bool:
        """Whether `password` is the one in `stored`; equally slow for None. Inside `turn`."""
        return await asyncio.to_thread(self._check, stored or NOBODY, password) and (
            stored is not None
        )

    def _check(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, _normal(password))
        except (VerificationError, InvalidHashError):
            return False


def refuse_length(password: str, field: str) -> None:
    """Raise PasswordRefused for a password that is too short or too long."""
    if not CHARACTERS_MIN <= len(password) <= CHARACTERS_MAX:
        raise PasswordRefused(field=field)


def _normal(password: str) -> str:
    """One spelling for what looks the same on different keyboards (NIST SP 800-63B, 5.1.1.2)."""
    return unicodedata.normalize("NFKC", password)
