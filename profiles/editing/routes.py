"""GET and PATCH of the owner's own profile."""

from typing import Any

import orjson
from flask import Response

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
from profiles.editing.profile.document import to_document
from profiles.editing.profile.etags import (
    PRIVATE,
    not_modified_privately,
    profile_etag,
    refuse_stale_profile,
)
from profiles.editing.profile.values import Profile, read_profile_alone
from profiles.editing.publishing.at_once import publish_sections_at_once
from profiles.editing.schemas import OwnProfile, ProfilePatch


@profile.route("/", methods=["GET"])
@profile.login("required")
@profile.doc(parameters=[IF_NONE_MATCH])
@profile.response(200, OwnProfile, example=examples.PROFILE, headers=ETAG)
@profile.alt_response(304, description="The client's copy is current", headers=ETAG)
def read_own_profile() -> Response:
    """Your whole profile

    Nothing is hidden from you, whatever the privacy settings say; `draft` says whether there are
    unpublished changes. The section of the other role is null.
    """
    profile_ = read_profile_alone(required_user_id())
    return not_modified_privately(profile_etag(profile_)) or answer_profile(profile_)


@profile.route("/", methods=["PATCH"])
@profile.login("required", confirmed_by_statement=True)
@profile.limit("PROFILE_SAVE_LIMIT")
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
    published leaves the draft. A change records `profile.updated` and, for settings,
    `settings.updated`; the first in ten minutes also `profile.snapshot`, the profile before it.
    """
    return answer_profile(publish_sections_at_once(required_user_id(), body, refuse_stale_profile))


def answer_profile(found: Profile) -> Response:
    """The whole profile with its ETag."""
    response = Response(orjson.dumps(to_document(found)), mimetype="application/json")
    return with_etag(response, profile_etag(found), PRIVATE)
