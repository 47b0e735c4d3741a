"""Whether requests can be served now: the database, its schema, whether it takes writes, Redis, media."""

from functools import cache
from typing import NamedTuple

import psycopg2
import structlog
from alembic.script import ScriptDirectory
from flask import current_app
from limits import parse
from psycopg2.errors import UndefinedTable
from sqlalchemy.exc import SQLAlchemyError

from common import clock
from common.config import ROOT
from common.database.connections.session_settings import SESSION
from common.database.session import db, read_rows
from common.http.limits.moving_window import spend_in_redis
from common.media.files import current_store
from common.media.store_identity import identify
from common.redis.client import redis_client

log = structlog.get_logger()

DATABASE_STATES = ("ok", "away", "read only")
SCHEMA_STATES = ("ok", "missing", "outdated", "unknown")
REDIS_STATES = ("ok", "away", "no scripts", "not configured")
MEDIA_STATES = ("ok", "not writable", "away", "different store")
SESSIONS_CHECKED = "sessions_checked"
# Never refused: it is spent to see that the limits' script runs and may write.
PROBE_RATE = parse("1000000/second")


class ReadinessReport(NamedTuple):
    """One state each, of the tuples above, and a sentence about a store that is the wrong one."""

    database: str
    schema: str
    redis: str
    media: str
    detail: str | None = None

    @property
    def status(self) -> str:
        if self.database != "ok" or self.schema != "ok" or self.media == "different store":
            return "unavailable"
        if self.redis in {"away", "no scripts"} or self.media != "ok":
            return "degraded"
        return "ok"


def assess_readiness() -> ReadinessReport:
    """Ask everything that requests depend on."""
    database = _database_state()
    schema = "unknown" if database == "away" else _schema_state()
    is_migrated = database == "ok" and schema == "ok"
    return ReadinessReport(database, schema, _redis_state(), *_media_state(is_migrated))


def _database_state() -> str:
    try:
        ((read_only,),) = read_rows("select current_setting('transaction_read_only')")
        _check_sessions()
    except (psycopg2.Error, SQLAlchemyError):
        return "away"
    return "ok" if read_only == "off" else "read only"


def _check_sessions() -> None:
    """Once, have two connections open at a time: a pooler of transactions shows then."""
    is_needed = current_app.config["DATABASE_POOLING"] == SESSION
    if is_needed and SESSIONS_CHECKED not in current_app.extensions:
        with db.engine.connect():
            read_rows("select 1")
        current_app.extensions[SESSIONS_CHECKED] = True


def _schema_state() -> str:
    """Whether the database has at least the revision that this release was written for.

    A revision unknown here is of a newer release: a release runs on the schema of the next one.
    """
    try:
        applied = {name for (name,) in read_rows("select version_num from alembic_version")}
    except UndefinedTable:
        return "missing"
    except psycopg2.Error:
        return "unknown"
    head, older = known_revisions()
    if not applied:
        return "missing"
    return "outdated" if applied & older and head not in applied else "ok"


@cache
def known_revisions() -> tuple[str | None, frozenset[str]]:
    """The newest revision of this release, and all before it."""
    scripts = ScriptDirectory(str(ROOT / "common" / "database" / "migrations"))
    head = scripts.get_current_head()
    revisions = {script.revision for script in scripts.walk_revisions()}
    return head, frozenset(revisions - {head})


def _redis_state() -> str:
    client = redis_client()
    if not client.is_configured:
        return "not configured"
    if not client.call(lambda redis: bool(redis.ping()), False):
        return "away"
    now = clock.now().timestamp()
    spent = client.call(lambda redis: spend_in_redis(redis, "readyz", [PROBE_RATE], now), None)
    return "ok" if spent else "no scripts"


def _media_state(is_migrated: bool) -> tuple[str, str | None]:
    """The state of the store, and of a wrong one what is where: its files would be lost, or be served
    after they were hidden."""
    store = current_store()
    state = store.state()
    if state != "ok" or not is_migrated:
        return state, None
    try:
        identity = identify(store)
    except psycopg2.Error:
        # The database's states say so from the next look on.
        return state, None
    except OSError:
        state = store.state()
        return ("not writable" if state == "ok" else state), None
    if identity.is_same:
        return "ok", None
    log.error("not the store of the database's files", detail=identity.difference)
    return "different store", identity.difference
