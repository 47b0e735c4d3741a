"""How a log-in ends: in a session, or, where the account has two factors, in a ticket and then a code."""

from activity import Action, record
from common.database.session import db
from common.http.limits.rate_limit import count_call
from common.http.problems.codes import ProblemCode
from common.http.problems.errors import BadRequest
from common.translation import lazy_gettext
from profiles.accounts.login.device_cookie import device_of
from profiles.accounts.login.failures import note_failure, report_failures
from profiles.accounts.login.limits import digest_of
from profiles.accounts.login.tickets import Ticket, find_ticket, issue_ticket, owner_of
from profiles.accounts.lookup import find_locked_user
from profiles.accounts.models import User
from profiles.accounts.sessions.lifecycle import Session, open_session
from profiles.accounts.two_factor.verification import accept_code


def session_or_ticket(user: User) -> Session | Ticket:
    """What a locked account gets whose password has been given; the caller commits."""
    return issue_ticket(user) if user.two_factor_since else _start_session(user)


def finish_login(token: str, code: str) -> Session | None:
    """The session of a log-in whose ticket this is; None for a wrong code. The caller commits.

    Raises BadRequest for a ticket that is unknown, used, expired or of an earlier password, all
    alike, and LimitExceeded for too many codes of one account.
    """
    owner = owner_of(token)
    if owner is None:
        raise _invalid_ticket()
    _count_code(*owner)
    user = find_locked_user(owner[0])
    if user is None or not user.is_active or user.two_factor_since is None:
        raise _invalid_ticket()
    ticket = find_ticket(user, token)
    if ticket is None:
        raise _invalid_ticket()
    if not accept_code(user, code):
        ticket.wrong_codes += 1
        # Whoever guesses here has the password: the owner should know.
        note_failure(digest_of(user.email), user.id)
        return None
    db.session.delete(ticket)
    return _start_session(user)


def _start_session(user: User) -> Session:
    report_failures(digest_of(user.email), user.id)
    record(Action.AUTH_LOGIN, user.id)
    return open_session(user)


def _count_code(user_id: int, email: str) -> None:
    """Count a code under its account, from all browsers together in which it has not logged in
    before, or from one in which it has. Raises LimitExceeded."""
    device = device_of(digest_of(email))
    if device is None:
        count_call("SECOND_FACTOR_LIMIT", f"user:{user_id}")
    else:
        count_call("SECOND_FACTOR_DEVICE_LIMIT", f"device:{device}:{user_id}")


def _invalid_ticket() -> BadRequest:
    return BadRequest(
        lazy_gettext("The log-in has been finished or has taken too long; log in again."),
        code=ProblemCode.INVALID_TICKET,
        error="invalid_grant",
    )
