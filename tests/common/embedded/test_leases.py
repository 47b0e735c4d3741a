"""Processes share a server, which ends with the last of them, and survives what kills it."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg2
import redis

from common.config import ROOT
from common.embedded import Servers
from common.embedded.postgres import Postgres
from tests.common.embedded.processes import processes_of, wait_until_gone
from tests.common.embedded.server_users import (
    USER_OF_SERVERS,
    another_user,
    insert_word,
    kill_hard,
    needs_redis,
    query,
    supervisors_of,
)


def test_servers_run_until_the_last_of_their_users_is_gone(folder: Path) -> None:
    servers = Servers(folder, redis=False, ephemeral=True)
    url = servers.start().database_url
    assert url
    with another_user(folder) as (other, its_url):
        assert its_url == url
        servers.release()
        assert query(url, "select 1") == 1
        other.kill()
        other.wait()
        wait_until_gone(folder)


def test_processes_that_start_at_once_share_one_server(folder: Path) -> None:
    with (
        another_user(folder) as (_, a),
        another_user(folder) as (_, b),
        another_user(folder) as (_, c),
    ):
        assert a == b == c
        assert len(supervisors_of(folder)) == 1
    wait_until_gone(folder)


def test_a_user_killed_during_the_start_leaves_nothing_behind(folder: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", USER_OF_SERVERS, str(folder)], cwd=ROOT, stdin=subprocess.PIPE
    ) as user:
        while not supervisors_of(folder):
            time.sleep(0.01)
        user.kill()
    wait_until_gone(folder)


def test_what_was_committed_survives_the_killing_of_everything(folder: Path) -> None:
    servers = Servers(folder, redis=False)
    url = servers.start().database_url
    assert url
    insert_word(url, "committed")
    # The server's own processes first stay, as orphans of the supervisor.
    kill_hard(supervisors_of(folder))
    orphans = processes_of(folder)
    assert orphans
    servers.release()
    with Servers(folder, redis=False) as again:
        assert again.database_url
        assert query(again.database_url, "select word from words") == "committed"
        assert not any(orphan.is_running() for orphan in orphans)
        kill_hard(processes_of(folder))
    with Servers(folder, redis=False) as again:
        assert again.database_url
        assert query(again.database_url, "select word from words") == "committed"


@needs_redis
def test_a_server_that_dies_comes_back_at_the_same_address(folder: Path) -> None:
    with Servers(folder, ephemeral=True) as urls:
        assert urls.database_url and urls.redis_url
        programs = {"postgres", "valkey-server", "redis-server"}
        kill_hard([each for each in processes_of(folder) if each.name() in programs])
        client = redis.Redis.from_url(urls.redis_url)
        while True:
            try:
                assert query(urls.database_url, "select 1") == 1
                assert client.ping()
                break
            except (psycopg2.OperationalError, redis.ConnectionError):
                time.sleep(0.05)
        client.close()


def test_a_stranger_with_the_number_of_the_last_server_is_left_alone(folder: Path) -> None:
    with Servers(folder, redis=False):
        pass
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stranger:
        lock = folder / "postgres" / "data" / "postmaster.pid"
        lock.write_text(f"{stranger.pid}\n{lock.parent}\n0\n5432\n\n127.0.0.1\n\nready\n")
        with Servers(folder, redis=False) as urls:
            assert urls.database_url
            assert query(urls.database_url, "select 1") == 1
        assert stranger.poll() is None
        stranger.kill()


def test_a_server_can_be_stopped_as_a_crash_would_and_recovers(tmp_path: Path) -> None:
    server = Postgres(tmp_path / "postgres")
    server.start()
    insert_word(server.url, "kept")
    server.stop(signal.SIGQUIT)
    server.start(server.port)
    assert query(server.url, "select word from words") == "kept"
    server.stop()
