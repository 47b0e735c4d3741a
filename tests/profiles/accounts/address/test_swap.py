"""Two accounts that confirm each other's address at one moment: each is told that it is taken."""

import threading
from contextlib import closing, contextmanager

import psycopg2
import pytest
import requests

from tests.database import on_server
from tests.factories import make_user
from tests.profiles.accounts.address.test_change import confirmation, email_of
from tests.profiles.accounts.endpoints import at_once
from tests.profiles.accounts.mailbox import VERIFY, empty_outbox

WAITING = """
    select locktype from pg_locks join pg_database on pg_database.oid = database
    where datname = current_database() and not granted order by locktype"""


@contextmanager
def no_writes(database_url):
    """Lets nobody write an account. `wait(number)` returns the kinds of locks that are waited for,
    as soon as there are so many."""
    with closing(psycopg2.connect(database_url)) as holder, on_server(database_url) as cursor:
        holder.cursor().execute("lock table users in share mode")
        pause = threading.Event()

        def wait(number):
            # Less than the service's own limit of a wait for a lock.
            for _ in range(200):
                cursor.execute(WAITING)
                kinds = [kind for (kind,) in cursor.fetchall()]
                if len(kinds) >= number:
                    return kinds
                pause.wait(0.01)
            raise AssertionError("fewer waited")

        yield wait


@pytest.mark.parametrize("number", [2, 3])
def test_accounts_that_want_each_others_address_at_once_do_not_wait_in_a_circle(
    live_server, app, client, database_url, number
):
    users = [make_user() for _ in range(number)]
    tokens = []
    for index, user in enumerate(users):
        tokens.append(confirmation(client, user, users[(index + 1) % number].email))
        empty_outbox()

    def act(index):
        if index == number:
            with no_writes(database_url) as wait:
                started.set()
                return wait(number)
        started.wait(20)
        body = {"token": tokens[index]}
        return requests.post(f"{live_server.url}{VERIFY}", json=body).status_code

    started = threading.Event()
    *answers, kinds = at_once(number + 1, act)
    # One is about to write, and the others have not begun.
    assert kinds == ["advisory"] * (number - 1) + ["relation"]
    # As if they had come one after the other: nobody gives an address up.
    assert answers == [409] * number
    assert [email_of(client, user) for user in users] == [user.email for user in users]
