"""What is accepted as a picture, and how a refusal is said."""

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

DAMAGED = "Can't be decoded: the file is damaged or not what it says."


class UnsupportedPicture(Exception):
    """The file is of no format that is accepted."""


class BadPicture(Exception):
    """The file is of an accepted format and can't be used; the message says why."""


def check_size(width: int, height: int) -> None:
    """Raises BadPicture for a picture that is not to be decoded."""
    if width < 1 or height < 1:
        raise BadPicture(DAMAGED)
    if max(width, height) > LARGEST_SIDE:
        raise BadPicture(f"Must be at most {LARGEST_SIDE:,} pixels wide and high.")
    if width * height > MOST_PIXELS:
        raise BadPicture("Must have at most 40 megapixels.")
    if max(width, height) > LARGEST_RATIO * min(width, height):
        raise BadPicture(f"Must not be more than {LARGEST_RATIO} times as long as it is narrow.")
