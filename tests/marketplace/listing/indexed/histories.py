"""Histories of tutors who change and processes that look, for indexes that catch up with them."""

from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from tests.profiles.public.rebuilding.test_rebuild_laws import ends, live_through

# Who (of three) changes what and how the step ends, and which of two processes looks afterwards.
Step = tuple[int, list[tuple[str, Any]], str, int | None]

FLAGS: dict[str, st.SearchStrategy[Any]] = {
    "is_active": st.booleans(),
    "public_profile_enabled": st.booleans(),
    "show_subjects_publicly": st.booleans(),
}
SUBJECTS = st.lists(st.sampled_from(["Математика", "English", "Макраме"]), unique=True)


def edits(values: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[tuple[str, Any]]:
    """A value for one of the columns named, of the subjects or of a flag."""
    values = {"subjects": SUBJECTS, **FLAGS, **values}
    return st.sampled_from(sorted(values)).flatmap(
        lambda name: st.tuples(st.just(name), values[name])
    )


def histories(
    values: dict[str, st.SearchStrategy[Any]], max_size: int
) -> st.SearchStrategy[list[Step]]:
    """Histories of such edits."""
    return st.lists(
        st.tuples(
            st.integers(0, 2),
            st.lists(edits(values), min_size=1, max_size=3),
            ends,
            st.sampled_from([None, 0, 1]),
        ),
        max_size=max_size,
    )


def lookers(tutors: list[int], history: list[Step]) -> Iterator[int]:
    """Live through a history; yields each process that looks, when it does.

    What is committed by then is what it may see, in the midst of a transaction or not.
    """
    for number, changes, end, looker in history:
        live_through(tutors[number], changes, end)
        if looker is not None:
            yield looker
