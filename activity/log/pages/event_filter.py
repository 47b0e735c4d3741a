"""Which events of a log are wanted."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class EventFilter:
    """Which events of a log are wanted; both times are inclusive, empty means any."""

    actions: tuple[str, ...] = ()
    entity_types: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
