"""The keyring: one active Ed25519 key per purpose, private halves wrapped under the master key.

Wrapping is AES-256-GCM (NIST SP 800-38D) with the key id as associated data, so a wrapped key
cannot be moved to another row. A key is never deleted: what it signed must verify for years.
"""

from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from contracts.instants import instant_text
from contracts.keys import generate_private_key, public_jwk, thumbprint
from exchange_market.kernel.principal import Service
from exchange_market.kernel.secrets import Secrets
from exchange_market.persistence.transaction import Database, Reading, Transaction
from exchange_market.trust import audit
from exchange_market.trust.rows import ActiveKeyRow, KeyRow

_KEYRING = Service("keyring")
SESSIONS = "sessions"
CONTRACTS = "contracts"
RECEIPTS = "receipts"
VALUATIONS = "valuations"
PUBLISHED = (SESSIONS, CONTRACTS, RECEIPTS, VALUATIONS)
"""The exchange's own purposes; a party's key held by the exchange has the purpose
`party_key(…)`."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key ready to sign, and the id under which its public half is published."""

    kid: str
    private_key: Ed25519PrivateKey


def party_key(organisation_id: str) -> str:
    """The purpose of the key that the exchange holds for an organisation."""
    return f"party:{organisation_id}"


class Keyring:
    """Makes, finds and opens keys; opened keys stay in memory."""

    def __init__(self, database: Database, secrets: Secrets) -> None:
        self._database = database
        self._sealer = secrets.sealer("keyring")
        self._active: dict[str, SigningKey] = {}

    async def signing_key(self, purpose: str) -> SigningKey:
        """The active key of a purpose, made now if there is none.

        Opens a transaction of its own when it must look or make: call it before, not inside, one.
        """
        if purpose not in self._active:
            self._active[purpose] = await self._find(purpose) or await self._make(purpose)
        return self._active[purpose]

    async def _find(self, purpose: str) -> SigningKey | None:
        async with self._database.read() as reading:
            row = await reading.session.scalar(
                select(KeyRow)
                .join(ActiveKeyRow, col(ActiveKeyRow.kid) == col(KeyRow.kid))
                .where(col(ActiveKeyRow.purpose) == purpose)
            )
        return None if row is None else SigningKey(row.kid, self._unwrap(row))

    async def _make(self, purpose: str) -> SigningKey:
        private_key = generate_private_key()
        jwk = public_jwk(private_key)
        kid = thumbprint(jwk)
        row = {
            "kid": kid,
            "purpose": purpose,
            "public_jwk": jwk,
            "wrapped_private_key": self._sealer.seal(private_key.private_bytes_raw(), kid),
        }
        try:
            async with self._database.write() as tx:
                await _insert_active(tx, row)
        except IntegrityError:  # another process made the key of this purpose a moment earlier
            if (found := await self._find(purpose)) is None:
                raise
            return found
        return SigningKey(kid, private_key)

    def _unwrap(self, row: KeyRow) -> Ed25519PrivateKey:
        raw = self._sealer.unseal(row.wrapped_private_key, row.kid)
        return Ed25519PrivateKey.from_private_bytes(raw)


async def published_keys(reading: Reading) -> dict[str, Any]:
    """Every public key as a JWKS (RFC 7517, section 5), with purpose, history and who holds it.

    `valid_from` and `valid_until` bound the time in which the key may have signed.
    """
    rows = await reading.session.scalars(select(KeyRow).order_by(col(KeyRow.created_at)))
    return {"keys": [_published(row) for row in rows]}


def _published(row: KeyRow) -> dict[str, Any]:
    published: dict[str, Any] = {
        **row.public_jwk,
        "kid": row.kid,
        "use": "sig",
        "alg": "EdDSA",
        "purpose": row.purpose,
        "state": row.state,
        "custody": "exchange",
        "valid_from": instant_text(row.created_at),
    }
    if row.retired_at is not None:
        published["valid_until"] = instant_text(row.retired_at)
    return published


async def _insert_active(tx: Transaction, row: dict[str, Any]) -> None:
    tx.session.add(KeyRow(**row, state="active", created_at=tx.now()))
    await tx.session.flush()
    tx.session.add(ActiveKeyRow(purpose=row["purpose"], kid=row["kid"]))
    await tx.session.flush()
    audit.record(
        tx,
        _KEYRING,
        "trust.key_made",
        audit.Subject("key", row["kid"]),
        {"purpose": row["purpose"]},
    )
