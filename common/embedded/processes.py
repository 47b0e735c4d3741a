"""Operating system services for both servers: accounts, ports, orphans, shutdown, locks."""

import os
import pwd
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_NB, flock
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click
import psutil

# Any account but root's will do; the first is one that owns nothing else.
UNPRIVILEGED = ("nobody", "postgres", "daemon")


class StartAborted(Exception):
    """Nobody waits for the server any more, so its start was given up."""


class ServersError(click.ClickException):
    """The embedded servers can't run; the message says why. A command ends with it in one line."""


# Asked while a server starts: whether to give up.
ShouldAbort = Callable[[], bool]


def never() -> bool:
    return False


def port_is_free(host: str, port: int) -> bool:
    """Whether a server could listen there now."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, protocol) as probe:
        # As servers do: connections that linger from the last run do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError:
            return False
    return True


def free_port(preferred: int = 0) -> int:
    """A free port of 127.0.0.1; `preferred` if it is one, so that addresses stay when they can."""
    if preferred and port_is_free("127.0.0.1", preferred):
        return preferred
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def unprivileged_account() -> tuple[int, int]:
    """The user and group id of an account that root can run a server as."""
    accounts = {entry.pw_name: entry for entry in pwd.getpwall() if entry.pw_uid != 0}
    for name in (*UNPRIVILEGED, *accounts):
        if name in accounts:
            return accounts[name].pw_uid, accounts[name].pw_gid
    raise ServersError(
        "PostgreSQL refuses to run as root, and this machine has no other account to run it as. "
        "Set DATABASE_URL, or start this as another user."
    )


def clean_environment() -> dict[str, str]:
    """An environment without the PG* variables, locale and Python settings of the caller."""
    inherited = {
        name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ
    }
    return inherited | {"LC_ALL": "C"}


def run_options(folder: Path, account: tuple[int, int] | None) -> dict[str, Any]:
    """subprocess's options to run a program in `folder` as an account, or as ourselves."""
    options: dict[str, Any] = {"cwd": folder, "env": clean_environment()}
    if account:
        options |= {"user": account[0], "group": account[1], "extra_groups": []}
    return options


def drop_pg_variables() -> None:
    """Remove the PG* variables from this process: libpq would apply them to our own server too."""
    for name in [name for name in os.environ if name.startswith("PG")]:
        del os.environ[name]


def processes_in(folder: Path, name: str) -> list[psutil.Process]:
    """The processes called `name` whose working folder is `folder`.

    Unlike a pid file this cannot name an unrelated process that got the number later.
    """
    wanted = os.path.realpath(folder)
    found = []
    for process in psutil.process_iter():
        try:
            if process.name() == name and process.cwd() == wanted:
                found.append(process)
        except psutil.Error:
            continue
    return found


def stop_orphans(folder: Path, name: str, first_signal: signal.Signals) -> None:
    """End what an earlier, killed run left running in `folder`: by `first_signal`, then by SIGKILL."""
    for force, timeout in ((first_signal, 30), (signal.SIGKILL, 10)):
        left = processes_in(folder, name)
        numbers = {process.pid for process in left}
        for process in left:
            try:
                # Children are their parent's to stop; orphans have none left to do it.
                if force == signal.SIGKILL or process.ppid() not in numbers:
                    process.send_signal(force)
            except psutil.Error:
                continue
        if not psutil.wait_procs(left, timeout=timeout)[1]:
            return
    raise ServersError(f"A {name} left over from an earlier run in {folder} can't be stopped.")


def stop_child(process: subprocess.Popen[Any], *signals: signal.Signals, timeout: float) -> None:
    """Send one signal after the other until the child is gone, `timeout` seconds for each."""
    for number in (*signals, signal.SIGKILL):
        if process.poll() is not None:
            return
        process.send_signal(number)
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired:
            continue
    process.wait()


def log_tail(log: Path, lines: int = 8) -> str:
    """The end of a server's log, for an error message."""
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""


@contextmanager
def locked(path: Path, kind: int = LOCK_EX) -> Iterator[None]:
    """Hold a lock on a file; the kernel releases it however this process ends."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        flock(descriptor, kind)
        yield
    finally:
        # Closing instead of unlocking: a forked child shares the lock and may still need it.
        os.close(descriptor)


def can_lock(path: Path, kind: int) -> bool:
    """Whether a lock of this kind could be had right now."""
    try:
        with locked(path, kind | LOCK_NB):
            return True
    except BlockingIOError:
        return False


def package_folder(name: str) -> Path | None:
    """Where an installed package lies, without importing it: ours have side effects at import."""
    spec = find_spec(name)
    return Path(spec.origin).resolve().parent if spec and spec.origin else None
