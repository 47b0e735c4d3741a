"""Passwords: hashed with argon2id, a few at once; verified in equal time for unknown accounts."""

import unicodedata
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from secrets import token_bytes
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from flask import current_app

from common.http.errors import Unavailable

# Each hash holds PASSWORD_HASH_MEMORY_KIB while it runs; more at once would not be quicker.
HASHES_AT_ONCE = 2
LONGEST_WAIT_SECONDS = 5

_slots = BoundedSemaphore(HASHES_AT_ONCE)


@contextmanager
def _slot() -> Iterator[None]:
    """Wait for one of the few slots, so that many log-ins at once cannot exhaust the memory.

    Raises Unavailable after LONGEST_WAIT_SECONDS.
    """
    if not _slots.acquire(timeout=LONGEST_WAIT_SECONDS):
        raise Unavailable("Too many people are logging in just now; please try again shortly.")
    try:
        yield
    finally:
        _slots.release()


def hash_password(password: str) -> str:
    """An argon2id hash in PHC string format, at the settings' cost, with a random salt."""
    with _slot():
        return _hasher().hash(_bytes(password))


def is_password(password: str, password_hash: str | None) -> bool:
    """Whether `password_hash` was made of `password`; takes as long when there is no hash."""
    hasher = _hasher()
    known = password_hash or _dummy_hash(*_cost())
    with _slot():
        try:
            hasher.verify(known, _bytes(password))
        except (Argon2Error, InvalidHashError):
            return False
    return password_hash is not None


def is_outdated(password_hash: str) -> bool:
    """Whether the hash was made at another cost than the settings' present one."""
    return _hasher().check_needs_rehash(password_hash)


def _bytes(password: str) -> bytes:
    # One keyboard composes "й", another sends two characters: both are the same password.
    return unicodedata.normalize("NFC", password).encode()


def _cost() -> tuple[int, int]:
    config = current_app.config
    return config["PASSWORD_HASH_MEMORY_KIB"], config["PASSWORD_HASH_PASSES"]


def _hasher() -> PasswordHasher:
    return _hasher_of(*_cost())


@cache
def _hasher_of(memory_kib: int, passes: int) -> PasswordHasher:
    return PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=1)


@cache
def _dummy_hash(memory_kib: int, passes: int) -> str:
    """A hash that no password matches, as costly to verify as any; free to make."""
    salt, digest = (b64encode(token_bytes(size)).rstrip(b"=").decode() for size in (16, 32))
    return f"$argon2id$v=19$m={memory_kib},t={passes},p=1${salt}${digest}"
