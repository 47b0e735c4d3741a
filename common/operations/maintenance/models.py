"""When each task of the upkeep last succeeded, for all machines together."""

from datetime import datetime

from sqlalchemy import DateTime, Float, Text
from sqlalchemy.orm import Mapped, mapped_column

from common.database.session import Base


class MaintenanceRun(Base):
    """The latest success of a task."""

    __tablename__ = "maintenance_runs"

    task: Mapped[str] = mapped_column(Text, primary_key=True)
    succeeded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    seconds: Mapped[float] = mapped_column(Float)
