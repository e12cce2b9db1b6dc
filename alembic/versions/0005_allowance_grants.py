"""Which legal entity has had the free allowance of which product, and under which contract."""

import sqlalchemy as sa

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "allowance_grant",
        sa.Column("product_id", sa.String(length=40), nullable=False),
        sa.Column("identifier_scheme", sa.String(length=64), nullable=False),
        sa.Column("country", sa.String(length=64), nullable=False),
        sa.Column("identifier", sa.String(length=64), nullable=False),
        sa.Column("contract_id", sa.String(length=40), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.id"], name=op.f("fk_allowance_grant_contract_id_contract")
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_allowance_grant_product_id_product")
        ),
        sa.PrimaryKeyConstraint(
            "product_id",
            "identifier_scheme",
            "country",
            "identifier",
            name=op.f("pk_allowance_grant"),
        ),
    )


def downgrade() -> None:
    op.drop_table("allowance_grant")
