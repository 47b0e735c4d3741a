"""What clients send, and what they are answered."""

from typing import Any

from marshmallow import fields, pre_load, validate

from activity.catalogue import CLIENT_ACTION_PATTERN, LONGEST_ENTITY_ID, LONGEST_ENTITY_TYPE
from activity.collection.fields import ClientAction, ClientClock, Metadata
from activity.log.dates import LONGEST_DATE
from common.http.api import ResponseSchema, Schema
from common.http.schemas.fields import Integer, Text, refuse_unstorable

LONGEST_MESSAGE_ID = 128
LARGEST_BATCH = 100


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
