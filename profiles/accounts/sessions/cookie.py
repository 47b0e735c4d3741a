"""The refresh cookie: set, read and cleared; and which origins may make a browser send it."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from flask import current_app, request
from werkzeug.http import dump_cookie

from common.clock import now
from common.http.problems.errors import Forbidden
from common.translation import lazy_gettext

NAME = "refresh"
PATH = "/api/auth"
# What browsers store of a cookie (RFC 6265 §6.1).
LONGEST_COOKIE = 4096
# A body, and headers of which several may have one name.
Answer = tuple[dict[str, Any], list[tuple[str, str]]]


def refresh_cookie(token: str, expires_at: datetime) -> str:
    """The value of the Set-Cookie header that gives the browser a refresh token until it expires."""
    return _set_cookie(token, round((expires_at - now()).total_seconds()))


def cleared_cookie() -> str:
    """The value of the Set-Cookie header that makes the browser delete its refresh token."""
    return _set_cookie("", 0)


def _set_cookie(value: str, max_age: int) -> str:
    return dump_cookie(
        NAME,
        value,
        max_age=max_age,
        path=PATH,
        httponly=True,
        samesite="Lax",
        secure=current_app.config["SECURE_COOKIES"],
    )


def presented_token() -> str:
    """The refresh token in the caller's cookie; an empty string without one."""
    return request.cookies.get(NAME, "")


def refuse_foreign_origin() -> None:
    """Refuse a request that a page of another origin started (CSRF). Raises Forbidden.

    Browsers send `Origin` with every POST (Fetch standard); a caller without one is no browser.
    """
    origin = request.headers.get("Origin")
    if origin is None or origin in current_app.config["FRONTEND_ORIGINS"]:
        return
    # By host alone: behind a proxy this process may not know that its clients use https.
    try:
        host = urlsplit(origin).netloc
    except ValueError:
        host = ""
    if not host or host.lower() != request.host.lower():
        raise Forbidden(lazy_gettext("This page's origin may not use the session."))


def set_cookie_header(description: str) -> dict[str, Any]:
    """The header `Set-Cookie` of an answer, for the OpenAPI document."""
    schema = {"type": "string", "maxLength": LONGEST_COOKIE}
    return {"Set-Cookie": {"description": description, "schema": schema}}
