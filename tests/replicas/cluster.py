"""A primary and its standbys: PostgreSQL's own streaming replication, on servers of this test's own."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import flask_migrate

from common.database.session import dispose_engines
from common.embedded.postgres import Postgres
from common.embedded.postgres_binaries import PostgresBinaries
from common.embedded.processes import ShouldAbort, never
from tests.conftest import test_settings
from tests.database import on_server
from wsgi import create_app


class Standby(Postgres):
    """A server in recovery; it is ready when it takes reads."""

    def _await_ready(self, should_abort: ShouldAbort = never) -> bool:
        while self.process and self.process.poll() is None:
            with suppress(OSError, IndexError):
                state = (self.data / "postmaster.pid").read_text().splitlines()[7].strip()
                if state in {"standby", "ready"}:
                    return True
            time.sleep(0.02)
        return False

    def _create_database(self) -> None:
        """It comes with the primary's."""

    def read(self, sql: str) -> Any:
        with on_server(self.url) as cursor:
            cursor.execute(sql)
            return cursor.fetchone()[0]

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """All of its processes are stopped, as on a machine that hangs: the kernel still answers."""
        for process in self._processes():
            os.kill(process, signal.SIGSTOP)
        try:
            yield
        finally:
            for process in self._processes():
                os.kill(process, signal.SIGCONT)

    def _processes(self) -> list[int]:
        assert self.process is not None
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [self.process.pid, *map(int, children.split())]


class Cluster:
    """A migrated primary, and as many standbys as were added."""

    def __init__(self, folder: Path, redis_url: str | None = None) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        for each in (folder, *folder.parents[:3]):
            # The servers may run as another account, which has to pass.
            each.chmod(each.stat().st_mode | 0o711)
        self.primary = Postgres(folder / "primary", ephemeral=True)
        self.primary.start()
        self.standbys: list[Standby] = []
        # Here a commit that is acknowledged is flushed, and so sent, at once.
        with on_server(self.primary.url) as cursor:
            cursor.execute("alter system set synchronous_commit = on")
            cursor.execute("alter database marketplace set synchronous_commit = on")
        self.settings = test_settings(self.primary.url, redis_url, folder)
        app = create_app(self.settings)
        with app.app_context():
            flask_migrate.upgrade()
            dispose_engines()

    def add_standby(self, **settings: str) -> Standby:
        """A copy that follows the primary. `settings` are PostgreSQL's."""
        folder = self.folder / f"standby-{len(self.standbys) + 1}"
        folder.mkdir()
        (folder / "password").write_text((self.primary.folder / "password").read_text())
        programs = PostgresBinaries(folder / "binaries").reachable_by(None)
        command = [
            programs / "pg_basebackup",
            "-d",
            self.primary.url,
            "-D",
            folder / "data",
        ]
        subprocess.run([*map(str, command), "-X", "stream", "-c", "fast", "-R"], check=True)
        with (folder / "data" / "postgresql.auto.conf").open("a") as written:
            written.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
        standby = Standby(folder, ephemeral=True)
        standby.start()
        self.standbys.append(standby)
        return standby

    @contextmanager
    def another_standby(self) -> Iterator[Standby]:
        """One for a test alone."""
        standby = self.add_standby()
        try:
            yield standby
        finally:
            self.standbys.remove(standby)
            standby.stop(signal.SIGQUIT)
            shutil.rmtree(standby.folder, ignore_errors=True)

    def urls(self) -> str:
        """READ_DATABASE_URLS of all its standbys."""
        return " ".join(standby.url for standby in self.standbys)

    def stop(self) -> None:
        for server in (*self.standbys, self.primary):
            server.stop(signal.SIGQUIT)
