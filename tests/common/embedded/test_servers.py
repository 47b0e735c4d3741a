"""The embedded servers, started for real; each test in a folder of its own."""

import json
import socket
import stat
from pathlib import Path

import psycopg2
import pytest
import redis

from common.embedded import Servers, ServersError
from tests.common.embedded.processes import processes_of, wait_until_gone
from tests.common.embedded.server_users import another_user, insert_word, needs_redis, query


@needs_redis
def test_both_servers_answer_and_nothing_is_left_when_they_are_released(folder: Path) -> None:
    with Servers(folder, ephemeral=True) as urls:
        assert urls.database_url and urls.redis_url
        assert query(urls.database_url, "select 1") == 1
        with redis.Redis.from_url(urls.redis_url) as client:
            assert client.ping()
    wait_until_gone(folder)


def test_letters_beyond_ascii_have_two_cases_whatever_the_locale_of_the_shell(folder: Path) -> None:
    with another_user(folder, LANG="C", LC_ALL="C") as (_, url):
        assert query(url, "select lower('ЇЖАК') || upper('łąka')") == "їжакŁĄKA"
        assert query(url, "show server_encoding") == "UTF8"
    wait_until_gone(folder)


@needs_redis
def test_nobody_gets_in_without_the_password_which_only_the_owner_can_read(folder: Path) -> None:
    with Servers(folder, ephemeral=True) as urls:
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
            for process in processes_of(folder):
                assert password not in " ".join(process.cmdline())
        for path in [*folder.glob("*/password"), *folder.glob("*/address.json")]:
            assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_data_and_address_stay_from_one_start_to_the_next(folder: Path) -> None:
    with Servers(folder, redis=False) as first:
        assert first.database_url
        insert_word(first.database_url, "kept")
    with Servers(folder, redis=False) as second:
        assert second == first
        assert query(first.database_url, "select word from words") == "kept"


def test_another_port_is_taken_when_somebody_else_has_the_last_one(folder: Path) -> None:
    with Servers(folder, redis=False) as first:
        assert first.database_url
        insert_word(first.database_url, "kept")
    with socket.create_server(("127.0.0.1", int((folder / "postgres" / "port").read_text()))):
        with Servers(folder, redis=False) as second:
            assert second.database_url and second != first
            assert query(second.database_url, "select word from words") == "kept"


def test_a_cluster_whose_making_was_interrupted_is_made_anew(folder: Path) -> None:
    half_made = folder / "postgres" / "data.new"
    half_made.mkdir(parents=True)
    (half_made / "PG_VERSION").write_text("18\n")
    with Servers(folder, redis=False, ephemeral=True) as urls:
        assert urls.database_url
        assert query(urls.database_url, "select 1") == 1


def test_two_checkouts_have_servers_of_their_own(tmp_path: Path) -> None:
    with (
        Servers(tmp_path / "one", redis=False, ephemeral=True) as one,
        Servers(tmp_path / "two", redis=False, ephemeral=True) as two,
    ):
        assert one.database_url and two.database_url
        insert_word(one.database_url, "here")
        assert query(two.database_url, "select to_regclass('words') is null")


def test_data_of_another_version_are_reported_and_not_touched(folder: Path) -> None:
    version = folder / "postgres" / "data" / "PG_VERSION"
    version.parent.mkdir(parents=True)
    version.write_text("16\n")
    (folder / "postgres" / "password").write_text("anything")
    with pytest.raises(ServersError, match="written by PostgreSQL 16"):
        Servers(folder, redis=False).start()
    assert version.read_text() == "16\n"
    wait_until_gone(folder)


def test_a_lost_password_is_reported(folder: Path) -> None:
    with Servers(folder, redis=False):
        pass
    (folder / "postgres" / "password").unlink()
    with pytest.raises(ServersError, match="password is gone"):
        Servers(folder, redis=False).start()


def test_progress_is_reported_to_the_process_that_starts_the_servers(folder: Path) -> None:
    messages: list[str] = []
    with Servers(folder, redis=False, ephemeral=True, on_progress=messages.append):
        assert messages == ["Creating the files of PostgreSQL 18 and starting it …"]


def test_an_address_file_is_whole_or_absent(folder: Path) -> None:
    with Servers(folder, redis=False, ephemeral=True) as urls:
        assert json.loads((folder / "postgres" / "address.json").read_text()) == urls.database_url
    assert not (folder / "postgres").exists()


@needs_redis
def test_no_other_account_can_read_what_the_servers_store(folder: Path) -> None:
    with Servers(folder) as urls:
        assert urls.redis_url
        with redis.Redis.from_url(urls.redis_url) as client:
            client.set("limit:203.0.113.8", "1")
            client.save()
        assert stat.S_IMODE((folder / "redis" / "dump.rdb").stat().st_mode) == 0o600
        for kind in ("postgres", "redis"):
            assert stat.S_IMODE((folder / kind).stat().st_mode) == 0o700


def test_data_of_another_major_version_is_left_alone_and_the_way_to_move_it_is_told(
    folder: Path,
) -> None:
    with Servers(folder, redis=False):
        pass
    wait_until_gone(folder)
    version = folder / "postgres" / "data" / "PG_VERSION"
    version.write_text("15\n")
    with pytest.raises(ServersError) as refused, Servers(folder, redis=False):
        pass
    assert "was written by PostgreSQL 15" in refused.value.message
    assert "pg_dump --clean" in refused.value.message
    version.write_text("18\n")
    with Servers(folder, redis=False) as urls:
        assert query(urls.database_url, "select 1") == 1
