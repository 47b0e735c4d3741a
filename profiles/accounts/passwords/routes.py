"""The endpoint that changes the caller's password."""

from typing import Any

from common.database.session import db
from common.http.auth import current_session_id, required_user_id
from common.http.problems.schema import Problem
from profiles.accounts import examples
from profiles.accounts.passwords.change import change_password
from profiles.accounts.passwords.schemas import PasswordChange
from profiles.accounts.routes import account

PROBLEM: dict[str, Any] = {"schema": Problem, "content_type": "application/problem+json"}


@account.route("/password/", methods=["POST"])
@account.login("required")
@account.limit("PASSWORD_LIMIT")
@account.arguments(PasswordChange, example=examples.PASSWORD_CHANGE)
@account.response(204)
@account.alt_response(
    400, description="Not the present password", example=examples.WRONG_PASSWORD, **PROBLEM
)
def change_own_password(body: dict[str, Any]) -> str:
    """Change the password

    Every other session of the caller ends, its access tokens included.
    """
    change_password(required_user_id(), **body, session_id=current_session_id())
    db.session.commit()
    return ""
