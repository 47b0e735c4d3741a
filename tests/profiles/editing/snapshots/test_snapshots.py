"""Undo: snapshots are listed to their owner, and lead back to what they hold."""

import uuid
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from activity import Action, record
from common.database.session import db
from tests.factories import make_student, make_tutor
from tests.profiles.moved_clock import later
from tests.profiles.profile_owner import SNAPSHOTS, Owner
from tests.profiles.strategies import bodies


@pytest.fixture
def tutor(client: FlaskClient) -> Owner:
    return Owner(client, make_tutor(headline="Перший"))


def published(owner: Owner) -> dict[str, Any]:
    profile: dict[str, Any] = owner.profile()
    return {name: part for name, part in profile.items() if name != "draft"}


def latest(owner: Owner) -> str:
    snapshot_id: str = owner.snapshots()["results"][0]["id"]
    return snapshot_id


def a_snapshot_of(owner: Owner, before: Any) -> str:
    """A snapshot as an older version of the service might have left it."""
    event = record(Action.PROFILE_SNAPSHOT, owner.id, metadata={"before": before})
    snapshot_id = str(event.id)
    db.session.commit()
    return snapshot_id


def test_snapshots_are_listed_newest_first_with_what_was_before(tutor: Owner) -> None:
    first = tutor.profile()
    second = tutor.patch({"tutor_profile": {"headline": "Другий"}})
    with later():
        tutor.patch({"tutor_profile": {"headline": "Третій"}})
    results = tutor.snapshots()["results"]
    assert [each["before"] for each in results] == [second, first]
    assert [set(each) for each in results] == [{"id", "timestamp", "before"}] * 2
    assert results[0]["timestamp"] > results[1]["timestamp"]
    assert uuid.UUID(results[0]["id"]).version == 7


def test_a_profile_that_never_changed_has_no_snapshots(tutor: Owner) -> None:
    assert tutor.snapshots()["results"] == []


def test_snapshots_page_to_the_end_and_back(tutor: Owner) -> None:
    tutor.patch({"tutor_profile": {"headline": "0"}})
    for _ in range(4):
        # A restore always takes a snapshot of its own.
        tutor.restore(latest(tutor))
    seen = []
    page = tutor.snapshots(page_size=2)
    while True:
        seen += [each["id"] for each in page["results"]]
        if not page["has_more"]:
            break
        page = tutor.snapshots(page_size=2, cursor=page["next_cursor"])
    assert len(seen) == len(set(seen)) == 5
    assert page["previous"] is not None
    assert seen == [each["id"] for each in tutor.snapshots()["results"]]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"page_size": 0}, 422),
        ({"page_size": 101}, 422),
        ({"page_size": "x"}, 422),
        ({"surprise": 1}, 422),
        ({"cursor": "made up"}, 400),
    ],
)
def test_a_strange_query_is_refused(tutor: Owner, query: dict[str, Any], status: int) -> None:
    assert tutor.http.get(SNAPSHOTS, query_string=query).status_code == status


def test_an_empty_cursor_as_forms_send_it_is_none(tutor: Owner) -> None:
    tutor.patch({"tutor_profile": {"headline": "Другий"}})
    assert tutor.snapshots(cursor="") == tutor.snapshots()


def test_restoring_publishes_what_was_before_and_can_be_undone(tutor: Owner) -> None:
    before = published(tutor)
    tutor.patch(
        {
            "user": {"first_name": "Олена", "timezone": "Europe/Warsaw"},
            "tutor_profile": {"headline": "Другий", "hourly_rate": 5, "languages": ["de"]},
            "settings": {"dark_mode": True, "privacy_public_profile": False},
        }
    )
    changed = published(tutor)
    tutor.restore(latest(tutor))
    assert published(tutor) == before
    tutor.restore(latest(tutor))
    assert published(tutor) == changed


def test_restoring_records_what_a_patch_would(tutor: Owner) -> None:
    tutor.patch({"tutor_profile": {"headline": "Другий"}, "settings": {"dark_mode": True}})
    tutor.restore(latest(tutor))
    assert tutor.actions() == ["profile.snapshot", "profile.updated", "settings.updated"] * 2
    _, details = tutor.events("profile.updated")[1]
    assert details["changes"]["tutor_profile"] == {
        "old": {"headline": "Другий"},
        "new": {"headline": "Перший"},
    }


def test_restoring_what_stands_changes_and_records_nothing(tutor: Owner) -> None:
    tutor.patch({"tutor_profile": {"headline": "Другий"}})
    snapshot_id = latest(tutor)
    tutor.restore(snapshot_id)
    events = tutor.events()
    restored = tutor.profile()
    assert tutor.restore(snapshot_id) == restored
    assert tutor.events() == events


def test_read_only_fields_and_the_avatar_stay_as_they_are(client: FlaskClient) -> None:
    user = make_tutor(rating=4, reviews_count=3, avatar_name="avatars/now.webp")
    tutor = Owner(client, user)
    snapshot_id = a_snapshot_of(
        tutor,
        {
            "user": {"email": "old@example.org", "role": "admin", "avatar_url": None},
            "tutor_profile": {"rating": 5.0, "reviews_count": 9, "bio": "old"},
            "avatar_url": None,
        },
    )
    before = tutor.profile()
    after = tutor.restore(snapshot_id)
    assert after["user"] == before["user"]
    assert after["tutor_profile"] == before["tutor_profile"] | {"bio": "old"}


def test_restoring_takes_only_the_fields_it_changes_out_of_the_draft(tutor: Owner) -> None:
    tutor.patch({"tutor_profile": {"headline": "Другий"}})
    tutor.autosave({"tutor_profile": {"headline": "чернетка", "bio": "чернетка"}})
    tutor.restore(latest(tutor))
    assert tutor.draft()["data"] == {"tutor_profile": {"bio": "чернетка"}}


@pytest.mark.parametrize(
    "snapshot_id",
    ["1", "x", str(uuid.uuid4()), str(uuid.UUID(int=0)), str(uuid.UUID(int=2**128 - 1))],
)
def test_an_unknown_or_malformed_id_is_not_found(tutor: Owner, snapshot_id: str) -> None:
    assert tutor.restore(snapshot_id, 404)["status"] == 404


def test_a_snapshot_of_somebody_else_is_not_found(client: FlaskClient, tutor: Owner) -> None:
    tutor.patch({"tutor_profile": {"headline": "Другий"}})
    other = Owner(client, make_tutor())
    before = other.profile()
    other.restore(latest(tutor), 404)
    assert other.profile() == before
    assert other.snapshots()["results"] == []


def test_an_event_that_is_no_snapshot_is_not_found(tutor: Owner) -> None:
    event = record(Action.PROFILE_UPDATED, tutor.id, metadata={"changes": {}})
    event_id = str(event.id)
    db.session.commit()
    tutor.restore(event_id, 404)


def test_an_older_snapshot_is_read_by_whatever_names_it_knew(tutor: Owner) -> None:
    snapshot_id = a_snapshot_of(
        tutor,
        {
            "settings": {"headline": "Старий", "privacy_public_profile": False, "pager": 1},
            "fax": {"number": "044"},
            "user": None,
        },
    )
    after = tutor.restore(snapshot_id)
    assert after["tutor_profile"]["headline"] == "Старий"
    assert after["settings"]["public_profile_enabled"] is False


def test_a_value_that_would_not_be_taken_today_is_a_422(tutor: Owner) -> None:
    snapshot_id = a_snapshot_of(
        tutor, {"tutor_profile": {"subjects": ["Math", "math"], "bio": "old"}}
    )
    before = tutor.profile()
    refusal = tutor.restore(snapshot_id, 422)
    assert set(refusal["errors"]["json"]["tutor_profile"]) == {"subjects"}
    assert tutor.profile() == before


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=4).filter(lambda t: "\x00" not in t),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["user", "tutor_profile", "bio", "subjects"]), inner),
    max_leaves=8,
)
drawn = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@drawn
@given(before=anything)
def test_no_snapshot_is_so_strange_that_it_breaks_the_service(
    client: FlaskClient, before: Any
) -> None:
    tutor = Owner(client, make_tutor())
    answer = tutor.http.post(f"{SNAPSHOTS}{a_snapshot_of(tutor, before)}/restore/")
    assert answer.status_code in {200, 422}
    assert tutor.http.get(SNAPSHOTS).status_code == 200


@drawn
@given(first=bodies(), second=bodies())
def test_undo_leads_back_to_the_same_profile(
    client: FlaskClient, first: dict[str, Any], second: dict[str, Any]
) -> None:
    tutor = Owner(client, make_tutor())
    tutor.patch(first)
    before = published(tutor)
    seen = len(tutor.snapshots()["results"])
    with later():
        tutor.patch(second)
    snapshots = tutor.snapshots()["results"]
    if len(snapshots) > seen:
        tutor.restore(snapshots[0]["id"])
    assert published(tutor) == before


def test_a_students_history_works_alike(client: FlaskClient) -> None:
    student = Owner(client, make_student())
    before = published(student)
    student.patch({"student_profile": {"subjects": ["Math"]}})
    student.restore(latest(student))
    assert published(student) == before


def test_history_is_for_those_who_are_logged_in(client: FlaskClient) -> None:
    assert client.get(SNAPSHOTS).status_code == 401
    assert client.post(f"{SNAPSHOTS}{uuid.uuid4()}/restore/").status_code == 401
