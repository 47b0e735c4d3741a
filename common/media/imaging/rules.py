"""What is accepted as a picture, and how a refusal is said."""

from common.translation import Message, lazy_gettext, lazy_ngettext

LARGEST_SIDE = 12_000
MOST_PIXELS = 40_000_000
# The longer side to the shorter one.
LARGEST_RATIO = 20
# A progressive JPEG is decoded once per scan; cameras and editors write about ten.
MOST_JPEG_SCANS = 100
# All scans of a progressive JPEG are in memory at once: 28 megapixels in full colour.
MOST_COEFFICIENT_BYTES = 170_000_000
# The square that becomes of it, in pixels.
SIDE = 512

DAMAGED = lazy_gettext("Can't be decoded: the file is damaged or not what it says.")


class UnsupportedPicture(Exception):
    """The file is of no format that is accepted."""


class BadPicture(Exception):
    """The file is of an accepted format and can't be used; the message says why."""

    def __init__(self, message: Message) -> None:
        super().__init__(message)
        self.message = message


def check_size(width: int, height: int) -> None:
    """Raises BadPicture for a picture that is not to be decoded."""
    if width < 1 or height < 1:
        raise BadPicture(DAMAGED)
    if max(width, height) > LARGEST_SIDE:
        raise BadPicture(
            lazy_gettext("Must be at most {pixels:,} pixels wide and high.", pixels=LARGEST_SIDE)
        )
    if width * height > MOST_PIXELS:
        raise BadPicture(lazy_gettext("Must have at most 40 megapixels."))
    if max(width, height) > LARGEST_RATIO * min(width, height):
        raise BadPicture(
            lazy_ngettext(
                "Must not be more than {times} time as long as it is narrow.",
                "Must not be more than {times} times as long as it is narrow.",
                "times",
                times=LARGEST_RATIO,
            )
        )
