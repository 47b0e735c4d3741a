"""Whose public rows changed with each revision, so that other processes read just these again"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The release before this one renews revisions without a change beside them, which readers
    notice as a gap."""
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "public_changes",
        sa.Column("slot", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("previous", sa.BigInteger(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("tutor_ids", postgresql.ARRAY(sa.Integer()), nullable=True),
        sa.PrimaryKeyConstraint("slot", "version", name="pk_public_changes"),
    )
    # One row is added and one deleted with every change, and readers scan the newest.
    op.execute(
        "alter table public_changes set (autovacuum_vacuum_scale_factor = 0.05,"
        " autovacuum_vacuum_threshold = 500)"
    )
    op.add_column(
        "public_revision",
        sa.Column("version", sa.BigInteger(), server_default="0", nullable=False),
    )


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.drop_column("public_revision", "version")
    op.drop_table("public_changes")
