"""The words of public rows under their near spellings, to correct a query that finds no tutor"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "public_words",
        sa.Column("word", sa.Text(collation="C"), nullable=False),
        sa.PrimaryKeyConstraint("word", name="pk_public_words"),
    )
    op.create_table(
        "public_spellings",
        sa.Column("spelling", sa.Text(collation="C"), nullable=False),
        sa.Column("word", sa.Text(collation="C"), nullable=False),
        sa.PrimaryKeyConstraint("spelling", "word", name="pk_public_spellings"),
    )


def downgrade() -> None:
    op.drop_table("public_spellings")
    op.drop_table("public_words")
