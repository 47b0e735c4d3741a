"""A standby of an installation's PostgreSQL, which confirms each commit."""

import shutil
import subprocess
from pathlib import Path

from common.embedded.postgres import Postgres
from common.embedded.postgres_binaries import PostgresBinaries
from tests.database import on_server

NAME = "standby"


def make_standby(primary: Postgres, folder: Path) -> Postgres:
    """A copy that follows; from then on the primary acknowledges what both have stored."""
    programs = PostgresBinaries(folder.parent / "binaries").reachable_by(None)
    source = f"{primary.url}?application_name={NAME}"
    command = [programs / "pg_basebackup", "-d", source, "-D", folder / "data", "-R"]
    folder.mkdir()
    subprocess.run([*map(str, command), "-X", "stream", "-c", "fast"], check=True)
    shutil.copy(primary.folder / "password", folder / "password")
    standby = Postgres(folder)
    standby.start()
    with on_server(primary.url) as cursor:
        cursor.execute(f"alter system set synchronous_standby_names = '{NAME}'")
        cursor.execute("select pg_reload_conf()")
    return standby


def is_synchronous(primary: Postgres) -> bool:
    """Whether commits wait for the standby now."""
    with on_server(primary.url) as cursor:
        cursor.execute("select sync_state = 'sync' from pg_stat_replication")
        return cursor.fetchall() == [(True,)]
