"""Rules of every endpoint: who is refused, which headers every answer has, whom limits count."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

from common.database.session import db
from profiles.accounts.models import User
from tests.factories import as_user, auth_header, make_tutor, make_user
from tests.profiles.accounts.endpoints import log_in, set_active

ORIGIN = "http://localhost:5173"
FOR_ADMINISTRATORS = {"GET /api/admin/search-report/"}


def endpoints_with_login(app: Flask) -> Iterator[tuple[str, str]]:
    """Every method and address that asks for a log-in."""
    for rule in app.url_map.iter_rules():
        if getattr(app.view_functions[rule.endpoint], "login_rule", None) == "required":
            path = rule.rule
            for name in rule.arguments:
                start = path.index("<")
                end = path.index(">", start)
                value = "1" if path[start:end].startswith("<int:") else str(uuid4())
                path = path[:start] + value + path[end + 1 :]
            for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
                yield method, path


def answers(app: Flask, client: FlaskClient) -> dict[str, int]:
    return {
        f"{method} {path}": client.open(path, method=method, json={}).status_code
        for method, path in endpoints_with_login(app)
    }


def erase(user: User) -> None:
    db.session.delete(db.session.get_one(User, user.id))
    db.session.commit()


@pytest.mark.parametrize("end", ["deactivated", "erased"])
def test_a_deactivated_or_erased_account_is_refused_at_every_endpoint_at_once(
    app: Flask, client: FlaskClient, end: str
) -> None:
    user = make_tutor()
    mine = as_user(client, user)
    before = answers(app, mine)
    assert len(before) > 12 and 401 not in before.values()
    if end == "deactivated":
        set_active(user, False)
    else:
        erase(user)
    assert set(answers(app, mine).values()) == {401}


def test_without_a_token_every_endpoint_that_needs_one_answers_401(
    app: Flask, client: FlaskClient
) -> None:
    assert set(answers(app, client).values()) == {401}


def test_no_role_may_call_what_others_may_not(app: Flask, client: FlaskClient) -> None:
    """What administrators alone may call is read only: operators use the command line."""
    student = answers(app, as_user(client, make_user()))
    for role in ("admin", "superadmin"):
        other = answers(app, as_user(client, make_user(role)))
        opened = {name for name in other if other[name] < 400 <= student[name]}
        assert opened == FOR_ADMINISTRATORS


def test_every_answer_is_inert_in_a_browser_and_open_to_the_frontend_alone(
    app: Flask, client: FlaskClient
) -> None:
    for rule in app.url_map.iter_rules():
        path = rule.rule.replace("<int:tutor_id>", "1").replace("<path:name>", "x")
        for origin in (ORIGIN, "http://evil.example"):
            answer = client.get(path, headers={"Origin": origin})
            assert answer.headers["X-Content-Type-Options"] == "nosniff", path
            assert "'unsafe" not in scripts_of(answer.headers["Content-Security-Policy"]), path
            assert answer.headers["X-Frame-Options"] == "DENY", path
            allowed = answer.headers.get("Access-Control-Allow-Origin")
            assert allowed == (ORIGIN if origin == ORIGIN else None), path
            assert "Origin" in ", ".join(answer.headers.getlist("Vary")), path


def scripts_of(policy: str) -> str:
    """What may run as a script under a content security policy."""
    rules = dict(rule.strip().partition(" ")[::2] for rule in policy.split(";"))
    return rules.get("script-src", rules["default-src"])


def wrong_guesses(client: FlaskClient, user: User, forwarded: list[str]) -> list[int]:
    return [
        log_in(client, user, "a guess", headers={"X-Forwarded-For": address}).status_code
        for address in forwarded
    ]


def test_a_forged_forwarded_address_opens_no_budget(client: FlaskClient) -> None:
    forged = [f"203.0.113.{number}" for number in range(12)]
    assert wrong_guesses(client, make_user(), forged) == [400] * 10 + [429] * 2


def test_behind_a_proxy_the_address_it_saw_is_counted_and_not_what_the_client_claims(
    make_app, app: Flask
) -> None:
    behind = make_app(PROXY_HOPS=1).test_client()
    user = make_user()
    claims = [f"203.0.113.{number}, 198.51.100.9" for number in range(12)]
    assert wrong_guesses(behind, user, claims) == [400] * 10 + [429] * 2
    # Another visitor behind the same proxy, the owner say, is let in.
    headers = {"X-Forwarded-For": "198.51.100.10"}
    assert log_in(behind, user, headers=headers).status_code == 200


def test_strangers_at_many_addresses_do_not_lock_the_owner_out(client: FlaskClient) -> None:
    user = make_user()
    for number in range(40):
        stranger = {"REMOTE_ADDR": f"203.0.113.{number}"}
        assert log_in(client, user, "a guess", environ_overrides=stranger).status_code == 400
    assert log_in(client, user).status_code == 200


def test_a_token_says_who_and_nothing_more(app: Flask, client: FlaskClient) -> None:
    user = make_tutor(first_name="Олена")
    token = auth_header(user)["Authorization"]
    assert user.email not in token and len(token) < 500
