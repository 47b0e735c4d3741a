"""Counts of how tutors are found tell nothing of hidden values, and change no public answer."""

from typing import Any

from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, settings

from tests.database import Janitor
from tests.factories import as_user, make_tutor, make_user
from tests.marketplace.analytics.visitors import search, settle, visitor
from tests.marketplace.list_requests import ADDRESS
from tests.privacy.test_noninterference import open_person
from tests.privacy.world_building import build
from tests.privacy.worlds import PROBE, WORDS, Person, Worlds, worlds

SEARCHES = (*WORDS, PROBE, "олена", '"gra na lutni"')
FILTERS = (
    {"has_certifications": "true"},
    {"price_max": 250, "language": "uk"},
    {"subject": "math"},
)
VISITORS = 6
LISTED = {"headline": "English lessons", "subjects": ["English"], "hourly_rate": 200}


@settings(
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    max_examples=4,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)
@given(worlds())
def test_counts_tell_two_worlds_not_apart_that_differ_in_hidden_values_only(
    client: FlaskClient, janitor: Janitor, drawn: Worlds
) -> None:
    one = told(client, janitor, drawn.one)
    assert one == told(client, janitor, drawn.other)


def told(client: FlaskClient, janitor: Janitor, people: list[Person]) -> list[Any]:
    """What another tutor and an administrator are told after everybody was looked for."""
    build(people, janitor)
    other = make_tutor(email="other@example.org", **LISTED)
    administrator = make_user("admin", email="admin@example.org")
    for number in range(1, VISITORS + 1):
        mine = visitor(client, number)
        for words in SEARCHES:
            query_id = search(mine, words)
            for person in people:
                address = f"{ADDRESS}{person.values['id']}/"
                mine.get(address, query_string={"query_id": query_id, "position": 1})
        for filters in FILTERS:
            mine.get(ADDRESS, query_string=filters)
    settle()
    return [
        as_user(client, other).get("/api/me/insights/").json,
        as_user(client, administrator).get("/api/admin/search-report/").json,
    ]


def test_the_comparison_is_not_blind(client: FlaskClient, janitor: Janitor) -> None:
    """A shown value does change what is told."""
    plain, telling = open_person("Макраме", "zabludowskyj"), open_person("English", "квадрокоптер")
    assert told(client, janitor, [plain]) != told(client, janitor, [telling])


def test_one_address_learns_no_text_that_too_few_others_have_sought(client: FlaskClient) -> None:
    """With a prober of sixty browsers and three others, the report is that of the three alone."""
    administrator = make_user("admin", email="admin@example.org")
    for number in range(1, 4):
        search(visitor(client, number), "потаємне")
    report = as_user(client, administrator).get("/api/admin/search-report/")
    assert report.status_code == 200
    for number in range(60):
        search(visitor(client, 9, agent=f"Browser {number}"), "потаємне")
    settle()
    assert "потаємне" not in as_user(client, administrator).get("/api/admin/search-report/").text
    search(visitor(client, 4), "потаємне")
    settle()
    assert "потаємне" in as_user(client, administrator).get("/api/admin/search-report/").text


def test_public_answers_are_the_same_whatever_was_counted(client: FlaskClient) -> None:
    tutors = [make_tutor(**LISTED) for _ in range(3)]
    pages = [ADDRESS, f"{ADDRESS}?search=english", f"{ADDRESS}{tutors[2].id}/"]
    pages += ["/api/marketplace/facets/", "/api/marketplace/suggestions/?q=engl"]

    def answers() -> list[tuple[bytes, str | None]]:
        found = [client.get(page) for page in pages]
        return [(answer.data, answer.headers.get("ETag")) for answer in found]

    before = answers()
    for number in range(1, VISITORS + 1):
        query_id = search(visitor(client, number), "english")
        visitor(client, number).get(f"{pages[2]}?query_id={query_id}&position=3")
    settle()
    assert answers() == before
