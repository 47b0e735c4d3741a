"""What the queue takes, and the one transaction that stores a batch of it."""

from collections.abc import Sequence

from sqlalchemy import Engine

from activity.queue.accumulation import Accumulation
from activity.recording.bulk_insert import QueuedEvent, insert_events
from activity.recording.daily_counts import Visit, add_visits

Queued = QueuedEvent | Visit | Accumulation


def write_batch(engine: Engine, batch: Sequence[Queued]) -> int:
    """Store events and counts in a transaction of their own; how many events and visits were.

    Written twice, events are stored once.
    """
    events = [item for item in batch if isinstance(item, QueuedEvent)]
    with engine.begin() as connection:
        visits = add_visits(connection, (item for item in batch if isinstance(item, Visit)))
        for item in batch:
            if isinstance(item, Accumulation):
                item.write(connection)
        return visits + (insert_events(connection, events) if events else 0)
