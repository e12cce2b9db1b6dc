"""Column types that behave the same on SQLite and PostgreSQL.

Use with `Field(sa_type=…)`. Whole numbers that count money, bytes or rows are always `BigInteger`:
SQLModel's plain `int` is 32 bits wide on PostgreSQL.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, LargeBinary, String, Text, TypeDecorator
from sqlalchemy.dialects.postgresql import JSONB

from exchange_market.kernel.ids import ID_LENGTH_MAX


class UtcDateTime(TypeDecorator[datetime]):
    """An instant. Refuses naive values; always reads back aware, in UTC (SQLite forgets the
    zone)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store in UTC."""
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime cannot be stored; attach a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Read back in UTC."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class OpaqueJson(TypeDecorator[Any]):
    """A JSON document that SQL never looks into: JSONB on PostgreSQL, text elsewhere. None is
    stored as NULL, never as the JSON value null."""

    impl = JSON
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        """Pick JSONB where there is one."""
        json = JSONB if dialect.name == "postgresql" else JSON
        wanted = json(none_as_null=True)
        return dialect.type_descriptor(wanted)


Id = String(ID_LENGTH_MAX)
Name = String(200)
Code = String(64)
LongText = Text()
Big = BigInteger()
Blob = LargeBinary()
