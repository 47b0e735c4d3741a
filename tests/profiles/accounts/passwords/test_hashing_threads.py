import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import requests

from common.http.problems.errors import Unavailable
from profiles.accounts.passwords import hashing_threads
from profiles.accounts.passwords.hashing import (
    hash_password,
    is_password,
    is_password_in_equal_time,
)
from tests.factories import PASSWORD, make_user
from tests.profiles.accounts.endpoints import at_once

MEBIBYTE = 1024
# In a process of its own: prints its resident KiB before and after 16 threads hashed 4 times each.
GROWTH = """
import threading
from profiles.accounts.passwords.hashing_threads import run_hashing
from profiles.accounts.passwords.costs import hasher_of

def resident():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))

hasher = hasher_of("m=19456,t=1,p=1")
before = resident()
work = lambda: [run_hashing(lambda: hasher.hash(b"a long walk")) for _ in range(4)]
threads = [threading.Thread(target=work) for _ in range(16)]
for each in threads: each.start()
for each in threads: each.join()
print(before, resident())
"""


def resident_kib(parent):
    """The resident memory of a gunicorn's only worker."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    (worker,) = map(int, children)
    status = Path(f"/proc/{worker}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1])


def test_only_a_few_hash_at_once_and_a_wait_too_long_is_a_503(app, monkeypatch):
    monkeypatch.setattr(hashing_threads, "LONGEST_WAIT_SECONDS", 0.01)
    taken = [hashing_threads.slots.acquire() for _ in range(hashing_threads.HASHES_AT_ONCE)]
    try:
        with pytest.raises(Unavailable):
            hash_password("a long walk")
        with pytest.raises(Unavailable):
            is_password_in_equal_time("a long walk", None)
    finally:
        for _ in taken:
            hashing_threads.slots.release()
    assert is_password("a long walk", hash_password("a long walk"))


def test_many_hashes_at_once_all_get_a_slot(app):
    made = []

    def hash_one():
        with app.app_context():
            made.append(hash_password("a long walk"))

    threads = [threading.Thread(target=hash_one) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 12


def test_hashes_run_on_threads_of_their_own_and_errors_come_back(app):
    names = {hashing_threads.run_hashing(lambda: threading.current_thread().name) for _ in range(9)}
    assert all(name.startswith("password-hash") for name in names)
    assert len(names) <= hashing_threads.HASHES_AT_ONCE
    with pytest.raises(ZeroDivisionError):
        hashing_threads.run_hashing(lambda: 1 // 0)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_memory_of_hashes_is_bounded_however_many_threads_ask():
    done = subprocess.run(
        [sys.executable, "-c", GROWTH], capture_output=True, text=True, check=True
    )
    before, after = map(int, done.stdout.split())
    assert after - before < (hashing_threads.HASHES_AT_ONCE * 19 + 8) * MEBIBYTE


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_thousand_log_ins_from_sixteen_threads_do_not_grow_a_worker(serve, app):
    server = serve(
        workers=1,
        threads=16,
        PASSWORD_HASH_MEMORY_KIB=19456,
        PASSWORD_HASH_PASSES=2,
        RATE_LIMITS_ENABLED=False,
    )
    user = make_user()
    body = {"email": user.email, "password": PASSWORD}

    def log_in_once(_):
        return requests.post(f"{server.url}/api/auth/login/", json=body).status_code

    assert {log_in_once(number) for number in range(20)} == {200}
    before = resident_kib(server.process.pid)
    for _ in range(63):
        assert set(at_once(16, log_in_once)) == {200}
    after = resident_kib(server.process.pid)
    print(f"resident: {before // MEBIBYTE} MiB, after 1,008 log-ins {after // MEBIBYTE} MiB")
    assert after - before < (hashing_threads.HASHES_AT_ONCE * 19 + 20) * MEBIBYTE
