"""INSERT … ON CONFLICT, which both databases have but SQLAlchemy offers for each by itself."""

from sqlalchemy.dialects import postgresql, sqlite

from exchange_market.persistence.base import Row
from exchange_market.persistence.transaction import Transaction


def insert_into(tx: Transaction, row: type[Row]) -> sqlite.Insert | postgresql.Insert:
    """An insert that takes `on_conflict_do_nothing` or `on_conflict_do_update`."""
    is_postgresql = tx.session.get_bind().dialect.name == "postgresql"
    return postgresql.insert(row) if is_postgresql else sqlite.insert(row)
