"""Passwords: stored as Argon2id hashes, checked outside transactions, a few at a time.

Parameters: 19 MiB, 2 passes, 1 lane (OWASP Password Storage Cheat Sheet, section "Argon2id"), so
that all turns together take less than 80 MiB.
"""

import asyncio
import unicodedata
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from exchange_market.accounts.errors import PasswordRefused, SignInBusy

CHARACTERS_MIN = 12
CHARACTERS_MAX = 200
_TURNS = 4
_WAITING_MAX = 64
_RETRY_SECONDS = 2


class Passwords:
    """Hashes and checks passwords in threads, never more than a few at the same time."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(
            time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID
        )
        # Somebody without an account must wait as long as somebody with a wrong password.
        self._nobody = self._hasher.hash("nobody has this password")
        self._turns = asyncio.Semaphore(_TURNS)
        self._waiting = 0

    @asynccontextmanager
    async def turn(self) -> AsyncGenerator[None]:
        """Wait for a turn; raises SignInBusy when too many wait already."""
        if self._waiting >= _WAITING_MAX:
            raise SignInBusy(retry_after_seconds=_RETRY_SECONDS)
        self._waiting += 1
        try:
            async with self._turns:
                yield
        finally:
            self._waiting -= 1

    async def hash(self, password: str, field: str = "password") -> str:
        """The stored form of a new password; raises PasswordRefused. Not inside `turn`."""
        if not CHARACTERS_MIN <= len(password) <= CHARACTERS_MAX:
            raise PasswordRefused(field=field)
        async with self.turn():
            return await asyncio.to_thread(self._hasher.hash, _normal(password))

    async def matches(self, stored: str | None, password: str) -> bool:
        """Whether `password` is the one in `stored`; equally slow for None. Inside `turn`."""
        return await asyncio.to_thread(self._check, stored or self._nobody, password) and (
            stored is not None
        )

    def _check(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, _normal(password))
        except (VerificationError, InvalidHashError):
            return False


def _normal(password: str) -> str:
    """One spelling for what looks the same on different keyboards (NIST SP 800-63B, 5.1.1.2)."""
    return unicodedata.normalize("NFKC", password)
