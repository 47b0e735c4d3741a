"""Verified addresses, tokens that are sent by mail, and requests for a new password"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody has proved an address before: all accounts start unverified, and none of them is
    erased for it, since `unverified_login_at` stays null. The previous release's inserts do so too.

    Every step may run again: an index whose building was interrupted is begun anew.
    """
    op.execute("set local lock_timeout = '2s'")
    op.execute(
        "alter table users add column if not exists email_verified boolean not null default false,"
        " add column if not exists unverified_login_at timestamptz"
    )
    op.create_table(
        "one_time_tokens",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("email_key", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_one_time_tokens"),
        sa.UniqueConstraint("token_hash", name="uq_one_time_tokens_token_hash"),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name="fk_one_time_tokens_user_id_users",
            ondelete="CASCADE",
        ),
        sa.CheckConstraint(
            "purpose in ('password_reset', 'verify_email', 'confirm_email', 'undo_email')",
            name="purpose",
        ),
        if_not_exists=True,
    )
    for column in ("user_id", "expires_at", "email_key"):
        name = f"ix_one_time_tokens_{column}"
        op.create_index(name, "one_time_tokens", [column], if_not_exists=True)
    op.create_table(
        "password_reset_requests",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("email_key", sa.Text(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_password_reset_requests"),
        if_not_exists=True,
    )
    # Not in the transaction of the columns: building it keeps no writer out.
    with op.get_context().autocommit_block():
        op.execute("drop index concurrently if exists ix_users_unverified_login_at")
        op.execute(
            "create index concurrently ix_users_unverified_login_at on users (unverified_login_at)"
            " where unverified_login_at is not null"
        )


def downgrade() -> None:
    op.drop_table("password_reset_requests")
    op.drop_table("one_time_tokens")
    op.drop_index("ix_users_unverified_login_at", "users")
    op.drop_column("users", "unverified_login_at")
    op.drop_column("users", "email_verified")
