"""Request and response schemas of export and erasure."""

from marshmallow import fields, validate

from activity.log.schemas import OwnEvent
from activity.recording.request_context import LONGEST_ADDRESS, LONGEST_AGENT
from common.http.api import ResponseSchema, Schema
from common.http.schemas.fields import Integer, Text, Timestamp
from profiles.accounts.models import LONGEST_EMAIL
from profiles.accounts.one_time_tokens.models import Purpose
from profiles.accounts.passwords.fields import LONGEST_PASSWORD
from profiles.accounts.schemas import OwnAccount
from profiles.accounts.two_factor.codes import RECOVERY_CODES
from profiles.editing.drafts.schemas import DraftData
from profiles.editing.snapshots.schemas import Snapshot
from profiles.messages import MessageKind
from profiles.saved.models import LONGEST_SEARCH_NAME, LONGEST_SEARCH_QUERY


class ErasureConfirmation(Schema):
    """The password, which proves that it is the owner who erases the account."""

    password = Text(
        required=True, min=1, max=LONGEST_PASSWORD, load_only=True, metadata={"format": "password"}
    )


class ExportedAccount(OwnAccount):
    """The account with its state and time of registration."""

    is_active = fields.Boolean(required=True)
    registered_at = Timestamp(required=True)
    two_factor_since = Timestamp(
        required=True,
        allow_none=True,
        metadata={"description": "Since when a log-in asks for a code too; null: it does not."},
    )
    recovery_codes_left = Integer(
        required=True,
        max=RECOVERY_CODES,
        metadata={"description": "How many recovery codes have not been used; never the codes."},
    )


class ExportedDraft(ResponseSchema):
    """Unpublished changes, by section."""

    autosaved_at = Timestamp(required=True, allow_none=True)
    version = Integer(required=True)
    data = fields.Nested(DraftData, required=True)


class ExportedSession(ResponseSchema):
    """A session: one browser or device that is logged in."""

    issued_at = Timestamp(required=True)
    expires_at = Timestamp(required=True)
    ip_address = Text(required=True, max=LONGEST_ADDRESS, allow_none=True)
    user_agent = Text(required=True, max=LONGEST_AGENT, allow_none=True)


class ExportedSavedTutor(ResponseSchema):
    """A tutor whom the caller saved, and who is listed still."""

    tutor_id = Integer(required=True, metadata={"description": "The `id` of the tutor's card."})
    saved_at = Timestamp(required=True)


class ExportedSavedSearch(ResponseSchema):
    """A query of the list that the caller saved."""

    id = Text(max=36, required=True, metadata={"format": "uuid"})
    name = Text(max=LONGEST_SEARCH_NAME, required=True, metadata={"description": "Its name."})
    query = Text(
        max=LONGEST_SEARCH_QUERY,
        required=True,
        metadata={"description": "A query string of the list of tutors."},
    )
    saved_at = Timestamp(required=True)
    last_looked_at = Timestamp(required=True)


class ExportedLink(ResponseSchema):
    """A link that was sent by mail and can still be used."""

    purpose = fields.String(
        required=True,
        validate=validate.OneOf([purpose.value for purpose in Purpose]),
        metadata={"description": "What it does when it is used."},
    )
    email = Text(required=True, max=LONGEST_EMAIL, metadata={"format": "email"})
    issued_at = Timestamp(required=True)
    expires_at = Timestamp(required=True)


class ExportedMail(ResponseSchema):
    """A mail to the caller that is not sent yet; without its text."""

    kind = fields.Enum(
        MessageKind,
        by_value=True,
        required=True,
        metadata={"type": "string", "description": "What the mail speaks of."},
    )
    recipient = Text(
        max=LONGEST_EMAIL,
        required=True,
        metadata={"format": "email", "description": "The mailbox that it is sent to."},
    )
    created_at = Timestamp(required=True, metadata={"description": "When it was written."})


class Export(ResponseSchema):
    """Everything held about the caller."""

    exported_at = Timestamp(required=True)
    account = fields.Nested(ExportedAccount, required=True)
    profile = fields.Dict(
        required=True,
        allow_none=True,
        metadata={"description": "The tutor's or the student's profile; null for neither."},
    )
    settings = fields.Dict(
        required=True, metadata={"description": "As `GET /api/me/profile/` answers them."}
    )
    draft = fields.Nested(ExportedDraft, required=True, allow_none=True)
    avatar_url = Text(max=200, required=True, allow_none=True, metadata={"format": "uri-reference"})
    sessions = fields.List(fields.Nested(ExportedSession), required=True)
    saved_tutors = fields.List(fields.Nested(ExportedSavedTutor), required=True)
    saved_searches = fields.List(fields.Nested(ExportedSavedSearch), required=True)
    links = fields.List(
        fields.Nested(ExportedLink),
        required=True,
        metadata={"description": "Links that were sent by mail and can still be used."},
    )
    insights = fields.Dict(
        required=True,
        allow_none=True,
        metadata={
            "description": "As `GET /api/me/insights/` answers them for twelve months, without the"
            " days that tell nothing; null for whoever is no tutor."
        },
    )
    waiting_mails = fields.List(
        fields.Nested(ExportedMail),
        required=True,
        metadata={"description": "Mails to the caller that are not sent yet."},
    )
    snapshots = fields.List(fields.Nested(Snapshot), required=True)
    events = fields.List(fields.Nested(OwnEvent), required=True)
