"""What settled contracts were paid for, for valuations by comparison."""

import sqlalchemy as sa

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "deal_fact",
        sa.Column("contract_id", sa.String(length=40), nullable=False),
        sa.Column("deal_id", sa.String(length=64), nullable=False),
        sa.Column("product_id", sa.String(length=40), nullable=False),
        sa.Column("revision_id", sa.String(length=40), nullable=False),
        sa.Column("provider_id", sa.String(length=40), nullable=False),
        sa.Column("buyer_id", sa.String(length=40), nullable=False),
        sa.Column("provider_digest", sa.String(length=64), nullable=False),
        sa.Column("buyer_digest", sa.String(length=64), nullable=False),
        sa.Column("currency", sa.String(length=64), nullable=False),
        sa.Column("price_micro", sa.BigInteger(), nullable=False),
        sa.Column("whole_micro", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("term_days", sa.BigInteger(), nullable=False),
        sa.Column("licence", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("quality", sa.String(length=64), nullable=True),
        sa.Column("age_days", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["buyer_id"], ["organisation.id"], name=op.f("fk_deal_fact_buyer_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_deal_fact_product_id_product")
        ),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["organisation.id"], name=op.f("fk_deal_fact_provider_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["revision.id"], name=op.f("fk_deal_fact_revision_id_revision")
        ),
        sa.PrimaryKeyConstraint("contract_id", name=op.f("pk_deal_fact")),
        sa.UniqueConstraint("deal_id", name=op.f("uq_deal_fact_deal_id")),
    )
    with op.batch_alter_table("deal_fact", schema=None) as batch_op:
        batch_op.create_index(
            "ix_deal_fact_settled_at", ["settled_at", "contract_id"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("deal_fact", schema=None) as batch_op:
        batch_op.drop_index("ix_deal_fact_settled_at")

    op.drop_table("deal_fact")
