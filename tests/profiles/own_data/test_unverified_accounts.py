"""Accounts that nobody verifies and nobody uses are erased, so that they occupy no address."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import text

from activity import event_queue, observe
from activity.catalogue import Action
from common.config.mail_settings import NO_MAIL
from common.database.session import db
from profiles.accounts.models import User
from profiles.own_data.unverified_accounts import ACCOUNTS_AT_ONCE, erase_unused
from tests.factories import auth_header, make_tutor, make_user
from tests.profiles.accounts.endpoints import log_in, refresh, register, set_active
from tests.profiles.accounts.mailbox import token_to, verify

START = datetime(2026, 6, 1, 12, tzinfo=UTC)
EMAIL = "occupied@example.com"
DAYS = 30


def day(number):
    return time_machine.travel(START + timedelta(days=number), tick=True)


def erase_on_day(number):
    """How many accounts are erased that day."""
    with day(number):
        return len([*erase_unused(START + timedelta(days=number - DAYS))])


@pytest.fixture
def account(client):
    """The id of an account that was registered over HTTP at the start and not used since."""
    with day(0):
        return register(client, email=EMAIL, role="tutor").json["user"]["id"]


@pytest.mark.parametrize(("number", "erased"), [(29, 0), (31, 1)])
def test_an_account_that_is_not_used_is_erased_after_thirty_days(client, account, number, erased):
    assert erase_on_day(number) == erased
    assert (db.session.get(User, account) is None) == bool(erased)


def test_its_address_is_free_then_and_nothing_of_it_is_left(client, account):
    assert register(client, email=EMAIL).status_code == 409
    assert client.get(f"/api/marketplace/tutors/{account}/").status_code == 200
    assert erase_on_day(31) == 1
    assert client.get(f"/api/marketplace/tutors/{account}/").status_code == 404
    for table in ("activity_events", "refresh_tokens", "one_time_tokens", "outbox_mails"):
        assert db.session.scalar(text(f"select count(*) from {table}")) == 0, table
    db.session.rollback()
    assert register(client, email=EMAIL).status_code == 201


def test_a_verified_account_stays(client, account):
    with day(0):
        assert verify(client, token_to(EMAIL, "verify_email")).status_code == 204
    assert erase_on_day(400) == 0


def test_a_log_in_is_a_use_and_starts_the_days_again(client, account):
    with day(20):
        assert log_in(client, EMAIL, "a long walk at dusk").status_code == 200
        # Its session must not be what keeps the account.
        client.post("/api/auth/logout/")
    assert erase_on_day(45) == 0
    assert erase_on_day(51) == 1


def test_a_session_that_is_in_use_keeps_the_account(client, account):
    for number in (20, 40, 60):
        with day(number):
            assert refresh(client).status_code == 200
        assert erase_on_day(number + 5) == 0
    assert erase_on_day(91) == 1


def test_accounts_of_earlier_releases_and_deactivated_ones_stay(client, account):
    """Before, no address was verified: their owners have been promised nothing of the kind."""
    with day(0):
        older = make_tutor(email_verified=False)
        user = db.session.get_one(User, older.id)
        user.unverified_login_at = None
        db.session.commit()
    set_active(db.session.get_one(User, account), False)
    assert erase_on_day(400) == 0


def test_one_that_is_locked_is_left_to_who_uses_it(client, account):
    with db.engine.begin() as connection:
        connection.execute(text("select from users where id = :id for update"), {"id": account})
        assert erase_on_day(31) == 0
    assert erase_on_day(31) == 1


def test_the_daily_maintenance_erases_step_by_step(make_app, fresh_database_url):
    app = make_app(DATABASE_URL=fresh_database_url, UNVERIFIED_ACCOUNT_DAYS=DAYS)
    with app.app_context():
        with day(0):
            unused = [make_user(email_verified=False).id for _ in range(ACCOUNTS_AT_ONCE + 2)]
        with day(1):
            used = make_user()
        queue = event_queue()
        with day(31.5):
            observe(Action.PROFILE_VIEWED, used.id, metadata={"tutor_id": used.id})
            assert queue.drain()
            assert left(unused) == 2
        with day(31.6):
            observe(Action.PROFILE_VIEWED, used.id, metadata={"tutor_id": used.id})
            assert queue.drain()
        assert left(unused) == 0
        assert db.session.get(User, used.id) is not None
        db.session.rollback()
        queue.close()


def left(ids):
    number = db.session.query(User).filter(User.id.in_(ids)).count()
    db.session.rollback()
    return number


def test_an_erasure_that_fails_costs_no_event(make_app, fresh_database_url):
    """As where the service's role may not delete accounts."""
    app = make_app(DATABASE_URL=fresh_database_url, UNVERIFIED_ACCOUNT_DAYS=DAYS)
    with app.app_context():
        with day(0):
            make_user(email_verified=False)
            used = make_user()
        refuse = "create rule no_erasure as on delete to users do instead select 1 / 0"
        db.session.execute(text(refuse))
        db.session.commit()
        with day(31):
            observe(Action.PROFILE_VIEWED, used.id, metadata={"tutor_id": used.id})
            assert event_queue().drain()
        query = text("select count(*) from activity_events where action = 'profile.viewed'")
        assert db.session.scalar(query) == 1
        assert db.session.query(User).count() == 2
        db.session.rollback()
        event_queue().close()


def test_flask_maintain_erases_them_too(app, monkeypatch, account):
    monkeypatch.setitem(app.config, "UNVERIFIED_ACCOUNT_DAYS", DAYS)
    with day(31):
        result = app.test_cli_runner().invoke(args=["maintain", "unverified"])
    assert (result.exit_code, "1 erased" in result.output) == (0, True)


def test_the_command_says_what_it_would_do_and_does_it(app, monkeypatch, account):
    monkeypatch.setitem(app.config, "UNVERIFIED_ACCOUNT_DAYS", DAYS)
    runner = app.test_cli_runner()
    with day(31):
        assert "Would erase 1 " in runner.invoke(args=["erase-unverified", "--dry-run"]).output
        assert "Accounts: 1 erased." in runner.invoke(args=["erase-unverified"]).output
        assert "Accounts: 0 erased." in runner.invoke(args=["erase-unverified"]).output


def test_with_zero_days_nothing_is_erased(app, account):
    runner = app.test_cli_runner()
    with day(400):
        assert "no account is erased" in runner.invoke(args=["erase-unverified"]).output
    assert db.session.get(User, account) is not None


def test_where_no_mail_is_sent_nobody_is_erased_then_or_later(app, client, monkeypatch):
    """Nobody can verify an address there."""
    with monkeypatch.context() as changed, day(0):
        changed.setitem(app.config, "MAIL_URL", NO_MAIL)
        changed.setitem(app.config, "UNVERIFIED_ACCOUNT_DAYS", DAYS)
        assert register(client, email=EMAIL).status_code == 201
        assert "no mail is sent" in app.test_cli_runner().invoke(args=["erase-unverified"]).output
    assert erase_on_day(400) == 0


def test_who_is_erased_while_logged_in_elsewhere_is_told_as_after_any_erasure(client, account):
    headers = auth_header(account)
    assert erase_on_day(31) == 1
    assert client.get("/api/users/me/", headers=headers).status_code == 401
