"""The log's tables: events in monthly partitions, receipts of repeated calls, daily counts."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from common.database.session import Base


class ActivityEvent(Base):
    """Something that happened. `id` is a UUIDv7 of the same time as `timestamp`."""

    __tablename__ = "activity_events"
    __table_args__ = (
        CheckConstraint("source in ('server', 'client')", name="source"),
        # The page of one user's log, and of each filter: a page is always a walk along one of
        # these, also when nothing matches.
        Index("ix_activity_events_page", "user_id", "timestamp", "id"),
        Index("ix_activity_events_action", "user_id", "action", "timestamp", "id"),
        Index("ix_activity_events_entity", "user_id", "entity_type", "timestamp", "id"),
        Index(
            "ix_activity_events_kind",
            "user_id",
            "action",
            "entity_type",
            "timestamp",
            "id",
        ),
        {"postgresql_partition_by": "RANGE (timestamp)"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    timestamp: Mapped[datetime] = mapped_column(DateTime(timezone=True), primary_key=True)
    # The users table by name: activity knows people only by id.
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    action: Mapped[str] = mapped_column(Text)
    entity_type: Mapped[str | None] = mapped_column(Text)
    entity_id: Mapped[str | None] = mapped_column(Text)
    # `metadata` is taken on a declarative class.
    details: Mapped[dict[str, Any]] = mapped_column("metadata", JSONB)
    source: Mapped[str] = mapped_column(Text)
    duration_ms: Mapped[int | None] = mapped_column(Integer)
    status_code: Mapped[int | None] = mapped_column(SmallInteger)
    referrer: Mapped[str | None] = mapped_column(Text)
    ip_address: Mapped[str | None] = mapped_column(Text)
    user_agent: Mapped[str | None] = mapped_column(Text)


class ActivityReceipt(Base):
    """That a caller's key (idempotency key or message id) was answered with an event."""

    __tablename__ = "activity_receipts"
    __table_args__ = (Index(None, "received_at"), Index(None, "user_id"))

    caller: Mapped[str] = mapped_column(Text, primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    event_id: Mapped[UUID]
    event_timestamp: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    received_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    # Of the body sent under an idempotency key: the same key with another body is a mistake.
    body_digest: Mapped[str | None] = mapped_column(Text)


class ActivityDailyCount(Base):
    """How often visitors without an account did something on a day in UTC.

    `entity_id` says to what, and is empty where there is nothing to name.
    """

    __tablename__ = "activity_daily_counts"
    # Counting up touches no index, so that PostgreSQL keeps the new version on the same page.
    __table_args__ = ({"postgresql_with": {"fillfactor": 70}},)

    action: Mapped[str] = mapped_column(Text, primary_key=True)
    entity_id: Mapped[str] = mapped_column(Text, primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)


class ActivityMaintenance(Base):
    """How far a recurring task of the log has come, for all processes together."""

    __tablename__ = "activity_maintenance"

    task: Mapped[str] = mapped_column(Text, primary_key=True)
    done_until: Mapped[datetime] = mapped_column(DateTime(timezone=True))
