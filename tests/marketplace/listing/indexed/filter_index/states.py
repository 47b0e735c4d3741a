"""Indexes as processes have them, what they hold, and what SQL says of the same rows."""

from typing import Any

from hypothesis import strategies as st

from common.database.session import autocommit_pool, read_rows
from marketplace.listing.indexed.filter_index import FilterBitmaps, FilterIndex
from marketplace.listing.indexed.filter_index.bitmaps import FIELDS
from marketplace.listing.query import Filters, TutorQuery
from marketplace.listing.statements.filters import source_of
from profiles.public.models import REVISION, read_revision

Held = dict[str, dict[Any, list[int]]]

any_filters = st.builds(
    Filters,
    subject=st.lists(st.sampled_from(["math", "english", "макраме", "хімія"]), max_size=2).map(
        tuple
    ),
    price_min=st.none() | st.sampled_from([0, 1, 200, 300, 2_147_483_647]),
    price_max=st.none() | st.sampled_from([0, 200, 450, 2_147_483_647]),
    experience_min=st.none() | st.sampled_from([0, 3, 4, 80]),
    language=st.lists(st.sampled_from(["uk", "en", "pl"]), max_size=2).map(tuple),
    has_certifications=st.none() | st.booleans(),
)


def new_index() -> FilterIndex:
    """The index of another process, which has nothing yet."""
    return FilterIndex(autocommit_pool(), lambda: None)


def held_by(bitmaps: FilterBitmaps) -> Held:
    return {
        field: {value: list(ids) for value, ids in bitmaps.values(field).items()}
        for field in FIELDS
    }


def held_now(index: FilterIndex) -> Held:
    """All that the index holds as of the present revision."""
    revision = read_revision()
    found = index.read(held_by, revision)
    assert found is not None
    held, its_revision = found
    assert its_revision == revision, "nobody else writes"
    return held


def ids_by_sql(filters: Filters) -> tuple[list[int], int]:
    """Who passes the filters according to SQL, and the revision of that snapshot."""
    source = source_of(TutorQuery(filters=filters))
    rows = read_rows(
        f"select array(select tutor_id from {source.walk('tutor_id', 'null')} found), ({REVISION})",
        source.values,
    )
    return sorted(rows[0][0]), rows[0][1]


def matching_ids(bitmaps: FilterBitmaps, filters: Filters) -> list[int]:
    found = bitmaps.matching(filters)
    ids = list(bitmaps.listed if found is None else found)
    assert len(ids) == bitmaps.count(filters)
    return ids
