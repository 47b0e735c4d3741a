"""The real PgBouncer in front of a test's database."""

import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

import psycopg2

from common.embedded.processes import free_port, stop_child, unprivileged_account

PGBOUNCER = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
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
server_login_retry = 0
{extra}
"""


class PgBouncer:
    """A pooler of a mode (`session`, `transaction` or `statement`); `url` leads through it."""

    def __init__(self, database_url: str, mode: str, folder: Path, extra: str = "") -> None:
        server = psycopg2.extensions.parse_dsn(database_url)
        target = " ".join(f"{name}={server[name]}" for name in TARGET if name in server)
        port = free_port()
        self.url = f"postgresql://{server['user']}@127.0.0.1:{port}/{server['dbname']}"
        self._port = port
        self._path = folder / f"pgbouncer-{port}.ini"
        self._path.write_text(
            CONFIGURATION.format(listen_port=port, mode=mode, extra=extra, server=target)
        )
        self.start()

    def start(self) -> None:
        options = {}
        if os.geteuid() == 0:
            # It refuses to run as root, and the folders of tests are closed to others.
            user, group = unprivileged_account()
            options = {"user": user, "group": group, "extra_groups": []}
        with self._path.open("rb") as configuration:
            self.process = subprocess.Popen(
                [str(PGBOUNCER), "-q", "/dev/stdin"], stdin=configuration, cwd="/", **options
            )
        while self.process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self._port)) == 0:
                    return
            time.sleep(0.02)
        raise RuntimeError("pgbouncer does not start")

    def stop(self) -> None:
        stop_child(self.process, timeout=5)
