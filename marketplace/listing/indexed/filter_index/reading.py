"""Reads the whole filter index from PostgreSQL, in one snapshot."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from pyroaring import BitMap

from common.database.connections.pool import AutocommitPool
from common.database.connections.prepared_statements import READ_PLANS
from marketplace.listing.indexed.filter_index import statements
from marketplace.listing.indexed.filter_index.bitmaps import (
    CERTIFIED,
    EXPERIENCE,
    FIELDS,
    LANGUAGES,
    LISTED,
    PRICE,
    RATING,
    SCORE,
    FilterBitmaps,
)
from marketplace.listing.indexed.filter_index.encoding import decode_ids

SMALLEST_KEY = -(2**31)
_VALUE_OF: Mapping[str, Callable[[str], Any]] = {
    PRICE: int,
    EXPERIENCE: int,
    SCORE: int,
    RATING: int,
    CERTIFIED: "true".__eq__,
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


def _postings(rows: Iterable[Row]) -> Iterable[tuple[str, Any, BitMap]]:
    for field, value, ids, _ in rows:
        if field not in FIELDS:
            continue
        bitmap = decode_ids(ids)
        if field == LANGUAGES:
            for code in filter(None, (value or "").split(",")):
                yield field, code, bitmap
            continue
        if field == CERTIFIED:
            # Everybody listed has a value of it.
            yield LISTED, True, bitmap
        yield field, None if value is None else _VALUE_OF.get(field, str)(value), bitmap
