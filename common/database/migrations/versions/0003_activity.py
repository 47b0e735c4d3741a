"""The activity log, partitioned by month, and its receipts"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "activity_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("timestamp", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("entity_type", sa.Text(), nullable=True),
        sa.Column("entity_id", sa.Text(), nullable=True),
        sa.Column("metadata", postgresql.JSONB(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=True),
        sa.Column("status_code", sa.SmallInteger(), nullable=True),
        sa.Column("referrer", sa.Text(), nullable=True),
        sa.Column("ip_address", sa.Text(), nullable=True),
        sa.Column("user_agent", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "source in ('server', 'client')", name=op.f("ck_activity_events_source")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name="fk_activity_events_user_id_users",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", "timestamp", name="pk_activity_events"),
        postgresql_partition_by="RANGE (timestamp)",
    )
    op.create_index(
        "ix_activity_events_action",
        "activity_events",
        ["user_id", "action", "timestamp", "id"],
    )
    op.create_index(
        "ix_activity_events_entity",
        "activity_events",
        ["user_id", "entity_type", "timestamp", "id"],
    )
    op.create_index("ix_activity_events_page", "activity_events", ["user_id", "timestamp", "id"])

    op.create_table(
        "activity_receipts",
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("event_timestamp", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name="fk_activity_receipts_user_id_users",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("caller", "key", name="pk_activity_receipts"),
    )
    op.create_index("ix_activity_receipts_received_at", "activity_receipts", ["received_at"])
    op.create_index("ix_activity_receipts_user_id", "activity_receipts", ["user_id"])
    # Takes what no month's partition covers, so that an insert can never fail for want of one.
    op.execute("create table activity_events_default partition of activity_events default")


def downgrade() -> None:
    op.drop_table("activity_receipts")
    op.drop_table("activity_events")
