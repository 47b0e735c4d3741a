"""Any picture in, a small square WebP out: upright, in sRGB, without metadata.

What people upload is hostile until decoded: its format is recognised by its content, and its size checked
before its pixels are read.
"""

from io import BytesIO

from PIL import ExifTags, Image, ImageOps

from common.media.imaging import jpeg, libwebp, png
from common.media.imaging.colours import to_srgb
from common.media.imaging.rules import (
    DAMAGED,
    MOST_COEFFICIENT_BYTES,
    MOST_JPEG_SCANS,
    SIDE,
    BadPicture,
    UnsupportedPicture,
    check_size,
)
from common.translation import lazy_gettext

# Rows converted at once, so that a large picture is never in memory twice.
BAND = 64
# Bits that no scan is likely to end with: decoded, they show that a scan is incomplete.
NOISE = b"\xa5\x5a\x33\xcc" * 64

# Ours is stricter, and checked before.
Image.MAX_IMAGE_PIXELS = None

# What undoes each orientation that a camera may have noted (Exif 2.32, §4.6.4).
TRANSPOSITIONS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def render(data: bytes) -> bytes:
    """The middle of the picture as a WebP of at most SIDE pixels square.

    Of an animation the first frame. Raises UnsupportedPicture or BadPicture.
    """
    if data.startswith(jpeg.SIGNATURE):
        square = _jpeg_square(data)
    elif data.startswith(png.SIGNATURE):
        square = _square(_open(png.essential_png(data), "PNG"))
    elif data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        square = _webp_square(data)
    else:
        raise UnsupportedPicture
    return _encode(square)


def _open(data: bytes, kind: str) -> Image.Image:
    """The picture with its size checked and its pixels unread."""
    try:
        image = Image.open(BytesIO(data), formats=[kind])
    except Exception:  # hostile headers make the decoders raise nearly anything
        raise BadPicture(DAMAGED) from None
    check_size(*image.size)
    return image


def _jpeg_square(data: bytes) -> Image.Image:
    scans, end, coefficient_bytes = jpeg.outline(data)
    if scans > MOST_JPEG_SCANS:
        raise BadPicture(lazy_gettext("Is a JPEG with too many scans."))
    if coefficient_bytes > MOST_COEFFICIENT_BYTES:
        raise BadPicture(
            lazy_gettext("Is too large for a progressive JPEG; save it as a plain one, or smaller.")
        )
    if end is not None:
        return _square(_open(data[:end], "JPEG"))
    # The end marker is missing, and perhaps more: then what follows would be taken for pixels.
    square = _square(_open(data + jpeg.END, "JPEG"))
    if _square(_open(data + NOISE + jpeg.END, "JPEG")).tobytes() != square.tobytes():
        raise BadPicture(DAMAGED)
    return square


def _webp_square(data: bytes) -> Image.Image:
    if libwebp.load_library() is None:
        return _square(_open(data, "WEBP"))
    still = libwebp.still_of(data)
    size = libwebp.size_of(still)
    if size is None:
        raise BadPicture(DAMAGED)
    check_size(*size)
    left, top, side = _middle(*size)
    image = libwebp.decode_square(still, (left, top, side), min(side, 2 * SIDE))
    if image is None:
        raise BadPicture(DAMAGED)
    chunks = dict(reversed(list(libwebp.chunks_of(data))))
    if image.getchannel("A").getextrema() == (255, 255):
        image = image.convert("RGB")
    exif = Image.Exif()
    try:
        exif.load(chunks.get(b"EXIF", b""))
    except Exception:  # as above
        exif.clear()
    return _finish(image, chunks.get(b"ICCP"), exif)


def _square(image: Image.Image) -> Image.Image:
    try:
        # A JPEG can be decoded at a fraction of its size.
        image.draft(None, (2 * SIDE, 2 * SIDE))
        image.load()
        small = _reduced(image)
    except MemoryError:
        raise
    except Exception:  # as above: broken pixel data
        raise BadPicture(DAMAGED) from None
    try:
        exif = image.getexif()
    except Exception:  # metadata may be anything, and is not what was asked for
        exif = Image.Exif()
    return _finish(small, image.info.get("icc_profile"), exif)


def _middle(width: int, height: int) -> tuple[int, int, int]:
    """Left, top and side of the square in the middle."""
    side = min(width, height)
    return (width - side) // 2, (height - side) // 2, side


def _reduced(image: Image.Image) -> Image.Image:
    """The square in the middle, shrunk by a whole factor to no less than twice the goal."""
    left, top, side = _middle(*image.size)
    factor = max(1, side // (2 * SIDE))
    mode = _working_mode(image)
    small = Image.new(mode, (-(-side // factor),) * 2)
    for row in range(0, side, BAND * factor):
        bottom = min(row + BAND * factor, side)
        piece = image.crop((left, top + row, left + side, top + bottom))
        small.paste(_plain(piece, mode).reduce(factor), (0, row // factor))
    return small


def _working_mode(image: Image.Image) -> str:
    """Plain channels that lose nothing, neither transparency nor what a colour profile describes."""
    if image.mode in ("CMYK", "L", "LA") and not image.info.get("transparency"):
        return image.mode
    return "RGBA" if image.has_transparency_data else "RGB"


def _plain(piece: Image.Image, mode: str) -> Image.Image:
    if piece.mode.startswith("I"):
        # Sixteen bits a pixel: a conversion alone would cut off all that is brighter than 255.
        piece = piece.convert("I").point(lambda value: value / 257, None).convert("L")
    return piece.convert(mode)


def _finish(square: Image.Image, profile: bytes | None, exif: Image.Exif) -> Image.Image:
    """In sRGB, as large as it is to be, and turned as the camera was held."""
    side = min(SIDE, *square.size)
    small = ImageOps.fit(to_srgb(square, profile), (side, side), Image.Resampling.LANCZOS)
    try:
        transposition = TRANSPOSITIONS.get(exif.get(ExifTags.Base.Orientation, 1))
    except Exception:  # metadata may be anything: an orientation that can't be read is none
        transposition = None
    return small if transposition is None else small.transpose(transposition)


def _encode(picture: Image.Image) -> bytes:
    out = BytesIO()
    picture.info.clear()
    picture.save(out, "WEBP", quality=85, method=4)
    return out.getvalue()
