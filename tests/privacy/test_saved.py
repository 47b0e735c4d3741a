"""What a person saved tells no more of hidden values than the public list does."""

from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, settings
from sqlalchemy import text

from common.database.session import db
from tests.database import Janitor
from tests.factories import make_student
from tests.marketplace.saved.saver import SEARCHES, TUTORS, Saver
from tests.privacy.test_noninterference import open_person
from tests.privacy.world_building import build
from tests.privacy.worlds import PROBE, WORDS, Person, Worlds, worlds

QUERIES = [
    "",
    *(f"search={word.replace('+', '%2B')}" for word in (*WORDS, PROBE, "олена", '"gra na lutni"')),
    *(f"subject={word.replace('+', '%2B')}" for word in WORDS),
    "price_max=250",
    "experience_min=3",
    "language=uk",
    "has_certifications=true",
    "has_certifications=false&search=english",
]


@settings(
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)
@given(worlds())
def test_saving_tells_two_worlds_not_apart_that_differ_in_hidden_values_only(
    client: FlaskClient, janitor: Janitor, drawn: Worlds
) -> None:
    one = answers(client, janitor, drawn.one)
    other = answers(client, janitor, drawn.other)
    assert one == other


def answers(client: FlaskClient, janitor: Janitor, people: list[Person]) -> list[object]:
    """Everything that saving everybody, and searches of long ago, is answered."""
    build(people, janitor)
    saver = Saver(client, make_student(email="saver@example.org"))
    ids = [person.values["id"] for person in people]
    found: list[object] = []
    for tutor_id in (*ids, ids[0] - 1):
        answer = saver.http.put(f"{TUTORS}{tutor_id}/", headers={"X-Request-ID": "one"})
        found.append((answer.status_code, answer.get_data(), answer.headers.get("ETag")))
    found.append(saver.http.get(f"{TUTORS}?page_size=100").get_data())
    for number, query in enumerate(QUERIES):
        saver.search(query, f"Search {number}")
    db.session.execute(text("update saved_searches set last_looked_at = '2026-01-01Z'"))
    db.session.commit()
    listed = saver.http.get(SEARCHES)
    found.append({each["name"]: each["new_count"] for each in listed.json["results"]})
    found.append(listed.headers.get("ETag"))
    for tutor_id in ids:
        found.append(saver.http.delete(f"{TUTORS}{tutor_id}/").status_code)
    return found


def test_the_comparison_is_not_blind(client: FlaskClient, janitor: Janitor) -> None:
    """A shown value does change a count."""
    plain, telling = open_person("English", "zabludowskyj"), open_person("English", "квадрокоптер")
    assert answers(client, janitor, [plain]) != answers(client, janitor, [telling])
