"""The statement that walks along one index of the log through a window of time.

With the log's many partitions, planning costs several times what finding a page does. So
the statement depends on the kind of filter alone, and is planned once for a connection: the
values it is run with decide which partitions the plan leaves out. Such a plan knows nothing of
the values, so that the statement has to leave no choice of the index.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from activity.log.pages.event_filter import EventFilter
from activity.log.pages.windows import Window
from common.database.connections.prepared_statements import INDEX_WALK


def page_statement(columns: str, event_filter: EventFilter, backward: bool) -> str:
    """Selects `columns` of the table `e`, nearest first. Its values are `page_values`."""
    return _statement(
        columns, bool(event_filter.actions), bool(event_filter.entity_types), backward
    )


def page_values(
    user_id: int, event_filter: EventFilter, window: Window, limit: int
) -> Mapping[str, Any]:
    """The values for up to `limit` events of the window."""
    (after, after_id), (before, before_id) = window
    values = {
        "user_id": user_id,
        "after": after,
        "after_id": after_id,
        "before": before,
        "before_id": before_id,
        "limit": limit,
    }
    if event_filter.actions:
        values["actions"] = list(event_filter.actions)
    if event_filter.entity_types:
        values["entity_types"] = list(event_filter.entity_types)
    return values


@lru_cache
def _statement(columns: str, by_action: bool, by_type: bool, backward: bool) -> str:
    """One short scan of one index for each combination of filter values, merged: a value that never
    occurs costs no more than a common one."""
    direction = "asc" if backward else "desc"
    kinds = ["action"] * by_action + ["entity_type"] * by_type
    found = _scan(kinds, direction)
    if kinds:
        sources = " cross join ".join(
            f"unnest(cast(%({kind}s)s as text[])) as wanted_{kind} ({kind})" for kind in kinds
        )
        order = f"e.timestamp {direction}, e.id {direction} limit %(limit)s"
        found = f"select e.* from {sources} cross join lateral ({found}) e order by {order}"
    return f"{INDEX_WALK}select {columns} from ({found}) e"


def _scan(kinds: Sequence[str], direction: str) -> str:
    """The events of one value of each kind.

    The comparisons of rows and the ordering both name the columns of one index after the person,
    and only that one can be followed without sorting. Comparisons of rows prune no partition; the
    bounds on the time do.
    """
    key = [*kinds, "timestamp", "id"]
    columns = ", ".join(f"e.{each}" for each in key)
    wanted = "".join(f"wanted_{kind}.{kind}, " for kind in kinds)
    ordering = ", ".join(f"e.{each} {direction}" for each in key)
    return (
        "select e.* from activity_events e where e.user_id = %(user_id)s"
        " and e.timestamp >= %(after)s and e.timestamp <= %(before)s"
        f" and ({columns}) > ({wanted}%(after)s, cast(cast(%(after_id)s as text) as uuid))"
        f" and ({columns}) < ({wanted}%(before)s, cast(cast(%(before_id)s as text) as uuid))"
        f" order by {ordering} limit %(limit)s"
    )
