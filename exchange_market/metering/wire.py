"""Usage and receipts on the wire."""

from typing import Any

import msgspec

from contracts.records import to_json
from exchange_market.metering.quota import Quota
from exchange_market.metering.service import ContractUsage, IssuedReceipt


class QuotaOut(msgspec.Struct, kw_only=True, frozen=True):
    """One hard quota."""

    meter: str
    limit: int
    used: int
    reserved: int
    remaining: int

    @classmethod
    def of(cls, quota: Quota) -> "QuotaOut":
        """The quota as the API shows it."""
        return cls(
            meter=quota.meter.value,
            limit=quota.limit_units,
            used=quota.used,
            reserved=quota.reserved,
            remaining=quota.remaining,
        )


class UsageOut(msgspec.Struct, kw_only=True, frozen=True):
    """Totals of a contract, the same for its provider and its buyer."""

    contract_id: str
    deliveries: int
    rows: int
    bytes: int
    calls: int
    last_receipt_hash: str | None
    quotas: list[QuotaOut]

    @classmethod
    def of(cls, contract_id: str, usage: ContractUsage, quotas: list[Quota]) -> "UsageOut":
        """The usage as the API shows it."""
        return cls(
            contract_id=contract_id,
            deliveries=usage.events,
            rows=usage.rows,
            bytes=usage.body_bytes,
            calls=usage.calls,
            last_receipt_hash=usage.last_receipt_hash,
            quotas=[QuotaOut.of(quota) for quota in quotas],
        )


class ReceiptOut(msgspec.Struct, kw_only=True, frozen=True):
    """A receipt; `signed` holds it with its place in the signed batch, once it is signed."""

    sequence: int
    receipt_hash: str
    receipt: dict[str, Any]
    signed: dict[str, Any] | None

    @classmethod
    def of(cls, issued: IssuedReceipt) -> "ReceiptOut":
        """The receipt as the API shows it."""
        return cls(
            sequence=issued.sequence,
            receipt_hash=issued.receipt_hash,
            receipt=dict(to_json(issued.receipt)),
            signed=None if issued.signed is None else dict(to_json(issued.signed)),
        )
