"""Reads from PostgreSQL what has changed since a state of the filter index, in one snapshot."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pyroaring import BitMap

from common.database.connections.prepared_statements import KEYED_PLANS
from common.database.session import read_rows
from marketplace.listing.indexed.filter_index import statements
from marketplace.listing.indexed.filter_index.bitmaps import (
    CERTIFIED,
    EXPERIENCE,
    LANGUAGES,
    LISTED,
    PRICE,
    RATING,
    SCORE,
    SUBJECT,
)
from marketplace.listing.indexed.filter_index.reading import IndexState, Slots, revision_of

# Changes per slot that are caught up with one by one; reading everything takes no longer then.
MOST_CHANGES = 300


@dataclass
class Changes:
    """What a later snapshot holds of the tutors who changed."""

    slots: Slots
    changed: BitMap
    # By field and value, who has it now.
    postings: Mapping[tuple[str, Any], BitMap]

    def apply(self, state: IndexState) -> None:
        """Make `state`, from which these changes were read, that of the later snapshot."""
        if self.changed:
            state.bitmaps.remove(self.changed)
            state.bitmaps.add((*key, ids) for key, ids in self.postings.items())
        state.slots = self.slots
        state.revision = revision_of(self.slots)


def read_changes(known: Slots) -> Changes | None:
    """What has changed since `known`; None where that history is not known, or too long.

    Raises psycopg2.Error.
    """
    values = {
        "slots": list(known),
        "versions": [version for version, _ in known.values()],
        "most": MOST_CHANGES,
    }
    slots: Slots = {}
    links: dict[int, list[list[int]]] = {}
    changed = BitMap()
    postings: defaultdict[tuple[str, Any], BitMap] = defaultdict(BitMap)
    for kind, text, numbers in read_rows(statements.CHANGES, values, KEYED_PLANS):
        if kind == "slot":
            slots[numbers[0]] = numbers[1], numbers[2]
        elif kind == "change":
            links.setdefault(numbers[0], []).append(numbers)
        elif kind == "tutor":
            changed.add(numbers[0])
            for key in _values_of(text, *numbers[1:]):
                postings[key].add(numbers[0])
        elif kind == SUBJECT:
            postings[SUBJECT, text].add(numbers[0])
    is_history = slots.keys() == known.keys() and all(
        _leads_to(slots[slot], known[slot], links.get(slot, [])) for slot in slots
    )
    return Changes(slots, changed, postings) if is_history else None


def _values_of(
    languages: str | None,
    score: int | None,
    price: int | None,
    years: int | None,
    rating: int | None,
    is_certified: int | None,
) -> Iterable[tuple[str, Any]]:
    """The fields of a tutor with a value of each, subjects aside: none of who is not listed."""
    if languages is None:
        return
    yield LISTED, True
    yield SCORE, score
    yield PRICE, price
    yield EXPERIENCE, years
    yield RATING, rating
    yield CERTIFIED, bool(is_certified)
    for code in filter(None, languages.split(",")):
        yield LANGUAGES, code


def _leads_to(current: tuple[int, int], known: tuple[int, int], links: Iterable[list[int]]) -> bool:
    """Whether the changes go from the known version and number of a slot, link by link, to the
    current ones. After a fail-over or a restore they do not, though the version may be the same."""
    at = known
    for _, version, previous, n in sorted(links):
        if (version, previous) != (at[0] + 1, at[1]):
            return False
        at = version, n
    return at == current
