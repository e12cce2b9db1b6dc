"""Computing a valuation: the case is read, valued and signed before any transaction begins."""

from dataclasses import dataclass
from typing import Any, Final, cast

import anyio.to_thread

from contracts.signing import MAX_PAYLOAD_BYTES, sign_compact
from exchange_market.appraisals.errors import DocumentRefused, ValuationTooLarge
from exchange_market.appraisals.price_plans import refused
from exchange_market.kernel.text import paragraphs
from exchange_market.trust.keyring import VALUATIONS, Keyring
from pricing import ENGINE_VERSION
from pricing.errors import PricingError
from pricing.money import Money
from pricing.valuation import (
    case_from_json,
    case_to_json,
    input_hash,
    result_bytes,
    result_to_json,
    value_case,
)
from pricing.valuation.result import canonical_json
from pricing.valuation.standards import Profiles, check_standard, shipped_profiles

VALUATION_TYPE: Final = "dx-valuation+jws"
"""The `typ` of a signed valuation."""
POINTS_MAX: Final = 16_384
"""More points would cost the exchange memory and change no figure that is shown."""

POINTS_MIN: Final = 256
"""Of fewer points the outer percentiles are chance: of two, both lie beside the middle."""

_AT_ONCE = anyio.CapacityLimiter(1)


@dataclass(frozen=True, slots=True)
class ComputedValue:
    """A valued case: canonical inputs, exact result bytes, and the range in micro-units."""

    case_bytes: bytes
    result_bytes: bytes
    input_hash: str
    engine_version: str
    currency: str
    low_micro: int
    middle_micro: int
    high_micro: int


@dataclass(frozen=True, slots=True)
class SignedValue:
    """A computed value and the exchange's compact JWS over its result bytes."""

    computed: ComputedValue
    signature: str


async def appraise(
    keyring: Keyring, document: object, profiles: Profiles | None = None
) -> SignedValue:
    """Value a case in a thread and sign the result. Call it outside a transaction.

    `profiles` are the standards in force; the shipped ones unless given.

    Raises DocumentRefused, which names the field, TextRefused or ValuationTooLarge.
    """
    known = shipped_profiles() if profiles is None else profiles
    computed = await anyio.to_thread.run_sync(compute, document, known, limiter=_AT_ONCE)
    key = await keyring.signing_key(VALUATIONS)
    signature = sign_compact(
        computed.result_bytes, key.private_key, kid=key.kid, typ=VALUATION_TYPE
    )
    return SignedValue(computed, signature)


def compute(document: object, profiles: Profiles) -> ComputedValue:
    """Read and value a case: the same document and standards always give the same bytes."""
    try:
        return _computed(document, profiles)
    except PricingError as error:
        raise refused(error) from error


def _computed(document: object, profiles: Profiles) -> ComputedValue:
    case = case_from_json(document, profiles)
    if case.standard is not None:
        check_standard(case.standard, profiles)
    if not POINTS_MIN <= case.points <= POINTS_MAX:
        raise DocumentRefused(field="points", problem=f"must be from {POINTS_MIN} to {POINTS_MAX}")
    inputs = case_to_json(case)
    _check_texts(inputs, "")
    valuation = value_case(case)
    result = result_bytes(valuation)
    if len(result) > MAX_PAYLOAD_BYTES:
        raise ValuationTooLarge(bytes_max=MAX_PAYLOAD_BYTES)
    value: Any = result_to_json(valuation)["value"]
    low, middle, high = (
        Money.parse(value[name], case.currency).amount_micro for name in ("p10", "p50", "p90")
    )
    return ComputedValue(
        case_bytes=canonical_json(inputs),
        result_bytes=result,
        input_hash=input_hash(case),
        engine_version=ENGINE_VERSION,
        currency=case.currency,
        low_micro=low,
        middle_micro=middle,
        high_micro=high,
    )


def _check_texts(value: Any, path: str) -> None:
    """Refuse invisible characters in every name and text, at any depth."""
    if isinstance(value, str):
        if value:
            paragraphs(value, path)
    elif isinstance(value, dict):
        for name, item in cast(dict[str, Any], value).items():
            paragraphs(name, path or "document")
            _check_texts(item, f"{path}.{name}".lstrip("."))
    elif isinstance(value, list):
        for index, item in enumerate(cast(list[Any], value)):
            _check_texts(item, f"{path}[{index}]")
