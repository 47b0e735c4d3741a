"""Calls at once break no rule of what is saved."""

import threading
from concurrent.futures import ThreadPoolExecutor

import requests
from sqlalchemy import func, select, text

from common.database.session import db
from profiles.saved.models import (
    MOST_SAVED_SEARCHES,
    MOST_SAVED_TUTORS,
    SavedSearch,
    SavedTutor,
)
from tests.factories import PASSWORD, auth_header, make_tutor
from tests.marketplace.saved.saver import Saver
from tests.marketplace.saved.test_saved_tutors import fill
from tests.profiles.accounts.endpoints import at_once


def stored(model, user):
    number = db.session.scalar(
        select(func.count()).select_from(model).where(model.user_id == user.id)
    )
    db.session.rollback()
    return number


def test_saving_one_tutor_several_times_at_once_saves_once(live_server, client):
    saver, tutor = Saver(client), make_tutor()
    url, headers = f"{live_server.url}/api/me/saved-tutors/{tutor.id}/", auth_header(saver.user)
    answers = at_once(8, lambda _: requests.put(url, headers=headers).status_code)
    assert answers == [204] * 8
    assert saver.saved_ids() == [tutor.id]


def test_several_at_once_do_not_exceed_the_most_tutors(live_server, client):
    saver, tutors = Saver(client), [make_tutor() for _ in range(6)]
    fill(saver, MOST_SAVED_TUTORS - 2)
    headers, url = auth_header(saver.user), f"{live_server.url}/api/me/saved-tutors/"
    answers = at_once(
        6, lambda index: requests.put(f"{url}{tutors[index].id}/", headers=headers).status_code
    )
    assert sorted(answers) == [204] * 2 + [409] * 4
    assert stored(SavedTutor, saver.user) == MOST_SAVED_TUTORS


def test_several_at_once_do_not_exceed_the_most_searches(live_server, client):
    saver = Saver(client)
    for _ in range(MOST_SAVED_SEARCHES - 1):
        saver.search("")
    headers, url = auth_header(saver.user), f"{live_server.url}/api/me/saved-searches/"
    body = {"name": "One more", "query": ""}
    answers = at_once(5, lambda _: requests.post(url, headers=headers, json=body).status_code)
    assert sorted(answers) == [201] + [409] * 4
    assert stored(SavedSearch, saver.user) == MOST_SAVED_SEARCHES


def test_a_tutor_who_unlists_meanwhile_is_saved_before_or_refused_after(live_server, client):
    saver, owner = Saver(client), make_tutor()
    base, mine, hers = live_server.url, auth_header(saver.user), auth_header(owner)

    def call(index):
        if index % 2:
            body = {"settings": {"public_profile_enabled": index % 4 == 1}}
            return requests.patch(f"{base}/api/me/profile/", headers=hers, json=body)
        return requests.put(f"{base}/api/me/saved-tutors/{owner.id}/", headers=mine)

    for _ in range(5):
        answers = at_once(8, call)
        assert {answer.status_code for answer in answers} <= {200, 204, 404}
        requests.patch(
            f"{base}/api/me/profile/",
            headers=hers,
            json={"settings": {"public_profile_enabled": False}},
        )
        assert stored(SavedTutor, saver.user) == 0


def test_tutors_who_saved_each_other_can_erase_their_accounts_at_once(live_server, client):
    first, second = make_tutor(), make_tutor()
    Saver(client, first).save(second.id)
    Saver(client, second).save(first.id)
    url, body = f"{live_server.url}/api/me/", {"password": PASSWORD}
    # The second comes first: its cascade begins with the row that is locked.
    callers = [auth_header(user) for user in (second, first)]

    def erase(headers):
        return requests.delete(url, headers=headers, json=body).status_code

    row = text("select from saved_tutors where user_id = :user_id for update")
    with ThreadPoolExecutor(2) as pool:
        with db.engine.begin() as other:
            # Both wait for this row, and the one that came first gets it first.
            other.execute(row, {"user_id": first.id})
            answers = []
            for headers in callers:
                answers.append(pool.submit(erase, headers))
                wait_until_so_many_wait_for_locks(len(answers))
        assert [answer.result() for answer in answers] == [204, 204]


def wait_until_so_many_wait_for_locks(number):
    waiting = text(
        "select count(*) from pg_stat_activity"
        " where datname = current_database() and wait_event_type = 'Lock'"
    )
    pause = threading.Event()
    for _ in range(400):
        with db.engine.connect() as connection:
            if connection.scalar(waiting) == number:
                return
        pause.wait(0.005)
    raise AssertionError(f"not {number} of them waited")
