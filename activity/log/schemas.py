"""What the log's pages take and answer."""

from datetime import date
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from activity.catalogue import LONGEST_ACTION, LONGEST_ENTITY_ID, LONGEST_ENTITY_TYPE
from activity.log.dates import LONGEST_DATE, read_date, read_timestamp
from activity.recording.request_context import LONGEST_ADDRESS, LONGEST_AGENT, LONGEST_REFERRER
from common.http.api import CachedQuerySchema, ResponseSchema
from common.http.pagination import DEFAULT_PAGE_SIZE, LARGEST_PAGE, LONGEST_CURSOR, LONGEST_URL
from common.http.schemas.fields import Integer, Separated, Text, Timestamp
from common.translation import lazy_gettext

MAX_FILTER_VALUES = 20


class OwnEvent(ResponseSchema):
    """An event as the person it belongs to sees it."""

    id = fields.UUID(required=True, metadata={"description": "UUIDv7.", "maxLength": 36})
    action = fields.String(required=True, metadata={"maxLength": LONGEST_ACTION})
    entity_type = fields.String(
        required=True, allow_none=True, metadata={"maxLength": LONGEST_ENTITY_TYPE}
    )
    entity_id = fields.String(
        required=True, allow_none=True, metadata={"maxLength": LONGEST_ENTITY_ID}
    )
    metadata = fields.Dict(keys=fields.String(), required=True)
    timestamp = Timestamp(required=True)
    source = fields.String(required=True, validate=validate.OneOf(("server", "client")))
    duration_ms = Integer(required=True, allow_none=True)
    status_code = Integer(required=True, allow_none=True, min=100, max=599)
    referrer = fields.String(
        required=True,
        allow_none=True,
        metadata={
            "description": "The referring page without its query.",
            "maxLength": LONGEST_REFERRER,
        },
    )
    ip_address = fields.String(
        required=True, allow_none=True, metadata={"maxLength": LONGEST_ADDRESS}
    )
    user_agent = fields.String(
        required=True, allow_none=True, metadata={"maxLength": LONGEST_AGENT}
    )


class OwnEventPage(ResponseSchema):
    """A page of the caller's log, newest first."""

    results = fields.List(
        fields.Nested(OwnEvent), required=True, metadata={"maxItems": LARGEST_PAGE}
    )
    next = fields.String(
        required=True, allow_none=True, metadata={"format": "uri", "maxLength": LONGEST_URL}
    )
    previous = fields.String(
        required=True, allow_none=True, metadata={"format": "uri", "maxLength": LONGEST_URL}
    )
    next_cursor = fields.String(
        required=True, allow_none=True, metadata={"maxLength": LONGEST_CURSOR}
    )
    has_more = fields.Boolean(required=True)


class DateOrTimestamp(fields.Field[date]):
    """Either a day, whose limits depend on the reader's time zone, or a timestamp (a datetime)."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> date:
        for read in (read_date, read_timestamp):
            try:
                return read(value)
            except (TypeError, ValueError):
                continue
        raise ValidationError(lazy_gettext("Not a valid date or ISO 8601 timestamp."))


def _filter_values(longest: int, description: str, example: str) -> Separated:
    return Separated(
        Text(max=longest),
        load_default=list,
        validate=validate.Length(max=MAX_FILTER_VALUES),
        metadata={
            "description": f"{description} Repeatable or comma-separated: any of them.",
            "example": [example],
        },
    )


def _date_bound(description: str, example: str) -> DateOrTimestamp:
    return DateOrTimestamp(
        metadata={
            "description": f"{description} A timestamp (in UTC unless it names an offset), or a"
            " date, meaning that whole day in the caller's own time zone.",
            "anyOf": [
                {"type": "string", "format": "date", "maxLength": LONGEST_DATE},
                {"type": "string", "format": "date-time", "maxLength": LONGEST_DATE},
            ],
            "example": example,
        }
    )


class EventQuery(CachedQuerySchema):
    """Selects a part of the caller's log."""

    cursor = Text(
        max=LONGEST_CURSOR,
        metadata={"description": "`next_cursor` of a page with the same filters."},
    )
    page_size = Integer(min=1, max=LARGEST_PAGE, metadata={"default": DEFAULT_PAGE_SIZE})
    action = _filter_values(LONGEST_ACTION, "Events of this name only.", "profile.snapshot")
    entity_type = _filter_values(
        LONGEST_ENTITY_TYPE, "Events about this kind of thing only.", "profile"
    )
    date_from = _date_bound("The earliest events wanted, inclusive.", "2026-02-01")
    date_to = _date_bound("The latest events wanted, inclusive.", "2026-02-15T10:22:33Z")
    limit = Integer(
        min=1,
        max=LARGEST_PAGE,
        metadata={"description": "Older name of `page_size`.", "deprecated": True},
    )
    before = Text(
        max=LONGEST_CURSOR,
        metadata={
            "description": "Events before this one: the id of one of the caller's events, or a"
            " cursor. Use `cursor`.",
            "deprecated": True,
        },
    )

    # Beside what is wrong with single parameters, so that one answer names every fault.
    @validates_schema(skip_on_field_errors=False)
    def _agree(self, data: dict[str, Any], **kwargs: Any) -> None:
        """An older name may repeat its newer one, not contradict it."""
        contradictions = {
            older: [lazy_gettext("Contradicts {newer}, whose older name it is.", newer=newer)]
            for older, newer in (("limit", "page_size"), ("before", "cursor"))
            if older in data and newer in data and data[older] != data[newer]
        }
        if contradictions:
            raise ValidationError(contradictions)


EVENT_QUERY = EventQuery()
