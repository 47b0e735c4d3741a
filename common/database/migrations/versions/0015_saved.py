"""Saved tutors and saved searches"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    # The foreign keys need a lock on what they refer to, in which writers wait; for a moment only.
    op.execute("set local lock_timeout = '2s'")
    op.create_table(
        "saved_tutors",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("tutor_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("saved_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("user_id", "tutor_id", name="pk_saved_tutors"),
        sa.UniqueConstraint("user_id", "position", name="uq_saved_tutors_user_id_position"),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name="fk_saved_tutors_user_id_users",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tutor_id"],
            ["public_tutors.tutor_id"],
            name="fk_saved_tutors_tutor_id_public_tutors",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_saved_tutors_tutor_id", "saved_tutors", ["tutor_id"])
    op.create_table(
        "saved_searches",
        sa.Column("id", postgresql.UUID(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("saved_at", TIME, nullable=False),
        sa.Column("last_looked_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_saved_searches"),
        sa.CheckConstraint(
            "char_length(name) between 1 and 100", name=op.f("ck_saved_searches_name")
        ),
        sa.CheckConstraint("char_length(query) <= 4096", name=op.f("ck_saved_searches_query")),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name="fk_saved_searches_user_id_users",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_saved_searches_user_id_saved_at", "saved_searches", ["user_id", "saved_at"])


def downgrade() -> None:
    op.drop_table("saved_searches")
    op.drop_table("saved_tutors")
