"""Saved searches over HTTP."""

from typing import Any
from uuid import UUID

from flask import Response, jsonify
from marshmallow import ValidationError

from common.clock import isoformat
from common.database.session import db
from common.http.auth import required_user_id
from marketplace.saved import examples
from marketplace.saved.blueprint import PRIVATE, PROBLEM, saved
from marketplace.saved.new_tutors import count_new, read_horizon
from marketplace.saved.query import read_saved_query
from marketplace.saved.schemas import NewSavedSearch, SavedSearch, SavedSearches
from profiles.saved import searches
from profiles.saved.models import SavedSearch as StoredSearch


@saved.route("/saved-searches/", methods=["GET"])
@saved.login("required")
@saved.limit("SAVED_SEARCHES_LIMIT")
@saved.response(200, SavedSearches, example=examples.SEARCHES)
def list_saved_searches() -> Response:
    """Your saved searches, the latest saved first

    Each says how many tutors are new to it. Show its results with
    `GET /api/marketplace/tutors/?{query}`, and then mark it as looked at.
    """
    stored = searches.saved_searches_of(required_user_id())
    # The counts are reads of their own, and need no transaction.
    db.session.close()
    horizon = read_horizon() if stored else None
    response = jsonify(results=[_document(each, _new_count(each, horizon)) for each in stored])
    response.headers["Cache-Control"] = PRIVATE
    return response


@saved.route("/saved-searches/", methods=["POST"])
@saved.login("required")
@saved.limit("SAVE_LIMIT")
@saved.arguments(NewSavedSearch, examples=examples.NEW_SEARCHES)
@saved.response(201, SavedSearch, example=examples.SEARCH)
@saved.alt_response(409, description="Too many", example=examples.FULL_OF_SEARCHES, **PROBLEM)
@saved.alt_response(
    422,
    description="A name or a query that is none",
    example=examples.INVALID_SEARCH,
    **PROBLEM,
)
def save_search(body: dict[str, str]) -> Response:
    """Save a search

    The query is checked as the list itself checks it; a 422 names the parameter.
    """
    search = searches.save_search(required_user_id(), body["name"], body["query"])
    document = _document(search, 0)
    db.session.commit()
    response = jsonify(document)
    response.status_code = 201
    return response


@saved.route("/saved-searches/<uuid:search_id>/looked/", methods=["POST"])
@saved.login("required")
@saved.limit("SAVE_LIMIT")
@saved.response(204)
@saved.alt_response(404, description="Not yours", example=examples.NO_SUCH_SEARCH, **PROBLEM)
def mark_search_looked_at(search_id: UUID) -> str:
    """Mark a saved search as looked at

    From now on only tutors who register later are new to it.
    """
    searches.look_at(required_user_id(), search_id)
    db.session.commit()
    return ""


@saved.route("/saved-searches/<uuid:search_id>/", methods=["DELETE"])
@saved.login("required")
@saved.limit("SAVE_LIMIT")
@saved.response(204)
@saved.alt_response(404, description="Not yours", example=examples.NO_SUCH_SEARCH, **PROBLEM)
def delete_saved_search(search_id: UUID) -> str:
    """Delete a saved search"""
    searches.delete_search(required_user_id(), search_id)
    db.session.commit()
    return ""


def _document(search: StoredSearch, new_count: int | None) -> dict[str, Any]:
    return {
        "id": str(search.id),
        "name": search.name,
        "query": search.query,
        "new_count": new_count,
        "last_looked_at": isoformat(search.last_looked_at),
    }


def _new_count(search: StoredSearch, horizon: int | None) -> int | None:
    """None for a query that a later release of the list refuses."""
    try:
        query = read_saved_query(search.query)
    except ValidationError:
        return None
    return count_new(query, search.last_looked_at, horizon)
