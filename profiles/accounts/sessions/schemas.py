"""Response schemas of sessions."""

from marshmallow import fields, validate

from activity.recording.request_context import LONGEST_ADDRESS
from common.http.schemas.base import ResponseSchema
from common.http.schemas.fields import Text, Timestamp
from profiles.accounts.sessions.devices import LONGEST_DEVICE

MAX_SESSIONS = 1000


class OpenSession(ResponseSchema):
    """A browser or device that is logged in."""

    id = fields.UUID(
        required=True, metadata={"description": "Names the session, to end it.", "maxLength": 36}
    )
    device = Text(
        required=True,
        allow_none=True,
        max=LONGEST_DEVICE,
        metadata={"description": "Browser and system in words; null when they are not known."},
    )
    ip_address = Text(
        required=True,
        allow_none=True,
        max=LONGEST_ADDRESS,
        metadata={"description": "Where it was used last."},
    )
    created_at = Timestamp(required=True, metadata={"description": "When it was logged in."})
    last_used_at = Timestamp(
        required=True, metadata={"description": "When it last got an access token."}
    )
    is_current = fields.Boolean(
        required=True, metadata={"description": "Whether this request belongs to it."}
    )


class OpenSessions(ResponseSchema):
    """The caller's open sessions, the latest used first."""

    results = fields.List(
        fields.Nested(OpenSession), required=True, validate=validate.Length(max=MAX_SESSIONS)
    )


class AccessToken(ResponseSchema):
    """A fresh access token."""

    access = Text(
        required=True, max=1000, metadata={"description": "For `Authorization: Bearer …`."}
    )
