"""Sets of listed tutors in a form that is counted fast. Knows no database.

A Roaring bitmap stores up to 4,096 of 65,536 ids as a list. To look its ids up in another set takes
up to ten times as long as to intersect two sets of bits. Who is not listed is in no set of listed
tutors: added to a set ("padding"), they turn its lists into sets of bits and alter no intersection
with a set that is not padded. Two padded sets have the padding in common, besides.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pyroaring import BitMap

CONTAINER_IDS = 65_536
# Of so many ids in each container: fewer are looked up faster than all bits of it are read.
FEWEST_IN_LIST, MOST_IN_LIST = 1_024, 4_096
# Of the ids up to the last one, as a divisor. With fewer of them, lists would only become longer.
LEAST_PADDING = 15
# The padding is chosen anew when half as many tutors more are listed.
GROWTH = 1.5


@dataclass(slots=True, eq=False)
class DenseSet:
    """A set of listed tutors, and how many others were added to it."""

    ids: BitMap
    padding: int = 0

    def __len__(self) -> int:
        """How many listed tutors are in it."""
        return len(self.ids) - self.padding

    def common_with(self, sets: Mapping[Any, "DenseSet"]) -> dict[Any, int]:
        """How many listed tutors are in this set and in each of others; those without any left out."""
        members, padding = self.ids, self.padding
        counts = dict[Any, int]()
        for value, other in sets.items():
            count = other.ids.intersection_cardinality(members)
            if padding and other.padding:
                count -= padding
            if count:
                counts[value] = count
        return counts


class DenseSets:
    """The dense forms of sets by field and value, made when they are asked for. Not safe for threads."""

    def __init__(
        self, sets: Mapping[str, Mapping[Any, BitMap]], listed: Callable[[], BitMap]
    ) -> None:
        """`sets`, and who is `listed`, may change; `note_change` is told of whom."""
        self._sets, self._listed = sets, listed
        # None until it is asked for. Nobody who is listed, and no id from `_end` on.
        self._padding: BitMap | None = None
        self._end = self._most_listed = self._size = 0
        self._forms: dict[str, dict[Any, DenseSet]] = {}
        self._changed = BitMap()

    def note_change(self, ids: BitMap) -> None:
        """Note who is in other sets now, or soon, than before."""
        if self._padding is not None:
            self._changed |= ids

    def form_of(self, ids: BitMap) -> DenseSet:
        """The dense form of a set of listed tutors. Holds until there is a change."""
        self._take_over_changes()
        return self._made(ids)

    def forms_of(self, field: str) -> Mapping[Any, DenseSet]:
        """Those of all sets of a field, by value. Hold until there is a change."""
        self._take_over_changes()
        forms = self._forms.get(field)
        if forms is None:
            forms = {value: self._made(ids) for value, ids in self._sets[field].items()}
            self._forms[field] = forms
        return forms

    def _take_over_changes(self) -> None:
        listed = self._listed()
        if self._padding is None or len(listed) > self._most_listed:
            self._most_listed = int(GROWTH * len(listed))
            self._end = listed.max() + 1 if listed else 0
            self._padding = listed.flip(0, self._end) if listed else BitMap()
            self._size = len(self._padding)
            self._forms = {}
        elif self._changed:
            self._padding = (self._padding - self._changed) | (self._changed - listed)
            self._size = len(self._padding)
            self._forms = {
                field: {
                    value: self._renewed(forms.get(value), ids)
                    for value, ids in self._sets[field].items()
                }
                for field, forms in self._forms.items()
            }
        else:
            return
        self._changed = BitMap()

    def _renewed(self, form: DenseSet | None, ids: BitMap) -> DenseSet:
        """The form of a set, out of its form from before the changes."""
        if form is None or not form.padding:
            return self._made(ids)
        assert self._padding is not None
        members = form.ids
        members -= self._changed
        members |= self._changed & ids
        members |= self._changed & self._padding
        return DenseSet(members, self._size)

    def _made(self, ids: BitMap) -> DenseSet:
        """Lists of few ids and sets of bits are counted fast as they are."""
        assert self._padding is not None
        containers = self._end // CONTAINER_IDS + 1
        is_of_lists = FEWEST_IN_LIST * containers < len(ids) < MOST_IN_LIST * containers
        if not is_of_lists or self._size * LEAST_PADDING < self._end:
            return DenseSet(ids)
        return DenseSet(ids | self._padding, self._size)
