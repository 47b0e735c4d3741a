"""A person's avatar: the stored file, its events, and the decoding of what was uploaded."""

from activity import Action, record
from common.http.problems.errors import Invalid, PayloadTooLarge, Unavailable, UnsupportedMediaType
from common.media.files import media_url, remove_file, store_file
from common.media.imaging.process import Busy, render_apart
from common.media.imaging.rules import BadPicture, UnsupportedPicture
from common.translation import lazy_gettext
from profiles.accounts.models import User

LARGEST_FILE = 5 * 1024 * 1024
FOLDER = "avatars"
SUFFIX = ".webp"
RETRY_AFTER_SECONDS = 5


def avatar_url(user: User) -> str | None:
    """The address of a user's avatar, relative to the site's root."""
    return media_url(user.avatar_name)


def store_avatar(picture: bytes) -> str:
    """The name under which a rendered picture is stored, to be set as somebody's avatar.

    Raises Unavailable. Slow: call it before taking locks.
    """
    return store_file(picture, FOLDER, SUFFIX)


def set_avatar(user: User, name: str, *, file_size: int) -> str:
    """Make a stored picture the avatar of a locked account, in place of the last one."""
    if user.avatar_name is not None:
        remove_file(user.avatar_name)
    user.avatar_name = name
    url = f"{media_url(name)}"
    record(
        Action.AVATAR_UPLOADED,
        user.id,
        metadata={"avatar_url": url, "file_size": file_size},
        status_code=200,
    )
    return url


def remove_avatar(user: User) -> None:
    """Take the avatar of a locked account away, file and all; nothing happens if there is none."""
    if user.avatar_name is None:
        return
    record(
        Action.AVATAR_DELETED,
        user.id,
        metadata={"previous_url": media_url(user.avatar_name)},
        status_code=204,
    )
    remove_file(user.avatar_name)
    user.avatar_name = None


def render_avatar(data: bytes) -> bytes:
    """The uploaded picture as a square WebP of at most 512 pixels, without any metadata.

    Raises PayloadTooLarge, UnsupportedMediaType, Invalid, or Unavailable while many are decoded.
    Slow: call it before taking locks.
    """
    if len(data) > LARGEST_FILE:
        raise PayloadTooLarge(lazy_gettext("An avatar may be at most 5 MiB large."))
    try:
        return render_apart(data)
    except UnsupportedPicture:
        raise UnsupportedMediaType(
            lazy_gettext("The avatar must be a JPEG, PNG or WebP image.")
        ) from None
    except BadPicture as error:
        raise Invalid({"avatar": [error.message]}, "files") from None
    except Busy:
        message = lazy_gettext("Many pictures are being uploaded; please try again shortly.")
        raise Unavailable(message, RETRY_AFTER_SECONDS) from None
