"""The suite's servers, database and clients.

Without configuration one embedded PostgreSQL and Redis run for the session, in a temporary folder.
TEST_DATABASE_URL and TEST_REDIS_URL name other servers: a database of our own is made on the
former and dropped afterwards, the database number of the latter is emptied.
"""

import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextvars import Context
from pathlib import Path
from typing import Any

import flask_migrate
import hypothesis
import pytest
from flask import Flask
from flask.testing import FlaskClient

from activity import event_queue
from common.config import ROOT, SETTINGS
from common.database.session import db, dispose_engines
from common.embedded import Servers, ServerUrls
from common.http.limits import byte_budget, rate_limit
from common.http.limits.byte_budget import SHARED
from common.http.limits.moving_window import MemoryWindows
from common.http.limits.rate_limit import READS
from tests.common.stores.seaweed import Seaweed, weed_program
from tests.database import Janitor, create_database, drop_database
from tests.live_server import LiveServer
from wsgi import create_app

# The suite's own settings below are all that counts, not those of the shell it is started from.
for name in [*(setting.name for setting in SETTINGS), "FLASK_APP"]:
    os.environ.pop(name, None)
# What runs on this machine is not to be asked for through a proxy.
os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1,localhost"

# On a machine that is busy with something else an example takes what time it takes.
hypothesis.settings.register_profile("suite", parent=hypothesis.settings(), deadline=None)
hypothesis.settings.load_profile("suite")

MakeApp = Callable[..., Flask]
Serve = Callable[..., LiveServer]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as `quick` what starts neither a server nor a process, and so takes milliseconds."""
    for item in items:
        needs_servers = "servers" in getattr(item, "fixturenames", ())
        starts_processes = item.path.is_relative_to(ROOT / "tests" / "fixtures") or (
            item.path.is_relative_to(ROOT / "tests" / "common" / "embedded")
        )
        if not (needs_servers or starts_processes or item.get_closest_marker("slow")):
            item.add_marker(pytest.mark.quick)


@pytest.fixture(scope="session")
def scratch() -> Iterator[Path]:
    """A folder for the session's servers, media and secrets."""
    folder = Path(tempfile.mkdtemp(prefix="tutor-marketplace-tests-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def servers(scratch: Path) -> Iterator[ServerUrls]:
    """The session's PostgreSQL and Redis; as an administrator sees the former."""
    given = os.environ.get("TEST_DATABASE_URL"), os.environ.get("TEST_REDIS_URL")
    if given[0] and given[1]:
        yield ServerUrls(given[0], given[1])
        return
    embedded = Servers(scratch / "servers", ephemeral=True)
    urls = embedded.start()
    yield ServerUrls(given[0] or urls.database_url, given[1] or urls.redis_url)
    embedded.release()


@pytest.fixture(scope="session")
def migrated_database(servers: ServerUrls, scratch: Path) -> Iterator[str]:
    """The name of a database with the schema and nothing else; a template, never connected to."""
    name = f"marketplace_template_{secrets.token_hex(6)}"
    url = create_database(servers.database_url, name)
    app = create_app(test_settings(url, servers.redis_url, scratch))
    with app.app_context():
        flask_migrate.upgrade()
        dispose_engines()
    yield name
    drop_database(servers.database_url, name)


@pytest.fixture(scope="session")
def database_url(servers: ServerUrls, migrated_database: str) -> Iterator[str]:
    """The database that the session's app and servers share; emptied after each test."""
    name = f"marketplace_test_{secrets.token_hex(6)}"
    yield create_database(servers.database_url, name, template=migrated_database)
    drop_database(servers.database_url, name)


@pytest.fixture
def fresh_database_url(servers: ServerUrls, migrated_database: str) -> Iterator[str]:
    """A migrated database for one test alone."""
    name = f"marketplace_test_{secrets.token_hex(6)}"
    yield create_database(servers.database_url, name, template=migrated_database)
    drop_database(servers.database_url, name)


@pytest.fixture(scope="session")
def redis_url(servers: ServerUrls) -> str:
    """Where Redis is. Tests that ask for it are skipped on a machine that has none."""
    if servers.redis_url is None:
        pytest.skip("no redis-server on this machine")
    return servers.redis_url


def test_settings(database_url: str, redis_url: str | None, folder: Path) -> dict[str, Any]:
    """Settings of an app under test: the defaults, on the suite's servers, with cheap passwords."""
    return {
        "APP_ENV": "testing",
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "SECRET_KEY": "a secret that only the tests of this project use",
        "INSTANCE_DIR": str(folder / "instance"),
        "MEDIA_DIR": str(folder / "media"),
        "LOG_LEVEL": "WARNING",
        # No test of anything else is to meet it.
        "PUBLIC_READ_LIMIT": "1000000/minute",
        # Tests have pasts of their own, and some set the clock ahead.
        "ACTIVITY_RETENTION_DAYS": 0,
        "ACTIVITY_ADDRESS_DAYS": 0,
        "UNVERIFIED_ACCOUNT_DAYS": 0,
        "PASSWORD_HASH_MEMORY_KIB": 64,
        "PASSWORD_HASH_PASSES": 1,
    }


# Its name would make pytest take it for a test.
test_settings.__test__ = False  # type: ignore[attr-defined]  # pytest's own convention


@pytest.fixture(scope="session")
def settings(servers: ServerUrls, database_url: str, scratch: Path) -> dict[str, Any]:
    return test_settings(database_url, servers.redis_url, scratch)


@pytest.fixture(scope="session")
def app(settings: dict[str, Any]) -> Iterator[Flask]:
    """The app, shared by the session. A test that asks for it runs in its context."""
    app = create_app(settings)
    yield app
    close(app)


@pytest.fixture
def make_app(settings: dict[str, Any]) -> Iterator[MakeApp]:
    """Builds further apps: `make_app(REDIS_URL=None, LIST_CACHE_SECONDS=0)`."""
    made: list[Flask] = []

    def make(**overrides: Any) -> Flask:
        made.append(create_app(settings | overrides))
        made[-1].test_client_class = IsolatedClient
        return made[-1]

    yield make
    for each in made:
        close(each)


def close(app: Flask) -> None:
    """Write the events that still wait, then give every connection back."""
    for shared in (READS, SHARED):
        app.extensions[shared].close()
    with app.app_context():
        event_queue().close()
        dispose_engines()


class IsolatedClient(FlaskClient):
    """Runs each request outside of the test's own context, as a server would.

    Flask would otherwise reuse the test's app context: one `g` and one database session for all.
    It asks for English, as accounts are Ukrainian unless they choose: sentences are compared in English.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"

    def open(self, *args: Any, **options: Any) -> Any:
        # Read to the end at once: a body streamed in another context could not leave its own.
        options.setdefault("buffered", True)
        return Context().run(super().open, *args, **options)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A visitor: no token, an own cookie jar."""
    return IsolatedClient(app, app.response_class, use_cookies=True)


@pytest.fixture(scope="session")
def janitor(servers: ServerUrls, database_url: str, settings: dict[str, Any]) -> Iterator[Janitor]:
    janitor = Janitor(database_url, servers.redis_url, Path(settings["MEDIA_DIR"]))
    yield janitor
    janitor.close()


@pytest.fixture(autouse=True)
def clean_slate(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever a test commits, the next one finds empty tables, no files and an empty Redis.

    Costs nothing to tests without a database.
    """
    if "database_url" not in request.fixturenames:
        yield
        return
    janitor: Janitor = request.getfixturevalue("janitor")
    if "app" in request.fixturenames:
        app: Flask = request.getfixturevalue("app")
        with app.app_context():
            yield
            db.session.remove()
            # Events still on their way belong to this test, not to the next.
            event_queue().drain()
    else:
        yield
    janitor.clean()
    if "app" in request.fixturenames:
        forget_callers(app)


def forget_callers(app: Flask) -> None:
    """Give every caller its whole budgets of the process again, as an empty Redis gives the others."""
    app.extensions[byte_budget.EXTENSION] = byte_budget.MemoryBudgets()
    app.extensions[rate_limit.EXTENSION] = MemoryWindows()


class Gunicorns:
    """Starts real gunicorns and stops those that were started."""

    def __init__(self, settings: dict[str, Any], logs: Path) -> None:
        self._settings = settings
        self._logs = logs
        self._started: list[LiveServer] = []

    def serve(self, workers: int = 2, threads: int = 4, **overrides: Any) -> LiveServer:
        log = self._logs / f"gunicorn-{secrets.token_hex(4)}.log"
        self._started.append(LiveServer(self._settings | overrides, workers, threads, log))
        return self._started[-1]

    def stop(self) -> None:
        for server in self._started:
            server.stop()


@pytest.fixture
def serve(settings: dict[str, Any], scratch: Path) -> Iterator[Serve]:
    """Starts real gunicorns: `serve(workers=4, REDIS_URL="…")`; they end with the test.

    Each worker has connections to PostgreSQL, of which a server has a hundred.
    """
    gunicorns = Gunicorns(settings, scratch)
    yield gunicorns.serve
    gunicorns.stop()


@pytest.fixture(scope="module")
def module_serve(settings: dict[str, Any], scratch: Path) -> Iterator[Serve]:
    """Starts gunicorns that end with the tests of the module."""
    gunicorns = Gunicorns(settings, scratch)
    yield gunicorns.serve
    gunicorns.stop()


@pytest.fixture(scope="session")
def live_server(settings: dict[str, Any], scratch: Path) -> Iterator[LiveServer]:
    """A gunicorn with two workers, shared by the session."""
    gunicorns = Gunicorns(settings, scratch)
    yield gunicorns.serve(workers=2)
    gunicorns.stop()


@pytest.fixture(scope="session")
def seaweed(scratch: Path) -> Iterator[Seaweed]:
    """An object store, and the credentials it asks for in the environment. Skipped without one."""
    if weed_program() is None:
        pytest.skip("no SeaweedFS on this machine: .ci/requirements.txt installs one")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "somebody")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "a secret of the tests alone")
        server = Seaweed(scratch / "seaweed")
        server.start()
        yield server
        server.stop()
