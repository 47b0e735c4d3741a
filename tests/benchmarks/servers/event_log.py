"""Fills the log of an installation by one statement, ten million events in a minute or two.

What an event says is drawn as fixtures.generated draws it, some thousands of times; PostgreSQL gives
each row one of these, a person, a time and an id of that time. Rows are stored in the order of time,
as those of a running service are.
"""

import json
from collections.abc import Sequence
from random import Random
from typing import Any

from sqlalchemy import text

from activity.catalogue import entity_of
from activity.partitions import ensure_partitions
from activity.recording.bulk_insert import QueuedEvent
from activity.uuid_time import to_microseconds
from common.database.session import db
from fixtures.bulk.indexes import without_indexes
from fixtures.bulk.load import EVENT_TABLES, begin_load, end_load
from fixtures.generated.events import (
    BROWSER,
    EVENT_SPAN_MICROSECONDS,
    draw_event,
)
from fixtures.generated.period import FIRST_EVENT, LAST_TIMESTAMP
from fixtures.generated.tutors import GENERATED_DOMAIN

DRAWN = 10_000
# Events are looked up in hashes of what they are drawn from, which leaves them in order.
PLAN_SETTINGS = {"work_mem": "'256MB'", "enable_mergejoin": "off", "enable_nestloop": "off"}
# How many events an installation has is a comment of their table: it is of the same transaction.
READ_STORED = text("select obj_description(cast('activity_events' as regclass))")
READ_PEOPLE = text("select id from users where email_key like :address order by id")
CREATE_DRAWN = text("""
    create temporary table drawn_events on commit drop as
    select * from jsonb_to_recordset(cast(:drawn as jsonb)) as drawn (
        number integer, action text, entity_type text, entity_id text, is_of_user boolean,
        details jsonb, source text, duration_ms integer, status_code smallint)""")
CREATE_PEOPLE = text("""
    create temporary table people on commit drop as
    select cast(row_number() over (order by id) as integer) as number, id
    from unnest(cast(:ids as integer[])) as id""")
# UUIDv7 as activity.uuid_time makes them. People are drawn as fixtures.generated does: the first by far
# the most often.
PUT_EVENTS = text("""
    insert into activity_events (
        id, timestamp, user_id, action, entity_type, entity_id, metadata, source, duration_ms,
        status_code, ip_address, user_agent)
    select
        cast(lpad(to_hex(microseconds / 1000), 12, '0')
            || '7' || lpad(to_hex(microseconds % 1000 * 4096 / 1000), 3, '0')
            || to_hex(8 + cast(floor(random() * 4) as integer)) || substr(md5(events.number || 'id'), 1, 15)
            as uuid),
        timestamptz 'epoch' + microseconds * interval '1 microsecond',
        people.id, action, entity_type,
        case when is_of_user then cast(people.id as text) else entity_id end,
        details, source, duration_ms, status_code,
        '198.51.100.' || 1 + people.id % 254, :browser
    from (
        select number,
            :first + cast(floor((number - random()) * :span / :number) as bigint) as microseconds,
            1 + cast(floor(random() * :drawn) as integer) as drawn,
            least(:people, cast(floor(power(:people + 1, random())) as integer)) as person
        from generate_series(1, :number) as number
        offset 0
    ) events
    join drawn_events on drawn_events.number = events.drawn
    join people on people.number = events.person
    """)


def fill_log(number: int, seed: int, progress: bool) -> bool:
    """Have so many events in a log that has none; False where it has them already. Commits.

    Raises ValueError where another number is there.
    """
    connection = begin_load()
    stored = connection.scalar(READ_STORED)
    if stored is not None:
        db.session.rollback()
        if stored != str(number):
            raise ValueError(f"the log was filled with {stored} events, not {number}")
        return False
    people = list(
        connection.scalars(READ_PEOPLE, {"address": f"tutor-{seed}-%@{GENERATED_DOMAIN}"})
    )
    ensure_partitions(connection, FIRST_EVENT, LAST_TIMESTAMP)
    connection.execute(CREATE_DRAWN, {"drawn": json.dumps(drawn_events(seed, people))})
    connection.execute(CREATE_PEOPLE, {"ids": people})
    connection.execute(text("analyze people"))
    for name, value in PLAN_SETTINGS.items():
        connection.execute(text(f"set local {name} = {value}"))
    connection.execute(text("select setseed(0.5)"))
    values = {
        "number": number,
        "first": to_microseconds(FIRST_EVENT),
        "span": EVENT_SPAN_MICROSECONDS,
        "drawn": DRAWN,
        "people": len(people),
        "browser": BROWSER,
    }
    with without_indexes(connection, EVENT_TABLES, progress):
        connection.execute(PUT_EVENTS, values)
    connection.execute(text(f"comment on table activity_events is '{number}'"))
    end_load(EVENT_TABLES)
    return True


def drawn_events(seed: int, people: Sequence[int]) -> list[dict[str, Any]]:
    """What events say, each as often as it is to come."""
    random = Random(f"drawn events {seed}")
    return [{"number": n} | said(draw_event(random, people)) for n in range(1, DRAWN + 1)]


def said(event: QueuedEvent) -> dict[str, Any]:
    """An event's own words: without its person, its time and its id."""
    details = json.loads(event.details)
    is_of_user = event.source == "server" and entity_of(event.action, 0, details)[1] == "0"
    return {
        "action": event.action,
        "entity_type": event.entity_type,
        "entity_id": event.entity_id,
        "is_of_user": is_of_user,
        "details": details,
        "source": event.source,
        "duration_ms": event.duration_ms,
        "status_code": event.status_code,
    }
