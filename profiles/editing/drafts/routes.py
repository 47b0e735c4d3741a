"""The draft over HTTP: read, saved, discarded, published."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import orjson
from flask import Response, request

from common.database.session import db
from common.http.auth import required_user_id
from common.http.conditional import with_etag
from profiles.editing import examples
from profiles.editing.blueprint import (
    ETAG,
    IF_MATCH,
    IF_NONE_MATCH,
    PROBLEM,
    also_as_merge_patch,
    profile,
)
from profiles.editing.drafts.merging import LARGEST_DRAFT_BYTES, autosave_at_once
from profiles.editing.drafts.schemas import Draft, DraftPatch
from profiles.editing.profile.document import draft_document
from profiles.editing.profile.draft import discard, refuse_without_draft
from profiles.editing.profile.etags import (
    PRIVATE,
    draft_etag,
    not_modified_privately,
    refuse_stale_draft,
)
from profiles.editing.profile.values import Profile, read_profile_alone
from profiles.editing.publishing.at_once import publish_draft_at_once
from profiles.editing.routes import answer_profile
from profiles.editing.schemas import OwnProfile

View = TypeVar("View", bound=Callable[..., Any])


def no_larger_than_a_draft(view: View) -> View:
    """Refuse a larger body before it is read."""

    @wraps(view)
    def checked(*args: Any, **kwargs: Any) -> Any:
        request.max_content_length = LARGEST_DRAFT_BYTES
        return view(*args, **kwargs)

    return checked  # type: ignore[return-value]  # wraps() keeps the view's signature


@profile.route("/autosave/", methods=["GET"])
@profile.login("required")
@profile.doc(parameters=[IF_NONE_MATCH])
@profile.response(200, Draft, example=examples.DRAFT, headers=ETAG)
@profile.alt_response(304, description="The client's copy is current", headers=ETAG)
@profile.alt_response(404, description="No draft", example=examples.NO_DRAFT, **PROBLEM)
def read_draft() -> Response:
    """Your draft

    Only what is not published yet, and in `dirty` which of it differs from what is.
    """
    profile_ = read_profile_alone(required_user_id())
    refuse_without_draft(profile_)
    etag = draft_etag(profile_)
    return (etag and not_modified_privately(etag)) or answer_draft(profile_)


@profile.route("/autosave/", methods=["PATCH", "POST"])
@profile.login("required", confirmed_by_statement=True)
@profile.limit("AUTOSAVE_LIMIT")
@no_larger_than_a_draft
@profile.doc(parameters=[IF_MATCH])
@also_as_merge_patch("DraftPatch", examples.SAVED)
@profile.arguments(DraftPatch, example=examples.SAVED)
@profile.response(200, Draft, example=examples.DRAFT, headers=ETAG)
@profile.alt_response(412, description="Changed since", example=examples.STALE_DRAFT, **PROBLEM)
@profile.alt_response(422, description="Invalid values", example=examples.INVALID_DRAFT, **PROBLEM)
def save_draft(body: dict[str, Any]) -> Response:
    """Save unpublished changes

    Merges the sections into your draft: objects merge, lists and scalars replace, `null` is a
    value. Types, names and sizes are checked; the rest is checked when the draft is published.
    Nothing published changes. A 412 carries `current`, the draft as it now stands.
    """
    saved = autosave_at_once(required_user_id(), body, refuse_stale_draft)
    return answer_draft(saved)


@profile.route("/autosave/", methods=["DELETE"])
@profile.login("required")
@profile.limit("AUTOSAVE_LIMIT")
@profile.doc(parameters=[IF_MATCH])
@profile.response(204)
@profile.alt_response(412, description="Changed since", example=examples.STALE_DRAFT, **PROBLEM)
def discard_draft() -> str:
    """Discard your draft

    A 204 also when there is none.
    """
    discard(required_user_id(), refuse_stale_draft)
    db.session.commit()
    return ""


@profile.route("/autosave/publish/", methods=["POST"])
@profile.login("required", confirmed_by_statement=True)
@profile.limit("PROFILE_SAVE_LIMIT")
@profile.doc(parameters=[IF_MATCH])
@profile.response(200, OwnProfile, example=examples.PROFILE, headers=ETAG)
@profile.alt_response(404, description="No draft", example=examples.NO_DRAFT, **PROBLEM)
@profile.alt_response(412, description="Changed since", example=examples.STALE_DRAFT, **PROBLEM)
@profile.alt_response(422, description="Invalid values", example=examples.INVALID, **PROBLEM)
def publish_draft() -> Response:
    """Publish your draft

    All of it or, with a 422, nothing; the draft then stays. `If-Match` names the draft's ETag.
    """
    return answer_profile(publish_draft_at_once(required_user_id(), refuse_stale_draft))


def answer_draft(found: Profile) -> Response:
    """The draft with its ETag; without one while there is no draft."""
    response = Response(orjson.dumps(draft_document(found)), mimetype="application/json")
    etag = draft_etag(found)
    if etag is None:
        response.headers["Cache-Control"] = PRIVATE
        return response
    return with_etag(response, etag, PRIVATE)
