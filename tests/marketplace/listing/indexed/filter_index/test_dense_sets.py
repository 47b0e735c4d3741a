"""Counts of what padded sets have in common, against sets of plain Python, after any changes."""

from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap

from marketplace.facets.bitmap_counts import group_counts
from marketplace.listing.indexed.filter_index import dense_sets
from marketplace.listing.indexed.filter_index.bitmaps import (
    CERTIFIED,
    EXPERIENCE,
    LANGUAGES,
    LISTED,
    PRICE,
    SUBJECT,
    FilterBitmaps,
)
from marketplace.listing.indexed.filter_index.dense_sets import DenseSets
from tests.marketplace.listing.indexed.filter_index.states import any_filters
from tests.marketplace.listing.indexed.filter_index.test_bitmaps import (
    Tutor,
    bitmaps_of,
    postings_of,
    tutors,
)

ids = st.sets(st.integers(0, 40))
people = st.dictionaries(st.integers(0, 40), st.sets(st.sampled_from("abc")))


@pytest.fixture(scope="module", autouse=True)
def padding_of_all() -> Iterator[None]:
    """Have every set padded, however few are in it and however few are not listed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dense_sets, "FEWEST_IN_LIST", -1)
        patch.setattr(dense_sets, "MOST_IN_LIST", 10**9)
        patch.setattr(dense_sets, "LEAST_PADDING", 10**9)
        yield


def sets_of(present: dict[int, set[str]]) -> dict[str, dict[str, BitMap]]:
    values = {value for values in present.values() for value in values}
    return {
        "field": {
            value: BitMap(each for each in present if value in present[each]) for value in values
        }
    }


@given(
    people, st.lists(st.tuples(st.dictionaries(st.integers(0, 60), st.none() | ids.map(str)), ids))
)
def test_counts_hold_after_every_change(
    present: dict[int, set[str]], steps: list[tuple[dict[int, str | None], set[int]]]
) -> None:
    sets = sets_of(present)
    dense = DenseSets(sets, lambda: BitMap(present))
    for changes, wanted in [({}, set(present)), *steps]:
        for tutor_id, text in changes.items():
            present.pop(tutor_id, None)
            if text is not None:
                present[tutor_id] = {"abc"[len(text) % 3], "abcd"[len(text) % 4]}
        sets["field"] = sets_of(present)["field"]
        dense.note_change(BitMap(changes))
        among = wanted & present.keys()
        form = dense.form_of(BitMap(among))
        assert len(form) == len(among)
        counts = {value: len(set(sets["field"][value]) & among) for value in sets["field"]}
        expected = {value: count for value, count in counts.items() if count}
        assert form.common_with(dense.forms_of("field")) == expected
        assert {value: len(each) for value, each in dense.forms_of("field").items()} == {
            value: len(each) for value, each in sets["field"].items()
        }


@given(tutors, st.lists(st.tuples(tutors, any_filters), min_size=1, max_size=3))
def test_facets_hold_after_every_change(
    present: dict[int, Tutor], steps: list[tuple[dict[int, Tutor], object]]
) -> None:
    bitmaps = bitmaps_of(present)
    for changes, filters in steps:
        group_counts(bitmaps, filters)
        bitmaps.remove(BitMap(changes))
        bitmaps.add(postings_of(changes))
        present = present | changes
        fresh = bitmaps_of(present)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(dense_sets, "MOST_IN_LIST", -1)
            expected = group_counts(fresh, filters)
        assert group_counts(bitmaps, filters) == expected


def test_sets_of_lists_alone_are_padded_and_where_enough_are_not_listed() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dense_sets, "FEWEST_IN_LIST", 1_024)
        patch.setattr(dense_sets, "MOST_IN_LIST", 4_096)
        patch.setattr(dense_sets, "LEAST_PADDING", 15)
        random = Random(1)
        for share_listed, is_padded in ((0.85, True), (0.99, False)):
            listed = BitMap(each for each in range(300_000) if random.random() < share_listed)
            dense = DenseSets({}, lambda listed=listed: listed)
            for share, is_of_lists in ((0.005, False), (0.03, True), (0.2, False)):
                some = BitMap(each for each in listed if random.random() < share)
                form = dense.form_of(some)
                assert bool(form.padding) == (is_padded and is_of_lists)
                assert len(form) == len(some)
                if form.padding:
                    assert form.ids.get_statistics()["n_array_containers"] == 0


def test_one_changed_tutor_renews_the_stored_forms_and_makes_none_anew() -> None:
    bitmaps = FilterBitmaps()
    everybody = BitMap(range(0, 2_000, 2))
    bitmaps.add([(LISTED, True, everybody), (CERTIFIED, False, everybody)])
    bitmaps.add([(SUBJECT, "math", everybody), (LANGUAGES, "uk", everybody)])
    bitmaps.add([(PRICE, 200, everybody), (EXPERIENCE, 3, everybody)])
    before = bitmaps.dense_values(SUBJECT)["math"]
    bitmaps.remove(BitMap([4]))
    after = bitmaps.dense_values(SUBJECT)["math"]
    assert (len(before.ids), before.padding) == (2_000 - 1, 999)
    assert (len(after), after.padding) == (999, 1_000)
    assert after.ids is before.ids
