"""Who is found by words and filters, and in which order of relevance, by bitmaps; knows no database.

The same order by SQL is listing/statements/relevance_page.py's.
"""

from collections.abc import Iterable, Iterator

from pyroaring import BitMap

from common.http.pagination import Position
from common.text import excluded_clause
from marketplace.listing.indexed.filter_index import FilterBitmaps
from marketplace.listing.indexed.filter_index.ordering import page_ids
from marketplace.listing.indexed.word_index import WordState
from marketplace.listing.query import TutorQuery
from marketplace.listing.statements.words import Requirement, everywhere, relevance_classes
from profiles.public.models import EMPTY_LAST

# Behind everybody of a class.
END = (EMPTY_LAST, EMPTY_LAST)


class RelevantPlaces:
    """What a query finds in one state of the bitmaps. `words` have all clauses of the query."""

    def __init__(self, bitmaps: FilterBitmaps, words: WordState, query: TutorQuery) -> None:
        self._bitmaps = bitmaps
        self._words = words.bitmaps
        self._query = query
        self._meeting: dict[Requirement, BitMap] = {}
        matching = bitmaps.matching(query.filters)
        self._allowed = bitmaps.listed if matching is None else matching
        self._allows_all = matching is None
        unwanted = excluded_clause(query.words)
        if unwanted is not None:
            self._allowed = self._allowed - self._words[unwanted]
            self._allows_all = False

    @property
    def found(self) -> BitMap:
        """All who are found; not to be changed."""
        return self._who_meet(everywhere(self._query.words))

    def _who_meet(self, requirement: Requirement) -> BitMap:
        """Those of the allowed who meet a requirement; not to be changed."""
        found = self._meeting.get(requirement)
        if found is None:
            found = None if self._allows_all and requirement else self._allowed
            for alternatives in requirement:
                ids = self._words[alternatives[0]]
                if len(alternatives) > 1:
                    ids = BitMap.union(*(self._words[each] for each in alternatives))
                found = ids if found is None else found & ids
            assert found is not None
            self._meeting[requirement] = found
        return found

    def page(self, position: Position | None, limit: int) -> dict[int, int]:
        """Up to `limit` ids from a position (class, score, id) on, those nearest to it; and the class
        of each. Within a class they are in no order."""
        page: dict[int, int] = {}
        for number, ids, start in self._reached(position):
            if ids:
                room = limit - len(page)
                nearest: Iterable[int] = ids
                # All of a few are on the page: looking for them score by score takes longer than all else.
                if start is not None or len(ids) > room:
                    nearest = page_ids(self._bitmaps, ids, "by_score", start, room)
                page |= dict.fromkeys(nearest, number)
            if len(page) == limit:
                break
        return page

    def _reached(self, position: Position | None) -> Iterator[tuple[int, BitMap, Position | None]]:
        """The classes that are not on the other side of the position, nearest first: the number of
        each, who is in it, and where it is entered."""
        classes = relevance_classes(self._query.words)
        numbers, at, start = list(range(len(classes))), -1, None
        if position is not None:
            # Another release, whose cursors are still in use, may know more classes of the same words.
            at = min(int(position.key[0]), numbers[-1])
            numbers = numbers[at::-1] if position.backward else numbers[at:]
            start = Position(END, True) if position.backward else None
        for number in numbers:
            ids = self._who_meet(classes[number].requirement)
            for better in classes[number].excluded:
                ids = ids - self._who_meet(better)
            if position is not None and number == at:
                yield number, ids, Position(position.key[1:], position.backward)
            else:
                yield number, ids, start
