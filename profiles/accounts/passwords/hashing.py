"""Passwords: hashed with argon2id, verified in equal time for every account and for none."""

import unicodedata
from base64 import b64encode
from functools import cache
from secrets import token_bytes

from argon2.exceptions import Argon2Error, InvalidHashError

from profiles.accounts.passwords.costs import cost_of, costs_in_use, current_cost, hasher_of
from profiles.accounts.passwords.hashing_threads import run_hashing


def hash_password(password: str) -> str:
    """An argon2id hash in PHC string format, at the settings' cost, with a random salt."""
    hasher = hasher_of(current_cost())
    return run_hashing(lambda: hasher.hash(_bytes(password)))


def is_password(password: str, password_hash: str | None) -> bool:
    """Whether `password_hash` was made of `password`; False without a hash."""
    if password_hash is None or cost_of(password_hash) is None:
        return False
    return run_hashing(lambda: _verify(password, password_hash))


def is_password_in_equal_time(password: str, password_hash: str | None) -> bool:
    """As is_password; a False takes the same time for every hash and for none.

    Hashes are made anew at their owners' next log-in only, so after the settings' cost is raised
    several are in use, and the time of one would show that its account exists. Every failure
    therefore costs one verification at each of them.
    """
    own = cost_of(password_hash) if password_hash else None
    others = [cost for cost in costs_in_use(own) if cost != own]

    def verify_at_each_cost() -> bool:
        if own and password_hash and _verify(password, password_hash):
            return True
        for cost in others:
            _verify(password, _dummy_hash(cost))
        return False

    return run_hashing(verify_at_each_cost)


def is_outdated(password_hash: str) -> bool:
    """Whether the hash was made at another cost than the settings' present one."""
    return cost_of(password_hash) != current_cost()


def _verify(password: str, password_hash: str) -> bool:
    cost = cost_of(password_hash)
    try:
        return cost is not None and hasher_of(cost).verify(password_hash, _bytes(password))
    except (Argon2Error, InvalidHashError):
        return False


def _bytes(password: str) -> bytes:
    # One keyboard composes "й", another sends two characters: both are the same password.
    return unicodedata.normalize("NFC", password).encode()


@cache
def _dummy_hash(cost: str) -> str:
    """A hash that no password matches, as costly to verify as any of that cost; free to make."""
    salt, digest = (b64encode(token_bytes(size)).rstrip(b"=").decode() for size in (16, 32))
    return f"$argon2id$v=19${cost}${salt}${digest}"
