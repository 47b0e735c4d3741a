"""Snapshots over HTTP: listed, and restored."""

from typing import Any
from uuid import UUID

import orjson
from flask import Response

from common.database.session import db
from common.http.auth import required_user_id
from common.http.pagination import envelope, link, next_page_link
from profiles.editing import examples
from profiles.editing.blueprint import ETAG, IF_MATCH, PROBLEM, profile
from profiles.editing.profile.etags import PRIVATE, refuse_stale_profile
from profiles.editing.routes import answer_profile
from profiles.editing.schemas import OwnProfile
from profiles.editing.snapshots import listing
from profiles.editing.snapshots.restoring import restore
from profiles.editing.snapshots.schemas import SnapshotPage, SnapshotQuery

TO_A_SNAPSHOT = {
    "restore": {
        "operationId": "restoreSnapshot",
        "parameters": {"snapshot_id": "$response.body#/results/0/id"},
        "description": "Go back to the newest of them.",
    }
}
TO_NEXT_PAGE = next_page_link("listSnapshots")


@profile.route("/snapshots/", methods=["GET"])
@profile.login("required")
@profile.arguments(SnapshotQuery, location="query")
@profile.doc(responses={200: {"links": TO_A_SNAPSHOT | TO_NEXT_PAGE}})
@profile.response(200, SnapshotPage, example=examples.SNAPSHOT_PAGE)
def list_snapshots(query: dict[str, Any]) -> Response:
    """What your profile was before each change, newest first

    The log's `profile.snapshot` events, each of which can be restored. Saves within ten minutes
    share the first one's snapshot; the newest 50 are kept, and the first of each day for a year.
    """
    page = listing.list_snapshots(required_user_id(), query["page_size"], query.get("cursor"))
    body = envelope(page, [listing.snapshot_document(event) for event in page.rows])
    response = Response(orjson.dumps(body), mimetype="application/json")
    response.headers["Cache-Control"] = PRIVATE
    return link(response, body["next"], body["previous"])


@profile.route("/snapshots/<uuid:snapshot_id>/restore/", methods=["POST"])
@profile.login("required")
@profile.limit("PROFILE_SAVE_LIMIT")
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
    restored = restore(required_user_id(), snapshot_id, refuse_stale_profile)
    db.session.commit()
    return answer_profile(restored)
