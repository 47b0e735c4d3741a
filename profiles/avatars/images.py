"""Avatars: any picture in, a small square WebP out, under a new unguessable name each time.

What people upload is hostile until decoded: it is told by its content, measured before its pixels
are read, and decoded one at a time per process so that memory stays bounded.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from threading import Lock

from PIL import ExifTags, Image, ImageOps

from activity import Action, record
from common.http.errors import Invalid, PayloadTooLarge, Unavailable, UnsupportedMediaType
from common.media import media_url, remove_file, store_file
from profiles.accounts.models import User

LARGEST_FILE = 5 * 1024 * 1024
MOST_PIXELS = 40_000_000
SIDE = 512
FORMATS = ("JPEG", "PNG", "WEBP")
FOLDER = "avatars"
SUFFIX = ".webp"
# A progressive JPEG is decoded once per scan; cameras and editors write about ten.
MOST_JPEG_SCANS = 100
START_OF_SCAN = b"\xff\xda"
LONGEST_WAIT_SECONDS = 20
# Rows converted at once, so that a large picture is never in memory twice.
BAND = 64

# Pillow's own limit is laxer than ours and only warns at first.
Image.MAX_IMAGE_PIXELS = None

# What undoes each orientation that a camera may have noted.
TRANSPOSITIONS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

_decoder = Lock()


def avatar_url(user: User) -> str | None:
    """The address of a user's avatar, relative to the site's root."""
    return media_url(user.avatar_name)


def replace_avatar(user: User, data: bytes) -> str:
    """Decode an uploaded file and make it the avatar of `user`; the caller commits.

    Raises as `render_avatar` does, with nothing changed.
    """
    return set_avatar(user, render_avatar(data), file_size=len(data))


def set_avatar(user: User, picture: bytes, *, file_size: int) -> str:
    """Store a rendered picture as the avatar of a locked account, in place of the last one."""
    name = store_file(picture, FOLDER, SUFFIX)
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
    """The uploaded picture as a square WebP of at most SIDE pixels, without any metadata.

    Raises PayloadTooLarge, UnsupportedMediaType or Invalid. Slow: call it before taking locks.
    """
    if len(data) > LARGEST_FILE:
        raise PayloadTooLarge("An avatar may be at most 5 MiB large.")
    if data.startswith(b"\xff\xd8") and data.count(START_OF_SCAN) > MOST_JPEG_SCANS:
        raise _invalid("Is a JPEG with too many scans.")
    with _one_at_a_time():
        with _open(data) as image:
            if image.width * image.height > MOST_PIXELS:
                raise _invalid("Must have at most 40 megapixels.")
            return _encode(_square(image))


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    if not _decoder.acquire(timeout=LONGEST_WAIT_SECONDS):
        raise Unavailable("Many pictures are being uploaded; please try again shortly.", 10)
    try:
        yield
    finally:
        _decoder.release()


def _invalid(message: str) -> Invalid:
    return Invalid({"avatar": [message]}, location="files")


def _open(data: bytes) -> Image.Image:
    """The picture with its size known and its pixels unread."""
    try:
        return Image.open(BytesIO(data), formats=FORMATS)
    except Exception:  # hostile headers make the decoders raise nearly anything
        raise UnsupportedMediaType("The avatar must be a JPEG, PNG or WebP image.") from None


def _square(image: Image.Image) -> Image.Image:
    """The middle of the picture's first frame, upright, at most SIDE pixels wide."""
    try:
        # A JPEG can be decoded at a fraction of its size.
        image.draft(None, (2 * SIDE, 2 * SIDE))
        image.load()
        return _fit(_upright(_reduced(image), image))
    except Exception:  # as above: broken pixel data
        raise _invalid("Can't be decoded: the file is damaged or not what it says.") from None


def _reduced(image: Image.Image) -> Image.Image:
    """The picture in plain colours, shrunk by a whole factor to no less than twice the goal."""
    width, height = image.size
    factor = max(1, min(width, height) // (2 * SIDE))
    band = BAND * factor
    plain = "RGBA" if image.has_transparency_data else "RGB"
    small = Image.new(plain, (-(-width // factor), -(-height // factor)))
    for top in range(0, height, band):
        piece = _plain(image.crop((0, top, width, min(top + band, height))), plain)
        small.paste(piece.reduce(factor), (0, top // factor))
    return small


def _plain(piece: Image.Image, mode: str) -> Image.Image:
    if piece.mode.startswith("I"):
        # Sixteen bits a pixel: a conversion alone would cut off all that is brighter than 255.
        piece = piece.convert("I").point(lambda value: value / 257, None).convert("L")
    return piece.convert(mode)


def _upright(small: Image.Image, image: Image.Image) -> Image.Image:
    """Turned as the camera was held. An orientation that can't be read is none."""
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation)
    except Exception:  # metadata may be anything, and is not what was asked for
        orientation = None
    turn = TRANSPOSITIONS.get(orientation or 1)
    return small if turn is None else small.transpose(turn)


def _fit(small: Image.Image) -> Image.Image:
    side = min(SIDE, *small.size)
    return ImageOps.fit(small, (side, side), Image.Resampling.LANCZOS)


def _encode(picture: Image.Image) -> bytes:
    out = BytesIO()
    picture.info.clear()
    picture.save(out, "WEBP", quality=85, method=4)
    return out.getvalue()
