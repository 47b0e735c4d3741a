"""Races of one session's tabs, over real processes."""

from datetime import timedelta

import requests
from sqlalchemy import select, update

from common.clock import now
from common.database.session import db
from profiles.accounts.models import RefreshToken
from tests.factories import PASSWORD, make_user
from tests.profiles.accounts.endpoints import (
    at_once,
    events_of,
    is_authorized,
    register,
    stored_tokens,
)


def cookies(token):
    return {"refresh": token}


def browser_session(server, client, user):
    answer = requests.post(
        f"{server.url}/api/auth/login/", json={"email": user.email, "password": PASSWORD}
    )
    return answer.cookies["refresh"]


def test_ten_tabs_refreshing_at_once_all_get_the_same_successor(live_server, client):
    user = make_user()
    token = browser_session(live_server, client, user)
    url = f"{live_server.url}/api/auth/refresh/"
    answers = at_once(10, lambda _: requests.post(url, cookies=cookies(token)))
    assert [answer.status_code for answer in answers] == [200] * 10
    fresh = [answer.cookies["refresh"] for answer in answers]
    assert len(set(fresh)) == 1
    again = at_once(10, lambda index: requests.post(url, cookies=cookies(fresh[index])))
    assert [answer.status_code for answer in again] == [200] * 10
    assert all(is_authorized(client, answer.json()["access"]) for answer in again)
    assert len({answer.cookies["refresh"] for answer in again}) == 1
    assert stored_tokens() == 3
    families = db.session.scalars(select(RefreshToken.family_id).distinct()).all()
    assert len(families) == 1
    assert events_of(user, "auth.refresh_reused") == 0


def test_a_token_replayed_after_the_grace_by_many_at_once_kills_its_family_once(
    live_server, client
):
    user = make_user()
    token = browser_session(live_server, client, user)
    url = f"{live_server.url}/api/auth/refresh/"
    newest = requests.post(url, cookies=cookies(token)).cookies["refresh"]
    past = update(RefreshToken).values(rotated_at=now() - timedelta(seconds=11))
    db.session.execute(past.where(RefreshToken.rotated_at.is_not(None)))
    db.session.commit()
    answers = at_once(8, lambda _: requests.post(url, cookies=cookies(token)))
    assert [answer.status_code for answer in answers] == [401] * 8
    assert requests.post(url, cookies=cookies(newest)).status_code == 401
    assert events_of(user, "auth.refresh_reused") == 1
    assert stored_tokens() == 0


def test_a_log_out_beats_every_refresh_that_comes_with_it(live_server, client):
    user = make_user()
    token = browser_session(live_server, client, user)

    def tab(index):
        name = "logout" if index == 3 else "refresh"
        return requests.post(f"{live_server.url}/api/auth/{name}/", cookies=cookies(token))

    answers = at_once(8, tab)
    assert {answer.status_code for answer in answers} <= {200, 204, 401}
    assert stored_tokens() == 0
    assert register(client, email="next@example.com").status_code == 201
