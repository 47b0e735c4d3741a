"""The answer of whatever opens a session: access token, account, and the cookies."""

from profiles.accounts import examples
from profiles.accounts.login.device_cookie import device_cookie
from profiles.accounts.login.limits import digest_of
from profiles.accounts.login.schemas import SignedIn
from profiles.accounts.schemas import describe_account
from profiles.accounts.sessions.cookie import Answer, refresh_cookie, set_cookie_header
from profiles.accounts.sessions.lifecycle import Session

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
