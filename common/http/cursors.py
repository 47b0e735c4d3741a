"""Signed opaque cursors: a position in a list, bound to that list.

A cursor carries the key of a row, encrypted, and is signed together with its scope (the endpoint,
its ordering and filters), so it works with no other list and reveals nothing.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b, shake_256
from hmac import compare_digest
from typing import Any

import orjson
from flask import current_app

from common.http.problems.codes import ProblemCode
from common.http.problems.errors import BadRequest
from common.translation import lazy_gettext

Key = tuple[Any, ...]

MAC_BYTES = 12
LONGEST_CURSOR = 512


@dataclass(frozen=True)
class Position:
    """A position in a list: right after `key`, or right before it when reading backward."""

    key: Key
    backward: bool = False


@lru_cache(8)
def _secret(purpose: bytes, key: str) -> bytes:
    """A secret for one purpose alone, made of the application's."""
    return blake2b(key.encode(), person=purpose).digest()


def _mac(payload: bytes, scope: str, key: str) -> bytes:
    return blake2b(
        len(payload).to_bytes(4, "big") + payload + scope.encode(),
        key=_secret(b"cursor", key),
        digest_size=MAC_BYTES,
    ).digest()


def _encrypted(payload: bytes, mac: bytes, key: str) -> bytes:
    """`payload` encrypted by a stream cipher seeded with its MAC; a second call decrypts it.

    A key may hold what no response does, such as when somebody registered.
    """
    secret, size = _secret(b"cursor mask", key), len(payload)
    stream = shake_256(secret + mac).digest(size)
    return (int.from_bytes(payload) ^ int.from_bytes(stream)).to_bytes(size)


def make_cursor(position: Position, scope: str) -> str:
    """Encode `position` as a token that only a list of the same `scope` accepts."""
    payload = orjson.dumps([int(position.backward), *position.key])
    key = current_app.config["SECRET_KEY"]
    mac = _mac(payload, scope, key)
    return urlsafe_b64encode(mac + _encrypted(payload, mac, key)).rstrip(b"=").decode()


def read_cursor(token: str, scope: str, parameter: str = "cursor") -> Position:
    """Decode a token of `make_cursor`. Raises BadRequest, naming `parameter`, for any other."""
    try:
        if len(token) > LONGEST_CURSOR:
            raise ValueError
        raw = urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
        # Re-encoding refuses the spellings of one token that base64 would tolerate.
        if urlsafe_b64encode(raw).rstrip(b"=").decode() != token:
            raise ValueError
        payload = _verified(raw[:MAC_BYTES], raw[MAC_BYTES:], scope)
    except (ValueError, Base64Error):
        raise BadRequest(
            lazy_gettext(
                "{parameter}: this cursor is damaged, or belongs to another ordering or filter; "
                "start again without it.",
                parameter=parameter,
            ),
            code=ProblemCode.INVALID_CURSOR,
            errors={
                "query": {
                    parameter: [lazy_gettext("Not a cursor of this list, ordering and filters.")]
                }
            },
        ) from None
    backward, *key = orjson.loads(payload)
    return Position(tuple(key), bool(backward))


def _verified(mac: bytes, encrypted: bytes, scope: str) -> bytes:
    """The payload by whichever of our keys has signed it. Raises ValueError when none has."""
    for key in current_app.config["SECRET_KEYS"]:
        payload = _encrypted(encrypted, mac, key)
        if compare_digest(mac, _mac(payload, scope, key)):
            return payload
    raise ValueError
