"""The whole service speaks the reader's language, and reads the language only where it speaks."""

import re
from uuid import uuid4

import pytest

from profiles.models import UserSettings
from tests.factories import as_user, make_student, make_tutor
from tests.marketplace.statement_log import StatementLog
from tests.raw_bytes.endpoints import operations

UKRAINIAN = {"Accept-Language": "uk"}
LIST = "/api/marketplace/tutors/"
UNASKED = {"Accept-Language": ""}
SERVED_FILES = ("/api/docs", "/media")
# Bodies with a fault in each way that a field can have one.
BODIES = [
    {},
    [],
    {"colour": "red"},
    {"events": [], "email": 5, "password": "a", "action": "X.", "user": {"first_name": ""}},
    {"settings": {"ui_language": "de", "hourly_rate": -1, "subjects": ["a", "a"], "x": 1}},
    {"tutor_profile": {"headline": "a" * 121, "languages": ["xx"] * 3, "experience_years": 1e9}},
    {"email": "nobody", "password": "password", "first_name": " ", "timezone": "Kyiv", "role": "x"},
    {"settings": [], "user": {"timezone": "\x00"}, "student_profile": {"bio": 1}},
]


def sentences(problem):
    yield problem["detail"]
    yield problem["title"]
    yield from leaves(problem.get("errors", {}))


def leaves(messages):
    if isinstance(messages, dict):
        for each in messages.values():
            yield from leaves(each)
    elif isinstance(messages, list):
        yield from messages


def test_no_operation_answers_a_ukrainian_in_english(app, client):
    """Whatever is sent: each sentence has Cyrillic beside the names that are the client's own."""
    mine = as_user(client, make_tutor())
    seen, english = set(), []
    for operation in operations(app):
        if operation.path.startswith(SERVED_FILES):
            continue
        for caller in (client, mine):
            for body in BODIES if operation.has_body else [None]:
                for query in ({}, {"colour": "red"}, {"page_size": "x", "cursor": "y"}):
                    answer = caller.open(
                        operation.path,
                        method=operation.method,
                        json=body,
                        query_string=query,
                        headers=UKRAINIAN,
                    )
                    if answer.status_code < 400:
                        continue
                    assert answer.headers["Content-Language"] == "uk", operation
                    seen |= {*sentences(answer.json)}
                    english += [
                        (str(operation), sentence)
                        for sentence in sentences(answer.json)
                        if not re.search("[а-яіїєґ]", sentence, re.IGNORECASE)
                    ]
    assert not english
    assert len(seen) > 40


@pytest.mark.parametrize(
    "language, detail",
    [
        ("pl", "Nie ma takiej migawki."),
        ("uk", "Такого знімка немає."),
        ("en", "There is no such snapshot."),
    ],
)
def test_a_person_reads_the_language_of_their_settings(client, language, detail):
    me = as_user(client, make_tutor(ui_language=language))
    answer = me.post(f"/api/me/profile/snapshots/{uuid4()}/restore/", headers=UNASKED)
    assert answer.status_code == 404
    assert answer.json["detail"] == detail
    assert answer.headers["Content-Language"] == language


def test_a_changed_setting_holds_for_the_next_problem(client):
    me = as_user(client, make_student(ui_language="uk"))
    body = {"settings": {"ui_language": "pl"}}
    assert me.patch("/api/me/profile/", json=body, headers=UNASKED).status_code == 200
    answer = me.get("/api/users/me/?colour=red", headers=UNASKED)
    assert answer.json["detail"] == "colour: Nieznane pole."


def test_a_refusal_within_a_transaction_is_translated_too(client):
    """The language is read by another connection than the view's, whose transaction may have failed."""
    me = as_user(client, make_tutor(ui_language="pl"))
    body = {"tutor_profile": {"headline": "a" * 121}}
    answer = me.patch("/api/me/profile/", json=body, headers=UNASKED)
    assert answer.json["errors"]["json"]["tutor_profile"]["headline"] == [
        "Dłuższe niż maksymalna długość 120."
    ]


def test_an_account_that_is_gone_reads_english(client):
    me = as_user(client, 2_000_000_000)
    answer = me.get("/api/users/me/", headers=UNASKED)
    assert answer.status_code == 401 and answer.headers["Content-Language"] == "en"


def test_the_language_is_read_only_where_a_problem_needs_it(client):
    me = as_user(client, make_student())
    log = StatementLog()
    me.get("/api/users/me/", headers=UNASKED)
    me.get("/api/users/me/?colour=red")
    reads_nothing = len(log.texts)
    me.get("/api/users/me/?colour=red", headers=UNASKED)
    texts = log.stop()
    assert [text for text in texts[:reads_nothing] if "select ui_language" in text] == []
    assert len([text for text in texts[reads_nothing:] if "select ui_language" in text]) == 1


def test_rejected_events_of_a_batch_are_explained_in_the_readers_language(client):
    batch = {"events": [{"action": 5}, {"action": "a.b"}]}
    answer = client.post("/api/activity/events/", json=batch, headers=UKRAINIAN)
    assert answer.status_code == 202 and answer.json["accepted"] == 1
    assert answer.json["rejected"][0]["errors"] == {"action": ["Не є рядком."]}
    assert answer.headers["Content-Language"] == "uk"
    accepted = client.post("/api/activity/events/", json={"events": [{"action": "a.b"}]})
    assert "Content-Language" not in accepted.headers


@pytest.mark.parametrize("address", [LIST, f"{LIST}?search=math", "/api/marketplace/subjects/"])
def test_public_answers_are_not_divided_by_language(client, address):
    make_tutor(headline="Math", subjects=["math"])
    answers = [
        client.get(address, headers={"Accept-Language": language})
        for language in ("uk", "pl", "en", "uk")
    ]
    assert {answer.status_code for answer in answers} == {200}
    assert len({(answer.data, answer.headers["ETag"]) for answer in answers}) == 1
    for answer in answers:
        assert "Content-Language" not in answer.headers
        assert answer.headers.getlist("Vary") == ["Origin"]


def test_a_card_that_is_not_there_is_refused_in_each_language(client):
    details = [
        client.get(f"{LIST}2000000000/", headers={"Accept-Language": language}).json["detail"]
        for language in ("uk", "pl", "en", "uk")
    ]
    assert details == [
        "Такого викладача немає.",
        "Nie ma takiego korepetytora.",
        "There is no such tutor.",
        "Такого викладача немає.",
    ]


def test_a_default_account_is_ukrainian():
    assert UserSettings.__table__.c.ui_language.default.arg == "uk"
