"""Nothing secret is written to the log, whatever goes wrong."""

import pytest

from common.operations import logging
from tests.factories import make_user
from tests.profiles.accounts.endpoints import log_in, log_out, refresh, register, token_of


@pytest.fixture
def talkative(make_app):
    yield make_app(LOG_LEVEL="DEBUG").test_client()
    logging.configure("WARNING")


def test_no_password_token_or_email_is_ever_logged(talkative, capsys):
    secrets = ["a long walk at dusk", "olena@example.com", "Олена", "Шевченко", "wrong guess"]
    answer = register(talkative)
    secrets += [answer.json["access"], token_of(talkative)]
    refresh(talkative)
    secrets.append(token_of(talkative))
    register(talkative)
    register(talkative, password="tiny one")
    register(talkative, email="olena@example.com", timezone="Шевченко")
    log_in(talkative, "olena@example.com", "wrong guess")
    log_in(talkative, "olena@example.com", "a long walk at dusk", headers={"X-Request-ID": "probe"})
    secrets.append(token_of(talkative))
    change = {"current_password": "a long walk at dusk", "new_password": "a longer walk at dawn"}
    secrets.append("a longer walk at dawn")
    access = refresh(talkative).json["access"]
    secrets += [access, token_of(talkative)]
    for body in ({**change, "current_password": "wrong guess"}, change):
        talkative.post(
            "/api/me/password/", json=body, headers={"Authorization": f"Bearer {access}"}
        )
    refresh(talkative, "A" * 64)
    log_out(talkative)
    for _ in range(12):
        log_in(talkative, "olena@example.com", "wrong guess")
    logged = capsys.readouterr()
    assert '"request_id":"probe"' in logged.out
    for secret in secrets:
        assert secret not in logged.out
        assert secret not in logged.err


def test_a_failing_database_spills_no_secret_either(make_app, capsys, app):
    user = make_user()
    away = make_app(
        LOG_LEVEL="DEBUG", DATABASE_URL="postgresql://nobody:hush@127.0.0.1:1/nowhere"
    ).test_client()
    try:
        assert log_in(away, user, "wrong guess").status_code == 503
        assert register(away).status_code == 503
        assert refresh(away, "A" * 64).status_code == 503
    finally:
        logging.configure("WARNING")
    logged = capsys.readouterr()
    for secret in ("wrong guess", "hush", user.email, "olena@example.com", "A" * 64):
        assert secret not in logged.out + logged.err
