"""Profiles, settings with the privacy flags, drafts"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tutor_profiles",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("headline", sa.Text(), server_default="", nullable=False),
        sa.Column("bio", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "subjects",
            postgresql.ARRAY(sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column(
            "certifications",
            postgresql.ARRAY(sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column(
            "languages",
            postgresql.ARRAY(sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column("hourly_rate", sa.Integer(), nullable=True),
        sa.Column("experience_years", sa.SmallInteger(), nullable=True),
        sa.Column("rating", sa.Numeric(precision=3, scale=2), nullable=True),
        sa.Column("reviews_count", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint(
            "cardinality(certifications) <= 20",
            name=op.f("ck_tutor_profiles_certifications"),
        ),
        sa.CheckConstraint("cardinality(subjects) <= 20", name=op.f("ck_tutor_profiles_subjects")),
        sa.CheckConstraint("char_length(bio) <= 2000", name=op.f("ck_tutor_profiles_bio")),
        sa.CheckConstraint("char_length(headline) <= 120", name=op.f("ck_tutor_profiles_headline")),
        sa.CheckConstraint(
            "experience_years between 0 and 80",
            name=op.f("ck_tutor_profiles_experience_years"),
        ),
        sa.CheckConstraint(
            "hourly_rate between 0 and 100000",
            name=op.f("ck_tutor_profiles_hourly_rate"),
        ),
        sa.CheckConstraint("rating between 0 and 5", name=op.f("ck_tutor_profiles_rating")),
        sa.CheckConstraint("reviews_count >= 0", name=op.f("ck_tutor_profiles_reviews_count")),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name="fk_tutor_profiles_user_id_users",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("user_id", name="pk_tutor_profiles"),
    )

    op.create_table(
        "student_profiles",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("headline", sa.Text(), server_default="", nullable=False),
        sa.Column("bio", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "subjects",
            postgresql.ARRAY(sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "cardinality(subjects) <= 20", name=op.f("ck_student_profiles_subjects")
        ),
        sa.CheckConstraint("char_length(bio) <= 2000", name=op.f("ck_student_profiles_bio")),
        sa.CheckConstraint(
            "char_length(headline) <= 120", name=op.f("ck_student_profiles_headline")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name="fk_student_profiles_user_id_users",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("user_id", name="pk_student_profiles"),
    )

    op.create_table(
        "user_settings",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("ui_language", sa.String(length=2), server_default="uk", nullable=False),
        sa.Column("dark_mode", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "notifications_enabled",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
        ),
        sa.Column(
            "public_profile_enabled",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
        ),
        sa.Column(
            "show_email_publicly",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
        ),
        sa.Column(
            "show_avatar_publicly",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
        ),
        sa.Column(
            "show_certifications_publicly",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
        ),
        sa.Column(
            "show_subjects_publicly",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
        ),
        sa.Column(
            "show_bio_publicly",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "ui_language in ('uk', 'en', 'pl')",
            name=op.f("ck_user_settings_ui_language"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name="fk_user_settings_user_id_users",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("user_id", name="pk_user_settings"),
    )

    op.create_table(
        "profile_drafts",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("data", postgresql.JSONB(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("autosaved_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name="fk_profile_drafts_user_id_users",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("user_id", name="pk_profile_drafts"),
    )


def downgrade() -> None:
    op.drop_table("profile_drafts")
    op.drop_table("user_settings")
    op.drop_table("student_profiles")
    op.drop_table("tutor_profiles")
