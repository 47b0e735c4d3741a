"""PNG files reduced to the chunks that a still picture needs (PNG specification, 3rd edition, §11).

Metadata of any size and damaged ancillary chunks are no reason to refuse a picture, though
Pillow's reader takes them for one.
"""

import zlib
from collections.abc import Iterator

SIGNATURE = b"\x89PNG\r\n\x1a\n"
CRITICAL = {b"IHDR", b"PLTE", b"IDAT", b"IEND"}
# Transparency, colour profile and orientation.
USEFUL = {b"tRNS", b"iCCP", b"eXIf"}
LARGEST_ANCILLARY = 1024 * 1024


def essential_png(data: bytes) -> bytes:
    """The same picture without animation, text and other chunks that it can do without."""
    return SIGNATURE + b"".join(_essential_chunks(data))


def _essential_chunks(data: bytes) -> Iterator[bytes]:
    position = len(SIGNATURE)
    while position + 8 <= len(data):
        length = int.from_bytes(data[position : position + 4])
        name = data[position + 4 : position + 8]
        chunk = data[position : position + 12 + length]
        position += len(chunk)
        if name in CRITICAL or (name in USEFUL and _is_sound(chunk)):
            yield chunk
        if name == b"IEND":
            return


def _is_sound(chunk: bytes) -> bool:
    """Whether an ancillary chunk is whole, of ordinary size, and what its checksum says."""
    if not 12 < len(chunk) <= LARGEST_ANCILLARY:
        return False
    if zlib.crc32(chunk[4:-4]) != int.from_bytes(chunk[-4:]):
        return False
    if chunk[4:8] != b"iCCP":
        return True
    try:
        # A name, a zero, the method, and the profile: bounded, as it may be a bomb.
        inflater = zlib.decompressobj()
        inflater.decompress(chunk[8:-4].partition(b"\0")[2][1:], LARGEST_ANCILLARY)
        return inflater.eof
    except zlib.error:
        return False
