"""Pictures to upload, good and hostile, made on the spot."""

import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import Image


def picture(
    size: tuple[int, int] = (64, 64), mode: str = "RGB", kind: str = "PNG", **options: Any
) -> bytes:
    out = BytesIO()
    Image.new(mode, size, options.pop("color", 0)).save(out, kind, **options)
    return out.getvalue()


def halves(kind: str = "JPEG", orientation: int | None = None) -> bytes:
    """Red above blue, as a camera held so stores it."""
    image = Image.new("RGB", (160, 160), "red")
    image.paste("blue", (0, 80, 160, 160))
    exif = Image.Exif()
    if orientation is not None:
        exif[0x0112] = orientation
    exif[0x010F] = "Kamera of Olena"
    exif.get_ifd(0x8825)[1] = "N"
    out = BytesIO()
    image.save(out, kind, exif=exif.tobytes())
    return out.getvalue()


def animation(kind: str = "WEBP") -> bytes:
    frames = [Image.new("RGB", (40, 40), color) for color in ("lime", "red", "blue")]
    out = BytesIO()
    frames[0].save(out, kind, save_all=True, append_images=frames[1:], duration=100)
    return out.getvalue()


def empty_png(width: int, height: int) -> bytes:
    """A tiny file that claims a size and holds as many black pixels as it may, compressed."""

    def chunk(name: bytes, content: bytes) -> bytes:
        checksum = zlib.crc32(name + content)
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", checksum)

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    squeezed = zlib.compressobj(9)
    row = bytes(1 + (width + 7) // 8)
    pixels = b"".join(squeezed.compress(row) for _ in range(height)) + squeezed.flush()
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


def with_many_scans() -> bytes:
    """A progressive JPEG whose scans are repeated until decoding would take minutes."""
    plain = picture((256, 256), kind="JPEG", progressive=True)
    start = plain.rindex(b"\xff\xda")
    return plain[:-2] + plain[start:-2] * 200 + plain[-2:]
