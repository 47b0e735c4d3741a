import json
import tracemalloc
from datetime import timedelta

import pytest
import requests
from sqlalchemy import text

from activity import event_queue
from common.database.session import db
from profiles.accounts.models import User
from profiles.messages import MessageKind, enqueue
from profiles.own_data.export import CHUNK_BYTES, export
from tests.factories import PASSWORD, as_user, auth_header, make_student, make_tutor, make_user
from tests.profiles.accounts.endpoints import log_in
from tests.profiles.profile_owner import Owner

EXPORT = "/api/me/export/"
SECTIONS = {
    "exported_at",
    "account",
    "profile",
    "settings",
    "draft",
    "avatar_url",
    "sessions",
    "insights",
    "saved_tutors",
    "saved_searches",
    "links",
    "waiting_mails",
    "snapshots",
    "events",
}


def add_events(user_id, number):
    """Events of about a kilobyte each."""
    db.session.execute(
        text("""
            insert into activity_events (id, "timestamp", user_id, action, metadata, source)
            select gen_random_uuid(), now() - n * interval '1 second', :user_id, 'lesson.opened',
                   jsonb_build_object('n', n, 'note', repeat('п', 500)), 'client'
            from generate_series(1, :number) as n
        """),
        {"user_id": user_id, "number": number},
    )
    db.session.commit()


def test_an_export_holds_everything_about_the_caller(client):
    tutor = make_tutor(first_name="Ірина", bio="Навчаю.", avatar_name="avatars/abc.webp")
    log_in(client, tutor)
    owner = Owner(client, tutor)
    owner.patch({"tutor_profile": {"headline": "Математика"}})
    owner.autosave({"tutor_profile": {"bio": "Навчаю з радістю."}})
    neighbour = make_tutor()
    owner.http.put(f"/api/me/saved-tutors/{neighbour.id}/")
    search = {"name": "НМТ", "query": "search=НМТ"}
    owner.http.post("/api/me/saved-searches/", json=search)
    answer = owner.http.get(EXPORT)
    assert answer.status_code == 200
    found = answer.json
    assert set(found) == SECTIONS
    assert found["account"]["email"] == tutor.email
    assert found["account"]["is_active"] is True
    assert found["account"]["registered_at"].endswith("Z")
    assert found["profile"]["headline"] == "Математика"
    assert found["profile"]["bio"] == "Навчаю."
    assert found["settings"]["show_email_publicly"] is False
    assert found["draft"]["data"] == {"tutor_profile": {"bio": "Навчаю з радістю."}}
    assert found["draft"]["version"] == 1
    assert found["avatar_url"] == "/media/avatars/abc.webp"
    assert len(found["sessions"]) == 1
    (saved,) = found["saved_tutors"]
    assert saved == {"tutor_id": neighbour.id, "saved_at": saved["saved_at"]}
    (saved_search,) = found["saved_searches"]
    assert search.items() <= saved_search.items()
    (snapshot,) = found["snapshots"]
    assert snapshot["before"]["tutor_profile"]["headline"] == ""
    assert {event["action"] for event in found["events"]} == {
        "auth.registered",
        "auth.login",
        "profile.snapshot",
        "profile.updated",
        "profile.autosave",
        "tutor.saved",
        "search.saved",
    }


def test_the_events_are_those_of_the_activity_log(client):
    user = make_user()
    log_in(client, user)
    owner = as_user(client, user)
    log = owner.get("/api/me/activity/?page_size=100").json["results"]
    assert owner.get(EXPORT).json["events"] == log
    assert len(log) == 2


def test_nothing_of_anybody_else_is_in_an_export(client):
    user, stranger = make_user(), make_tutor(first_name="Незнайомка", bio="Чуже.")
    add_events(stranger.id, 3)
    answer = as_user(client, user).get(EXPORT)
    assert "Незнайомка" not in answer.text
    assert stranger.email not in answer.text
    assert [event["action"] for event in answer.json["events"]] == ["auth.registered"]


def test_an_export_holds_no_password_and_no_token(client):
    user = make_user()
    log_in(client, user)
    text_of_it = as_user(client, user).get(EXPORT).text
    assert "argon2" not in text_of_it
    assert "hash" not in text_of_it


def test_an_export_says_which_mails_wait_and_keeps_their_links_to_itself(client):
    user = make_user()
    link = {"link_path": "/reset-password#token=qvtoken", "valid_for": timedelta(hours=1)}
    enqueue(user, MessageKind.PASSWORD_RESET, **link)
    db.session.commit()
    answer = as_user(client, user).get(EXPORT)
    (mail,) = answer.json["waiting_mails"]
    assert (mail["kind"], mail["recipient"]) == ("password_reset", user.email)
    assert "qvtoken" not in answer.text


def test_a_new_student_has_a_short_export(client):
    found = as_user(client, make_student()).get(EXPORT).json
    assert found["profile"]["profile_type"] == "student"
    assert (found["draft"], found["avatar_url"]) == (None, None)
    assert (found["sessions"], found["snapshots"]) == ([], [])


def test_an_administrator_has_no_profile_to_export(client):
    assert as_user(client, make_user("admin")).get(EXPORT).json["profile"] is None


def test_an_export_is_a_file_that_no_cache_keeps(client):
    answer = as_user(client, make_user()).get(EXPORT)
    assert answer.content_type == "application/json"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "no-store" in answer.headers["Cache-Control"]


def test_an_export_is_for_its_owner_only(client):
    assert client.get(EXPORT).status_code == 401
    assert as_user(client, make_user(is_active=False)).get(EXPORT).status_code == 401


@pytest.mark.parametrize("number", [499, 500, 501, 1201])
def test_no_event_is_missing_or_doubled_at_the_seams(client, number):
    user = make_user()
    add_events(user.id, number)
    events = as_user(client, user).get(EXPORT).json["events"]
    notes = [event["metadata"]["n"] for event in events if event["action"] == "lesson.opened"]
    assert sorted(notes) == list(range(1, number + 1))


def exporting(user_id):
    """The pieces' sizes and the most memory held at a time."""
    tracemalloc.start()
    pieces = [len(piece) for piece in export(db.session.get_one(User, user_id))]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return pieces, peak


def test_a_long_log_takes_no_more_memory_than_a_short_one(app):
    short, long = make_user(), make_user()
    add_events(short.id, 1_000)
    add_events(long.id, 12_000)
    exporting(short.id)
    pieces_of_short, peak_of_short = exporting(short.id)
    pieces_of_long, peak_of_long = exporting(long.id)
    assert sum(pieces_of_long) > 10 * sum(pieces_of_short)
    assert peak_of_long < 1.5 * peak_of_short
    assert max(pieces_of_long) < 2 * CHUNK_BYTES


def test_a_real_server_streams_the_export(live_server, app):
    user = make_user()
    add_events(user.id, 3_000)
    answer = requests.get(f"{live_server.url}{EXPORT}", headers=auth_header(user), stream=True)
    assert answer.headers.get("Transfer-Encoding") == "chunked"
    assert len(json.loads(answer.content)["events"]) == 3_001
    assert PASSWORD not in answer.text


def test_insights_are_a_tutors_and_without_days_that_tell_nothing(client):
    tutor = make_tutor(headline="Математика", subjects=["Математика"])
    for _ in range(5):
        client.get("/api/marketplace/tutors/")
    event_queue().drain()
    found = as_user(client, tutor).get(EXPORT).json["insights"]
    assert [day["appearances"] for day in found["days"]] == [5]
    assert found["queries"] == []
    assert as_user(client, make_student()).get(EXPORT).json["insights"] is None
