"""Whatever the caller's environment and files are like, a start succeeds or ends with one line."""

import os
from pathlib import Path

import pytest

from common.embedded import Servers, ServersError
from common.embedded.postgres import Postgres
from common.embedded.processes import StartAborted
from common.embedded.redis_server import RedisServer
from tests.common.embedded.processes import wait_until_gone
from tests.common.embedded.server_users import another_user, needs_redis, query

# Each changes how libpq connects.
FOREIGN = {
    "PGSSLMODE": "require",
    "PGOPTIONS": "-csearch_path=nowhere",
    "PGHOST": "unknown.invalid",
    "PGHOSTADDR": "203.0.113.1",
    "PGPORT": "1",
    "PGUSER": "nobody",
    "PGPASSWORD": "hush",
    "PGDATABASE": "nowhere",
    "PGSERVICE": "nothing",
    "PGTARGETSESSIONATTRS": "standby",
    "PGREQUIREAUTH": "none",
    "PGCHANNELBINDING": "require",
    "PGGSSENCMODE": "require",
    "PGCLIENTENCODING": "EUC_JP",
}


def test_pg_variables_of_the_caller_do_not_reach_our_own_server(folder: Path) -> None:
    with another_user(folder, **FOREIGN) as (_, url):
        assert query(url, "show search_path") == '"$user", public'
    wait_until_gone(folder)


@needs_redis
def test_a_redis_alone_leaves_them_to_the_operators_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPASSWORD", "the operator's")
    with Servers(tmp_path, postgres=False, ephemeral=True):
        assert os.environ["PGPASSWORD"] == "the operator's"


def test_a_wrong_password_ends_the_start_with_the_reason(folder: Path) -> None:
    with Servers(folder, redis=False):
        pass
    password = (folder / "postgres" / "password").read_text()
    (folder / "postgres" / "password").write_text("another")
    with pytest.raises(ServersError, match="does not let us in: .*password authentication failed"):
        Servers(folder, redis=False).start()
    wait_until_gone(folder)
    (folder / "postgres" / "password").write_text(password)
    with Servers(folder, redis=False) as urls:
        assert urls.database_url
        assert query(urls.database_url, "select 1") == 1


def test_a_damaged_port_file_is_no_trouble(folder: Path) -> None:
    (folder / "postgres").mkdir(parents=True)
    (folder / "postgres" / "port").write_text("many")
    with Servers(folder, redis=False, ephemeral=True) as urls:
        assert urls.database_url
        assert query(urls.database_url, "select 1") == 1


def test_a_start_that_nobody_waits_for_any_more_is_given_up(tmp_path: Path) -> None:
    server = Postgres(tmp_path / "postgres", ephemeral=True)
    try:
        with pytest.raises(StartAborted):
            server.start(should_abort=lambda: True)
    finally:
        server.stop()
    wait_until_gone(tmp_path)


@needs_redis
def test_a_redis_that_nobody_waits_for_any_more_is_given_up(tmp_path: Path) -> None:
    server = RedisServer(tmp_path / "redis", ephemeral=True)
    try:
        with pytest.raises(StartAborted):
            server.start(should_abort=lambda: True)
    finally:
        server.stop()
    wait_until_gone(tmp_path)


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ServersError) as caught:
        Servers(tmp_path / "file" / "instance").start()
    assert "INSTANCE_DIR" in caught.value.message
    assert "\n" not in caught.value.message
