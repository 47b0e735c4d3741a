"""Reads the filter index from PostgreSQL: whole, in one snapshot, or what changed since a state."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from pyroaring import BitMap

from common.database.pool import AutocommitPool
from common.database.prepared_statements import READ_PLANS
from common.database.session import read_rows
from marketplace.listing.filter_index import statements
from marketplace.listing.filter_index.bitmaps import (
    CERTIFIED,
    EXPERIENCE,
    FIELDS,
    LISTED,
    PRICE,
    RATING,
    SCORE,
    FilterBitmaps,
)
from marketplace.listing.filter_index.encoding import decode_ids

# Changes per slot that are caught up with one by one; reading everything takes no longer then.
MOST_CHANGES = 300
SMALLEST_KEY = -(2**31)
_VALUE_OF: Mapping[str, Callable[[str], Any]] = {
    PRICE: int,
    EXPERIENCE: int,
    SCORE: int,
    RATING: int,
    CERTIFIED: "true".__eq__,
    LISTED: "true".__eq__,
}

Row = tuple[str, str | None, memoryview | None, list[int] | None]
# By slot, its version and its random number.
Slots = dict[int, tuple[int, int]]


@dataclass
class IndexState:
    """The bitmaps of one snapshot, which its slots name."""

    slots: Slots
    bitmaps: FilterBitmaps
    # Of public rows in that snapshot.
    revision: int


def revision_of(slots: Slots) -> int:
    """The revision of public rows that these slots add up to."""
    return sum(n for _, n in slots.values())


@dataclass
class Changes:
    """What a later snapshot holds of the tutors who changed."""

    slots: Slots
    changed: BitMap
    rows: list[Row]

    def apply(self, state: IndexState) -> None:
        """Make `state`, from which these changes were read, that of the later snapshot."""
        if self.changed:
            state.bitmaps.remove(self.changed)
            state.bitmaps.add(_postings(self.rows))
        state.slots = self.slots
        state.revision = revision_of(self.slots)


def read_all(pool: AutocommitPool, chunk: int, most: int | None = None) -> IndexState | None:
    """Everything, in chunks of one snapshot; None where there are more than `most` tutors.

    Each chunk is a statement of its own, so that none takes long. Raises psycopg2.Error.
    """
    connection = pool.acquire()
    try:
        with closing(connection.cursor()) as cursor:
            cursor.execute(f"begin isolation level repeatable read read only; {READ_PLANS}")
            cursor.execute(statements.SLOTS)
            slots = {slot: (version, n) for slot, version, n in cursor.fetchall()}
            state = IndexState(slots, FilterBitmaps(), revision_of(slots))
            for statement in (statements.TUTORS, statements.RATINGS, statements.POSTINGS):
                for rows in _chunks(cursor, statement, chunk):
                    state.bitmaps.add(_postings(rows))
                    if most is not None and len(state.bitmaps.listed) > most:
                        cursor.execute("commit")
                        return None
            cursor.execute("commit")
        return state
    finally:
        # Closes a connection whose transaction is still open.
        pool.release(connection)


def _chunks(cursor: Any, statement: str, size: int) -> Iterable[list[Row]]:
    after: list[int] | None = [SMALLEST_KEY, SMALLEST_KEY]
    while after is not None:
        values = {"after_0": after[0], "after_1": after[1], "size": size}
        cursor.execute(statement, values)
        rows: list[Row] = cursor.fetchall()
        yield rows
        after = next((numbers for field, _, _, numbers in rows if field == "last"), None)


def read_changes(known: Slots) -> Changes | None:
    """What has changed since `known`; None where that history is not known, or too long.

    Raises psycopg2.Error.
    """
    values = {
        "slots": list(known),
        "versions": [version for version, _ in known.values()],
        "most": MOST_CHANGES,
    }
    rows: list[Row] = read_rows(statements.CHANGES, values)
    slots: Slots = {}
    links: dict[int, list[list[int]]] = {}
    changed = BitMap()
    for field, _, ids, numbers in rows:
        if field == "slot" and numbers:
            slots[numbers[0]] = numbers[1], numbers[2]
        elif field == "change" and numbers:
            links.setdefault(numbers[0], []).append(numbers)
        elif field == "changed":
            changed = decode_ids(ids)
    is_history = slots.keys() == known.keys() and all(
        _leads_to(slots[slot], known[slot], links.get(slot, [])) for slot in slots
    )
    return Changes(slots, changed, rows) if is_history else None


def _leads_to(current: tuple[int, int], known: tuple[int, int], links: Iterable[list[int]]) -> bool:
    """Whether the changes go from the known version and number of a slot, link by link, to the
    current ones. After a fail-over or a restore they do not, though the version may be the same."""
    at = known
    for _, version, previous, n in sorted(links):
        if (version, previous) != (at[0] + 1, at[1]):
            return False
        at = version, n
    return at == current


def _postings(rows: Iterable[Row]) -> Iterable[tuple[str, Any, BitMap]]:
    for field, value, ids, _ in rows:
        if field in FIELDS:
            typed = None if value is None else _VALUE_OF.get(field, str)(value)
            yield field, typed, decode_ids(ids)
