"""The outbox of mails"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The foreign key locks the accounts for a moment.
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "outbox_mails",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text_body", sa.Text(), nullable=False),
        sa.Column("html_body", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("give_up_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_outbox_mails"),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name="fk_outbox_mails_user_id_users",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_outbox_mails_user_id", "outbox_mails", ["user_id"])
    op.create_index("ix_outbox_mails_next_attempt_at", "outbox_mails", ["next_attempt_at"])


def downgrade() -> None:
    op.drop_table("outbox_mails")
