"""Passwords: hashed with argon2id, a few at a time, checked alike for known and unknown accounts."""

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

_turns = BoundedSemaphore(HASHES_AT_ONCE)


@contextmanager
def _turn() -> Iterator[None]:
    """Wait for one of the few places, so that a crowd logging in cannot exhaust the memory."""
    if not _turns.acquire(timeout=LONGEST_WAIT_SECONDS):
        raise Unavailable("Too many people are logging in just now; please try again shortly.")
    try:
        yield
    finally:
        _turns.release()


def hash_password(password: str) -> str:
    """An argon2id hash with the settings' cost, with its own salt."""
    with _turn():
        return _hasher().hash(_bytes(password))


def is_password(password: str, password_hash: str | None) -> bool:
    """Whether `password` made `password_hash`; as slow as ever when there is no hash at all."""
    hasher = _hasher()
    known = password_hash or _hash_of_nobody(*_cost())
    with _turn():
        try:
            hasher.verify(known, _bytes(password))
        except (Argon2Error, InvalidHashError):
            return False
    return password_hash is not None


def is_outdated(password_hash: str) -> bool:
    """Whether the hash was made with another cost than the settings ask for now."""
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
def _hash_of_nobody(memory_kib: int, passes: int) -> str:
    """A hash that no password has, as costly to check as any; making it up costs nothing."""
    salt, digest = (b64encode(token_bytes(size)).rstrip(b"=").decode() for size in (16, 32))
    return f"$argon2id$v=19$m={memory_kib},t={passes},p=1${salt}${digest}"
