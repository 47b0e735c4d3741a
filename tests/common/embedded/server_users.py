"""Processes that use the embedded servers of a folder, and what tests ask of these servers."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from common.config import ROOT
from common.embedded.redis_server import redis_program
from tests.common.embedded.processes import processes_of
from tests.database import on_server

needs_redis = pytest.mark.skipif(redis_program() is None, reason="no redis-server")
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has this trouble")

USER_OF_SERVERS = """
import sys
from pathlib import Path
from common.embedded import Servers
servers = Servers(Path(sys.argv[1]), redis=False, ephemeral=True)
print(servers.start().database_url, flush=True)
sys.stdin.read()
"""


@contextmanager
def another_user(folder: Path, **environment: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A second process that uses the PostgreSQL of a folder, and the address it got."""
    with subprocess.Popen(
        [sys.executable, "-c", USER_OF_SERVERS, str(folder)],
        cwd=ROOT,
        env=os.environ | environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        yield process, process.stdout.readline().strip()
        process.kill()


def query(url: str, question: str) -> Any:
    """The first value of an answer."""
    with on_server(url) as cursor:
        cursor.execute(question)
        return cursor.fetchone()[0]


def insert_word(url: str, word: str) -> None:
    with on_server(url) as cursor:
        cursor.execute("create table if not exists words (word text)")
        cursor.execute("insert into words values (%s)", (word,))


def kill_hard(processes: list[psutil.Process]) -> None:
    for process in processes:
        process.kill()
    psutil.wait_procs(processes)


def supervisors_of(folder: Path) -> list[psutil.Process]:
    return [each for each in processes_of(folder) if "common.embedded.supervisor" in each.cmdline()]
