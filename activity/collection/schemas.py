"""What the activity endpoints take and answer."""

from typing import Any

from marshmallow import ValidationError, fields, pre_load, validate, validates_schema

from activity.catalogue import CLIENT_ACTION_PATTERN, LONGEST_ACTION
from activity.collection.fields import (
    ClientAction,
    ClientClock,
    DateOrTimestamp,
    Metadata,
)
from activity.recording.request_context import LONGEST_ADDRESS, LONGEST_AGENT, LONGEST_REFERRER
from common.http.api import CachedQuerySchema, ResponseSchema, Schema
from common.http.pagination import DEFAULT_PAGE_SIZE, LARGEST_PAGE, LONGEST_CURSOR, LONGEST_URL
from common.http.schemas.fields import Integer, Separated, Text, Timestamp, refuse_unstorable
from common.translation import lazy_gettext

LONGEST_ENTITY_TYPE = 50
LONGEST_ENTITY_ID = 64
LONGEST_MESSAGE_ID = 128
LARGEST_BATCH = 100
MAX_FILTER_VALUES = 20
# Of a date or timestamp as clients write it.
LONGEST_DATE = 40


def _unset() -> None:
    """A default that the document leaves out: generated types take it for always there."""


class TriggeredEvent(Schema):
    """An event a client wants in its user's log."""

    action = ClientAction(
        required=True,
        metadata={
            "description": "Lower-case dotted name of 2 to 5 parts. Names that only the server"
            " records are refused: `profile.updated`, `profile.snapshot`, `profile.autosave` and"
            " below, `settings.*`, `avatar.*`, `auth.*`, `system.*`, `activity.*`.",
            "pattern": CLIENT_ACTION_PATTERN,
        },
    )
    entity_type = Text(max=LONGEST_ENTITY_TYPE, allow_none=True, load_default=_unset)
    entity_id = Text(max=LONGEST_ENTITY_ID, allow_none=True, load_default=_unset)
    metadata = Metadata(
        keys=fields.String(),
        load_default=dict,
        metadata={"description": "At most 4 KiB as compact JSON and 5 levels, itself the first."},
    )


class ClientEvent(TriggeredEvent):
    """An event of a batch."""

    timestamp = ClientClock(
        metadata={
            "type": "string",
            "format": "date-time",
            "maxLength": LONGEST_DATE,
            "description": "The client's clock; stored as `metadata.client_timestamp`, while the"
            " server's clock orders the log.",
        }
    )
    message_id = Text(
        min=1,
        max=LONGEST_MESSAGE_ID,
        metadata={"description": "The caller's own name for this event; sent twice, stored once."},
    )


class UnvalidatedItem(fields.Nested):
    """Documents the events of a batch, whatever each is; `store_batch` validates them one by one."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        return value


class EventBatch(Schema):
    """Events collected by a client, signed in or not."""

    events = fields.List(
        UnvalidatedItem(ClientEvent, allow_none=True),
        required=True,
        validate=validate.Length(min=1, max=LARGEST_BATCH),
    )

    @pre_load
    def _refuse_unstorable(self, data: Any, **kwargs: Any) -> Any:
        """An unstorable value spoils its event, not the batch: the events look for it themselves."""
        if isinstance(data, dict):
            refuse_unstorable({name: value for name, value in data.items() if name != "events"})
        return data


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


class RejectedEvent(ResponseSchema):
    """Why an event of a batch was not stored."""

    index = Integer(required=True, max=LARGEST_BATCH - 1)
    errors = fields.Dict(keys=fields.String(), required=True)


class BatchReceipt(ResponseSchema):
    """What became of a batch; whatever is accepted is stored by now."""

    accepted = Integer(required=True, max=LARGEST_BATCH)
    duplicates = Integer(
        required=True,
        max=LARGEST_BATCH,
        metadata={"description": "Events stored before."},
    )
    rejected = fields.List(
        fields.Nested(RejectedEvent), required=True, metadata={"maxItems": LARGEST_BATCH}
    )


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
