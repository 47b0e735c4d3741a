"""The answer of whatever opens a session: access token, account, and the cookies."""

from typing import Any

from profiles.accounts import examples
from profiles.accounts.login.device_cookie import device_cookie
from profiles.accounts.login.limits import digest_of
from profiles.accounts.schemas import SignedIn, describe_account
from profiles.accounts.sessions.cookie import refresh_cookie
from profiles.accounts.sessions.lifecycle import Session

# What browsers store of a cookie (RFC 6265 §6.1).
LONGEST_COOKIE = 4096

# A body, and headers of which several may have one name.
Answer = tuple[dict[str, Any], list[tuple[str, str]]]


def set_cookie_header(description: str) -> dict[str, Any]:
    """The header `Set-Cookie` of an answer, for the OpenAPI document."""
    schema = {"type": "string", "maxLength": LONGEST_COOKIE}
    return {"Set-Cookie": {"description": description, "schema": schema}}


ANSWERS_SESSION = {
    "schema": SignedIn,
    "example": examples.SIGNED_IN,
    "headers": set_cookie_header(
        "`refresh`, the refresh token, and `device`, by which a browser proves an earlier log-in:"
        " `HttpOnly`, `SameSite=Lax`, `Path=/api/auth`, and `Secure` outside development."
    ),
}


def signed_in(session: Session) -> Answer:
    """Body and cookies of a session that has just been opened."""
    body = {"access": session.access, "user": describe_account(session.user)}
    return body, [
        ("Set-Cookie", refresh_cookie(session.refresh, session.expires_at)),
        ("Set-Cookie", device_cookie(digest_of(session.user.email))),
    ]
