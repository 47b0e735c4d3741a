"""Daily counts of what visitors without an account do: how often, to what, and nothing of whom."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, date
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, text

from activity.catalogue import Action, entity_of
from activity.recording.events import check_metadata
from common import clock

VIEW = Action.PROFILE_VIEWED


class Visit(NamedTuple):
    """One step of a visitor; equal ones of a day (in UTC) are counted together."""

    action: str
    entity_id: str
    day: date


def visit_of(action: str, metadata: Mapping[str, Any]) -> Visit:
    """The count that an event of the catalogue adds to. Raises as `check_metadata` does."""
    check_metadata(action, metadata)
    _, entity_id = entity_of(action, None, metadata)
    return Visit(action, entity_id or "", clock.now().astimezone(UTC).date())


# In one order, so that processes that count the same things never deadlock. Views of an account
# that is erased meanwhile are left out: its lock is waited for, as a foreign key would.
ADD = text("""
    with present as materialized (
        select id from users where id = any(cast(:viewed as int[])) order by id for key share
    )
    insert into activity_daily_counts as c (action, entity_id, day, number)
    select action, entity_id, day, number
    from json_to_recordset(cast(:counts as json))
        as added (action text, entity_id text, day date, number bigint)
    where action <> :view or entity_id in (select cast(id as text) from present)
    order by action, entity_id, day
    on conflict (action, entity_id, day) do update set number = c.number + excluded.number
""")


def add_visits(connection: Connection, visits: Iterable[Visit]) -> int:
    """Add the visits to their counts, in the caller's transaction; how many they were."""
    counts = Counter(visits)
    if counts:
        rows = [{**visit._asdict(), "number": number} for visit, number in counts.items()]
        viewed = [int(visit.entity_id) for visit in counts if visit.action == VIEW]
        values = {"counts": orjson.dumps(rows).decode(), "viewed": viewed, "view": VIEW}
        connection.execute(ADD, values)
    return counts.total()
