"""What people say about themselves: profiles, settings with the privacy flags, the draft."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    DateTime,
    ForeignKey,
    Integer,
    Numeric,
    SmallInteger,
    String,
    Text,
    false,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from common.database.session import Base

LONGEST_HEADLINE = 120
LONGEST_BIO = 2000
MOST_SUBJECTS = 20
LONGEST_SUBJECT = 50
MOST_CERTIFICATIONS = 20
LONGEST_CERTIFICATION = 200
HIGHEST_RATE = 100_000
MOST_YEARS = 80

NO_TEXTS = text("'{}'")


def account_key() -> Mapped[int]:
    """The primary key of a row that belongs to one account and is deleted with it."""
    return mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)


class TutorProfile(Base):
    """A tutor's profile."""

    __tablename__ = "tutor_profiles"
    __table_args__ = (
        CheckConstraint(f"hourly_rate between 0 and {HIGHEST_RATE}", name="hourly_rate"),
        CheckConstraint(f"experience_years between 0 and {MOST_YEARS}", name="experience_years"),
        CheckConstraint("rating between 0 and 5", name="rating"),
        CheckConstraint("reviews_count >= 0", name="reviews_count"),
        CheckConstraint(f"char_length(headline) <= {LONGEST_HEADLINE}", name="headline"),
        CheckConstraint(f"char_length(bio) <= {LONGEST_BIO}", name="bio"),
        CheckConstraint(f"cardinality(subjects) <= {MOST_SUBJECTS}", name="subjects"),
        CheckConstraint(
            f"cardinality(certifications) <= {MOST_CERTIFICATIONS}", name="certifications"
        ),
    )

    user_id: Mapped[int] = account_key()
    headline: Mapped[str] = mapped_column(Text, server_default="", default="")
    bio: Mapped[str] = mapped_column(Text, server_default="", default="")
    subjects: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=NO_TEXTS, default=list)
    certifications: Mapped[list[str]] = mapped_column(
        ARRAY(Text), server_default=NO_TEXTS, default=list
    )
    languages: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=NO_TEXTS, default=list)
    hourly_rate: Mapped[int | None] = mapped_column(Integer)
    experience_years: Mapped[int | None] = mapped_column(SmallInteger)
    rating: Mapped[Decimal | None] = mapped_column(Numeric(3, 2))
    reviews_count: Mapped[int] = mapped_column(server_default="0", default=0)


class StudentProfile(Base):
    """A student's profile."""

    __tablename__ = "student_profiles"
    __table_args__ = (
        CheckConstraint(f"char_length(headline) <= {LONGEST_HEADLINE}", name="headline"),
        CheckConstraint(f"char_length(bio) <= {LONGEST_BIO}", name="bio"),
        CheckConstraint(f"cardinality(subjects) <= {MOST_SUBJECTS}", name="subjects"),
    )

    user_id: Mapped[int] = account_key()
    headline: Mapped[str] = mapped_column(Text, server_default="", default="")
    bio: Mapped[str] = mapped_column(Text, server_default="", default="")
    subjects: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=NO_TEXTS, default=list)


class UserSettings(Base):
    """Preferences, and the flags that decide what the public may see."""

    __tablename__ = "user_settings"
    __table_args__ = (CheckConstraint("ui_language in ('uk', 'en', 'pl')", name="ui_language"),)

    user_id: Mapped[int] = account_key()
    ui_language: Mapped[str] = mapped_column(String(2), server_default="uk", default="uk")
    dark_mode: Mapped[bool] = mapped_column(server_default=false(), default=False)
    notifications_enabled: Mapped[bool] = mapped_column(server_default=true(), default=True)
    public_profile_enabled: Mapped[bool] = mapped_column(server_default=true(), default=True)
    show_email_publicly: Mapped[bool] = mapped_column(server_default=false(), default=False)
    show_avatar_publicly: Mapped[bool] = mapped_column(server_default=true(), default=True)
    show_certifications_publicly: Mapped[bool] = mapped_column(server_default=true(), default=True)
    show_subjects_publicly: Mapped[bool] = mapped_column(server_default=true(), default=True)
    show_bio_publicly: Mapped[bool] = mapped_column(server_default=true(), default=True)


class ProfileDraft(Base):
    """Unpublished changes. The row outlives a discarded draft (`data` is null then), so that
    its version only ever grows."""

    __tablename__ = "profile_drafts"

    user_id: Mapped[int] = account_key()
    data: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    version: Mapped[int] = mapped_column(server_default="0", default=0)
    autosaved_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
