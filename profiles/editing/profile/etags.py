"""The ETags of a profile and its draft, and where they are compared with a request's headers."""

from collections.abc import Callable

import orjson
from flask import Response, request

from common.http.conditional import (
    check_preconditions,
    not_modified,
    read_condition,
    strong_etag,
    with_etag,
)
from profiles.editing.profile.document import draft_document, draft_summary, to_document
from profiles.editing.profile.values import Profile

PRIVATE = "private, no-cache"

# Called with the profile under its lock, before anything is written; raises to refuse the write.
Precondition = Callable[[Profile], None]


def any_state(profile: Profile) -> None:
    """The precondition that always holds."""


def profile_etag(profile: Profile) -> str:
    """The ETag of the whole profile: what is published, then the state of the draft.

    Two parts, because an owner's own autosaves must not make her next PATCH stale: If-Match is
    compared with the first part only (`published_etag`).
    """
    draft = "-" if draft_summary(profile.draft) is None else str(profile.draft.version)
    return f"{published_etag(profile)}.{draft}"


def published_etag(profile: Profile) -> str:
    return strong_etag("profile", profile.user_id, orjson.dumps(profile.values))


def draft_etag(profile: Profile) -> str | None:
    """The ETag of the draft; None when there is none. A version is never used twice."""
    if profile.draft.values is None:
        return None
    return strong_etag("draft", profile.user_id, profile.draft.version)


def not_modified_privately(etag: str) -> Response | None:
    """A 304 while the client's copy holds, for the owner's own cache only."""
    response = not_modified(etag)
    return None if response is None else with_etag(response, etag, PRIVATE)


def refuse_stale_profile(profile: Profile) -> None:
    """If-Match on the profile: any tag of what is published now will do, whatever the draft.

    Raises PreconditionFailed with the profile as `current`.
    """
    if not _is_conditional():
        return
    published = published_etag(profile)
    named = read_condition(request.headers.get("If-Match", "*")).tags
    accepted = (tag for tag in named if tag.partition(".")[0] == published)
    check_preconditions(next(accepted, profile_etag(profile)), to_document(profile))


def refuse_stale_draft(profile: Profile) -> None:
    """If-Match and If-None-Match on the draft. Raises PreconditionFailed with it as `current`."""
    if _is_conditional():
        check_preconditions(draft_etag(profile), draft_document(profile))


def _is_conditional() -> bool:
    return any(name in request.headers for name in ("If-Match", "If-None-Match"))
