"""What large pieces of work took is given back, however many threads did them."""

import subprocess
import sys

import pytest

from common.config import ROOT
from common.embedded.processes import clean_environment

THREADS, ROUNDS = 16, 6
# Resident MiB gained by hashes in many threads, as a worker's log-ins make them.
PROGRAM = f"""
import psutil, threading
from argon2.low_level import Type, hash_secret
from common.operations.memory import bound_heaps
assert bound_heaps()

def hash_often():
    for _ in range({ROUNDS}):
        hash_secret(b"word", b"salt" * 4, 1, 19456, 1, 32, Type.ID)

before = psutil.Process().memory_info().rss
threads = [threading.Thread(target=hash_often) for _ in range({THREADS})]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print((psutil.Process().memory_info().rss - before) // 1_048_576)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="of glibc")
def test_memory_of_hashes_in_many_threads_is_given_back():
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=ROOT,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(done.stdout) < 20
