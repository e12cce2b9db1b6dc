"""The public keys of the exchange with their holders, as verifiers of evidence need them.

A receipt or a seal counts only when the operator held its key, so each key names its holder: an
organisation for which the exchange holds a key, or the operator itself.
"""

from contracts.canonical import JsonObject
from exchange_market.accounts.errors import OrganisationNotFound
from exchange_market.accounts.service import get_operator
from exchange_market.persistence.transaction import Reading
from exchange_market.trust.keyring import party_key, published_keys

_PARTY = party_key("")


async def public_keys(reading: Reading) -> list[JsonObject]:
    """Every key ever published, oldest first; the operator's name no holder before there is
    one.
    """
    keys: list[JsonObject] = (await published_keys(reading))["keys"]
    try:
        operator_id = (await get_operator(reading)).id
    except OrganisationNotFound:
        operator_id = None
    return [_with_holder(key, operator_id) for key in keys]


def _with_holder(key: JsonObject, operator_id: str | None) -> JsonObject:
    purpose = str(key["purpose"])
    holder = purpose.removeprefix(_PARTY) if purpose.startswith(_PARTY) else operator_id
    return key if holder is None else {**key, "holder": holder}
