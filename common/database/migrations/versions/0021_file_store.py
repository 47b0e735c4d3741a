"""The id of the store that this database's files are in"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "file_store",
        sa.Column("singleton", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("store_id", sa.Text(), nullable=False),
        sa.Column("is_stored", sa.Boolean(), nullable=False),
        sa.CheckConstraint("singleton", name="ck_file_store_single_row"),
        sa.PrimaryKeyConstraint("singleton", name="pk_file_store"),
    )


def downgrade() -> None:
    op.drop_table("file_store")
