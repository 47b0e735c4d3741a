"""Entities of the server's events, and visitors' events as daily counts, batch by batch"""

from alembic import op
from sqlalchemy import text

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# Rows of one transaction. Nobody waits for it: it skips what others have locked, which is what is
# being erased.
BATCH = 5_000

PARTITIONS = text("""
    select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = cast('activity_events' as regclass) order by 1
""")
# Ids are UUIDv7, so that rows lie in the order of the primary key.
NEXT = """
    select id from (
        select id from {partition} where id > :last order by id limit :batch
    ) as batch order by id desc limit 1
"""
COUNT_VISITORS = """
    with visited as (
        delete from {partition} where (id, "timestamp") in (
            select id, "timestamp" from {partition}
            where id > :last and id <= :until and user_id is null and source = 'server'
            for update skip locked
        )
        returning action, coalesce(metadata ->> 'tutor_id', '') as entity_id,
                  cast("timestamp" at time zone 'UTC' as date) as day
    )
    insert into activity_daily_counts as c (action, entity_id, day, number)
    select action, entity_id, day, count(*) from visited group by 1, 2, 3 order by 1, 2, 3
    on conflict (action, entity_id, day) do update set number = c.number + excluded.number
"""
NAME_ENTITIES = """
    update {partition} as e
    set entity_type = entity.type,
        entity_id = case
            when e.action = 'profile.viewed' then e.metadata ->> 'tutor_id'
            when entity.is_person then cast(e.user_id as text)
        end
    from (
        select id, "timestamp" from {partition}
        where id > :last and id <= :until and source = 'server' and entity_type is null
        for no key update skip locked
    ) as unnamed,
    (values ('activity', 'activity', false), ('auth', 'account', true),
            ('avatar', 'avatar', true), ('marketplace', 'marketplace', false),
            ('profile', 'profile', true), ('settings', 'settings', true)
    ) as entity(prefix, type, is_person)
    where e.id = unnamed.id and e."timestamp" = unnamed."timestamp"
      and split_part(e.action, '.', 1) = entity.prefix
"""


def upgrade() -> None:
    with op.get_context().autocommit_block():
        connection = op.get_bind()
        for partition in connection.scalars(PARTITIONS).all():
            last = "00000000-0000-0000-0000-000000000000"
            bounds = {"last": last, "batch": BATCH}
            while until := connection.scalar(text(NEXT.format(partition=partition)), bounds):
                batch = bounds | {"until": until}
                for statement in (COUNT_VISITORS, NAME_ENTITIES):
                    connection.execute(text(statement.format(partition=partition)), batch)
                bounds["last"] = until


def downgrade() -> None:
    """The names stay: older code reads past them. Counts can't become events again."""
