"""The bitmaps by themselves, against sets of plain Python."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap

from marketplace.listing.indexed.filter_index.bitmaps import (
    CERTIFIED,
    EXPERIENCE,
    LANGUAGES,
    LISTED,
    PRICE,
    SUBJECT,
    FilterBitmaps,
)
from marketplace.listing.query import Filters
from tests.marketplace.listing.indexed.filter_index.states import any_filters, held_by, matching_ids

Tutor = dict[str, Any]

tutors = st.dictionaries(
    st.integers(1, 2**31 - 1),
    st.fixed_dictionaries(
        {
            PRICE: st.none() | st.sampled_from([0, 1, 200, 300, 450, 100_000]),
            EXPERIENCE: st.none() | st.sampled_from([0, 3, 4, 80]),
            CERTIFIED: st.booleans(),
            SUBJECT: st.sets(st.sampled_from(["math", "english", "макраме"])),
            LANGUAGES: st.sets(st.sampled_from(["uk", "en", "pl"])),
        }
    ),
    max_size=12,
)


def postings_of(people: dict[int, Tutor]) -> list[tuple[str, Any, BitMap]]:
    found = []
    for tutor_id, tutor in people.items():
        ids = BitMap([tutor_id])
        found.append((LISTED, True, ids))
        for field, value in tutor.items():
            values = value if isinstance(value, set) else {value} - {None}
            found += [(field, each, ids) for each in values]
    return found


def bitmaps_of(people: dict[int, Tutor]) -> FilterBitmaps:
    bitmaps = FilterBitmaps()
    bitmaps.add(postings_of(people))
    return bitmaps


def passes(tutor: Tutor, filters: Filters) -> bool:
    price, years = tutor[PRICE], tutor[EXPERIENCE]
    return all(
        (
            not filters.subject or tutor[SUBJECT] & set(filters.subject),
            not filters.language or tutor[LANGUAGES] & set(filters.language),
            filters.price_min is None or (price is not None and price >= filters.price_min),
            filters.price_max is None or (price is not None and price <= filters.price_max),
            filters.experience_min is None
            or (years is not None and years >= filters.experience_min),
            filters.has_certifications in (None, tutor[CERTIFIED]),
        )
    )


@given(tutors, any_filters)
def test_who_passes_filters_is_who_passes_each_of_them(
    people: dict[int, Tutor], filters: Filters
) -> None:
    expected = sorted(number for number, tutor in people.items() if passes(tutor, filters))
    assert matching_ids(bitmaps_of(people), filters) == expected


@given(tutors, tutors, st.data())
def test_tutors_who_are_replaced_leave_nothing_behind(
    before: dict[int, Tutor], after: dict[int, Tutor], data: st.DataObject
) -> None:
    gone = data.draw(st.sets(st.sampled_from(sorted(before)))) if before else set()
    bitmaps = bitmaps_of(before)
    bitmaps.remove(BitMap(gone | after.keys()))
    bitmaps.add(postings_of(after))
    left = {number: tutor for number, tutor in before.items() if number not in gone} | after
    assert held_by(bitmaps) == held_by(bitmaps_of(left))


def test_what_is_computed_shares_no_bitmap_that_changes_later() -> None:
    bitmaps = FilterBitmaps()
    first = BitMap([1, 2])
    bitmaps.add([(LISTED, True, first), (SUBJECT, "math", first)])
    bitmaps.add([(SUBJECT, "math", BitMap([3]))])
    assert list(first) == [1, 2]
    assert bitmaps.count(Filters(subject=("math",))) == 3
    assert bitmaps.count(Filters()) == 2
    assert bitmaps.matching(Filters()) is None


def test_filters_that_one_value_rules_out_match_nobody() -> None:
    bitmaps = FilterBitmaps()
    bitmaps.add(
        [(PRICE, 5, BitMap([1])), (EXPERIENCE, 3, BitMap([1])), (LISTED, True, BitMap([1]))]
    )
    assert bitmaps.matching(Filters(experience_min=1, price_min=6)) == BitMap()
    assert bitmaps.matching(Filters(experience_min=1, price_min=5)) == BitMap([1])
