"""Pages of a search: walked while people come and go, and opened by no other list's cursor."""

import random
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient

from common.database.session import db
from common.http.cursors import Position, make_cursor
from marketplace.listing.query import TutorQuery
from marketplace.listing.statements.words import relevance_classes
from profiles.accounts.models import User
from tests.factories import make_tutor
from tests.marketplace.list_requests import ADDRESS, all_ids, follow, get_page, ids_of, walk

# Where the word stands decides the class: in the headline, among the subjects, in the bio.
PLACES: tuple[dict[str, Any], ...] = (
    {"headline": "Арфа для початківців"},
    {"subjects": ["арфа"]},
    {"bio": "Граю на арфі змалку."},
)


def make_harpist(chance: random.Random) -> int:
    place = chance.choice(PLACES)
    tutor = make_tutor(**place, hourly_rate=chance.randrange(100, 900, 100))
    db.session.commit()
    return int(tutor.id)


def leave(tutor_id: int) -> None:
    db.session.get_one(User, tutor_id).is_active = False
    db.session.commit()


@pytest.mark.parametrize("direction", ["next", "previous"])
@pytest.mark.parametrize("ordering", [None, "hourly_rate", "newest"])
@pytest.mark.parametrize("seed", range(2))
def test_a_walk_among_coming_and_going_repeats_nobody_and_skips_nobody_who_stayed(
    app: Flask, client: FlaskClient, direction: str, ordering: str | None, seed: int
) -> None:
    chance = random.Random(seed)
    stayed = {make_harpist(chance) for _ in range(16)}
    query = {"search": "арфа", "page_size": 3} | ({"ordering": ordering} if ordering else {})
    page = get_page(client, **query)
    if direction == "previous":
        page = walk(client, page)[-1]
    seen = ids_of(page)
    while page[direction]:
        leaving = chance.choice(sorted(stayed))
        leave(leaving)
        stayed.discard(leaving)
        make_harpist(chance)
        page = follow(client, page[direction])
        seen += ids_of(page)
    assert len(seen) == len(set(seen))
    assert stayed <= set(seen)


@pytest.mark.parametrize("backward", [False, True])
def test_a_cursor_of_a_release_with_more_classes_is_still_read(
    app: Flask, client: FlaskClient, backward: bool
) -> None:
    tutor = make_tutor(headline="Арфа для початківців")
    db.session.commit()
    query = TutorQuery(search="арфа")
    position = Position((len(relevance_classes(query.words)), 0, tutor.id), backward)
    page = get_page(client, search="арфа", cursor=make_cursor(position, query.scope))
    assert ids_of(page) == ([tutor.id] if backward else [])


@pytest.mark.parametrize("ordering", [None, "hourly_rate", "-rating"])
def test_a_walk_and_the_way_back_see_everybody_once(
    app: Flask, client: FlaskClient, ordering: str | None
) -> None:
    chance = random.Random(7)
    everybody = {make_harpist(chance) for _ in range(11)}
    query = {"search": "арфа", "page_size": 4} | ({"ordering": ordering} if ordering else {})
    there = walk(client, get_page(client, **query))
    assert sorted(all_ids(there)) == sorted(everybody)
    back = walk(client, there[-1], "previous")
    assert [ids_of(page) for page in reversed(back)] == [ids_of(page) for page in there]


@pytest.mark.parametrize(
    "other",
    [
        {},
        {"search": "арфи"},
        {"search": "арфа", "ordering": "newest"},
        {"search": "арфа", "price_min": "1"},
        {"search": "-арфа"},
    ],
)
def test_a_search_s_cursor_opens_no_other_list(
    app: Flask, client: FlaskClient, other: dict[str, str]
) -> None:
    chance = random.Random(1)
    for _ in range(4):
        make_harpist(chance)
    cursor = get_page(client, search="арфа", page_size=2)["next_cursor"]
    for _ in range(2):
        # The second time, the parameters have been read before.
        answer = client.get(f"{ADDRESS}?{urlencode(other | {'cursor': cursor})}")
        assert answer.status_code == 400
        assert list(answer.json["errors"]["query"]) == ["cursor"]


@pytest.mark.parametrize("cursor", ["x", "AAAA", "0" * 513, "арфа", "'; drop table users; --"])
def test_a_handmade_cursor_of_a_search_is_refused(
    app: Flask, client: FlaskClient, cursor: str
) -> None:
    for _ in range(2):
        answer = client.get(f"{ADDRESS}?{urlencode({'search': 'арфа', 'cursor': cursor})}")
        assert answer.status_code in (400, 422)
        assert list(answer.json["errors"]["query"]) == ["cursor"]
