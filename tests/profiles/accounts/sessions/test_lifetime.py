"""How long a session lives, how many an account may have, and what several tabs get."""

from base64 import urlsafe_b64decode
from datetime import timedelta

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text, update

from common.clock import now
from common.database.session import db
from profiles.accounts.models import RefreshToken
from profiles.accounts.sessions.refresh_tokens import (
    decrypt_successor,
    encrypt_successor,
    family_of,
    is_token,
    make_token,
)
from tests.factories import make_user
from tests.profiles.accounts.endpoints import (
    another_browser,
    events_of,
    log_in,
    refresh,
    stored_tokens,
    token_of,
)


@pytest.fixture
def traveller():
    with time_machine.travel(now(), tick=False) as travel:
        yield travel


def test_a_session_goes_on_as_long_as_it_is_refreshed_but_ends_ninety_days_after_its_log_in(
    client, traveller
):
    user = make_user()
    log_in(client, user)
    for _ in range(3):
        traveller.shift(timedelta(days=29))
        assert refresh(client).status_code == 200
    traveller.shift(timedelta(days=3))
    assert refresh(client).status_code == 401
    assert events_of(user, "auth.refresh_reused") == 0


def test_the_cookie_lives_no_longer_than_the_session(client, traveller):
    log_in(client, make_user())
    for _ in range(2):
        traveller.shift(timedelta(days=29))
        refresh(client)
    traveller.shift(timedelta(days=29))
    cookie = refresh(client).headers["Set-Cookie"]
    assert f"Max-Age={3 * 86_400};" in cookie


def test_a_shorter_lifetime_holds_for_sessions_that_are_open(client, traveller, make_app):
    log_in(client, make_user())
    strict = make_app(SESSION_DAYS=1).test_client()
    traveller.shift(timedelta(days=1))
    assert refresh(strict, token_of(client)).status_code == 401


def test_a_session_of_an_older_release_counts_from_its_token(client, traveller):
    log_in(client, make_user())
    db.session.execute(update(RefreshToken).values(session_started_at=None))
    db.session.commit()
    assert refresh(client).status_code == 200
    newest = select(RefreshToken.session_started_at).where(RefreshToken.rotated_at.is_(None))
    assert db.session.scalar(newest) == now()


def test_the_longest_unused_session_ends_where_there_would_be_too_many(make_app, app, traveller):
    few = make_app(SESSIONS_PER_ACCOUNT=3)
    user, other = make_user(), make_user()
    browsers = [few.test_client() for _ in range(3)]
    neighbour = few.test_client()
    log_in(neighbour, other)
    for browser in browsers:
        traveller.shift(timedelta(minutes=1))
        log_in(browser, user)
    traveller.shift(timedelta(minutes=1))
    # The first is used, so that the second has been unused longest.
    assert refresh(browsers[0]).status_code == 200
    traveller.shift(timedelta(minutes=1))
    assert log_in(few.test_client(), user).status_code == 200
    assert [refresh(browser).status_code for browser in browsers] == [200, 401, 200]
    assert refresh(neighbour).status_code == 200


def test_a_second_tab_within_the_grace_gets_the_same_successor(client, traveller):
    user = make_user()
    log_in(client, user)
    shared = token_of(client)
    refresh(client)
    successor = token_of(client)
    traveller.shift(timedelta(seconds=10))
    assert refresh(client, shared).status_code == 200
    assert token_of(client) == successor != shared
    assert stored_tokens() == 2
    traveller.shift(timedelta(minutes=25))
    assert refresh(client, successor).status_code == 200
    assert events_of(user, "auth.refresh_reused") == 0


def test_a_tab_whose_successor_was_rotated_within_the_grace_gets_the_newest(client, traveller):
    log_in(client, make_user())
    first = token_of(client)
    for _ in range(3):
        traveller.shift(timedelta(seconds=2))
        refresh(client)
    newest = token_of(client)
    tab = another_browser(client)
    assert refresh(tab, first).status_code == 200
    assert token_of(tab) == newest
    traveller.shift(timedelta(minutes=25))
    assert refresh(tab).status_code == 200


def test_a_token_rotated_by_an_older_release_gets_one_successor_too(client, traveller):
    log_in(client, make_user())
    shared = token_of(client)
    refresh(client)
    db.session.execute(update(RefreshToken).values(successor=None))
    db.session.commit()
    successors = set()
    for _ in range(3):
        assert refresh(client, shared).status_code == 200
        successors.add(token_of(client))
    assert len(successors) == 1
    traveller.shift(timedelta(minutes=25))
    assert refresh(client).status_code == 200


def test_the_database_alone_opens_no_session(client):
    """Neither a token nor what could be computed to one is in its rows, within the grace either."""
    log_in(client, make_user())
    tokens = [token_of(client)]
    refresh(client)
    tokens.append(token_of(client))
    rows = db.session.scalars(text("select refresh_tokens::text from refresh_tokens")).all()
    db.session.rollback()
    assert len(rows) == 2
    for token in tokens:
        secret = urlsafe_b64decode(token)[16:]
        assert not any(token in row or secret.hex() in row for row in rows)


@given(st.uuids())
def test_a_successor_is_read_with_the_token_it_follows_and_no_other(family_id):
    token, successor, other = (make_token(family_id) for _ in range(3))
    assert is_token(token) and family_of(token) == family_id
    encrypted = encrypt_successor(token, successor)
    assert decrypt_successor(token, encrypted) == successor
    assert decrypt_successor(other, encrypted) != successor
