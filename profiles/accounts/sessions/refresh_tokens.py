"""The form of refresh tokens: 16 bytes that name the family (a log-in's tokens), 32 secret bytes.

The database stores a SHA-256 hash of each, and beside a rotated one its successor, encrypted with
the rotated token itself: who holds that may have it once more, who reads the database may not.
"""

import hashlib
import hmac
import re
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from uuid import UUID

TOKEN = re.compile(r"[A-Za-z0-9_-]{64}")
FAMILY_BYTES = 16
SECRET_BYTES = 32


def is_token(token: str) -> bool:
    """Whether the text has the form of a refresh token; asks no database."""
    return TOKEN.fullmatch(token) is not None


def make_token(family_id: UUID) -> str:
    """A new token of the family."""
    return _join(family_id, secrets.token_bytes(SECRET_BYTES))


def family_of(token: str) -> UUID:
    """The family a well-formed token names."""
    return UUID(bytes=urlsafe_b64decode(token)[:FAMILY_BYTES])


def hash_of(token: str) -> bytes:
    """What the database stores of a token."""
    # The secret is random, so a plain hash cannot be inverted by guessing.
    return hashlib.sha256(token.encode()).digest()


def encrypt_successor(token: str, successor: str) -> bytes:
    """The secret of `successor`, of the same family, readable only with `token`."""
    return _one_time_pad(token, _secret_of(successor))


def decrypt_successor(token: str, encrypted: bytes) -> str:
    """The successor that was encrypted with `token`."""
    return _join(family_of(token), _one_time_pad(token, encrypted))


def _one_time_pad(token: str, text: bytes) -> bytes:
    # Each token has one successor, so a key of the text's length serves once.
    key = hmac.digest(_secret_of(token), b"successor", "sha256")
    return bytes(one ^ other for one, other in zip(key, text, strict=True))


def _secret_of(token: str) -> bytes:
    return urlsafe_b64decode(token)[FAMILY_BYTES:]


def _join(family_id: UUID, secret: bytes) -> str:
    return urlsafe_b64encode(family_id.bytes + secret).decode()
