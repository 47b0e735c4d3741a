"""A search that bitmaps decide, right after somebody has saved: what is read again, and what is not."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pyroaring import BitMap

from marketplace.listing.indexed.word_index import usage
from marketplace.listing.indexed.word_index.state import Changes, WordState
from profiles.accounts.models import User
from tests.conftest import MakeApp
from tests.factories import make_tutor
from tests.marketplace.list_requests import get_page, ids_of
from tests.marketplace.statement_log import StatementLog
from tests.profiles.public.public_rows import change

HARPISTS: dict[str, Any] = {"search": "арфа ", "page_size": 2}


@pytest.fixture(autouse=True)
def few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("marketplace.listing.indexed.search_pages.FEWEST_LISTED", 1)
    monkeypatch.setattr(usage, "FEWEST_USES", 1)


@pytest.fixture
def tutors(client: FlaskClient, app: Flask) -> list[User]:
    """Two with the word in the headline and two in the bio, all of them in the process's bitmaps."""
    made = [make_tutor(headline="Арфа", bio="Арфа") for _ in range(2)]
    made += [make_tutor(headline="Музика", bio="Арфа") for _ in range(2)]
    for _ in range(2):
        get_page(client, **HARPISTS)
        app.extensions["word_index"].wait_until_loaded()
    return made


def statements_of(client: FlaskClient) -> tuple[Any, list[str]]:
    """The page, and what was asked for it of the tables of public rows."""
    log = StatementLog()
    page = get_page(client, **HARPISTS)
    return page, [text for text in log.stop() if "public_" in text]


def test_a_save_elsewhere_is_caught_up_with_and_the_page_is_not_read_again(
    client: FlaskClient, make_app: MakeApp, tutors: list[User]
) -> None:
    first, second, _, last = tutors
    change(last, bio="Фортепіано")
    page, texts = statements_of(client)
    assert (ids_of(page), page["count"]) == ([first.id, second.id], 3)
    # Cards, once, and what has changed, of words and of filters.
    assert ["public_changes" in text for text in texts] == [False, True, True]
    assert page == get_page(make_app(WORD_INDEX_MB=0).test_client(), **HARPISTS)


def test_a_page_that_a_save_has_changed_is_read_again(
    client: FlaskClient, make_app: MakeApp, tutors: list[User]
) -> None:
    first, second, third, _ = tutors
    change(first, headline="Музика", bio="Фортепіано")
    page, texts = statements_of(client)
    assert page["count"] == 3 and ids_of(page)[0] == second.id and first.id not in ids_of(page)
    assert ["public_changes" in text for text in texts] == [False, True, True, False]
    change(third, headline="Арфа, скрипка")
    page, _ = statements_of(client)
    assert sorted(ids_of(page)) == sorted([second.id, third.id])
    assert page == get_page(make_app(WORD_INDEX_MB=0).test_client(), **HARPISTS)


def test_a_card_that_a_save_has_changed_is_the_new_one_though_its_place_is_the_same(
    client: FlaskClient, tutors: list[User]
) -> None:
    change(tutors[0], headline="Арфа вдома")
    page, _ = statements_of(client)
    assert "Арфа вдома" in [each["headline"] for each in page["results"]]


@pytest.mark.parametrize(
    ("before", "changed", "now", "after", "is_same"),
    [
        ([1, 2, 5], [2], [2], [1, 2, 5], True),
        ([1, 2, 5], [3], [], [1, 2, 5], True),
        ([1, 2, 5], [2], [], [1, 5], False),
        ([1, 2, 5], [3], [3], [1, 2, 3, 5], False),
        ([1, 2, 5], [1, 2, 3], [1, 3], [1, 3, 5], False),
        ([], [4], [4], [4], False),
    ],
)
def test_a_bitmap_is_copied_only_where_a_change_is_one_of_it(
    before: list[int], changed: list[int], now: list[int], after: list[int], is_same: bool
) -> None:
    state = WordState({0: (1, 1)}, True, {"'a'": BitMap(before)})
    having = {"'a'": BitMap(now)} if now else {}
    later = state.after(Changes({0: (2, 7)}, True, BitMap(changed), having))
    assert list(later.bitmaps["'a'"]) == after
    assert (later.bitmaps["'a'"] is state.bitmaps["'a'"]) == is_same
    assert list(state.bitmaps["'a'"]) == before
    assert (state.revision, later.revision) == (1, 7)
