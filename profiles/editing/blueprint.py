"""What all operations on a profile share: their blueprint, headers and body type."""

from collections.abc import Callable
from typing import Any, TypeVar

from common.http.api import Blueprint, Problem
from common.http.conditional import CONDITION_PATTERN, LONGEST_CONDITION

View = TypeVar("View", bound=Callable[..., Any])

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
    "description": "The ETag of the client's copy; answers 304 while that is current.",
    "schema": {"type": "string", "maxLength": LONGEST_CONDITION},
}
IF_MATCH = {
    "in": "header",
    "name": "If-Match",
    "description": "The ETag that was read; answers 412 when the resource has changed since.",
    "schema": {"type": "string", "maxLength": LONGEST_CONDITION, "pattern": CONDITION_PATTERN},
}
MERGE_PATCH = "application/merge-patch+json"

profile = Blueprint(
    "profile",
    __name__,
    url_prefix="/api/me/profile",
    description="Your own profile: what is published, the draft, and the way back.\n\n"
    "A value may have several names (`settings.headline` is `tutor_profile.headline`): either is"
    " accepted, both are returned, and events and drafts use the first of them, the canonical one.",
)


def also_as_merge_patch(schema: str, example: dict[str, Any]) -> Callable[[View], View]:
    """Document that the body may be called by the name of its kind, too (RFC 7396)."""
    body = {"schema": {"$ref": f"#/components/schemas/{schema}"}, "example": example}
    content = {MERGE_PATCH: body}
    decorator: Callable[[View], View] = profile.doc(requestBody={"content": content})
    return decorator
