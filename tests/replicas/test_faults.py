"""Whatever happens to a replica, nobody gets an error or an old answer: the primary answers."""

import secrets
import signal
import threading
from collections import Counter
from contextlib import contextmanager

import pytest

from common.database.replicas import replicas
from tests.factories import as_user, make_student, make_tutor

LIST = "/api/marketplace/tutors/?page_size=50"
ACTIVITY = "/api/me/activity/"


@pytest.fixture
def standby(cluster):
    """The one that follows at once; a test that breaks it repairs it too."""
    return cluster.standbys[0]


def outcomes(app, act):
    """What came of the reads that `act` makes: (kind, reason) → how many."""
    with app.app_context():
        before = Counter(replicas().counts)
        act()
        return replicas().counts - before


def await_current(app, kind, act):
    """Call `act` until a replica answers it, however long the pause before is."""
    while not outcomes(app, act)[kind, "current"]:
        threading.Event().wait(0.02)


def ask(client, path=LIST):
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return answer


@pytest.fixture
def tutor(cluster, standby, make_replicated_app):
    """As `tutor_at`, of an app that reads at that standby."""
    return tutor_at(make_replicated_app(cluster, standby.url, READ_DATABASE_TIMEOUT_MS=150))


def tutor_at(app):
    """A tutor of the app; replicas have answered both its owner and a visitor."""
    tutor = Tutor(app)
    await_current(app, "public", lambda: ask(tutor.visitor))
    await_current(app, "log", lambda: ask(tutor.owner, ACTIVITY))
    return tutor


class Tutor:
    """A tutor with a bio that is nobody else's."""

    def __init__(self, app):
        self.app = app
        self.bio = f"Confidential {secrets.token_hex(8)}"
        with app.app_context():
            self.owner = as_user(app.test_client(), make_tutor(bio=self.bio))
        self.visitor = app.test_client()

    def show_bio(self, is_shown):
        settings = {"settings": {"show_bio_publicly": is_shown}}
        assert self.owner.patch("/api/me/profile/", json=settings).status_code == 200

    def check(self):
        """Each flip of visibility, and an event, is seen by the next request."""
        for is_shown in (False, True):
            self.show_bio(is_shown)
            assert (self.bio in ask(self.visitor).text) is is_shown
        body = {"action": "lesson.card.opened"}
        event = self.owner.post(f"{ACTIVITY}trigger/", json=body).json["id"]
        assert event in [each["id"] for each in ask(self.owner, ACTIVITY).json["results"]]

    def reads(self, times):
        """What came of the reads of so many checks."""
        return outcomes(self.app, lambda: [self.check() for _ in range(times)])


@contextmanager
def load(app, clients=3):
    """Visitors who read while the block runs; none may see another status than 200."""
    statuses: Counter[int] = Counter()
    stopping = threading.Event()

    def browse():
        visitor = app.test_client()
        while not stopping.is_set():
            statuses[visitor.get(LIST).status_code] += 1

    threads = [threading.Thread(target=browse) for _ in range(clients)]
    for thread in threads:
        thread.start()
    try:
        yield statuses
    finally:
        stopping.set()
        for thread in threads:
            thread.join()


def test_a_replica_that_is_killed_under_load_costs_nobody_an_error(standby, tutor):
    app, visitor = tutor.app, tutor.visitor
    port = standby.port
    with load(app) as statuses:
        standby.stop(signal.SIGQUIT)
        for _ in range(3):
            tutor.check()
        standby.start(port)
        assert standby.port == port
        await_current(app, "public", lambda: ask(visitor))
    assert set(statuses) == {200} and statuses[200] > 10


def test_a_replica_that_hangs_is_waited_for_once_a_second(standby, tutor):
    app, visitor = tutor.app, tutor.visitor
    with standby.frozen(), load(app) as statuses:
        reads = tutor.reads(3)
    assert set(statuses) == {200}
    assert reads["public", "current"] == reads["log", "current"] == 0
    assert reads["public", "paused"] + reads["log", "paused"] > 0
    await_current(app, "public", lambda: ask(visitor))


def test_a_replica_that_is_silent_is_asked_by_nobody_else_in_the_pause(
    cluster, standby, make_replicated_app, monkeypatch
):
    monkeypatch.setattr("common.database.replicas.replica.FAILURE_PAUSE_SECONDS", 3600)
    app = make_replicated_app(cluster, standby.url)
    visitor = app.test_client()
    await_current(app, "public", lambda: ask(visitor))
    with standby.frozen():
        assert outcomes(app, lambda: ask(visitor)) == {("public", "silent"): 1}
        reads = outcomes(app, lambda: [ask(visitor), ask(visitor)])
        assert reads == {("public", "paused"): 2}


def test_a_replica_that_lags_for_ever_is_not_read_and_then_read_again(standby, tutor):
    app, visitor = tutor.app, tutor.visitor
    standby.read("select pg_wal_replay_pause()")
    tutor.show_bio(False)
    reads = tutor.reads(5)
    assert reads["public", "current"] == reads["log", "current"] == 0
    assert reads["public", "behind"] > 0
    standby.read("select pg_wal_replay_resume()")
    await_current(app, "public", lambda: ask(visitor))
    await_current(app, "log", lambda: ask(tutor.owner, ACTIVITY))


def test_a_promoted_replica_is_read_no_more_once_the_pasts_differ(cluster, make_replicated_app):
    with cluster.another_standby() as standby:
        tutor = tutor_at(make_replicated_app(cluster, standby.url))
        assert standby.read("select pg_promote()")
        tutor.show_bio(False)
        reads = tutor.reads(3)
    assert reads["public", "current"] == reads["log", "current"] == 0


def test_addresses_that_refuse_are_left_to_the_primary(cluster, standby, make_replicated_app):
    refused = "postgresql://marketplace:wrong@127.0.0.1:1/marketplace"
    stranger = standby.url.replace("marketplace:", "nobody:")
    missing = standby.url.replace("/marketplace", "/nowhere")
    for url in (refused, stranger, missing):
        app = make_replicated_app(cluster, url)
        assert outcomes(app, lambda app=app: ask(app.test_client())) == {("public", "failed"): 1}
        assert app.test_client().get("/readyz").status_code == 200


def test_a_server_that_is_no_replica_of_the_primary_is_not_read(
    cluster, make_replicated_app, servers
):
    app = make_replicated_app(cluster, servers.database_url)
    reads = outcomes(app, lambda: ask(app.test_client()))
    assert reads == {("public", "failed"): 1}


def test_of_two_replicas_the_one_that_works_answers(cluster, standby, make_replicated_app):
    dead = "postgresql://marketplace:x@127.0.0.1:1/marketplace"
    app = make_replicated_app(cluster, dead, standby.url)
    visitor = app.test_client()
    await_current(app, "public", lambda: ask(visitor))
    reads = outcomes(app, lambda: [ask(visitor) for _ in range(10)])
    assert reads["public", "current"] >= 9


def test_a_replica_whose_connections_are_all_in_use_is_not_waited_for(
    cluster, standby, make_replicated_app
):
    app = make_replicated_app(cluster, standby.url, DATABASE_POOL_SIZE=3)
    visitor = app.test_client()
    await_current(app, "public", lambda: ask(visitor))
    with app.app_context():
        (replica,) = replicas().each
        reads = replica.run(lambda connection: outcomes(app, lambda: ask(visitor)))
    assert reads == {("public", "busy"): 1}


def test_the_primary_answers_alone_while_it_has_no_replica(cluster, make_replicated_app):
    app = make_replicated_app(cluster)
    with app.app_context():
        student = as_user(app.test_client(), make_student())
    ask(student, ACTIVITY)
    assert not outcomes(app, lambda: ask(app.test_client()))
