"""The secret of a revision's commitment is kept sealed, in a column that says so.

What the column held until now follows from the master key, which is what the change is about, and
belongs to a format that nobody opens cells of any more: it is erased.
"""

import sqlalchemy as sa

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_BEFORE, _AFTER = "commitment_secret", "sealed_commitment_secret"


def upgrade() -> None:
    _erase(_BEFORE)
    op.alter_column("revision", _BEFORE, new_column_name=_AFTER)


def downgrade() -> None:
    # A sealed secret would be taken for one that is not.
    _erase(_AFTER)
    op.alter_column("revision", _AFTER, new_column_name=_BEFORE)


def _erase(column: str) -> None:
    revisions = sa.table("revision", sa.column(column))
    op.execute(revisions.update().values({column: None}))
