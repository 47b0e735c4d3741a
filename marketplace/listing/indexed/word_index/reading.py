"""Reads from PostgreSQL who has a clause, and what has changed since a state."""

from collections.abc import Collection, Iterable

from pyroaring import BitMap

from common.database.session import read_rows
from marketplace.listing.indexed.filter_index.encoding import SENT_IDS, decode_ids
from marketplace.listing.indexed.filter_index.reading import Slots
from marketplace.listing.indexed.word_index.state import Changes, Clause
from profiles.public.models import REVISION_ROWS

_SLOTS = f"select null::bytea, array[slot, version, n] from {REVISION_ROWS} slots"
# Each is one statement, so that slots and ids are of one snapshot.
HAVING = f"""
    {_SLOTS} union all
    select {SENT_IDS}, null from public_search where words @@ %(clause)s::tsquery"""
# A document is read once, whatever the number of clauses: an expression of it is not stored apart.
CHANGES = f"""
    with known as (
        select * from unnest(%(slots)s::smallint[], %(versions)s::bigint[]) as known (slot, version)
    ), changes as materialized (
        select change.slot, change.version, change.previous, change.n, change.tutor_ids
        from known join public_changes change on change.slot = known.slot
            and change.version > known.version and change.version <= known.version + %(most)s
    ), changed as materialized (
        select distinct tutor_id from changes, unnest(tutor_ids) as tutor_id
    ), documents as materialized (
        select stored.tutor_id, stored.words || ''::tsvector as words
        from changed cross join lateral (
            select tutor_id, words from public_search
            where tutor_id = changed.tutor_id offset 0) stored
    ), clauses as materialized (
        select clause.text::tsquery as query, clause.place
        from unnest(%(clauses)s::text[]) with ordinality as clause (text, place)
    )
    select 'slot', null::bytea, array[slot, version, n] from {REVISION_ROWS} slots union all
    select case when tutor_ids is null then 'unnamed change' else 'change' end, null,
        array[slot, version, previous, n] from changes union all
    select 'changed', {SENT_IDS}, null from changed union all
    select 'having', {SENT_IDS}, array[place] from clauses join documents on words @@ query
    group by place"""


def read_having(clause: Clause) -> tuple[Slots, BitMap]:
    """Who has a clause, and the slots of that snapshot. Raises psycopg2.Error."""
    slots: Slots = {}
    having = BitMap()
    for ids, numbers in read_rows(HAVING, {"clause": clause}):
        if numbers is None:
            having = decode_ids(ids)
        else:
            slots[numbers[0]] = numbers[1], numbers[2]
    having.run_optimize()
    return slots, having


def read_changes(
    known: Slots, clauses: Collection[Clause], most: int, passing: Collection[Slots] = ()
) -> Changes | None:
    """What the first `most` changes of each slot after `known` say of the clauses.

    None where the history from there is not known, or does not pass all of `passing`: after a
    fail-over or a restore, a bulk load, or more changes than are stored. Raises psycopg2.Error.
    """
    sent = list(clauses)
    values = {
        "slots": list(known),
        "versions": [version for version, _ in known.values()],
        "most": most,
        "clauses": sent,
    }
    slots: Slots = {}
    links: dict[int, list[list[int]]] = {}
    changed, having = BitMap(), dict[Clause, BitMap]()
    for kind, ids, numbers in read_rows(CHANGES, values):
        if kind == "slot":
            slots[numbers[0]] = numbers[1], numbers[2]
        elif kind == "change":
            links.setdefault(numbers[0], []).append(numbers)
        elif kind == "changed":
            changed = decode_ids(ids)
        elif kind == "having":
            having[sent[numbers[0] - 1]] = decode_ids(ids)
    if slots.keys() != known.keys():
        return None
    reached: Slots = {}
    for slot, start in known.items():
        path = _path(start, links.get(slot, []))
        end, current = path[-1], slots[slot]
        is_cut = end[0] == start[0] + most < current[0]
        if not (end == current or is_cut) or any(state[slot] not in path for state in passing):
            return None
        reached[slot] = end
    return Changes(reached, reached == slots, changed, having)


def _path(start: tuple[int, int], links: Iterable[list[int]]) -> list[tuple[int, int]]:
    """The versions and numbers that a slot's changes lead to, one after the other."""
    path = [start]
    for _, version, previous, n in sorted(links):
        if (version, previous) != (path[-1][0] + 1, path[-1][1]):
            break
        path.append((version, n))
    return path
