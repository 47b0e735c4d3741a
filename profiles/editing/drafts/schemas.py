"""Schemas of the draft: what is saved, and how it stands."""

from marshmallow import Schema as MarshmallowSchema
from marshmallow.fields import List, Nested
from marshmallow.validate import Length, OneOf

from common.http.api import ResponseSchema
from common.http.schemas.fields import Integer, Text, Timestamp
from profiles.editing.fields.names import SECTIONS
from profiles.editing.fields.profile_fields import PROFILE_FIELDS
from profiles.editing.section_schemas import COMPONENTS, patch_schema

DraftPatch = patch_schema("DraftPatch", "DraftPatch", lambda field: field.draft_rule)
WRITABLE = [each for each in PROFILE_FIELDS if not each.is_read_only]
PATHS = [each.path for each in WRITABLE]


def _draft_section(section: str) -> type[MarshmallowSchema]:
    return ResponseSchema.from_dict(
        {each.name: each.draft_rule for each in WRITABLE if each.canonical_section == section},
        name=f"Draft{COMPONENTS[section]}",
    )


DraftData = ResponseSchema.from_dict(
    {section: Nested(_draft_section(section)) for section in SECTIONS}, name="DraftData"
)


class Draft(ResponseSchema):
    """The draft as it now stands."""

    autosaved_at = Timestamp(
        required=True, allow_none=True, metadata={"description": "`null` while there is no draft."}
    )
    version = Integer(
        required=True, metadata={"description": "Grows with every change, across discards too."}
    )
    data = Nested(
        DraftData,
        required=True,
        metadata={"description": "The unpublished values, each under its canonical section."},
    )
    dirty = List(
        Text(max=64, validate=OneOf(PATHS)),
        required=True,
        validate=Length(max=len(PATHS)),
        metadata={"description": "The values that differ from what is published."},
    )
