"""Ids of tutors as PostgreSQL sends them: 32-bit big-endian integers in one bytea."""

import sys
from array import array

from pyroaring import BitMap

# To be aggregated in SQL: a thousand times fewer rows than one for each tutor.
SENT_IDS = "string_agg(int4send(tutor_id), ''::bytea)"


def decode_ids(sent: memoryview | None) -> BitMap:
    """The ids, in whatever order they were sent."""
    numbers = array("I", bytes(sent or b""))
    if sys.byteorder == "little":
        numbers.byteswap()
    return BitMap(numbers)
