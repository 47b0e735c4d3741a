"""Files whose addresses are dead, until their store has followed"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "withdrawn_files",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("successor", sa.Text(), nullable=True),
        sa.Column(
            "withdrawn_at",
            sa.DateTime(timezone=True),
            server_default=sa.func.now(),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("name", name="pk_withdrawn_files"),
    )
    op.create_index("ix_withdrawn_files_successor", "withdrawn_files", ["successor"], unique=True)


def downgrade() -> None:
    op.drop_table("withdrawn_files")
