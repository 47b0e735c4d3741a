"""What a response shows, and to whom: all that is counted of a request."""

from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from common.http.limits.rate_limit import address_of

LAST_POSITION = 1000


@dataclass(eq=False, slots=True)
class ShownPage:
    """A page of a list. One object stands for all requests that a cached response answers.

    `tutor_ids` are in the order of the page; `search` is the normalised text that was sought, or
    empty; `filters` names the filters of a first page.
    """

    tutor_ids: "array[int]"
    is_first: bool
    query_id: str = ""
    search: str = ""
    filters: tuple[str, ...] = ()


@dataclass(eq=False, slots=True)
class ShownCard:
    """One tutor's card, and the list that led to it: its `query_id`, the tutor's place from 1 on."""

    tutor_id: int
    query_id: str | None = None
    position: int | None = None


Shown = ShownPage | ShownCard


class Caller(NamedTuple):
    """An account, or a visitor's address (as limits know it) and user agent; never stored like that."""

    user_id: int | None
    address: str
    agent: str


class Search(NamedTuple):
    """Who was shown the first page of a search."""

    page: ShownPage
    caller: Caller


class View(NamedTuple):
    """A request for a tutor's card."""

    tutor_id: int
    query_id: str | None
    position: int | None
    caller: Caller


def caller_of(environ: Mapping[str, Any], user_id: int | None) -> Caller:
    """The caller of a WSGI request."""
    if user_id is not None:
        return Caller(user_id, "", "")
    return Caller(
        None, address_of(environ.get("REMOTE_ADDR")), environ.get("HTTP_USER_AGENT") or ""
    )


def packed(tutor_ids: Iterable[int]) -> "array[int]":
    """Ids in four bytes each: thousands of pages are cached with theirs."""
    return array("i", tutor_ids)


def normalised(search: str) -> str:
    """A search as it is counted: without regard to case and spacing."""
    return " ".join(search.casefold().split())
