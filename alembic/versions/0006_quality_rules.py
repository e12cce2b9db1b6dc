"""Quality rules that providers ask for, and what is suggested to them.

A report measured before has no suggestions and knows of no rules (version 0); it gets both when the
revision is measured again.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "quality_rules",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("product_id", sa.String(length=40), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("rules", _json(), nullable=False),
        sa.Column("set_by", sa.String(length=40), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_quality_rules_product_id_product")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quality_rules")),
        sa.UniqueConstraint(
            "product_id", "version", name=op.f("uq_quality_rules_product_id_version")
        ),
    )
    with op.batch_alter_table("quality_report", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("rules_version", sa.BigInteger(), nullable=False, server_default="0")
        )
        batch_op.add_column(sa.Column("suggestions", _json(), nullable=False, server_default="[]"))
    with op.batch_alter_table("quality_report", schema=None) as batch_op:
        batch_op.alter_column("rules_version", server_default=None)
        batch_op.alter_column("suggestions", server_default=None)


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table("quality_report", schema=None) as batch_op:
        batch_op.drop_column("suggestions")
        batch_op.drop_column("rules_version")
    op.drop_table("quality_rules")


def _json() -> sa.types.TypeEngine[Any]:
    return sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
