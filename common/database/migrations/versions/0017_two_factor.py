"""Two factors: since when an account has them, its secret, recovery codes and log-in tickets"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def _create(table: str, key: list[str], *columns: sa.Column[object]) -> None:
    """A table of rows that belong to one account and are deleted with it."""
    op.create_table(
        table,
        sa.Column("user_id", sa.Integer(), nullable=False),
        *columns,
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=f"fk_{table}_user_id_users",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(*key, name=f"pk_{table}"),
    )


def upgrade() -> None:
    # Empty tables, and a column without a default: each lock is held for a moment.
    _create(
        "two_factor_secrets",
        ["user_id"],
        sa.Column("encrypted_secret", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_step", sa.BigInteger(), server_default="0", nullable=False),
    )
    _create(
        "recovery_codes",
        ["user_id", "code_hash"],
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
    )
    _create(
        "login_tickets",
        ["ticket_hash"],
        sa.Column("ticket_hash", sa.LargeBinary(), nullable=False),
        sa.Column("password_digest", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wrong_codes", sa.SmallInteger(), server_default="0", nullable=False),
    )
    op.create_index("ix_login_tickets_user_id", "login_tickets", ["user_id"])
    op.create_index("ix_login_tickets_expires_at", "login_tickets", ["expires_at"])
    op.add_column("users", sa.Column("two_factor_since", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("users", "two_factor_since")
    for table in ("login_tickets", "recovery_codes", "two_factor_secrets"):
        op.drop_table(table)
