"""Keys of the rate limits of /auth/: an address, or an account at one; never an account alone.

A limit on the account alone would let a stranger lock its owner out.
"""

import hashlib

import orjson
from flask import request
from werkzeug.exceptions import HTTPException

from common.http.rate_limit import address
from profiles.accounts.cookie import presented_token
from profiles.accounts.fields import email_key
from profiles.accounts.models import LONGEST_EMAIL
from profiles.accounts.refresh_tokens import is_token

LONGEST_LOGIN_BODY = 16_384


def account_at_address() -> str:
    """The account that a log-in names, together with the caller's address.

    Hashed, so that Redis holds no email. Never raises: the limiter would treat an error here as
    a failing store. A body that cannot be read is refused right after.
    """
    digest = hashlib.sha256(_named_account().encode("utf-8", "replace")).hexdigest()[:32]
    return f"account:{digest}:{address()}"


def _named_account() -> str:
    if (request.content_length or 0) > LONGEST_LOGIN_BODY:
        return ""
    try:
        body = orjson.loads(request.get_data(cache=True))
    except (orjson.JSONDecodeError, HTTPException):
        return ""
    email = body.get("email") if isinstance(body, dict) else None
    if not isinstance(email, str) or len(email) > LONGEST_EMAIL:
        return ""
    return email_key(email)


def is_without_token() -> bool:
    """Whether a refresh carries no well-formed token: it is refused without a query, and not counted."""
    return not is_token(presented_token())
