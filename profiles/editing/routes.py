"""The owner's doors: the profile, its draft, and its history."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar
from uuid import UUID

import orjson
from flask import Response, request

from common.database.session import db
from common.http.api import Blueprint, Problem
from common.http.auth import required_user_id
from common.http.conditional import LONGEST_CONDITION, check_if_match, not_modified, with_etag
from common.http.pagination import envelope, link, next_page_link
from profiles.editing import drafts, examples, publishing
from profiles.editing import snapshots as history
from profiles.editing.document import Profile, read_profile_alone, whole
from profiles.editing.schemas import (
    Draft,
    DraftPatch,
    OwnProfile,
    ProfilePatch,
    SnapshotPage,
    SnapshotQuery,
)

View = TypeVar("View", bound=Callable[..., Any])

PRIVATE = "private, no-cache"
PROBLEM: dict[str, Any] = {"schema": Problem, "content_type": "application/problem+json"}
ETAG = {
    "ETag": {
        "description": "A strong validator of this answer.",
        "schema": {"type": "string", "maxLength": 200},
        "example": '"5d0c2f6f1f0c4a6f8f5c0c3a3d1b2e4f.7"',
    }
}
IF_NONE_MATCH = {
    "in": "header",
    "name": "If-None-Match",
    "description": "The ETag of the copy at hand; answers 304 while it still holds.",
    "schema": {"type": "string", "maxLength": LONGEST_CONDITION},
}
IF_MATCH = {
    "in": "header",
    "name": "If-Match",
    "description": "The ETag that was read; answers 412 when the resource has changed since.",
    "schema": {"type": "string", "maxLength": LONGEST_CONDITION},
}
TO_A_SNAPSHOT = {
    "restore": {
        "operationId": "restoreSnapshot",
        "parameters": {"snapshot_id": "$response.body#/results/0/id"},
        "description": "Go back to the newest of them.",
    }
}
TO_NEXT_PAGE = next_page_link("listSnapshots")
MERGE_PATCH = "application/merge-patch+json"

profile = Blueprint(
    "profile",
    __name__,
    url_prefix="/api/me/profile",
    description="Your own profile: what is published, the draft, and the way back.\n\n"
    "A value may go by several names (`settings.headline` is `tutor_profile.headline`): either is"
    " accepted, both are returned, and events and drafts use the first of them, its home.",
)


def also_as_merge_patch(schema: str, example: dict[str, Any]) -> Callable[[View], View]:
    """Document that the body may be called by the name of its kind, too (RFC 7396)."""
    body = {"schema": {"$ref": f"#/components/schemas/{schema}"}, "example": example}
    content = {MERGE_PATCH: body}
    decorator: Callable[[View], View] = profile.doc(requestBody={"content": content})
    return decorator


def no_larger_than_a_draft(view: View) -> View:
    """Refuse a larger body before it is read."""

    @wraps(view)
    def checked(*args: Any, **kwargs: Any) -> Any:
        request.max_content_length = drafts.LARGEST_DRAFT_BYTES
        return view(*args, **kwargs)

    return checked  # type: ignore[return-value]  # wraps() keeps the view's signature


@profile.route("/", methods=["GET"])
@profile.login("required")
@profile.doc(parameters=[IF_NONE_MATCH])
@profile.response(200, OwnProfile, example=examples.PROFILE, headers=ETAG)
@profile.alt_response(304, description="The copy at hand still holds", headers=ETAG)
def read_own_profile() -> Response:
    """Your whole profile

    Nothing is hidden from you, whatever the privacy settings say; `draft` tells whether there are
    unpublished changes. The section of the other role is null.
    """
    found = read_profile_alone(required_user_id())
    return not_modified_privately(publishing.profile_etag(found)) or answer_profile(found)


@profile.route("/", methods=["PATCH"])
@profile.login("required")
@profile.doc(parameters=[IF_MATCH])
@also_as_merge_patch("ProfilePatch", examples.PATCH)
@profile.arguments(ProfilePatch, example=examples.PATCH)
@profile.response(200, OwnProfile, example=examples.PROFILE, headers=ETAG)
@profile.alt_response(412, description="Changed since", example=examples.STALE_PROFILE, **PROBLEM)
@profile.alt_response(422, description="Invalid values", example=examples.INVALID, **PROBLEM)
def update_own_profile(body: dict[str, Any]) -> Response:
    """Publish any part of your profile

    Absent fields stay as they are, `null` clears a field that may be empty, lists are replaced
    whole. Read-only fields are ignored, so the answer of a GET may be sent back. What is
    published leaves the draft. A change records `profile.snapshot`, `profile.updated` and, for
    settings, `settings.updated`.
    """
    changed = publishing.publish_sections(required_user_id(), body, refuse_stale_profile)
    db.session.commit()
    return answer_profile(changed)


@profile.route("/autosave/", methods=["GET"])
@profile.login("required")
@profile.doc(parameters=[IF_NONE_MATCH])
@profile.response(200, Draft, example=examples.DRAFT, headers=ETAG)
@profile.alt_response(304, description="The copy at hand still holds", headers=ETAG)
@profile.alt_response(404, description="No draft", example=examples.NO_DRAFT, **PROBLEM)
def read_draft() -> Response:
    """Your draft

    Only what is not published yet, and in `dirty` which of it differs from what is.
    """
    found = read_profile_alone(required_user_id())
    drafts.refuse_without_draft(found)
    etag = drafts.draft_etag(found)
    return (etag and not_modified_privately(etag)) or answer_draft(found)


@profile.route("/autosave/", methods=["PATCH", "POST"])
@profile.login("required")
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
    saved = drafts.autosave_at_once(required_user_id(), body, refuse_stale_draft)
    return answer_draft(saved)


@profile.route("/autosave/", methods=["DELETE"])
@profile.login("required")
@profile.doc(parameters=[IF_MATCH])
@profile.response(204)
@profile.alt_response(412, description="Changed since", example=examples.STALE_DRAFT, **PROBLEM)
def discard_draft() -> str:
    """Discard your draft

    A 204 also when there is none.
    """
    drafts.discard(required_user_id(), refuse_stale_draft)
    db.session.commit()
    return ""


@profile.route("/autosave/publish/", methods=["POST"])
@profile.login("required")
@profile.doc(parameters=[IF_MATCH])
@profile.response(200, OwnProfile, example=examples.PROFILE, headers=ETAG)
@profile.alt_response(404, description="No draft", example=examples.NO_DRAFT, **PROBLEM)
@profile.alt_response(412, description="Changed since", example=examples.STALE_DRAFT, **PROBLEM)
@profile.alt_response(422, description="Invalid values", example=examples.INVALID, **PROBLEM)
def publish_draft() -> Response:
    """Publish your draft

    All of it or, with a 422, nothing; the draft is kept then. `If-Match` names the draft's ETag.
    """
    published = publishing.publish_draft(required_user_id(), refuse_stale_draft)
    db.session.commit()
    return answer_profile(published)


@profile.route("/snapshots/", methods=["GET"])
@profile.login("required")
@profile.arguments(SnapshotQuery, location="query")
@profile.doc(responses={200: {"links": TO_A_SNAPSHOT | TO_NEXT_PAGE}})
@profile.response(200, SnapshotPage, example=examples.SNAPSHOT_PAGE)
def list_snapshots(query: dict[str, Any]) -> Response:
    """What your profile was before each change, newest first

    The log's `profile.snapshot` events, each as something to go back to.
    """
    page = history.list_snapshots(required_user_id(), query["page_size"], query.get("cursor"))
    body = envelope(page, [history.show_snapshot(event) for event in page.rows])
    response = Response(orjson.dumps(body), mimetype="application/json")
    response.headers["Cache-Control"] = PRIVATE
    return link(response, body["next"], body["previous"])


@profile.route("/snapshots/<uuid:snapshot_id>/restore/", methods=["POST"])
@profile.login("required")
@profile.doc(parameters=[IF_MATCH])
@profile.response(200, OwnProfile, example=examples.PROFILE, headers=ETAG)
@profile.alt_response(404, description="Not yours", example=examples.NO_SNAPSHOT, **PROBLEM)
@profile.alt_response(412, description="Changed since", example=examples.STALE_PROFILE, **PROBLEM)
@profile.alt_response(422, description="No longer valid", example=examples.INVALID, **PROBLEM)
def restore_snapshot(snapshot_id: UUID) -> Response:
    """Undo: publish what a snapshot holds

    Takes a snapshot of its own, so that an undo can be undone. Read-only fields and the avatar
    stay as they are, and so does the draft of any field that the snapshot does not change.
    """
    restored = history.restore(required_user_id(), snapshot_id, refuse_stale_profile)
    db.session.commit()
    return answer_profile(restored)


def answer_profile(found: Profile) -> Response:
    response = Response(orjson.dumps(whole(found)), mimetype="application/json")
    return with_etag(response, publishing.profile_etag(found), PRIVATE)


def answer_draft(found: Profile) -> Response:
    """The draft with its validator; without one while there is no draft."""
    response = Response(orjson.dumps(drafts.show_draft(found)), mimetype="application/json")
    etag = drafts.draft_etag(found)
    if etag is None:
        response.headers["Cache-Control"] = PRIVATE
        return response
    return with_etag(response, etag, PRIVATE)


def not_modified_privately(etag: str) -> Response | None:
    response = not_modified(etag)
    return None if response is None else with_etag(response, etag, PRIVATE)


def refuse_stale_profile(found: Profile) -> None:
    """If-Match on the profile: any tag of what is published now will do, whatever the draft."""
    if not request.if_match:
        return
    current = publishing.profile_etag(found)
    published = publishing.published_etag(found)
    for tag in request.if_match.as_set():
        # Werkzeug reads the empty tag as None.
        if tag and tag.partition(".")[0] == published:
            current = tag
    check_if_match(current, whole(found))


def refuse_stale_draft(found: Profile) -> None:
    if request.if_match:
        check_if_match(drafts.draft_etag(found), drafts.show_draft(found))
