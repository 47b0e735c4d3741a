"""Readiness tells of everything that would make requests fail, and of nothing else."""

import os
import subprocess
from contextlib import closing

import psycopg2
import pytest
import redis

from common.embedded.processes import free_port, stop_child
from common.embedded.redis_server import redis_program
from common.operations.readiness import known_revisions
from tests.database import create_database, database_of, drop_database, on_server


def ready(app):
    answer = app.test_client().get("/readyz")
    return answer.status_code, answer.json


@pytest.fixture
def empty_database_url(servers):
    name = "marketplace_never_migrated"
    drop_database(servers.database_url, name)
    yield create_database(servers.database_url, name)
    drop_database(servers.database_url, name)


def test_an_empty_database_is_not_ready(make_app, empty_database_url):
    status, body = ready(make_app(DATABASE_URL=empty_database_url))
    assert (status, body["status"]) == (503, "unavailable")
    assert (body["database"], body["schema"]) == ("ok", "missing")


def test_a_table_of_revisions_without_any_is_not_ready(make_app, empty_database_url):
    with on_server(empty_database_url) as cursor:
        cursor.execute("create table alembic_version (version_num text)")
    status, body = ready(make_app(DATABASE_URL=empty_database_url))
    assert (status, body["schema"]) == (503, "missing")


def test_an_older_schema_is_not_ready_and_a_newer_one_is(make_app, fresh_database_url):
    head, older = known_revisions()
    app = make_app(DATABASE_URL=fresh_database_url)
    assert ready(app)[0] == 200
    expected = [(revision, 503, "outdated") for revision in sorted(older)]
    # What the next release will bring; this one goes on while that is deployed.
    expected += [("9999", 200, "ok"), (head, 200, "ok")]
    with on_server(fresh_database_url) as cursor:
        for revision, status, state in expected:
            cursor.execute("update alembic_version set version_num = %s", [revision])
            answer = ready(app)
            assert (answer[0], answer[1]["schema"]) == (status, state), revision


def test_a_database_that_takes_no_writes_is_not_ready(make_app, fresh_database_url):
    with on_server(fresh_database_url) as cursor:
        name = database_of(fresh_database_url)
        cursor.execute(f"alter database {name} set default_transaction_read_only = on")
    status, body = ready(make_app(DATABASE_URL=fresh_database_url))
    assert (status, body["database"]) == (503, "read only")


def test_a_folder_that_takes_no_files_degrades(make_app, tmp_path):
    nowhere = tmp_path / "file"
    nowhere.touch()
    status, body = ready(make_app(MEDIA_DIR=str(nowhere)))
    assert (status, body["status"], body["media"]) == (200, "degraded", "not writable")
    status, body = ready(make_app(MEDIA_DIR=str(tmp_path / "made" / "later")))
    assert (status, body["media"]) == (200, "ok")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_of_somebody_else_degrades(make_app):
    assert ready(make_app(MEDIA_DIR="/usr"))[1]["media"] == "not writable"


@pytest.fixture
def redis_without_scripts(redis_url):
    """A user that may do everything but run scripts."""
    with closing(redis.Redis.from_url(redis_url)) as client:
        client.acl_setuser(
            "scriptless",
            enabled=True,
            passwords=["+word"],
            keys=["*"],
            categories=["+@all", "-@scripting"],
        )
        yield redis_url.replace("redis://", "redis://scriptless:word@", 1).replace(
            f":word@:{client.connection_pool.connection_kwargs.get('password')}@", ":word@"
        )
        client.acl_deluser("scriptless")


def test_a_redis_that_runs_no_scripts_degrades(make_app, redis_without_scripts):
    status, body = ready(make_app(REDIS_URL=redis_without_scripts))
    assert (status, body["status"], body["redis"]) == (200, "degraded", "no scripts")


@pytest.mark.skipif(redis_program() is None, reason="no redis-server")
def test_a_redis_that_only_copies_another_degrades(make_app, tmp_path):
    port, nobody = free_port(), free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
    with subprocess.Popen(
        [redis_program(), *options, "--replicaof", "127.0.0.1", str(nobody)],
        stdout=subprocess.DEVNULL,
    ) as process:
        app = make_app(REDIS_URL=f"redis://127.0.0.1:{port}/0", REDIS_TIMEOUT_MS=5000)
        with closing(redis.Redis(port=port)) as client:
            while True:
                try:
                    client.ping()
                    break
                except redis.ConnectionError:
                    continue
        assert ready(app)[1]["redis"] == "no scripts"
        stop_child(process, timeout=5)


def test_a_database_that_refuses_is_away_and_its_schema_unknown(make_app, fresh_database_url):
    app = make_app(DATABASE_URL=fresh_database_url + "_gone")
    status, body = ready(app)
    assert status == 503
    assert (body["database"], body["schema"], body["redis"]) == ("away", "unknown", "ok")
    with pytest.raises(psycopg2.OperationalError):
        psycopg2.connect(fresh_database_url + "_gone")
