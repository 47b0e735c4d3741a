"""Schemas of the owner's profile: what is read, and what PATCH takes."""

from marshmallow.fields import Nested

from common.http.api import ResponseSchema
from common.http.schemas.fields import Integer, Text, Timestamp
from profiles.editing.section_schemas import own_schema, patch_schema

ProfilePatch = patch_schema("ProfilePatch", "Patch", lambda field: field.rule)


class DraftSummary(ResponseSchema):
    """That there is a draft, and which."""

    autosaved_at = Timestamp(required=True)
    version = Integer(required=True, min=1)


class OwnProfile(ResponseSchema):
    """A whole profile as its owner reads it."""

    user = Nested(own_schema("user"), required=True)
    tutor_profile = Nested(own_schema("tutor_profile"), required=True, allow_none=True)
    student_profile = Nested(own_schema("student_profile"), required=True, allow_none=True)
    settings = Nested(own_schema("settings"), required=True)
    avatar_url = Text(max=200, required=True, allow_none=True)
    draft = Nested(DraftSummary, required=True, allow_none=True)
