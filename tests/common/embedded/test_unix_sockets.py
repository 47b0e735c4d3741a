"""The embedded servers over their Unix sockets, which development and the demo use."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
import redis

from common.config import ROOT
from common.embedded import Servers, over_unix_sockets
from common.embedded.processes import clean_environment
from common.embedded.unix_sockets import REDIS_SOCKET
from tests.common.embedded.processes import processes_of, wait_until_gone
from tests.common.embedded.server_users import needs_redis, query

pytestmark = needs_redis
# An application of its own process, with which its servers end.
DEVELOPMENT = """
from common.database.session import db
from wsgi import create_app
app = create_app()
migrated = app.test_cli_runner().invoke(args=["db", "upgrade"])
assert migrated.exit_code == 0, migrated.output
status = app.test_client().get("/api/marketplace/tutors/").status_code
with app.app_context():
    over_socket = db.session.scalar(db.text("select inet_server_addr() is null"))
print(app.config["REDIS_URL"].partition(":")[0], status, over_socket)
"""


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder whose path is short, and yet has what an address must not have as it is."""
    with tempfile.TemporaryDirectory(prefix="100% їжа & #?") as folder:
        yield Path(folder)


def test_both_answer_over_sockets_that_only_their_owner_can_reach(short: Path) -> None:
    with Servers(short, ephemeral=True) as urls:
        local = over_unix_sockets(urls, short)
        assert local.database_url and local.redis_url
        assert query(local.database_url, "select inet_server_addr()") is None
        with redis.Redis.from_url(local.redis_url) as client:
            assert client.ping()
        for folder in (short / "postgres" / "data", short / "redis"):
            assert folder.stat().st_mode & 0o077 == 0
    wait_until_gone(short)


def test_a_socket_asks_for_the_password_too(short: Path) -> None:
    with Servers(short, ephemeral=True) as urls:
        local = over_unix_sockets(urls, short)
        assert local.database_url and local.redis_url
        for url in (local.database_url, local.redis_url):
            password = url.partition("@")[0].rpartition(":")[2]
            with pytest.raises((psycopg2.OperationalError, redis.AuthenticationError)):
                intruder = url.replace(password, "guess")
                if url.startswith("unix"):
                    with redis.Redis.from_url(intruder) as client:
                        client.ping()
                else:
                    psycopg2.connect(intruder)
            for process in processes_of(short):
                assert password not in " ".join(process.cmdline())


def test_a_path_too_long_for_a_socket_leaves_the_servers_on_tcp(folder: Path) -> None:
    with Servers(folder, ephemeral=True) as urls:
        assert (folder / "redis" / REDIS_SOCKET).is_socket()
        assert over_unix_sockets(urls, folder) == urls


def test_a_comma_in_the_path_leaves_postgresql_on_tcp(short: Path) -> None:
    folder = short / "a,b"
    with Servers(folder, ephemeral=True) as urls:
        local = over_unix_sockets(urls, folder)
        assert local.database_url == urls.database_url
        assert local.redis_url and local.redis_url.startswith("unix://")
    wait_until_gone(folder)


def test_development_uses_the_sockets_for_migrations_and_answers(short: Path) -> None:
    environment = clean_environment() | {"INSTANCE_DIR": str(short), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", DEVELOPMENT],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.splitlines()[-1:] == ["unix 200 True"], done.stderr
    wait_until_gone(short)
