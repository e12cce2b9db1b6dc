"""Money, usage, invoices and the audit trail are append-only: the database itself refuses changes.

A row is never deleted. Of an inserted row only the members named in `FILLED_ONCE` may change, and
only from NULL: a receipt's signature, an audit leaf's place in the chain, an invoice's settlement.

A later revision that rebuilds one of these tables on SQLite (a batch operation) loses its triggers
and has to make them again; one that adds a column has to, so that they guard the new column too.
"""

import sqlalchemy as sa

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

FILLED_ONCE = {
    "audit_leaf": ("sequence", "leaf_hash", "chain_hash"),
    "invoice": ("settled_at", "settled_by"),
    "ledger_entry": (),
    "ledger_transaction": (),
    "usage_event": ("batch_id", "signed_receipt"),
}

# TG_ARGV holds the members that may be filled; those that are still NULL are left out of the
# comparison. Class 23 of SQLSTATE makes the refusal an integrity error, as on SQLite.
_POSTGRESQL_FUNCTION = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    unfilled text[];
BEGIN
    IF TG_OP = 'UPDATE' THEN
        unfilled := ARRAY(
            SELECT member FROM unnest(TG_ARGV) AS member
            WHERE jsonb_typeof(to_jsonb(OLD) -> member) = 'null'
        );
        IF to_jsonb(OLD) - unfilled = to_jsonb(NEW) - unfilled THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_POSTGRESQL_FUNCTION)
        make = _guard_on_postgresql
    else:
        make = _guard_on_sqlite
    for table, filled_once in FILLED_ONCE.items():
        make(table, filled_once)


def downgrade() -> None:
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    for table in FILLED_ONCE:
        for event in ("update", "delete", *(["truncate"] if is_postgresql else [])):
            place = f" ON {table}" if is_postgresql else ""
            op.execute(f"DROP TRIGGER {table}_refuses_{event}{place}")
    if is_postgresql:
        op.execute("DROP FUNCTION refuse_change()")


def _guard_on_postgresql(table: str, filled_once: tuple[str, ...]) -> None:
    arguments = ", ".join(f"'{member}'" for member in filled_once)
    for event, each in (("update", "ROW"), ("delete", "ROW"), ("truncate", "STATEMENT")):
        op.execute(
            f"CREATE TRIGGER {table}_refuses_{event} BEFORE {event.upper()} ON {table} "
            f"FOR EACH {each} EXECUTE FUNCTION refuse_change({arguments})"
        )


def _guard_on_sqlite(table: str, filled_once: tuple[str, ...]) -> None:
    columns = [column["name"] for column in sa.inspect(op.get_bind()).get_columns(table)]
    allowed = " AND ".join(
        f'(OLD."{name}" IS NULL OR NEW."{name}" IS OLD."{name}")'
        if name in filled_once
        else f'NEW."{name}" IS OLD."{name}"'
        for name in columns
    )
    refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    op.execute(
        f"CREATE TRIGGER {table}_refuses_update BEFORE UPDATE ON {table} "
        f"WHEN NOT ({allowed}) {refuse}"
    )
    op.execute(f"CREATE TRIGGER {table}_refuses_delete BEFORE DELETE ON {table} {refuse}")
