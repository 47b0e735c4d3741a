"""Schemas of snapshots and their pages."""

from marshmallow.fields import List, Nested
from marshmallow.validate import Length

from common.http.api import ResponseSchema, Schema
from common.http.pagination import DEFAULT_PAGE_SIZE, LARGEST_PAGE, LONGEST_CURSOR, LONGEST_URL
from common.http.schemas.fields import BodyFlag, Integer, Text, Timestamp
from profiles.editing.schemas import OwnProfile


class Snapshot(ResponseSchema):
    """The profile as it was right before a change."""

    id = Text(max=36, required=True, metadata={"format": "uuid"})
    timestamp = Timestamp(required=True)
    before = Nested(OwnProfile, required=True)


class SnapshotQuery(Schema):
    """Which page of the snapshots."""

    cursor = Text(max=LONGEST_CURSOR)
    page_size = Integer(min=1, max=LARGEST_PAGE, load_default=DEFAULT_PAGE_SIZE)


class SnapshotPage(ResponseSchema):
    """Snapshots, newest first."""

    results = List(Nested(Snapshot), required=True, validate=Length(max=LARGEST_PAGE))
    next = Text(max=LONGEST_URL, required=True, allow_none=True, metadata={"format": "uri"})
    previous = Text(max=LONGEST_URL, required=True, allow_none=True, metadata={"format": "uri"})
    next_cursor = Text(max=LONGEST_CURSOR, required=True, allow_none=True)
    has_more = BodyFlag(required=True)
