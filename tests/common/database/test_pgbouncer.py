"""Behind the real PgBouncer: served where it pools sessions, and transactions only if told so."""

import psycopg2
import pytest
from sqlalchemy import text

from common.database.connections.factory import ConnectionFactory, SharedSessionError
from common.database.session import db, read_rows
from tests.common.database.pooler import PGBOUNCER, PgBouncer

pytestmark = pytest.mark.skipif(PGBOUNCER is None, reason="no pgbouncer")


@pytest.fixture
def pgbouncer(fresh_database_url, tmp_path):
    """Start a PgBouncer of a mode before the test's database; returns the address through it."""
    started = []

    def start(mode, extra=""):
        started.append(PgBouncer(fresh_database_url, mode, tmp_path, extra))
        return started[-1].url

    yield start
    for pooler in started:
        pooler.stop()


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
