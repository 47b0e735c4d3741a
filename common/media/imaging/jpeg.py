"""The markers of JPEG files (ITU-T T.81, annex B)."""

import re
from typing import NamedTuple

SIGNATURE = b"\xff\xd8\xff"
START_OF_SCAN, END_OF_IMAGE, PROGRESSIVE_FRAME = 0xDA, 0xD9, 0xC2
BYTES_OF_A_COEFFICIENT = 2
# Markers without a segment: TEM, RST0 to RST7, SOI.
ALONE = {0x01, *range(0xD0, 0xD9)}
# What ends a scan's data: no stuffed zero, restart or fill byte.
MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]", re.DOTALL)
END = bytes((0xFF, END_OF_IMAGE))


class Outline(NamedTuple):
    """Of a JPEG's first image: its scans, where its end marker is if it has one, and the bytes
    that a decoder holds of all scans together (none unless it is progressive)."""

    scans: int
    end: int | None
    coefficient_bytes: int


def outline(data: bytes) -> Outline:
    """Walk the markers up to the first image's end; what trails it is ignored."""
    position, scans, coefficients = 2, 0, 0
    while found := MARKER.search(data, position):
        marker, position = data[found.start() + 1], found.end()
        if marker == END_OF_IMAGE:
            return Outline(scans, position, coefficients)
        if marker in ALONE:
            continue
        segment = data[position : position + int.from_bytes(data[position : position + 2])]
        scans += marker == START_OF_SCAN
        if marker == PROGRESSIVE_FRAME:
            coefficients = _coefficient_bytes(segment)
        position += len(segment)
    return Outline(scans, None, coefficients)


def _coefficient_bytes(frame: bytes) -> int:
    """Of a frame header: every component's samples, by its share of the sampling factors."""
    pixels = int.from_bytes(frame[3:5]) * int.from_bytes(frame[5:7])
    factors = [(each >> 4) * (each & 15) for each in frame[9::3]]
    return BYTES_OF_A_COEFFICIENT * pixels * sum(factors) // max([1, *factors])
