"""Secrets of authenticators are encrypted with keys derived from SECRET_KEY, each of its list.

The first key encrypts, all decrypt; so keys are replaced as those of tokens are, and
`flask reencrypt-secrets` moves what is stored to the first one before an old one is dropped.
"""

from base64 import urlsafe_b64encode
from functools import lru_cache

import structlog
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app

log = structlog.get_logger()
# RFC 5869 §3.2: binds a derived key to its purpose.
PURPOSE = b"tutor-marketplace: secrets of authenticators"
KEY_BYTES = 32


def encrypt(secret: str) -> bytes:
    """The secret, readable only with the first key of SECRET_KEY."""
    return _cipher().encrypt(secret.encode())


def decrypt(encrypted: bytes) -> str | None:
    """The secret; None, and a line in the log, when none of the keys has encrypted it."""
    try:
        return _cipher().decrypt(encrypted).decode()
    except InvalidToken:
        log.error("an authenticator's secret can't be decrypted: is a key of SECRET_KEY missing?")
        return None


def reencrypt(encrypted: bytes) -> bytes | None:
    """The same secret, encrypted with the first key; None when none of the keys has encrypted it."""
    try:
        return _cipher().rotate(encrypted)
    except InvalidToken:
        return None


def _cipher() -> MultiFernet:
    return _cipher_of(current_app.config["SECRET_KEYS"])


@lru_cache(8)
def _cipher_of(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(urlsafe_b64encode(_derive(key))) for key in keys])


def _derive(key: str) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=PURPOSE).derive(key.encode())
