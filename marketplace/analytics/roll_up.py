"""Counts the tutors of the pages that were shown, some minutes later and many pages at once.

So a request pays for one row of its page, and not for one of each tutor on it.
"""

from sqlalchemy import Connection, Engine, text

ROLL_UP_LOCK = 7_052_114_034
BATCH = 5_000

ROLL_UP = text("""
    with taken as (
        delete from insight_pages where id in (
            select id from insight_pages order by id limit :size
        )
        returning id, day, tutor_ids, is_first, filters, number
    ),
    shown as materialized (
        select day, tutor_id, is_first, position, number
        from taken cross join lateral unnest(tutor_ids) with ordinality as page (tutor_id, position)
    ),
    present as materialized (
        select id from users where id in (select tutor_id from shown) order by id for key share
    ),
    tutors as (
        insert into tutor_daily_counts as old
            (tutor_id, day, views, appearances, placed, position_sum)
        select tutor_id, day, 0, sum(number),
               coalesce(sum(number) filter (where is_first), 0),
               coalesce(sum(number * position) filter (where is_first), 0)
        from shown where tutor_id in (select id from present)
        group by tutor_id, day order by tutor_id, day
        on conflict (tutor_id, day) do update set
            appearances = old.appearances + excluded.appearances,
            placed = old.placed + excluded.placed,
            position_sum = old.position_sum + excluded.position_sum
    ),
    used as (
        select day, 'position' as kind, cast(position as text) as value, sum(number) as number
        from shown where is_first group by day, position
        union all
        select day, 'filter', filter, sum(number)
        from taken cross join lateral unnest(filters) as filter group by day, filter
    ),
    listings as (
        insert into listing_daily_counts as old (day, kind, value, shown, views)
        select day, kind, value, number, 0 from used order by day, kind, value
        on conflict (day, kind, value) do update set shown = old.shown + excluded.shown
    )
    select count(*) from taken
""")


def roll_up(connection: Connection) -> bool:
    """Count the tutors of some pages in the caller's transaction; whether more pages are left.

    False too where another process is at it.
    """
    locked = text("select pg_try_advisory_xact_lock(:key)")
    if not connection.scalar(locked, {"key": ROLL_UP_LOCK}):
        return False
    number: int = connection.scalar(ROLL_UP, {"size": BATCH}) or 0
    return number >= BATCH


def roll_up_all(engine: Engine) -> None:
    """Count all of them, in transactions of their own."""
    is_more_left = True
    while is_more_left:
        with engine.begin() as connection:
            is_more_left = roll_up(connection)
