"""Renews the revision of public rows, and stores whose rows changed with it."""

from collections.abc import Collection

from sqlalchemy import TextClause, text

from common.database.session import Transaction, write_by_key
from profiles.public.models import (
    MOST_CHANGED,
    RANDOM_REVISION,
    REVISION_ROWS,
    REVISION_SLOTS,
    STORED_CHANGES,
)

# Each change makes one too old. A bound below spares a walk through all that were ever deleted.
PRUNED_AT_ONCE = 50
# A slot so many positions behind is moved up by a change of another one: readers walk from the newest
# down to the last slot.
MOST_BEHIND = 100

# Of a range with an end the planner expects few rows and walks the index; it reads the whole table for
# one without. A row that has moved on while it was waited for is in that range as well.
_CURRENT = f"between (select position from last) and {2**63 - 1}"
_IDS = "cast(:ids as int[])"
_IDS_OF_SLOT = f"""case when {_IDS} is not null then array(
        select id from unnest({_IDS}) id where id % {REVISION_SLOTS} = slot) end"""


def _renewal(tutor_ids: str) -> TextClause:
    return text(f"""
    with last as materialized (
        select position from public_revision order by position desc
        offset {REVISION_SLOTS - 1} limit 1
    ), locked as materialized (
        select slot, n, version from public_revision
        where position {_CURRENT} and slot = any(:slots) order by slot for update
    ), renewed as (
        update public_revision revision
        set n = {RANDOM_REVISION}, version = locked.version + 1, position = default
        from locked where revision.position {_CURRENT} and revision.slot = locked.slot
        returning revision.slot, revision.version, locked.n as previous, revision.n, position
    ), pruned as (
        delete from public_changes change using renewed where change.slot = renewed.slot
            and change.version <= renewed.version - {STORED_CHANGES}
            and change.version > renewed.version - {STORED_CHANGES} - {PRUNED_AT_ONCE}
    )
    insert into public_changes (slot, version, previous, n, tutor_ids)
    select slot, version, previous, n, {tutor_ids} from renewed
    on conflict (slot, version) do update
    set previous = excluded.previous, n = excluded.n, tutor_ids = excluded.tutor_ids""")


# Locked in order, as the last statement: a waiting transaction waits for no more than a commit.
RENEW_REVISION = _renewal(_IDS_OF_SLOT)
RENEW_ONE_SLOT = _renewal(_IDS)
# Of a slot that is far behind. The number stays. Whoever has that slot locked moves it anyway, and is
# not waited for: others may wait for the slots that this transaction holds.
MOVE_LAST_UP = text(f"""
    with last as materialized (
        select slot, position from (
            select slot, position, max(position) over () - position as behind
            from {REVISION_ROWS} slots) compared
        where behind > {MOST_BEHIND} order by position limit 1
    ), locked as materialized (
        select slot, position from public_revision where position = (select position from last)
            and slot = (select slot from last)
        for update skip locked
    )
    update public_revision revision set position = default
    from locked where revision.position = locked.position and revision.slot = locked.slot""")


def renew_revision(connection: Transaction, changed: Collection[int]) -> None:
    """Change the revision for changed public rows, and say which: a transaction's last statements."""
    if changed:
        slots = sorted({tutor_id % REVISION_SLOTS for tutor_id in changed})
        ids = sorted(changed) if len(changed) <= MOST_CHANGED else None
        renewal = RENEW_ONE_SLOT if len(slots) == 1 else RENEW_REVISION
        write_by_key(connection, {"slots": slots, "ids": ids}, renewal, MOVE_LAST_UP)
