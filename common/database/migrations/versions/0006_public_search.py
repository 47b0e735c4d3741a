"""Search rows of their own, in tiers; `flask rebuild-public` then fills in where words stand"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TIERS = (0, 1, 2)


def upgrade() -> None:
    op.create_table(
        "public_search",
        sa.Column("registered_us", sa.BigInteger(), nullable=False),
        sa.Column("tutor_id", sa.Integer(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("hourly_rate", sa.Integer(), nullable=True),
        sa.Column("tier", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("experience_years", sa.SmallInteger(), nullable=True),
        sa.Column("rating", sa.SmallInteger(), nullable=True),
        sa.Column("words", postgresql.TSVECTOR(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tutor_id"],
            ["public_tutors.tutor_id"],
            name="fk_public_search_tutor_id_public_tutors",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tutor_id", "tier", name="pk_public_search"),
        postgresql_partition_by="LIST (tier)",
    )
    # Without statistics every word is taken to be rare: the planner, which does not know what
    # reading a document costs, then never reads all of them.
    op.execute("alter table public_search alter words set statistics 0")
    for tier in TIERS:
        partition = f"public_search_{tier}"
        op.execute(f"create table {partition} partition of public_search for values in ({tier})")
        # Rows stay narrow: whatever has to be stored aside is stored aside whole.
        op.execute(
            f"alter table {partition} set (toast_tuple_target = 128,"
            " autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05)"
        )
        op.execute(f"alter table {partition} alter words set statistics 0")
    op.execute("""
        insert into public_search (registered_us, tutor_id, score, hourly_rate, tier,
            experience_years, rating, words)
        select registered_us, tutor_id, score, hourly_rate, 0, experience_years, rating, words
        from public_tutors""")
    op.create_index(
        "ix_public_search_words",
        "public_search",
        ["words"],
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
    )
    op.create_table(
        "public_tiers",
        sa.Column("tier", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("by_score", sa.Integer(), nullable=False),
        sa.Column("tutor_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tier", name="pk_public_tiers"),
    )
    op.drop_index("ix_public_tutors_words", "public_tutors")
    op.drop_column("public_tutors", "title_words")
    op.drop_column("public_tutors", "words")


def downgrade() -> None:
    op.add_column(
        "public_tutors",
        sa.Column("title_words", postgresql.TSVECTOR(), server_default="", nullable=False),
    )
    op.add_column(
        "public_tutors",
        sa.Column("words", postgresql.TSVECTOR(), server_default="", nullable=False),
    )
    op.execute(
        "update public_tutors tutor set words = search.words"
        " from public_search search where search.tutor_id = tutor.tutor_id"
    )
    op.alter_column("public_tutors", "title_words", server_default=None)
    op.alter_column("public_tutors", "words", server_default=None)
    op.create_index("ix_public_tutors_words", "public_tutors", ["words"], postgresql_using="gin")
    op.drop_table("public_tiers")
    op.drop_table("public_search")
