"""Tables of appraisals.

Price plans and quality rules are only added; of a valuation only the decision changes.
"""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from exchange_market.persistence.base import Row
from exchange_market.persistence.columns import (
    Big,
    Blob,
    Code,
    Id,
    LongText,
    OpaqueJson,
    UtcDateTime,
)


class QualityReportRow(Row, table=True):
    """The measured quality of one revision; replaced when it is measured anew."""

    __tablename__: ClassVar[str] = "quality_report"
    __table_args__ = (
        UniqueConstraint("revision_id"),
        Index("ix_quality_report_product_id", "product_id"),
    )

    id: str = Field(primary_key=True, sa_type=Id)
    product_id: str = Field(sa_type=Id, foreign_key="product.id")
    revision_id: str = Field(sa_type=Id, foreign_key="revision.id")
    report: dict[str, Any] = Field(sa_type=OpaqueJson)
    public_report: dict[str, Any] = Field(sa_type=OpaqueJson)
    profiles: list[dict[str, Any]] = Field(sa_type=OpaqueJson)
    engine_versions: dict[str, Any] = Field(sa_type=OpaqueJson)
    rows: int = Field(sa_type=Big)
    measured_at: datetime = Field(sa_type=UtcDateTime)
    rules_version: int = Field(default=0, sa_type=Big)
    suggestions: list[dict[str, Any]] = Field(default_factory=list, sa_type=OpaqueJson)


class QualityRulesRow(Row, table=True):
    """One version of the quality rules that a provider asks for, as documents."""

    __tablename__: ClassVar[str] = "quality_rules"
    __table_args__ = (UniqueConstraint("product_id", "version"),)

    id: str = Field(primary_key=True, sa_type=Id)
    product_id: str = Field(sa_type=Id, foreign_key="product.id")
    version: int = Field(sa_type=Big)
    rules: list[dict[str, Any]] = Field(sa_type=OpaqueJson)
    set_by: str = Field(sa_type=Id)
    set_at: datetime = Field(sa_type=UtcDateTime)


class ValuationRow(Row, table=True):
    """A proposed valuation: inputs and result as signed bytes, and what was decided about it."""

    __tablename__: ClassVar[str] = "valuation"
    __table_args__ = (
        UniqueConstraint("product_id", "version"),
        Index("ix_valuation_state", "state", "id"),
    )

    id: str = Field(primary_key=True, sa_type=Id)
    product_id: str = Field(sa_type=Id, foreign_key="product.id")
    organisation_id: str = Field(sa_type=Id, foreign_key="organisation.id")
    version: int = Field(sa_type=Big)
    revision_id: str = Field(sa_type=Id, foreign_key="revision.id")
    revision_number: int = Field(sa_type=Big)
    quality_report_id: str = Field(sa_type=Id, foreign_key="quality_report.id")
    state: str = Field(sa_type=Code)
    currency: str = Field(sa_type=Code)
    low_micro: int = Field(sa_type=Big)
    middle_micro: int = Field(sa_type=Big)
    high_micro: int = Field(sa_type=Big)
    input_hash: str = Field(sa_type=Code)
    engine_version: str = Field(sa_type=Code)
    case_bytes: bytes = Field(sa_type=Blob)
    result_bytes: bytes = Field(sa_type=Blob)
    signature: str = Field(sa_type=LongText)
    proposed_by: str = Field(sa_type=Id)
    proposed_at: datetime = Field(sa_type=UtcDateTime)
    decided_by: str | None = Field(default=None, sa_type=Id)
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reason: str | None = Field(default=None, sa_type=LongText)


class PricePlanRow(Row, table=True):
    """One version of a product's certified price."""

    __tablename__: ClassVar[str] = "price_plan"
    __table_args__ = (UniqueConstraint("product_id", "version"),)

    id: str = Field(primary_key=True, sa_type=Id)
    product_id: str = Field(sa_type=Id, foreign_key="product.id")
    version: int = Field(sa_type=Big)
    revision_id: str = Field(sa_type=Id, foreign_key="revision.id")
    price_mode: str = Field(sa_type=Code)
    currency: str = Field(sa_type=Code)
    plan: dict[str, Any] = Field(sa_type=OpaqueJson)
    certificate: dict[str, Any] = Field(sa_type=OpaqueJson)
    set_by: str = Field(sa_type=Id)
    set_at: datetime = Field(sa_type=UtcDateTime)


class DealFactRow(Row, table=True):
    """What a contract was paid for and by whom, as far as comparables need it; replaced until it
    is settled. Told by the slices above, which own contracts and money."""

    __tablename__: ClassVar[str] = "deal_fact"
    __table_args__ = (
        UniqueConstraint("deal_id"),
        Index("ix_deal_fact_settled_at", "settled_at", "contract_id"),
    )

    contract_id: str = Field(primary_key=True, sa_type=Id)
    deal_id: str = Field(sa_type=Code)
    product_id: str = Field(sa_type=Id, foreign_key="product.id")
    revision_id: str = Field(sa_type=Id, foreign_key="revision.id")
    provider_id: str = Field(sa_type=Id, foreign_key="organisation.id")
    buyer_id: str = Field(sa_type=Id, foreign_key="organisation.id")
    provider_digest: str = Field(sa_type=Code)
    buyer_digest: str = Field(sa_type=Code)
    currency: str = Field(sa_type=Code)
    price_micro: int = Field(sa_type=Big)
    whole_micro: int = Field(sa_type=Big)
    opened_at: datetime = Field(sa_type=UtcDateTime)
    settled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    term_days: int = Field(sa_type=Big)
    licence: str = Field(sa_type=Code)
    subject: str = Field(sa_type=Code)
    rows: int = Field(sa_type=Big)
    quality: str | None = Field(default=None, sa_type=Code)
    age_days: int = Field(sa_type=Big)
    recorded_at: datetime = Field(sa_type=UtcDateTime)
