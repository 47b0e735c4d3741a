"""Who has which words, as of one snapshot; knows no database."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, replace
from functools import cached_property

from pyroaring import BitMap

from marketplace.listing.indexed.filter_index.reading import Slots, revision_of

# A clause of a tsquery, as common.text writes it for one word of a search.
Clause = str


@dataclass(frozen=True)
class Changes:
    """What a later snapshot says of the tutors who changed."""

    # Up to where the changes lead, and whether that is all of the snapshot's.
    slots: Slots
    is_all: bool
    changed: BitMap
    # Who of the changed has a clause, where anybody has.
    having: Mapping[Clause, BitMap]


@dataclass(frozen=True)
class WordState:
    """The bitmaps of one snapshot, which its slots name. Neither it nor a bitmap in it is ever
    changed, so that it is read without a lock.

    A state that has not caught up with all of a snapshot is of none, and may not be read.
    """

    slots: Slots
    is_whole: bool
    bitmaps: Mapping[Clause, BitMap]

    @cached_property
    def revision(self) -> int:
        """The revision of public rows in that snapshot."""
        return revision_of(self.slots)

    def has_all(self, clauses: Set[Clause]) -> bool:
        return clauses <= self.bitmaps.keys()

    def after(self, changes: Changes) -> "WordState":
        """The state of the later snapshot."""
        bitmaps = dict(self.bitmaps)
        if changes.changed:
            for clause, ids in self.bitmaps.items():
                now = changes.having.get(clause)
                if now is None:
                    if ids.intersect(changes.changed):
                        bitmaps[clause] = ids - changes.changed
                    continue
                # Most who change go on having the words they had: then nothing is copied.
                before = ids & changes.changed
                if before != now:
                    bitmaps[clause] = ids ^ (before ^ now)
        return WordState(changes.slots, changes.is_all, bitmaps)

    def with_clause(self, clause: Clause, ids: BitMap) -> "WordState":
        return replace(self, bitmaps={**self.bitmaps, clause: ids})

    def without(self, clauses: Iterable[Clause]) -> "WordState":
        gone = set(clauses)
        left = {clause: ids for clause, ids in self.bitmaps.items() if clause not in gone}
        return replace(self, bitmaps=left)
