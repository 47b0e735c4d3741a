"""Behind the real PgBouncer: served where it pools sessions, refused where it pools transactions."""

import os
import shutil
import socket
import subprocess
import time

import psycopg2
import pytest
from sqlalchemy import text

from common.database.connection_factory import ConnectionFactory, SharedSessionError
from common.database.session import db, read_rows
from common.embedded.processes import free_port, stop_child, unprivileged_account

PGBOUNCER = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
pytestmark = pytest.mark.skipif(PGBOUNCER is None, reason="no pgbouncer")
TARGET = ("host", "port", "user", "password")
CONFIGURATION = """
[databases]
* = {server}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen_port}
auth_type = any
pool_mode = {mode}
unix_socket_dir =
{extra}
"""


@pytest.fixture
def pgbouncer(fresh_database_url, tmp_path):
    """Start a PgBouncer of a mode before the test's database; returns the address through it."""
    started = []

    def start(mode, extra=""):
        server = psycopg2.extensions.parse_dsn(fresh_database_url)
        target = " ".join(f"{name}={server[name]}" for name in TARGET if name in server)
        port = free_port()
        path = tmp_path / "pgbouncer.ini"
        path.write_text(
            CONFIGURATION.format(listen_port=port, mode=mode, extra=extra, server=target)
        )
        options = {}
        if os.geteuid() == 0:
            # It refuses to run as root, and the folders of tests are closed to others.
            user, group = unprivileged_account()
            options = {"user": user, "group": group, "extra_groups": []}
        with path.open("rb") as configuration:
            process = subprocess.Popen(
                [PGBOUNCER, "-q", "/dev/stdin"], stdin=configuration, cwd="/", **options
            )
        started.append(process)
        while process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.02)
        assert process.poll() is None
        return f"postgresql://{server['user']}@127.0.0.1:{port}/{server['dbname']}"

    yield start
    for process in started:
        stop_child(process, timeout=5)


@pytest.mark.parametrize("extra", ["", "ignore_startup_parameters = options,extra_float_digits"])
def test_a_pooler_of_sessions_is_served_with_all_settings(pgbouncer, make_app, extra):
    app = make_app(DATABASE_URL=pgbouncer("session", extra), STATEMENT_TIMEOUT_MS=4321)
    with app.app_context():
        for _ in range(3):
            assert read_rows("select current_setting('statement_timeout')") == [("4321ms",)]
            assert db.session.scalar(text("show statement_timeout")) == "4321ms"
            assert db.session.scalar(text("show transaction_isolation")) == "read committed"
            db.session.remove()


@pytest.mark.parametrize("mode", ["transaction", "statement"])
def test_a_pooler_of_transactions_is_refused_with_the_reason(pgbouncer, mode, capsys):
    factory = ConnectionFactory(pgbouncer(mode), {"statement_timeout": "5000"})
    first = factory.connect()
    with pytest.raises(SharedSessionError, match="transaction pooling"):
        factory.connect()
    # Neither the connection that was there nor a new one goes on without the settings.
    assert first.closed
    with pytest.raises(psycopg2.OperationalError, match="transaction pooling"):
        factory.connect()
    assert "it must pool sessions" in capsys.readouterr().out


def test_a_service_behind_a_pooler_of_transactions_is_not_ready(pgbouncer, make_app):
    client = make_app(DATABASE_URL=pgbouncer("transaction")).test_client()
    assert client.get("/readyz").status_code == 503
    assert client.get("/api/marketplace/tutors/").status_code == 503
