"""The blueprints that rooms of accounts add their endpoints to, and /users/me/."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Response

from common.http.api import Blueprint, Problem
from common.http.auth import required_user_id
from profiles.accounts import examples
from profiles.accounts.lookup import get_user
from profiles.accounts.schemas import OwnAccount, describe_account

auth = Blueprint(
    "auth",
    __name__,
    url_prefix="/api/auth",
    description="Register, log in, stay logged in, log out. These endpoints ignore the"
    " `Authorization` header, valid or not.",
)
users = Blueprint("users", __name__, url_prefix="/api/users", description="The caller's account.")
account = Blueprint(
    "account",
    __name__,
    url_prefix="/api/me",
    description="The caller's password and address, and the sessions that are open.",
)

View = TypeVar("View", bound=Callable[..., Any])


def public_endpoint(
    path: str, *, security: list[dict[str, list[str]]] | None = None
) -> Callable[[View], View]:
    """A POST endpoint of /auth/, which ignores access tokens."""

    def decorate(view: View) -> View:
        view = auth.login("ignored")(view)
        if security is not None:
            view = auth.doc(security=security)(view)
        return auth.route(path, methods=["POST"])(view)

    return decorate


def documented_problem(description: str, example: dict[str, object]) -> Callable[[View], View]:
    """Document one of the view's errors, its status taken from the example."""
    decorator: Callable[[View], View] = auth.alt_response(
        example["status"],
        schema=Problem,
        content_type="application/problem+json",
        description=description,
        example=example,
    )
    return decorator


@auth.after_request
def keep_out_of_caches(response: Response) -> Response:
    """Answers hold tokens: no cache may store them."""
    response.headers["Cache-Control"] = "no-store"
    return response


@users.route("/me/", methods=["GET"])
@users.login("required")
@users.response(200, OwnAccount, example=examples.ACCOUNT)
def read_own_account() -> tuple[dict[str, Any], dict[str, str]]:
    """The caller's account

    What every page of a frontend needs; the profile has more.
    """
    return describe_account(get_user(required_user_id())), {"Cache-Control": "private, no-store"}
