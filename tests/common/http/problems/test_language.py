"""The language of problem documents over HTTP, on an application without a database."""

import psycopg2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import create_environ, run_wsgi_app

from common.app import build_app
from common.translation.negotiation import LANGUAGES
from common.translation.reader import set_language_lookup
from tests.common.conftest import SETTINGS
from tests.common.http.probe import DOMAIN

UKRAINIAN = {"Accept-Language": "uk-UA,uk;q=0.9,en;q=0.5"}
NOTHING_HERE = {
    "en": "There is nothing at this address.",
    "uk": "За цією адресою нічого немає.",
    "pl": "Pod tym adresem nic nie ma.",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_problem_is_in_the_language_that_is_asked_for(probe, language):
    answer = probe.get("/nowhere", headers={"Accept-Language": f"de, {language};q=0.3"})
    assert answer.json["detail"] == NOTHING_HERE[language]
    assert answer.headers["Content-Language"] == language
    assert answer.json["code"] == "not_found"


def test_without_a_preference_it_is_english(probe):
    for headers in ({}, {"Accept-Language": "de, *"}):
        answer = probe.get("/nowhere", headers=headers)
        assert answer.json["detail"] == NOTHING_HERE["en"]
        assert answer.headers["Content-Language"] == "en"


def test_vary_names_what_the_language_depends_on(probe):
    fields = ", ".join(probe.get("/nowhere").headers.getlist("Vary"))
    assert {each.strip() for each in fields.split(",")} == {
        "Origin",
        "Accept-Language",
        "Authorization",
    }


def test_messages_of_fields_and_their_sentence_are_translated(probe):
    body = {"name": "", "age": 151, "happy": "yes", "size": 1, "nested": {"name": 5}}
    answer = probe.post("/probe/people/", json=body, headers=UKRAINIAN)
    assert answer.json["title"] == "Неприйнятні дані"
    assert answer.json["errors"]["json"] == {
        "name": ["Довжина має бути від 1 до 10."],
        "age": ["Має бути не менше ніж 0 і не більше ніж 150."],
        "happy": ["Має бути true або false."],
        "size": ["Невідоме поле."],
        "nested": {"name": ["Не є рядком."]},
    }
    path, _, message = answer.json["detail"].partition(": ")
    assert answer.json["errors"]["json"][path] == [message]


def test_the_path_of_a_nested_field_stays_as_the_client_wrote_it(probe):
    body = {"name": "a", "nested": {"Unknown field.": 1, "name": "b"}}
    answer = probe.post("/probe/people/", json=body, headers=UKRAINIAN)
    assert answer.json["detail"] == "nested.Unknown field.: Невідоме поле."


def test_what_is_no_message_is_not_translated(probe):
    answer = probe.patch("/probe/document/", headers={"If-Match": '"x"'} | UKRAINIAN)
    assert answer.json["current"] == {"value": "document"}
    assert answer.json["type"] == "about:blank"
    assert answer.json["title"] == "Передумову не виконано"


@pytest.mark.parametrize(
    "send, status",
    [
        (lambda probe, headers: probe.post("/probe/people/", data="{", headers=headers), 415),
        (lambda probe, headers: probe.post("/probe/me/", headers=headers), 405),
        (lambda probe, headers: probe.get("/probe/me/", headers=headers), 401),
        (lambda probe, headers: probe.get("/probe/numbers/?cursor=x", headers=headers), 400),
        (lambda probe, headers: probe.get("/%00", headers=headers), 400),
        (lambda probe, headers: probe.get("/", headers=headers | {"Host": "a b"}), 400),
        (lambda probe, headers: probe.get("/probe/broken/", headers=headers), 500),
        (lambda probe, headers: probe.get("/probe/query/?size=0", headers=headers), 422),
        (lambda probe, headers: probe.get("/probe/query/?size=", headers=headers), 200),
    ],
)
def test_every_kind_of_refusal_is_translated(probe_app, send, status):
    @probe_app.get("/probe/broken/")
    def fail():
        raise RuntimeError("a secret")

    answer = send(probe_app.test_client(), UKRAINIAN)
    assert answer.status_code == status
    if status >= 400:
        assert answer.headers["Content-Language"] == "uk"
        assert any("а" <= letter <= "я" for letter in answer.json["detail"].lower())
        assert "secret" not in answer.text
    else:
        assert "Content-Language" not in answer.headers
        assert "Accept-Language" not in ", ".join(answer.headers.getlist("Vary"))


def test_a_limit_counts_its_seconds_in_the_readers_grammar(probe, bearer):
    answers = [probe.post("/probe/limited/", headers=UKRAINIAN | bearer()) for _ in range(6)]
    assert answers[-1].status_code == 429
    assert answers[-1].json["detail"].endswith(" секунду та спробуйте ще раз.")


class TestTheSignedInPersonsLanguage:
    @pytest.fixture
    def lookups(self, probe_app):
        """The user ids whose language was asked for; everybody reads Polish."""
        asked = []

        def chosen(user_id):
            asked.append(user_id)
            return "pl"

        set_language_lookup(probe_app, chosen)
        return asked

    def test_it_decides_where_the_request_names_none(self, probe, bearer, lookups):
        answer = probe.get("/probe/me/?a=1", headers=bearer(9) | {"Accept-Language": "de"})
        assert answer.json["errors"] == {"query": {"a": ["Nieznane pole."]}}
        assert answer.headers["Content-Language"] == "pl"
        assert lookups == [9]

    def test_the_request_has_precedence(self, probe, bearer, lookups):
        answer = probe.get("/probe/me/?a=1", headers=bearer() | {"Accept-Language": "en"})
        assert answer.headers["Content-Language"] == "en"
        assert lookups == []

    def test_it_is_not_looked_up_for_what_has_no_prose(self, probe, bearer, lookups):
        assert probe.get("/probe/me/", headers=bearer()).status_code == 200
        assert lookups == []

    def test_nobodys_language_is_looked_up_for_a_broken_token(self, probe, lookups):
        answer = probe.get("/probe/me/", headers={"Authorization": "Bearer x.y.z"})
        assert answer.status_code == 401 and answer.headers["Content-Language"] == "en"
        assert lookups == []

    def test_a_fault_of_ours_asks_the_database_nothing(self, probe_app, bearer, lookups):
        @probe_app.before_request
        def fail():
            raise RuntimeError

        answer = probe_app.test_client().get("/probe/me/", headers=bearer())
        assert answer.status_code == 500 and lookups == []

    @pytest.mark.parametrize("failure", [psycopg2.OperationalError, psycopg2.InterfaceError])
    def test_a_failing_lookup_leaves_english(self, probe_app, bearer, failure):
        def away(user_id):
            raise failure

        set_language_lookup(probe_app, away)
        answer = probe_app.test_client().get("/probe/me/?a=1", headers=bearer())
        assert answer.status_code == 422 and answer.headers["Content-Language"] == "en"

    @pytest.mark.parametrize("unknown", [None, "de", ""])
    def test_a_language_that_there_is_none_of_leaves_english(self, probe_app, bearer, unknown):
        set_language_lookup(probe_app, lambda user_id: unknown)
        answer = probe_app.test_client().get("/probe/me/?a=1", headers=bearer())
        assert answer.headers["Content-Language"] == "en"


@given(st.text(st.characters(max_codepoint=255, exclude_characters="\r\n")))
def test_no_accept_language_makes_a_request_fail(build_once, header):
    environ = create_environ("/nowhere")
    environ["HTTP_ACCEPT_LANGUAGE"] = header
    _, status, headers = run_wsgi_app(build_once, environ)
    assert status.startswith("404") and headers["Content-Language"] in LANGUAGES


@pytest.fixture(scope="module")
def build_once():
    return build_app([DOMAIN], SETTINGS)
