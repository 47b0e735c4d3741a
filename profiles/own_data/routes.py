"""Endpoints of all one's data: export and erasure."""

from contextlib import ExitStack
from typing import Any

from flask import Flask, Response, current_app, stream_with_context

from common.database.session import db
from common.http.api import Blueprint, Problem
from common.http.auth import required_user_id
from common.http.limits.places import Places
from common.translation import lazy_gettext
from profiles.accounts import examples
from profiles.accounts.lookup import get_user
from profiles.accounts.sessions.cookie import cleared_cookie
from profiles.own_data.erasure import erase_account
from profiles.own_data.examples import EXPORT
from profiles.own_data.export import export
from profiles.own_data.schemas import ErasureConfirmation, Export

EXTENSION = "export_places"
# At once in a process, which has other things to do with its threads.
EXPORTS = 2
BUSY = lazy_gettext("Several exports are being sent at the moment; please try again shortly.")

own_data = Blueprint(
    "own data",
    __name__,
    url_prefix="/api/me",
    description="Everything held about the caller: taken along as one document, or erased.",
)


def init_app(app: Flask) -> None:
    app.extensions[EXTENSION] = Places(EXPORTS, BUSY)


@own_data.route("/export/", methods=["GET"])
@own_data.login("required")
@own_data.response(
    200,
    Export,
    example=EXPORT,
    headers={
        "Content-Disposition": {
            "description": "Names the file a browser saves it as.",
            "schema": {"type": "string", "maxLength": 200},
            "example": 'attachment; filename="my-data.json"',
        }
    },
)
def export_own_data() -> Response:
    """Everything held about the caller, as one JSON document

    Account, profile, settings, draft, avatar address, open sessions, links sent by mail, saved tutors
    and searches, snapshots and all events, newest first. The answer is streamed; it may be long.
    While several are being sent, the answer is a 503 with `Retry-After`.
    """
    places: Places = current_app.extensions[EXTENSION]
    with ExitStack() as place:
        place.enter_context(places.take())
        chunks = stream_with_context(export(get_user(required_user_id())))
        response = Response(chunks, mimetype="application/json")
        # It is the client who decides how long the answer takes, and a thread sends it.
        response.call_on_close(place.pop_all().close)
    response.headers["Content-Disposition"] = 'attachment; filename="my-data.json"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


@own_data.route("/", methods=["DELETE"])
@own_data.login("required")
@own_data.limit("PASSWORD_LIMIT")
@own_data.arguments(ErasureConfirmation, example={"password": "a long walk at dusk"})
@own_data.response(204)
@own_data.alt_response(
    400,
    schema=Problem,
    content_type="application/problem+json",
    description="Not the account's password",
    example=examples.WRONG_PASSWORD,
)
def erase_own_account(body: dict[str, Any]) -> tuple[str, dict[str, str]]:
    """Erase the account and everything that belongs to it

    Profile, public listing, draft, avatar, sessions and events are gone for good, at once.
    """
    erase_account(required_user_id(), body["password"])
    db.session.commit()
    return "", {"Set-Cookie": cleared_cookie()}
