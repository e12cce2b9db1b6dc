"""What happens before somebody without an account gets one, outside the transaction that makes it.

Cheap refusals come first: what is taken or unknown is found by one query. Only then is a password
hashed, in the turn that newcomers have for themselves, and counted against their network address.
Whether an e-mail address has an account is not looked up here: whoever asks for that pays for a
hash, and is counted.
"""

from exchange_market.accounts import lockout, members, service
from exchange_market.accounts.attempts import REGISTRATION_POLICY, Subjects
from exchange_market.accounts.errors import TooManyRegistrations
from exchange_market.accounts.identifiers import Identifier
from exchange_market.accounts.passwords import Passwords, refuse_length
from exchange_market.kernel.secrets import Secrets
from exchange_market.persistence.transaction import Database


class Newcomers:
    """Hashes the first passwords of new accounts. Its methods open their own transactions."""

    def __init__(
        self, database: Database, passwords: Passwords, subjects: Subjects, secrets: Secrets
    ) -> None:
        self._database = database
        self._passwords = passwords
        self._subjects = subjects
        self._secrets = secrets

    async def hash_for_registration(
        self, identifier: Identifier, password: str, address: str
    ) -> str:
        """The stored form of the first owner's password.

        Raises PasswordRefused, IdentifierTaken, TooManyRegistrations or RegistrationBusy.
        """
        refuse_length(password, "owner.password")
        async with self._database.read() as reading:
            await service.refuse_taken(reading, identifier)
        return await self._hash(password, address)

    async def hash_for_invitation(self, token: str, password: str, address: str) -> str:
        """The stored form of an invited person's password.

        Raises PasswordRefused, InvitationRefused, TooManyRegistrations or RegistrationBusy.
        """
        refuse_length(password, "password")
        async with self._database.read() as reading:
            await members.refuse_unknown_invitation(reading, self._secrets, token)
        return await self._hash(password, address)

    async def _hash(self, password: str, address: str) -> str:
        async with self._passwords.newcomer_turn():
            subject = self._subjects.registrations(address)
            async with self._database.write() as tx:
                seconds = await lockout.count_use(tx, subject, REGISTRATION_POLICY)
            if seconds:
                raise TooManyRegistrations(retry_after_seconds=seconds)
            return await self._passwords.hash_now(password)
