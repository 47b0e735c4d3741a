"""A page that bitmaps decide, right after somebody has saved."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketplace.listing.indexed.statement import cards_statement
from marketplace.listing.pages import read_page
from marketplace.listing.query import TutorQuery
from profiles.accounts.models import User
from tests.conftest import MakeApp
from tests.factories import make_tutor
from tests.marketplace.list_requests import get_page, ids_of
from tests.marketplace.statement_log import StatementLog
from tests.profiles.public.public_rows import change

CHEAPEST: dict[str, Any] = {"ordering": "hourly_rate", "page_size": 2, "has_certifications": False}


@pytest.fixture
def tutors(app: Flask) -> list[User]:
    """The cheapest first."""
    return [make_tutor(hourly_rate=rate) for rate in (100, 200, 300, 400)]


def statements_of(client: FlaskClient, **query: Any) -> tuple[Any, list[str]]:
    """The page, and what was asked for it of the tables of public rows."""
    log = StatementLog()
    page = get_page(client, **query)
    return page, [text for text in log.stop() if "public_" in text]


def test_a_save_elsewhere_is_caught_up_with_and_the_page_is_not_read_again(
    client: FlaskClient, tutors: list[User]
) -> None:
    first, second, _, last = tutors
    assert ids_of(get_page(client, **CHEAPEST)) == [first.id, second.id]
    change(last, hourly_rate=500)
    page, texts = statements_of(client, **CHEAPEST)
    assert ids_of(page) == [first.id, second.id]
    cards, changes = texts
    assert "public_changes" in changes and "public_changes" not in cards


def test_the_count_beside_rows_that_are_not_read_again_is_that_of_the_save(
    client: FlaskClient, make_app: MakeApp, tutors: list[User]
) -> None:
    assert get_page(client, **CHEAPEST)["count"] == 4
    change(tutors[-1], certifications=["C2"])
    page, texts = statements_of(client, **CHEAPEST)
    assert (page["count"], len(texts)) == (3, 2)
    assert page == get_page(make_app(FILTER_INDEX=False).test_client(), **CHEAPEST)


def test_a_page_that_a_save_has_changed_is_read_again(
    client: FlaskClient, tutors: list[User]
) -> None:
    first, second, _, last = tutors
    assert ids_of(get_page(client, **CHEAPEST)) == [first.id, second.id]
    change(last, hourly_rate=150)
    page, texts = statements_of(client, **CHEAPEST)
    assert ids_of(page) == [first.id, last.id]
    assert len(texts) == 3


def test_a_card_that_a_save_has_changed_is_the_new_one_though_its_place_is_the_same(
    client: FlaskClient, tutors: list[User]
) -> None:
    second = tutors[1]
    get_page(client, **CHEAPEST)
    change(second, headline="Новий заголовок")
    page = get_page(client, **CHEAPEST)
    assert [each["headline"] for each in page["results"]][1] == "Новий заголовок"


def test_a_walk_along_an_index_is_not_repeated_for_a_new_count(
    client: FlaskClient, tutors: list[User], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("marketplace.listing.indexed.filter_pages.MOST_SORTED", 0)
    newest: dict[str, Any] = {"ordering": "newest", "page_size": 2}
    get_page(client, **newest)
    change(tutors[0], public_profile_enabled=False)
    page, texts = statements_of(client, **newest)
    assert (page["count"], len(texts)) == (3, 2)


@pytest.mark.parametrize("listed", [4, 3])
def test_who_only_tells_that_others_follow_is_not_read(
    client: FlaskClient, tutors: list[User], listed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    if listed == 3:
        change(tutors[-1], public_profile_enabled=False)
    asked: list[list[int]] = []

    def statement(query: TutorQuery, ids: list[int], *place: Any) -> Any:
        asked.append(ids)
        return cards_statement(query, ids, *place)

    monkeypatch.setattr("marketplace.listing.indexed.filter_pages.cards_statement", statement)
    first = get_page(client, **CHEAPEST)
    assert first["has_more"] and asked[-1] == [each.id for each in tutors[:2]]
    second = get_page(client, **CHEAPEST, cursor=first["next_cursor"])
    assert ids_of(second) == [each.id for each in tutors[2:listed]]
    assert not second["has_more"]
    assert client.get(second["previous"]).json == first


def test_a_page_has_all_rows_asked_for_and_says_whether_others_follow(
    client: FlaskClient, tutors: list[User]
) -> None:
    page = read_page(TutorQuery(), None, 3)
    assert (len(page.rows), page.matches, page.is_followed) == (3, 4, False)
    page = read_page(TutorQuery(), None, 3, one_more=True)
    assert (len(page.rows), page.matches, page.is_followed) == (3, 4, True)
    page = read_page(TutorQuery(), None, 4, one_more=True)
    assert (len(page.rows), page.is_followed) == (4, False)
