"""Two databases that differ only in hidden values answer every public request with the same bytes."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from marketplace.listing.query import ASKABLE_ORDERINGS
from profiles.public.privacy import LISTED
from tests.database import Janitor
from tests.privacy.public_endpoints import Answers, Door, ask, differences, look, public_doors
from tests.privacy.worlds import (
    FIRST_ID,
    FLAGS,
    REGISTERED_AT,
    Person,
    Worlds,
    build,
    worlds,
)

MARKETPLACE = "/api/marketplace/"
QUESTIONS_AN_EXAMPLE = 20

# What fails is told as it was drawn: shrinking two worlds takes longer than reading them.
frugally = settings(
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)


@pytest.fixture
def doors(app: Flask, client: FlaskClient) -> list[Door]:
    return public_doors(app, client)


def places(drawn: Worlds) -> dict[str, list[str]]:
    """What addresses are completed with: everybody of either world, and nobody."""
    ids = [person.facts["id"] for person in drawn.one]
    return {
        "tutor_id": [*map(str, ids), str(FIRST_ID - 1), "0", "9" * 12],
        "name": [address.removeprefix("/media/") for address in drawn.avatar_addresses()],
    }


def always_asked(doors: list[Door], drawn: Worlds) -> list[str]:
    """Every door, and every ordering walked to its end."""
    urls = [url for door in doors for url in door.addresses(places(drawn))]
    for door in doors:
        if "ordering" in door.parameters:
            urls += [f"{door.path}?page_size=2&ordering={name}" for name in ASKABLE_ORDERINGS]
    return urls


def all_questions(doors: list[Door], drawn: Worlds) -> list[str]:
    return [
        address + question
        for door in doors
        for address in door.addresses(places(drawn))
        for question in door.questions()
    ]


Check = Callable[[Worlds, list[str]], None]


@pytest.fixture
def check(client: FlaskClient, janitor: Janitor) -> Check:
    def compare(drawn: Worlds, urls: list[str]) -> None:
        build(drawn.one, janitor)
        one = look(client, urls)
        build(drawn.other, janitor)
        other = look(client, urls)
        told = {url: (one.get(url), other.get(url)) for url in differences(one, other)}
        assert told == {}
        assert foreign_copies(client, one) == {}

    return compare


def foreign_copies(client: FlaskClient, one: Answers) -> dict[str, int]:
    """The copies of the other world that do not hold in this one."""
    kept = {
        url: dict(headers).get("ETag") for url, (_, headers, _) in one.items() if " " not in url
    }
    asked = {
        url: ask(client, url, **{"If-None-Match": etag})[0] for url, etag in kept.items() if etag
    }
    return {url: status for url, status in asked.items() if status != 304}


def open_person(subject: str, word: str) -> Person:
    """A tutor who shows all of the given words."""
    facts = {
        "id": FIRST_ID,
        "registered_at": REGISTERED_AT,
        **{column.key: value for column, value in LISTED.items()},
        **dict.fromkeys(FLAGS, True),
        "first_name": "Jan",
        "last_name": word,
        "timezone": "Europe/Kyiv",
        "email": f"{word}@example.org",
        "avatar_name": f"avatars/{word}.webp",
        "headline": word,
        "bio": word,
        "subjects": [subject, word],
        "certifications": [],
        "languages": ["uk"],
        "hourly_rate": 300,
        "experience_years": 3,
        "rating": None,
        "reviews_count": 0,
    }
    return Person(facts, {})


def test_what_is_shown_can_be_told_at_every_door_of_the_marketplace(
    client: FlaskClient, doors: list[Door], janitor: Janitor
) -> None:
    """The comparison is not blind: at each door some question tells two words apart."""
    neighbour = open_person("English", "neighbour")
    neighbour.facts["id"] += 1
    drawn = Worlds(
        [open_person("English", "квадрокоптер"), neighbour],
        [open_person("English", "zabludowskyj"), neighbour],
    )
    questions = {
        door.path: [url for url in all_questions([door], drawn) if "&" not in url] for door in doors
    }
    urls = [url for path, each in questions.items() if path.startswith(MARKETPLACE) for url in each]
    build(drawn.one, janitor)
    one = look(client, urls)
    build(drawn.other, janitor)
    told = set(differences(one, look(client, urls)))
    for path, each in questions.items():
        assert not path.startswith(MARKETPLACE) or told & set(each), f"{path} tells nothing"
    assert any(b'"did_you_mean":"' in body for _, _, body in one.values())


@frugally
@given(worlds(), st.data())
def test_no_public_answer_tells_two_worlds_apart_that_differ_in_hidden_values_only(
    doors: list[Door], check: Check, drawn: Worlds, data: st.DataObject
) -> None:
    questions = st.sampled_from(all_questions(doors, drawn))
    urls = data.draw(st.lists(questions, max_size=QUESTIONS_AN_EXAMPLE, unique=True))
    check(drawn, [*always_asked(doors, drawn), *urls])


@pytest.mark.slow
@pytest.mark.timeout(3600)
@settings(parent=frugally, max_examples=300)
@given(worlds(), st.data())
def test_no_public_answer_tells_worlds_apart_however_many_questions_are_asked(
    doors: list[Door], check: Check, drawn: Worlds, data: st.DataObject
) -> None:
    questions = st.sampled_from(all_questions(doors, drawn))
    urls = data.draw(st.lists(questions, min_size=100, max_size=150, unique=True))
    check(drawn, [*always_asked(doors, drawn), *urls])
