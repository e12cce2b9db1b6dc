"""API keys: issued for an active and paid contract, shown once, revocable by whoever holds them."""

import secrets as randomness
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from contracts.api_keys import RANDOM_BYTES, KeyPrefix, display_hint, fingerprint, mint, parse
from contracts.errors import MalformedKey
from exchange_market.agreements.contract import Contract
from exchange_market.agreements.errors import (
    ContractNotDeliverable,
    ContractNotFound,
    KeyNotFound,
    KeyRefused,
    TooManyKeys,
)
from exchange_market.agreements.moves import locked_contract
from exchange_market.agreements.rows import ApiKeyRow, ContractRow
from exchange_market.agreements.store import (
    ApiKey,
    ContractStore,
    KeyStore,
    next_epoch,
    row_to_contract,
)
from exchange_market.kernel.ids import new_id
from exchange_market.kernel.principal import Actor, Principal, Service
from exchange_market.kernel.secrets import Secrets
from exchange_market.persistence.transaction import Database, Reading, Transaction
from exchange_market.trust import audit

ACTIVE_KEYS_MAX = 2
_BEARER = Service("key-bearer")


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A key with its text, which exists only here and in the answer that shows it."""

    key: ApiKey
    text: str

    def __repr__(self) -> str:
        return f"IssuedKey({self.key.id}, ***)"


@dataclass(frozen=True, slots=True)
class KeyGrant:
    """What a presented key opens, as far as the key itself is concerned."""

    key_id: str
    prefix: str
    expires_at: datetime
    contract: Contract


def key_pepper(secrets: Secrets) -> bytes:
    """The server secret under which keys are hashed."""
    return secrets.derive("api-keys")


async def issue_key(
    tx: Transaction, buyer: Principal, contract_id: str, label: str, pepper: bytes
) -> IssuedKey:
    """A new live key for the buyer of an active, paid contract; it never outlives the contract.

    Raises ContractNotDeliverable, TooManyKeys; the provider of the contract gets ContractNotFound.
    """
    row = await locked_contract(tx, buyer, contract_id)
    if row.buyer_id != buyer.organisation_id:
        raise ContractNotFound(contract_id=contract_id)
    contract = row_to_contract(row)
    if not (contract.is_active and contract.is_paid) or contract.ends_at <= tx.now():
        raise ContractNotDeliverable(state=contract.state.value, is_paid=contract.is_paid)
    store = KeyStore(tx)
    if (count := await store.count_active(contract_id, tx.now())) >= ACTIVE_KEYS_MAX:
        raise TooManyKeys(count=count)
    text = mint(KeyPrefix.LIVE, randomness.token_bytes(RANDOM_BYTES))
    key = ApiKeyRow(
        id=new_id("key"),
        contract_id=contract_id,
        fingerprint=fingerprint(text, pepper).hex(),
        prefix=KeyPrefix.LIVE.value,
        hint=display_hint(text),
        label=label,
        created_by=buyer.user_id,
        created_at=tx.now(),
        expires_at=contract.ends_at,
    )
    await store.add(key)
    _leaf(tx, buyer, "agreements.key_issued", key.id, contract_id)
    found = await store.by_id(key.id)
    if found is None:
        raise KeyNotFound
    return IssuedKey(found[0], text)


async def revoke_key(tx: Transaction, principal: Principal, key_id: str) -> ApiKey:
    """Revoke a key of the principal's organisation; delivery stops within a second."""
    found = await KeyStore(tx).by_id(key_id)
    if found is None or found[1].buyer_id != principal.organisation_id:
        raise KeyNotFound
    return await _revoke(tx, principal, found[0])


async def revoke_by_bearer(database: Database, text: str, pepper: bytes) -> ApiKey:
    """Revoke the key presented: whoever found a leaked key can stop it.

    Raises KeyRefused before anything is locked: strangers may call this.
    """
    async with database.read() as reading:
        key, _ = await _presented(reading, text, pepper)
    async with database.write() as tx:
        return await _revoke(tx, _BEARER, key)


async def list_keys(
    reading: Reading, principal: Principal, contract_id: str, *, before: str | None, limit: int
) -> Sequence[ApiKey]:
    """The keys of a contract, newest first, for its buyer; others get ContractNotFound."""
    row = await ContractStore(reading).row(contract_id)
    if row is None or row.buyer_id != principal.organisation_id:
        raise ContractNotFound(contract_id=contract_id)
    return await KeyStore(reading).of_contract(contract_id, before=before, limit=limit)


def read_key(text: str) -> None:
    """Raise KeyRefused for what cannot be a key; asks no database."""
    try:
        parse(text)
    except MalformedKey as error:
        raise KeyRefused(reason=str(error)) from None


async def grant_of(reading: Reading, text: str, pepper: bytes) -> KeyGrant:
    """What a presented key opens; raises KeyRefused for a malformed, unknown or revoked one."""
    key, row = await _presented(reading, text, pepper)
    _refuse_closed(key, reading)
    return KeyGrant(key.id, key.prefix, key.expires_at, row_to_contract(row))


async def require_open(tx: Transaction, key_id: str) -> Contract:
    """The contract of a key as it stands, unchanged until the transaction ends.

    Raises KeyRefused when the key was revoked or has expired.
    """
    found = await KeyStore(tx).shared(key_id)
    if found is None:
        raise KeyRefused(reason="it is unknown")
    _refuse_closed(found[0], tx)
    return row_to_contract(found[1])


async def access_epoch(reading: Reading) -> int:
    """A number that grows whenever a key is revoked or a contract stops; poll it, then look
    again."""
    return await KeyStore(reading).epoch()


def _refuse_closed(key: ApiKey, reading: Reading) -> None:
    if key.revoked_at is not None:
        raise KeyRefused(reason="it was revoked")
    if key.expires_at <= reading.now():
        raise KeyRefused(reason="it has expired")


async def _presented(reading: Reading, text: str, pepper: bytes) -> tuple[ApiKey, ContractRow]:
    read_key(text)
    found = await KeyStore(reading).by_fingerprint(fingerprint(text, pepper).hex())
    if found is None:
        raise KeyRefused(reason="it is unknown")
    return found


async def _revoke(tx: Transaction, actor: Actor, key: ApiKey) -> ApiKey:
    store = KeyStore(tx)
    if await store.revoke(key.id, tx.now()):
        await next_epoch(tx)
        _leaf(tx, actor, "agreements.key_revoked", key.id, key.contract_id)
        tx.emit("agreements.key_revoked", {"key_id": key.id, "contract_id": key.contract_id})
    found = await store.by_id(key.id)
    if found is None:
        raise KeyNotFound
    return found[0]


def _leaf(tx: Transaction, actor: Actor, action: str, key_id: str, contract_id: str) -> None:
    audit.record(tx, actor, action, audit.Subject("api_key", key_id), {"contract_id": contract_id})
