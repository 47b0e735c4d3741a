"""The device cookie: proves that an account has logged in from this browser before.

After OWASP's "Slow Down Online Guessing Attacks with Device Cookies": guesses at an account from
unknown browsers share one budget, wherever they come from, while a browser that holds the cookie
has a budget of its own. So guesses are bounded, and no stranger locks an account's owner out.
"""

import secrets

from flask import current_app, request
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.http import dump_cookie

NAME = "device"
PATH = "/api/auth"
# People who share a browser; the latest to log in stay.
ACCOUNTS_PER_BROWSER = 5
DAY_SECONDS = 86_400


def device_of(account: str) -> str | None:
    """The id of the caller's browser, when `account` (a digest) has logged in from it before."""
    device, accounts = _presented()
    return device if account in accounts else None


def device_cookie(account: str) -> str:
    """The value of the Set-Cookie header that lets this browser prove `account`'s log-in."""
    device, accounts = _presented()
    latest = [account, *(other for other in accounts if other != account)]
    value = _serializer().dumps([device, latest[:ACCOUNTS_PER_BROWSER]])
    return dump_cookie(
        NAME,
        value,
        max_age=_lifetime(),
        path=PATH,
        httponly=True,
        samesite="Lax",
        secure=current_app.config["SECURE_COOKIES"],
    )


def _presented() -> tuple[str, list[str]]:
    """The browser's id, a new one without a valid cookie, and the digests of its accounts."""
    try:
        device, accounts = _serializer().loads(request.cookies.get(NAME, ""), max_age=_lifetime())
    except BadData:
        return secrets.token_urlsafe(12), []
    return device, accounts


def _serializer() -> URLSafeTimedSerializer:
    # The library signs with the last of its keys, we with the first.
    keys = [*reversed(current_app.config["SECRET_KEYS"])]
    return URLSafeTimedSerializer(keys, salt="device cookie")


def _lifetime() -> int:
    days: int = current_app.config["DEVICE_COOKIE_DAYS"]
    return days * DAY_SECONDS
