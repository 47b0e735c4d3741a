"""A page as it was read: rows, their number in all, and the revision they are of."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from common.http.conditional import ETAG_CHARACTERS
from common.http.pagination import Key
from marketplace.listing.query import COUNTED_UP_TO

# A tutor's card after its hash, as bytes, then the key of the place in the ordering.
Row = Sequence[Any]


class PageRead(NamedTuple):
    """A page as it was read: a consistent state, which the revision names.

    `count_capped`: there are more matches than `matches`, or may be, since they were counted up to
    a number only or a budget was spent before all rows were looked into.
    """

    rows: Sequence[Row]
    matches: int
    revision: int
    count_capped: bool = False
    is_followed: bool = False


def counted_page(
    rows: Sequence[Row], matches: int, revision: int, is_cut: bool = False
) -> PageRead:
    """A page whose matches are reported up to COUNTED_UP_TO; `is_cut`: there may be more of them."""
    return PageRead(rows, min(matches, COUNTED_UP_TO), revision, is_cut or matches > COUNTED_UP_TO)


def key_of(row: Row) -> Key:
    """A tutor's place in the ordering."""
    return tuple(row[1:])


def tutor_id_of(row: Row) -> int:
    """Whose row it is: every ordering's key ends in the id."""
    tutor_id: int = row[-1]
    return tutor_id


def card_of(row: Row) -> bytes:
    """A tutor's card, ready JSON."""
    card: bytes = row[0][ETAG_CHARACTERS:]
    return card


def etag_of(row: Row) -> bytes:
    """The hash of a tutor's card."""
    etag: bytes = row[0][:ETAG_CHARACTERS]
    return etag
