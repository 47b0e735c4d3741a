"""`/me/avatar/`: upload and removal of one's own picture."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import request
from flask_smorest.fields import Upload
from marshmallow import fields
from marshmallow.validate import Length
from werkzeug.exceptions import RequestEntityTooLarge

from common.database.session import db
from common.http.api import Blueprint, ResponseSchema, Schema
from common.http.auth import required_user_id
from common.http.problems.errors import Invalid, PayloadTooLarge, UnsupportedMediaType
from common.translation import lazy_gettext
from profiles.accounts.lookup import get_locked_user
from profiles.accounts.models import User
from profiles.avatars.images import (
    LARGEST_FILE,
    remove_avatar,
    render_avatar,
    set_avatar,
    store_avatar,
)
from profiles.editing.blueprint import IF_MATCH, PROBLEM
from profiles.editing.examples import STALE_PROFILE
from profiles.editing.profile.etags import refuse_stale_profile
from profiles.editing.profile.values import get_profile

View = TypeVar("View", bound=Callable[..., Any])

# What surrounds the file in a multipart body.
ENVELOPE = 64 * 1024
IF_PROFILE_MATCHES = {
    **IF_MATCH,
    "description": "The profile's ETag; answers 412 when the profile has changed since.",
}
ABOUT = {"type": "about:blank", "instance": "urn:uuid:0b5f6f0e-6c55-4f7e-9d3a-5a1f6f6b1c11"}
SIZE_DETAIL = lazy_gettext("An avatar may be at most 5 MiB large.")
TOO_LARGE = {
    **ABOUT,
    "title": "Request Entity Too Large",
    "status": 413,
    "detail": SIZE_DETAIL,
}
NO_IMAGE = {
    **ABOUT,
    "title": "Unsupported Media Type",
    "status": 415,
    "detail": "The avatar must be a JPEG, PNG or WebP image.",
}
TOO_MANY_PIXELS = {
    **ABOUT,
    "title": "Unprocessable Entity",
    "status": 422,
    "detail": "avatar: Must have at most 40 megapixels.",
    "errors": {"files": {"avatar": ["Must have at most 40 megapixels."]}},
}

avatar = Blueprint(
    "avatar",
    __name__,
    url_prefix="/api/me/avatar",
    description="Your picture. Others see it unless you hide it; its address changes with every"
    " upload, and when you hide it or your profile.",
)


class AvatarUpload(Schema):
    """A multipart form with one file."""

    avatar = Upload(
        required=True,
        metadata={
            "description": "JPEG, PNG or WebP; at most 5 MiB, 40 megapixels, 12,000 pixels a side,"
            " and 20 times as long as narrow.",
            "maxLength": LARGEST_FILE,
        },
    )


class AvatarAddress(ResponseSchema):
    """Where the avatar is now."""

    avatar_url = fields.String(
        required=True,
        validate=Length(max=200),
        metadata={"format": "uri-reference", "description": "Relative to the site's root."},
    )


def accept_image(view: View) -> View:
    """Let this request alone be as large as a picture, and refuse what is no form unread."""

    @wraps(view)
    def checked(*args: Any, **kwargs: Any) -> Any:
        if request.mimetype != "multipart/form-data":
            raise UnsupportedMediaType(
                lazy_gettext("Send the picture as multipart/form-data, as the file `avatar`.")
            )
        request.max_content_length = LARGEST_FILE + ENVELOPE
        try:
            return view(*args, **kwargs)
        except RequestEntityTooLarge:
            raise PayloadTooLarge(SIZE_DETAIL) from None

    return checked  # type: ignore[return-value]  # wraps() keeps the view's signature


@avatar.route("/", methods=["POST"])
@avatar.login("required")
@avatar.limit("AVATAR_LIMIT")
@accept_image
@avatar.doc(parameters=[IF_PROFILE_MATCHES])
@avatar.arguments(AvatarUpload, location="files")
@avatar.response(
    200, AvatarAddress, example={"avatar_url": "/media/avatars/6yq3Zk0w9m7Hc1s2XhV8fQ.webp"}
)
@avatar.alt_response(412, description="Changed since", example=STALE_PROFILE, **PROBLEM)
@avatar.alt_response(413, description="Larger than 5 MiB", example=TOO_LARGE, **PROBLEM)
@avatar.alt_response(415, description="Not such an image", example=NO_IMAGE, **PROBLEM)
@avatar.alt_response(422, description="Damaged or too big", example=TOO_MANY_PIXELS, **PROBLEM)
def upload_avatar(files: dict[str, Any]) -> dict[str, str]:
    """Upload your avatar, in place of the last one

    The middle of the picture is stored as a square of at most 512×512 pixels, upright, in sRGB
    and without any metadata; of an animation the first frame. Records `avatar.uploaded`. While many
    are being decoded the answer is a 503 with `Retry-After`.
    """
    if len(request.files.getlist("avatar")) > 1:
        raise Invalid({"avatar": [lazy_gettext("May be given only once.")]}, "files")
    data: bytes = files["avatar"].read()
    picture = render_avatar(data)
    name = store_avatar(picture)
    # Decoding and storing took their time; only now does anybody have to wait for us.
    user = lock_unless_stale(required_user_id())
    url = set_avatar(user, name, file_size=len(data))
    db.session.commit()
    return {"avatar_url": url}


@avatar.route("/", methods=["DELETE"])
@avatar.login("required")
@avatar.doc(parameters=[IF_PROFILE_MATCHES])
@avatar.response(204)
@avatar.alt_response(412, description="Changed since", example=STALE_PROFILE, **PROBLEM)
def delete_avatar() -> None:
    """Remove your avatar

    Answers the same when there is none. Records `avatar.deleted` when there was one.
    """
    remove_avatar(lock_unless_stale(required_user_id()))
    db.session.commit()


def lock_unless_stale(user_id: int) -> User:
    """The locked account, of whose profile the avatar is a part.

    Raises PreconditionFailed when an If-Match does not name the profile as it stands.
    """
    user = get_locked_user(user_id)
    refuse_stale_profile(get_profile(user_id))
    return user
