"""Nothing tells whether an address has an account: not the work, not the limits, not the log."""

from sqlalchemy import text

from common.database.session import db
from common.operations import logging
from profiles.accounts.password_reset.reset_requests import answer_requests
from tests.factories import make_user
from tests.marketplace.statement_log import StatementLog
from tests.profiles.accounts.endpoints import (
    another_browser,
    log_in,
    registration,
    set_active,
)
from tests.profiles.accounts.mailbox import (
    NEW_PASSWORD,
    RESET,
    mails,
    reset,
    token_to,
    undo,
    verify,
)

UNKNOWN = "nobody@example.org"


def ask(client, email, **options):
    return client.post(RESET, json={"email": email}, **options)


def statements_of(client, email):
    """What the database is asked while the request is answered."""
    watch = StatementLog()
    assert ask(client, email).status_code == 202
    return watch.stop()


def test_the_same_statements_are_run_for_every_address(client):
    known, inactive = make_user(), make_user()
    set_active(inactive, False)
    ask(client, "warm.up@example.org")
    seen = [statements_of(client, email) for email in (known.email, inactive.email, UNKNOWN)]
    assert seen[0] == seen[1] == seen[2]
    assert sum("insert into password_reset_requests" in each.lower() for each in seen[0]) == 1
    assert not any("users" in each for each in seen[0])


def test_the_limit_of_a_mailbox_is_the_same_for_every_address(client):
    answers = {
        email: [ask(client, email) for _ in range(6)] for email in (make_user().email, UNKNOWN)
    }
    seen = {
        tuple((each.status_code, each.headers["RateLimit-Policy"]) for each in mine)
        for mine in answers.values()
    }
    assert len(seen) == 1
    assert [status for status, _ in seen.pop()] == [202] * 5 + [429]


def test_what_the_answer_says_is_left_shows_no_registration(client):
    """The link that verifies a new account's address is counted elsewhere."""
    owner = another_browser(client)
    body = registration(email="new.here@example.org")
    access = owner.post("/api/auth/register/", json=body).json["access"]
    headers = {"Authorization": f"Bearer {access}"}
    assert owner.post("/api/me/email/verification/", headers=headers).status_code == 202
    seen = []
    for email in (body["email"], UNKNOWN):
        # No browser of the owner's, and no address that has asked before.
        caller = {"REMOTE_ADDR": f"203.0.113.{len(seen)}"}
        answers = [ask(another_browser(client), email, environ_base=caller) for _ in range(6)]
        seen.append([(each.status_code, left_of(each)) for each in answers])
    assert seen[0] == seen[1]


def left_of(answer):
    """The calls that the answer says are left."""
    return answer.headers["RateLimit"].split(";")[1]


def test_no_mailbox_is_filled_however_many_addresses_the_requests_come_from(client):
    user = make_user()
    sent = 0
    for number in range(12):
        caller = {"REMOTE_ADDR": f"203.0.113.{number}"}
        sent += ask(client, user.email, environ_base=caller).status_code == 202
    assert sent == 5
    assert answer_requests() == 5
    # A newer one replaces what still waits for the mail server.
    assert mails(user.email) == [(user.email, "password_reset")]


def test_one_address_asks_for_so_many_mailboxes_only(client):
    answers = [ask(client, f"box{number}@example.org").status_code for number in range(21)]
    assert answers == [202] * 20 + [429]


def test_a_stranger_who_spends_the_limit_keeps_no_owner_from_a_new_password(client):
    user = make_user()
    owner = another_browser(client)
    assert log_in(owner, user).status_code == 200
    assert [ask(client, user.email).status_code for _ in range(6)][-1] == 429
    assert ask(owner, user.email).status_code == 202


def test_a_stranger_s_cookie_gives_no_further_limit(client):
    """A browser proves a log-in of the account that it asks for, and of no other."""
    user, stranger = make_user(), make_user()
    log_in(client, stranger)
    assert [ask(client, user.email).status_code for _ in range(6)][-1] == 429


def test_no_token_password_or_address_is_logged(make_app, app, capfd):
    secrets = [
        "olena.secret@example.org",
        "anew.secret@example.org",
        NEW_PASSWORD,
        "correct horse",
    ]
    user = make_user(email=secrets[0])
    talkative = make_app(LOG_LEVEL="DEBUG")
    browser = talkative.test_client()
    try:
        ask(browser, user.email)
        with talkative.app_context():
            answer_requests()
        token = token_to(user.email, "password_reset")
        reset(browser, f"{token}x")
        reset(browser, token, "tiny")
        reset(browser, token)
        body = {"email": user.email, "password": NEW_PASSWORD}
        access = browser.post("/api/auth/login/", json=body).json["access"]
        headers = {"Authorization": f"Bearer {access}"}
        for password in ("wrong guess", NEW_PASSWORD):
            body = {"email": secrets[1], "password": password}
            browser.post("/api/me/email/", json=body, headers=headers)
        confirmation = token_to(secrets[1], "confirm_new_email")
        assert verify(browser, confirmation).status_code == 204
        undoing = token_to(user.email, "email_changed")
        assert undo(browser, undoing).status_code == 204
        assert undo(browser, undoing).status_code == 400
    finally:
        logging.configure("WARNING")
    logged = capfd.readouterr()
    assert "/api/auth/undo-email-change/" in logged.out
    for secret in (*secrets, token, confirmation, undoing, access, "wrong guess"):
        assert secret not in logged.out + logged.err


def test_a_failing_database_spills_no_token_either(make_app, app, capfd):
    away = make_app(LOG_LEVEL="DEBUG", DATABASE_URL="postgresql://nobody@127.0.0.1:1/nowhere")
    token = "b5eQ0v3mS8rJ1kZcXw7yTnLhGfDaPoIuYtRe2W4q9Ms"
    try:
        assert ask(away.test_client(), UNKNOWN).status_code == 503
        assert reset(away.test_client(), token).status_code == 503
        assert verify(away.test_client(), token).status_code == 503
    finally:
        logging.configure("WARNING")
    logged = capfd.readouterr()
    for secret in (UNKNOWN, token, NEW_PASSWORD):
        assert secret not in logged.out + logged.err


def test_a_request_that_was_looked_into_leaves_no_address_behind(client):
    ask(client, make_user().email)
    ask(client, UNKNOWN)
    count = text("select count(*) from password_reset_requests")
    assert db.session.scalar(count) == 2
    answer_requests()
    assert db.session.scalar(count) == 0
    db.session.rollback()
