"""Two databases that differ only in hidden values answer every public request with the same bytes."""

from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from marketplace.listing.query import ASKABLE_ORDERINGS
from profiles.public.privacy import LISTED
from tests.database import Janitor
from tests.privacy.public_endpoints import (
    Answers,
    Endpoint,
    differences,
    fetch,
    fetch_all,
    public_endpoints,
)
from tests.privacy.world_building import build
from tests.privacy.worlds import (
    FIRST_ID,
    FLAGS,
    REGISTERED_AT,
    WORDS,
    Person,
    Worlds,
    worlds,
)

MARKETPLACE = "/api/marketplace/"
# The same whoever is listed.
OF_THE_CATALOGUE = {"/api/marketplace/subjects/"}
QUERIES_AN_EXAMPLE = 20

# A failure is reported as it was drawn: shrinking two worlds takes longer than reading them.
frugally = settings(
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)


@pytest.fixture
def endpoints(app: Flask, client: FlaskClient) -> list[Endpoint]:
    return public_endpoints(app, client)


def path_values(drawn: Worlds) -> dict[str, list[str]]:
    """What addresses are completed with: everybody of either world, and nobody."""
    ids = [person.values["id"] for person in drawn.one]
    return {
        "tutor_id": [*map(str, ids), str(FIRST_ID - 1), "0", "9" * 12],
        "name": [address.removeprefix("/media/") for address in drawn.avatar_addresses()],
    }


def always_requested(endpoints: list[Endpoint], drawn: Worlds) -> list[str]:
    """Every endpoint, and every ordering walked to its end."""
    urls = [url for endpoint in endpoints for url in endpoint.addresses(path_values(drawn))]
    for endpoint in endpoints:
        if "ordering" in endpoint.parameters:
            urls += [f"{endpoint.path}?page_size=2&ordering={name}" for name in ASKABLE_ORDERINGS]
        if "explain" in endpoint.parameters:
            # Which fields have a word, of the words that anybody may hide.
            questions = [{"search": word, "explain": "true"} for word in WORDS]
            urls += [f"{endpoint.path}?{urlencode(question)}" for question in questions]
    return urls


def all_queries(endpoints: list[Endpoint], drawn: Worlds) -> list[str]:
    return [
        address + question
        for endpoint in endpoints
        for address in endpoint.addresses(path_values(drawn))
        for question in endpoint.queries()
    ]


Check = Callable[[Worlds, list[str]], None]


@pytest.fixture
def check(client: FlaskClient, janitor: Janitor) -> Check:
    def compare(drawn: Worlds, urls: list[str]) -> None:
        build(drawn.one, janitor)
        one = fetch_all(client, urls)
        build(drawn.other, janitor)
        other = fetch_all(client, urls)
        differing = {url: (one.get(url), other.get(url)) for url in differences(one, other)}
        assert differing == {}
        assert foreign_copies(client, one) == {}

    return compare


def foreign_copies(client: FlaskClient, one: Answers) -> dict[str, int]:
    """The copies of the other world that do not hold in this one."""
    etags = {
        url: dict(headers).get("ETag") for url, (_, headers, _) in one.items() if " " not in url
    }
    statuses = {
        url: fetch(client, url, **{"If-None-Match": etag})[0] for url, etag in etags.items() if etag
    }
    return {url: status for url, status in statuses.items() if status != 304}


def open_person(subject: str, word: str) -> Person:
    """A tutor who shows all of the given words."""
    profile_values = {
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
    return Person(profile_values, {})


def test_a_shown_value_changes_the_answers_of_every_endpoint_of_the_marketplace(
    client: FlaskClient, endpoints: list[Endpoint], janitor: Janitor
) -> None:
    """The comparison is not blind: at each endpoint some request tells two words apart."""
    neighbour = open_person("English", "neighbour")
    neighbour.values["id"] += 1
    drawn = Worlds(
        [open_person("English", "квадрокоптер"), neighbour],
        [open_person("English", "zabludowskyj"), neighbour],
    )
    queries = {
        endpoint.path: [url for url in all_queries([endpoint], drawn) if "&" not in url]
        for endpoint in endpoints
    }
    urls = [url for path, each in queries.items() if path.startswith(MARKETPLACE) for url in each]
    build(drawn.one, janitor)
    one = fetch_all(client, urls)
    build(drawn.other, janitor)
    differing = set(differences(one, fetch_all(client, urls)))
    for path, each in queries.items():
        if path.startswith(MARKETPLACE) and path not in OF_THE_CATALOGUE:
            assert differing & set(each), f"{path} tells nothing"
    assert any(b'"did_you_mean":"' in body for _, _, body in one.values())


@frugally
@given(worlds(), st.data())
def test_no_public_answer_tells_two_worlds_apart_that_differ_in_hidden_values_only(
    endpoints: list[Endpoint], check: Check, drawn: Worlds, data: st.DataObject
) -> None:
    queries = st.sampled_from(all_queries(endpoints, drawn))
    urls = data.draw(st.lists(queries, max_size=QUERIES_AN_EXAMPLE, unique=True))
    check(drawn, [*always_requested(endpoints, drawn), *urls])


@pytest.mark.slow
@pytest.mark.timeout(3600)
# Each world has a past of its own to live through, so half as many pairs take as long as before.
@settings(parent=frugally, max_examples=150)
@given(worlds(), st.data())
def test_no_public_answer_tells_worlds_apart_however_many_questions_are_asked(
    endpoints: list[Endpoint], check: Check, drawn: Worlds, data: st.DataObject
) -> None:
    queries = st.sampled_from(all_queries(endpoints, drawn))
    urls = data.draw(st.lists(queries, min_size=100, max_size=150, unique=True))
    check(drawn, [*always_requested(endpoints, drawn), *urls])
