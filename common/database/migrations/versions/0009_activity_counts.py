"""Daily counts of visitors, the state of the log's maintenance, digests of idempotent bodies"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "activity_daily_counts",
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("entity_id", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("action", "entity_id", "day", name="pk_activity_daily_counts"),
        postgresql_with={"fillfactor": 70},
    )
    op.create_table(
        "activity_maintenance",
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("done_until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("task", name="pk_activity_maintenance"),
    )
    op.execute("set local lock_timeout = '5s'")
    op.add_column("activity_receipts", sa.Column("body_digest", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("activity_receipts", "body_digest")
    op.drop_table("activity_maintenance")
    op.drop_table("activity_daily_counts")
