from datetime import timedelta

import pytest
import time_machine
from flask_jwt_extended import create_access_token, create_refresh_token

from common.clock import now
from common.http.acting_accounts import MAX_VERIFIED, VERIFIED, set_account_check
from common.http.auth import SKEW_SECONDS
from tests.common.http.probe import INACTIVE_USER


def get(probe, path, authorization=None):
    headers = {} if authorization is None else {"Authorization": authorization}
    return probe.get(path, headers=headers)


@pytest.fixture
def token(probe_app):
    def make(identity="7", **options):
        with probe_app.app_context():
            return create_access_token(identity=identity, **options)

    return make


def test_a_good_token_names_its_user_in_every_view_but_the_ignoring_one(probe, bearer):
    assert probe.get("/probe/me/", headers=bearer(7)).json == {"value": 7}
    assert probe.get("/probe/anyone/", headers=bearer(7)).json == {"value": 7}
    assert probe.get("/probe/ignored/", headers=bearer(7)).json == {"value": None}


def test_the_scheme_is_read_without_regard_to_case(probe, token):
    assert get(probe, "/probe/me/", f"bearer {token()}").json == {"value": 7}
    assert get(probe, "/probe/me/", f"BEARER  {token()}").json == {"value": 7}


def test_no_token_is_a_401_with_a_bare_challenge_where_one_is_required(probe):
    answer = get(probe, "/probe/me/")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.mimetype == "application/problem+json"
    assert get(probe, "/probe/anyone/").json == {"value": None}


def odd_spaces(good):
    """Nearly credentials: what divides or surrounds them is not the space of RFC 6750."""
    return [
        *(f"Bearer{space}{good}" for space in "\t\x0b\x0c\x1c\x85\xa0"),
        *(f"{space}Bearer {good}" for space in "\t \x85\xa0"),
        *(f"Bearer {good}{space}" for space in "\t\x85\xa0"),
        f"Bearer {good} {good}",
        f"Bearer={good}",
        f'Bearer "{good}"',
    ]


def bad_tokens(token, probe_app):
    good = token()
    with probe_app.app_context():
        refresh = create_refresh_token(identity="7")
    return [
        "Bearer garbage",
        "Bearer a.b.c",
        "Bearer " + good[:-2] + ("aa" if good[-2:] != "aa" else "bb"),
        "Bearer " + token(expires_delta=timedelta(seconds=-1)),
        "Bearer " + token(str(INACTIVE_USER)),
        "Bearer " + token("nobody"),
        "Bearer " + token("٧"),
        "Bearer " + token("-1"),
        "Bearer " + token("99999999999999999999"),
        "Bearer " + token("2147483648"),
        "Bearer " + token("0"),
        "Bearer " + token("007"),
        "Bearer " + token(expires_delta=False),
        *(
            "Bearer " + token(additional_claims={"sid": session})
            for session in ("", "7", 7, None, ["x"], "0" * 36, "\x00")
        ),
        "Bearer " + refresh,
        "Bearer",
        "Bearer ",
        "Bearer \xff\xfe",
        *odd_spaces(good),
        f"Bearer {good},Bearer {good}",
        f"Bearer {good}, Basic YTpi",
        f"Basic YTpi, bearer {good}",
        "Bearer a,Bearer b",
        "bearer a,",
    ]


def test_a_broken_or_expired_token_is_a_401_even_where_none_is_needed(probe, token, probe_app):
    for authorization in bad_tokens(token, probe_app):
        for path in ("/probe/me/", "/probe/anyone/"):
            answer = get(probe, path, authorization)
            assert answer.status_code == 401, (path, authorization)
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
            assert answer.mimetype == "application/problem+json"
        assert get(probe, "/probe/ignored/", authorization).status_code == 200


def test_an_empty_token_is_nobody_whatever_was_sent_before(probe, token):
    good = token()
    for authorization in (f"Bearer {good}", f"bearer  {good}", *odd_spaces(good)):
        get(probe, "/probe/me/", authorization)
        for path in ("/probe/me/", "/probe/anyone/"):
            for empty in ("Bearer", "Bearer ", "bearer", "Bearer\t", "Bearer\xa0", " Bearer"):
                assert get(probe, path, empty).status_code == 401, (authorization, path, empty)


def test_a_token_of_another_secret_is_refused(probe, build):
    with build(SECRET_KEY="another secret of at least 32 bytes").app_context():
        foreign = create_access_token(identity="7")
    assert get(probe, "/probe/me/", f"Bearer {foreign}").status_code == 401


def test_a_token_lives_as_long_as_configured(build):
    app = build(ACCESS_TOKEN_MINUTES=5)
    with app.app_context():
        import jwt

        from common.http.auth import issue_access_token

        claims = jwt.decode(issue_access_token(7), options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] == 300 + SKEW_SECONDS
    assert abs(claims["iat"] - now().timestamp()) < 60
    assert claims["sub"] == "7"


def test_a_token_that_was_used_before_expires_on_time(probe, token, probe_app):
    began = now()
    with time_machine.travel(began, tick=False) as clock:
        authorization = f"Bearer {token(expires_delta=timedelta(minutes=30))}"
        assert get(probe, "/probe/me/", authorization).status_code == 200
        clock.move_to(began + timedelta(minutes=30, seconds=-1))
        assert get(probe, "/probe/me/", authorization).status_code == 200
        clock.move_to(began + timedelta(minutes=30, seconds=1))
        for path in ("/probe/me/", "/probe/anyone/"):
            answer = get(probe, path, authorization)
            assert answer.status_code == 401 and "expired" in answer.json["detail"]


def test_an_account_is_checked_with_every_request(probe, token, probe_app):
    allowed = {7}
    set_account_check(probe_app, lambda user_id: user_id in allowed)
    authorization = f"Bearer {token()}"
    assert get(probe, "/probe/me/", authorization).json == {"value": 7}
    allowed.clear()
    for path in ("/probe/me/", "/probe/anyone/"):
        answer = get(probe, path, authorization)
        assert answer.status_code == 401 and "no longer active" in answer.json["detail"]
        assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
    allowed.add(7)
    assert get(probe, "/probe/me/", authorization).json == {"value": 7}


def test_a_session_is_checked_with_every_request_that_names_one(probe, token, probe_app):
    open_sessions = {"0b7c2f5e-6a0e-4b6e-9b51-0f6a4f7f2f0d"}
    set_account_check(
        probe_app, lambda user_id: True, lambda user_id, session: session in open_sessions
    )
    (session,) = open_sessions
    authorization = f"Bearer {token(additional_claims={'sid': session})}"
    assert get(probe, "/probe/me/", authorization).json == {"value": 7}
    open_sessions.clear()
    for path in ("/probe/me/", "/probe/anyone/"):
        answer = get(probe, path, authorization)
        assert (answer.status_code, answer.json["code"]) == (401, "no_session")
    assert get(probe, "/probe/me/", f"Bearer {token()}").json == {"value": 7}


def test_only_good_tokens_are_remembered_and_not_without_end(probe, token, probe_app):
    remembered = probe_app.extensions[VERIFIED]
    for authorization in bad_tokens(token, probe_app):
        get(probe, "/probe/me/", authorization)
    assert remembered == {}
    get(probe, "/probe/me/", f"bearer {token()}")
    (verified,) = remembered.values()
    remembered.update({f"token {number}": verified for number in range(MAX_VERIFIED)})
    assert get(probe, "/probe/me/", f"Bearer {token()}").status_code == 200
    assert len(remembered) == 1


def test_what_one_application_verified_another_does_not_accept(probe, token, build):
    authorization = f"Bearer {token()}"
    assert get(probe, "/probe/me/", authorization).status_code == 200
    other = build(SECRET_KEY="another secret of at least 32 bytes").test_client()
    assert get(other, "/probe/me/", authorization).status_code == 401
