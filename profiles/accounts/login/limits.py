"""Keys of the rate limits of log-ins, and who is exempt from them.

A log-in is counted per address; per account at an address; and per account wherever it comes from.
Only the last could lock an owner out, so a browser in which the account has logged in before is
counted by itself instead.
"""

import hashlib

from flask import g, request
from werkzeug.exceptions import HTTPException

from common.http.limits.rate_limit import address
from common.http.parsing.json_body import read_json
from common.http.problems.errors import Problem
from profiles.accounts.fields.email import email_key
from profiles.accounts.login.device_cookie import device_of
from profiles.accounts.models import LONGEST_EMAIL


def digest_of(email: str) -> str:
    """Names an account in Redis and cookies, which have no business with emails."""
    return hashlib.sha256(email_key(email).encode("utf-8", "replace")).hexdigest()[:32]


def account_at_address() -> str:
    """The account that a log-in names, together with the caller's address."""
    return f"account:{named_account()}:{address()}"


def account_anywhere() -> str:
    """The account that a log-in names."""
    return f"account:{named_account()}"


def account_in_browser() -> str:
    """The account that a log-in names, in the browser that has logged it in before."""
    return f"device:{_known_device()}:{named_account()}"


def is_known_browser() -> bool:
    """Whether the named account has logged in from this browser before."""
    return _known_device() is not None


def is_unknown_browser() -> bool:
    return _known_device() is None


def is_not_guessing() -> bool:
    """Whether a log-in can be no guess at an account by an unknown browser."""
    return not named_account() or is_known_browser()


def _known_device() -> str | None:
    account = named_account()
    return device_of(account) if account else None


def named_account() -> str:
    """The digest of the account that the request's body names; empty when it names none.

    Never raises: the limiter would treat an error here as a failing store. A body that cannot be
    read is refused right after.
    """
    if "named_account" not in g:
        g.named_account = _read_account()
    account: str = g.named_account
    return account


def _read_account() -> str:
    try:
        body = read_json(request.get_data(cache=True))
    except (Problem, HTTPException):
        return ""
    email = body.get("email") if isinstance(body, dict) else None
    if not isinstance(email, str) or len(email) > LONGEST_EMAIL:
        return ""
    return digest_of(email)
