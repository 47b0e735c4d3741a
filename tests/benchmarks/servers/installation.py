"""A marketplace of one size: embedded servers of its own with generated data, and an application."""

import hashlib
import json
import re
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import flask_migrate
import psutil
import psycopg2
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask

from activity import event_queue
from common.config import ROOT
from common.database.session import db, dispose_engines
from common.embedded import Servers, over_unix_sockets
from fixtures.bulk.load import add_tutors
from fixtures.demo.people import PASSWORD
from profiles.accounts.registration.creation import hash_password
from tests.benchmarks.clients.client import Call, Connected, each_once
from tests.benchmarks.servers.event_log import fill_log
from tests.benchmarks.servers.server import Worker
from tests.benchmarks.servers.settings import settings_of
from wsgi import create_app

SEED = 1
# What decides which rows a seed makes: with other code a stored database is none of it.
MAKERS = (
    "fixtures/bulk/*.py",
    "fixtures/generated/*",
    "fixtures/subjects.json",
    "common/text/**/*.py",
    "common/text/**/*.json",
    "common/text/**/*.txt",
    "profiles/accounts/models.py",
    "profiles/public/search/filter_lexemes.py",
    "profiles/models.py",
    "profiles/public/privacy.py",
    "profiles/public*.py",
    "profiles/public/score.py",
    "profiles/subjects.py",
    "profiles/public/search/tiers.py",
    "profiles/public/search/vocabulary.py",
    "activity/models.py",
    "tests/benchmarks/servers/event_log.py",
    "common/database/migrations/versions/*.py",
)
# The log of the server tells what every statement took while it is asked to.
STATEMENT = re.compile(r"^@LOG:  duration: ([0-9.]+) ms(?:  statement: )?", re.MULTILINE)
SERVER_SETTINGS = {
    "log_line_prefix": "@",
    "log_min_duration_statement": "-1",
    # Its reading would be taken for that of requests.
    "autovacuum": "off",
}
TO_THE_LOG = re.compile(r"\binsert into activity_events\b")
# Each backend counts for itself and reports at the end of a statement, at most once a second.
REPORT_SECONDS = 1.1
# Enough to have every connection of the pools used once.
CALLS_TO_REPORT = 12
MOST_SECONDS_TO_LOAD = 120
# Between two looks whether the bitmaps are there: each question takes time of the worker that loads them.
POLL_SECONDS = 0.05
# Nearly everybody passes these filters.
EVERYBODY = "/api/marketplace/tutors/?price_max=100000&page_size=1&price_min="
COUNT_PAGES = """
    select relname like 'activity_%', sum(coalesce(heap_blks_read, 0) + coalesce(heap_blks_hit, 0)
        + coalesce(idx_blks_read, 0) + coalesce(idx_blks_hit, 0)
        + coalesce(toast_blks_read, 0) + coalesce(toast_blks_hit, 0)
        + coalesce(tidx_blks_read, 0) + coalesce(tidx_blks_hit, 0))::bigint
    from pg_statio_user_tables group by 1"""

# Partitions count as their table.
TABLE_SIZES = """
    select coalesce(parent.relname, relation.relname), sum(pg_total_relation_size(relation.oid))::bigint
    from pg_class relation
    left join pg_inherits on inhrelid = relation.oid left join pg_class parent on parent.oid = inhparent
    where relation.relkind = 'r' and relation.relnamespace = 'public'::regnamespace
    group by 1 order by 2 desc limit 6"""
MIGRATIONS = ROOT / "common" / "database" / "migrations"


class OutdatedSchema(Exception):
    """The stored rows are of another schema than the code's."""


def digest_of_makers() -> str:
    paths = sorted(path for pattern in MAKERS for path in ROOT.glob(pattern) if path.is_file())
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()[:12]


class Installation:
    """So many tutors and events, stored in `home` for the next run.

    With `reuse` what is stored is used though the code that makes rows has changed since, unless the
    schema has changed, too: raises OutdatedSchema. Otherwise it is removed then, and made anew.
    """

    def __init__(
        self, home: Path, tutors: int, events: int, progress: bool = True, reuse: bool = False
    ) -> None:
        self.tutors = tutors
        self.events = events
        name = f"tutors-{tutors}-"
        self.folder = home / f"{name}{digest_of_makers()}"
        outdated = [each for each in home.glob(f"{name}*") if each != self.folder]
        if reuse and outdated:
            self.folder = max(outdated, key=lambda folder: folder.stat().st_mtime)
        else:
            for folder in outdated:
                shutil.rmtree(folder)
        self._servers = Servers(
            self.folder, on_progress=print if progress else lambda message: None
        )
        urls = over_unix_sockets(self._servers.start(), self.folder)
        self.settings = settings_of(urls.database_url, urls.redis_url, self.folder)
        self.app: Flask = create_app(self.settings)
        self.worker: Worker | None = None
        self._given: dict[str, str] = {}
        # Of questions that no worker has been asked before.
        self._prices = count()
        # What took how long, in this run.
        self.seconds: dict[str, float] = {}
        # What the usual worker held in memory, and when.
        self.megabytes: dict[str, float] = {}
        self._log = self.folder / "postgres" / "server.log"
        try:
            self._fill(progress)
        except BaseException:
            self.stop()
            raise

    def _fill(self, progress: bool) -> None:
        with self.app.app_context():
            self._require_schema()
            flask_migrate.upgrade()
            began = time.perf_counter()
            if add_tutors(self.tutors, SEED, hash_password(PASSWORD), progress):
                self.seconds["seeding tutors"] = time.perf_counter() - began
            began = time.perf_counter()
            if self.events and fill_log(self.events, SEED, progress):
                self.seconds["seeding events"] = time.perf_counter() - began
        for name, value in SERVER_SETTINGS.items():
            self.sql(f"alter system set {name} = '{value}'")
        self.sql("select pg_reload_conf()")

    def _require_schema(self) -> None:
        """Raises OutdatedSchema where the stored rows are of another schema."""
        with db.engine.connect() as connection:
            stored = MigrationContext.configure(connection).get_current_revision()
        newest = ScriptDirectory(str(MIGRATIONS)).get_current_head()
        if stored not in (None, newest):
            raise OutdatedSchema(
                f"{self.folder} was seeded with the schema of migration {stored}, and the code has"
                f" {newest}. Run without --reuse to seed it anew, or with another --home."
            )

    def start(self, **settings: str) -> Worker:
        """The usual worker; others have its settings, too."""
        self._given = settings
        self.worker = Worker("wsgi:app", self.settings | settings, self.folder / "gunicorn.log")
        self.megabytes["at its first answer"] = self.worker.resident_megabytes()
        return self.worker

    @contextmanager
    def another_worker(self, **settings: str) -> Iterator[Worker]:
        """Have a worker that has just started answer instead of the usual one."""
        usual = self.worker
        log = self.folder / "gunicorn-other.log"
        self.worker = Worker("wsgi:app", self.settings | self._given | settings, log)
        try:
            yield self.worker
        finally:
            self.worker.stop()
            self.worker = usual

    def await_bitmaps(self) -> tuple[float, float]:
        """Wait until the worker has its bitmaps and counts all of a filtered list.

        Seconds from the first question on, and those of the slowest answer meanwhile.
        """
        assert self.worker is not None
        began, slowest = time.perf_counter(), 0.0
        while True:
            asked = time.perf_counter()
            body = self._ask_for_everybody()
            slowest = max(slowest, time.perf_counter() - asked)
            if not json.loads(body)["count_capped"]:
                self.megabytes["with bitmaps of filters"] = self.worker.resident_megabytes()
                return time.perf_counter() - began, slowest
            if asked > began + MOST_SECONDS_TO_LOAD:
                raise RuntimeError(f"no bitmaps after {MOST_SECONDS_TO_LOAD} s")
            time.sleep(POLL_SECONDS)

    def await_filter_index(self) -> None:
        """The same of a worker that has just started, asking it no more than one question."""
        assert self.worker is not None
        began = time.perf_counter()
        self._ask_for_everybody()
        while not self.worker.gauge("filter_index_loaded"):
            if time.perf_counter() > began + MOST_SECONDS_TO_LOAD:
                raise RuntimeError(f"no bitmaps after {MOST_SECONDS_TO_LOAD} s")
            time.sleep(POLL_SECONDS)

    def _ask_for_everybody(self) -> bytes:
        """Another question each time, so that none is answered from a cache."""
        return self.answer(Call(f"{EVERYBODY}{next(self._prices)}"))[2]

    def stop(self) -> None:
        if self.worker:
            self.worker.stop()
        with self.app.app_context():
            event_queue().close()
            dispose_engines()
        self._servers.release()

    @property
    def url(self) -> str:
        assert self.worker is not None
        return self.worker.url

    def sql(self, statement: str) -> list[tuple[Any, ...]]:
        """All rows of a statement, over a connection of its own."""
        with closing(psycopg2.connect(self.settings["DATABASE_URL"])) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement)
                return list(cursor.fetchall()) if cursor.description else []

    def answer(self, call: Call) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body."""
        with Connected(self.url) as connection:
            return connection.answer(call)

    def disk_megabytes(self) -> dict[str, float]:
        """Of the whole database, and of the largest tables with their indexes."""
        [(size,)] = self.sql("select pg_database_size(current_database())")
        return {"all": size / 1e6} | {name: number / 1e6 for name, number in self.sql(TABLE_SIZES)}

    def database_seconds(self) -> float:
        """User and system time of PostgreSQL's processes so far."""
        (pid_file,) = (self.folder / "postgres").glob("*/postmaster.pid")
        server = psutil.Process(int(pid_file.read_text().split()[0]))
        times = [process.cpu_times() for process in server.children()]
        return float(sum(each.user + each.system for each in times))

    def pages_so_far(self, reporting: Call) -> tuple[int, int]:
        """8 kB pages that statements touched so far: of everything but the log, and of the log.

        `reporting` has the application's connections report what they have counted.
        """
        time.sleep(REPORT_SECONDS)
        list(each_once(self.url, [reporting], CALLS_TO_REPORT))
        counted = dict(self.sql(COUNT_PAGES))
        return int(counted.get(False) or 0), int(counted.get(True) or 0)

    def statements(self, calls: Sequence[Call], number: int) -> tuple[float, float]:
        """Milliseconds that PostgreSQL spent on each call by its own clock: without the inserts
        into the log, and on these."""
        self._log_statements(True)
        # Until every backend has read the new setting; and later, until the log is written.
        time.sleep(0.3)
        begun = self._log.stat().st_size
        try:
            failed = [status for status in each_once(self.url, calls, number) if status >= 400]
            assert not failed, f"one of {calls[0].path} and its like answers {failed[0]}"
            time.sleep(0.3)
        finally:
            # A log of everything would slow down what is measured next.
            self._log_statements(False)
        with self._log.open("rb") as log:
            log.seek(begun)
            text = log.read().decode(errors="replace")
        spent = {True: 0.0, False: 0.0}
        found = list(STATEMENT.finditer(text))
        for match, following in zip(found, [*found[1:], None], strict=True):
            statement = text[match.end() : following.start() if following else None]
            if "alter system" not in statement and "pg_reload_conf" not in statement:
                spent[bool(TO_THE_LOG.search(statement))] += float(match[1])
        return spent[False] / number, spent[True] / number

    def _log_statements(self, is_wanted: bool) -> None:
        self.sql(f"alter system set log_min_duration_statement = {0 if is_wanted else -1}")
        self.sql("select pg_reload_conf()")
