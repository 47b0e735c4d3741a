"""Two databases that differ only in hidden values answer every public request with the same bytes."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from marketplace.query import ASKABLE_ORDERINGS
from tests.database import Janitor
from tests.privacy.doors import Answers, Door, ask, differences, look, public_doors
from tests.privacy.worlds import FIRST_ID, Worlds, build, worlds

MARKETPLACE = "/api/marketplace/"
QUESTIONS_AN_EXAMPLE = 25

# What fails is told as it was drawn: shrinking two worlds takes longer than reading them.
frugally = settings(
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    max_examples=15,
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
