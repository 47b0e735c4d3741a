"""An index for logs filtered by action and entity type at once, so that no filter scans"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_activity_events_kind",
        "activity_events",
        ["user_id", "action", "entity_type", "timestamp", "id"],
    )


def downgrade() -> None:
    op.drop_index("ix_activity_events_kind", "activity_events")
