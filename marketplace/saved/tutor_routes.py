"""Saved tutors over HTTP."""

from typing import Any

import orjson
from flask import Response

from common.database.session import db
from common.http.auth import required_user_id
from common.http.pagination import envelope, link, next_page_link
from common.http.problems.errors import NotFound
from common.http.schemas.fields import LARGEST_INTEGER
from marketplace.examples import LINK, NO_SUCH_TUTOR, TUTOR_ID
from marketplace.saved import examples
from marketplace.saved.blueprint import PRIVATE, PROBLEM, saved
from marketplace.saved.schemas import SavedTutorPage, SavedTutorsQuery
from profiles.saved import tutors


@saved.route("/saved-tutors/", methods=["GET"])
@saved.login("required")
@saved.arguments(SavedTutorsQuery, location="query")
@saved.doc(responses={200: {"links": next_page_link("listSavedTutors")}})
@saved.response(200, SavedTutorPage, examples=examples.SAVED_PAGES, headers=LINK)
def list_saved_tutors(query: dict[str, Any]) -> Response:
    """Your saved tutors, the latest saved first

    Their cards, as anybody gets them. One who unlists leaves the list for good, as if never
    saved, and is not in it again when listed again.
    """
    page = tutors.list_saved_tutors(required_user_id(), query["page_size"], query.get("cursor"))
    body = envelope(page, [orjson.Fragment(each.card) for each in page.rows])
    response = Response(orjson.dumps(body), mimetype="application/json")
    response.headers["Cache-Control"] = PRIVATE
    return link(response, body["next"], body["previous"])


@saved.route("/saved-tutors/<int:tutor_id>/", methods=["PUT"], parameters=[TUTOR_ID])
@saved.login("required")
@saved.limit("SAVE_LIMIT")
@saved.response(204)
@saved.alt_response(
    404,
    description="Unknown, not a tutor, inactive or not public: the answer of the tutor's page.",
    example=NO_SUCH_TUTOR,
    **PROBLEM,
)
@saved.alt_response(409, description="Too many", example=examples.FULL_OF_TUTORS, **PROBLEM)
def save_tutor(tutor_id: int) -> str:
    """Save a tutor

    One who is saved already stays where it is in the list.
    """
    tutors.save_tutor(required_user_id(), tutor_id)
    db.session.commit()
    return ""


@saved.route("/saved-tutors/<int:tutor_id>/", methods=["DELETE"], parameters=[TUTOR_ID])
@saved.login("required")
@saved.limit("SAVE_LIMIT")
@saved.response(204)
@saved.alt_response(
    404, description="No id at all: beyond the range of ids.", example=NO_SUCH_TUTOR, **PROBLEM
)
def remove_saved_tutor(tutor_id: int) -> str:
    """Remove a saved tutor

    A 204 also when that one is not saved.
    """
    if not 1 <= tutor_id <= LARGEST_INTEGER:
        raise NotFound(tutors.NO_SUCH_TUTOR)
    tutors.remove_tutor(required_user_id(), tutor_id)
    db.session.commit()
    return ""
