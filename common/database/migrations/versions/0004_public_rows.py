"""The public view of listed tutors"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

FILTERS = ("hourly_rate", "experience_years", "languages", "has_certifications")


def upgrade() -> None:
    op.create_table(
        "public_tutors",
        sa.Column("tutor_id", sa.Integer(), nullable=False),
        sa.Column("title_words", postgresql.TSVECTOR(), nullable=False),
        sa.Column("words", postgresql.TSVECTOR(), nullable=False),
        sa.Column("card", sa.Text(), nullable=False),
        sa.Column("etag", sa.Text(), nullable=False),
        sa.Column("hourly_rate", sa.Integer(), nullable=True),
        sa.Column("experience_years", sa.SmallInteger(), nullable=True),
        sa.Column("rating", sa.SmallInteger(), nullable=True),
        sa.Column("languages", sa.Text(), nullable=False),
        sa.Column("has_certifications", sa.Boolean(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("registered_us", sa.BigInteger(), nullable=False),
        sa.Column(
            "by_score",
            sa.Integer(),
            sa.Computed("-score", persisted=True),
            nullable=False,
        ),
        sa.Column(
            "by_rate",
            sa.Integer(),
            sa.Computed("coalesce(hourly_rate, 2147483647)", persisted=True),
            nullable=False,
        ),
        sa.Column(
            "by_rate_desc",
            sa.Integer(),
            sa.Computed("coalesce(-hourly_rate, 2147483647)", persisted=True),
            nullable=False,
        ),
        sa.Column(
            "by_experience",
            sa.Integer(),
            sa.Computed("coalesce(experience_years::int, 2147483647)", persisted=True),
            nullable=False,
        ),
        sa.Column(
            "by_experience_desc",
            sa.Integer(),
            sa.Computed("coalesce(-experience_years::int, 2147483647)", persisted=True),
            nullable=False,
        ),
        sa.Column(
            "by_rating",
            sa.Integer(),
            sa.Computed("coalesce(rating::int, 2147483647)", persisted=True),
            nullable=False,
        ),
        sa.Column(
            "by_rating_desc",
            sa.Integer(),
            sa.Computed("coalesce(-rating::int, 2147483647)", persisted=True),
            nullable=False,
        ),
        sa.Column(
            "by_newest",
            sa.BigInteger(),
            sa.Computed("-registered_us", persisted=True),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["tutor_id"],
            ["users.id"],
            name="fk_public_tutors_tutor_id_users",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tutor_id", name="pk_public_tutors"),
    )
    op.create_index(
        "ix_public_tutors_by_experience",
        "public_tutors",
        ["by_experience", "tutor_id"],
        postgresql_include=FILTERS,
    )
    op.create_index(
        "ix_public_tutors_by_experience_desc",
        "public_tutors",
        ["by_experience_desc", "tutor_id"],
        postgresql_include=FILTERS,
    )
    op.create_index(
        "ix_public_tutors_by_newest",
        "public_tutors",
        ["by_newest", "tutor_id"],
        postgresql_include=FILTERS,
    )
    op.create_index(
        "ix_public_tutors_by_rate",
        "public_tutors",
        ["by_rate", "tutor_id"],
        postgresql_include=FILTERS,
    )
    op.create_index(
        "ix_public_tutors_by_rate_desc",
        "public_tutors",
        ["by_rate_desc", "tutor_id"],
        postgresql_include=FILTERS,
    )
    op.create_index(
        "ix_public_tutors_by_rating",
        "public_tutors",
        ["by_rating", "tutor_id"],
        postgresql_include=FILTERS,
    )
    op.create_index(
        "ix_public_tutors_by_rating_desc",
        "public_tutors",
        ["by_rating_desc", "tutor_id"],
        postgresql_include=FILTERS,
    )
    op.create_index(
        "ix_public_tutors_by_score",
        "public_tutors",
        ["by_score", "tutor_id"],
        postgresql_include=FILTERS,
    )
    op.create_index("ix_public_tutors_words", "public_tutors", ["words"], postgresql_using="gin")

    op.create_table(
        "public_subjects",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_public_subjects"),
        sa.UniqueConstraint("code", name="uq_public_subjects_code"),
    )

    op.create_table(
        "public_tutor_subjects",
        sa.Column("tutor_id", sa.Integer(), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("hourly_rate", sa.Integer(), nullable=True),
        sa.Column("experience_years", sa.SmallInteger(), nullable=True),
        sa.Column("rating", sa.SmallInteger(), nullable=True),
        sa.Column("languages", sa.Text(), nullable=False),
        sa.Column("has_certifications", sa.Boolean(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("registered_us", sa.BigInteger(), nullable=False),
        sa.Column(
            "by_score",
            sa.Integer(),
            sa.Computed("-score", persisted=True),
            nullable=False,
        ),
        sa.Column(
            "by_rate",
            sa.Integer(),
            sa.Computed("coalesce(hourly_rate, 2147483647)", persisted=True),
            nullable=False,
        ),
        sa.Column(
            "by_rate_desc",
            sa.Integer(),
            sa.Computed("coalesce(-hourly_rate, 2147483647)", persisted=True),
            nullable=False,
        ),
        sa.Column(
            "by_experience",
            sa.Integer(),
            sa.Computed("coalesce(experience_years::int, 2147483647)", persisted=True),
            nullable=False,
        ),
        sa.Column(
            "by_experience_desc",
            sa.Integer(),
            sa.Computed("coalesce(-experience_years::int, 2147483647)", persisted=True),
            nullable=False,
        ),
        sa.Column(
            "by_rating",
            sa.Integer(),
            sa.Computed("coalesce(rating::int, 2147483647)", persisted=True),
            nullable=False,
        ),
        sa.Column(
            "by_rating_desc",
            sa.Integer(),
            sa.Computed("coalesce(-rating::int, 2147483647)", persisted=True),
            nullable=False,
        ),
        sa.Column(
            "by_newest",
            sa.BigInteger(),
            sa.Computed("-registered_us", persisted=True),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"],
            ["public_subjects.id"],
            name="fk_public_tutor_subjects_subject_id_public_subjects",
        ),
        sa.ForeignKeyConstraint(
            ["tutor_id"],
            ["public_tutors.tutor_id"],
            name="fk_public_tutor_subjects_tutor_id_public_tutors",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tutor_id", "subject_id", name="pk_public_tutor_subjects"),
    )
    op.create_index(
        "ix_public_tutor_subjects_by_experience",
        "public_tutor_subjects",
        ["subject_id", "by_experience", "tutor_id"],
        postgresql_include=FILTERS,
    )
    op.create_index(
        "ix_public_tutor_subjects_by_experience_desc",
        "public_tutor_subjects",
        ["subject_id", "by_experience_desc", "tutor_id"],
        postgresql_include=FILTERS,
    )
    op.create_index(
        "ix_public_tutor_subjects_by_newest",
        "public_tutor_subjects",
        ["subject_id", "by_newest", "tutor_id"],
        postgresql_include=FILTERS,
    )
    op.create_index(
        "ix_public_tutor_subjects_by_rate",
        "public_tutor_subjects",
        ["subject_id", "by_rate", "tutor_id"],
        postgresql_include=FILTERS,
    )
    op.create_index(
        "ix_public_tutor_subjects_by_rate_desc",
        "public_tutor_subjects",
        ["subject_id", "by_rate_desc", "tutor_id"],
        postgresql_include=FILTERS,
    )
    op.create_index(
        "ix_public_tutor_subjects_by_rating",
        "public_tutor_subjects",
        ["subject_id", "by_rating", "tutor_id"],
        postgresql_include=FILTERS,
    )
    op.create_index(
        "ix_public_tutor_subjects_by_rating_desc",
        "public_tutor_subjects",
        ["subject_id", "by_rating_desc", "tutor_id"],
        postgresql_include=FILTERS,
    )
    op.create_index(
        "ix_public_tutor_subjects_by_score",
        "public_tutor_subjects",
        ["subject_id", "by_score", "tutor_id"],
        postgresql_include=FILTERS,
    )

    op.create_table(
        "public_revision",
        sa.Column("slot", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("n", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("slot", name="pk_public_revision"),
    )
    op.execute("insert into public_revision (slot) select generate_series(0, 15)")
    # Index-only scans live off the visibility map, so these tables are vacuumed early.
    for table in ("public_tutors", "public_tutor_subjects"):
        op.execute(
            f"alter table {table} set (autovacuum_vacuum_scale_factor = 0.01,"
            " autovacuum_vacuum_insert_scale_factor = 0.02)"
        )


def downgrade() -> None:
    op.drop_table("public_revision")
    op.drop_table("public_tutor_subjects")
    op.drop_table("public_subjects")
    op.drop_table("public_tutors")
