"""What the owner of a profile sees and writes; made from the table of sections."""

from collections.abc import Callable
from copy import copy
from typing import Any

from marshmallow import Schema as MarshmallowSchema
from marshmallow import ValidationError
from marshmallow.fields import List, Nested, Raw
from marshmallow.validate import Length, OneOf

from common.http.api import ResponseSchema, Schema
from common.http.fields import BodyFlag, Integer, Text, Timestamp
from common.http.pagination import DEFAULT_PAGE_SIZE, LARGEST_PAGE, LONGEST_CURSOR, LONGEST_URL
from profiles.editing.fields import Field, PersonName, Timezone
from profiles.editing.sections import LEAVES, READ_ONLY_PARTS, SECTIONS, Door, Leaf, doors_of

COMPONENTS = {
    "user": "User",
    "tutor_profile": "TutorProfile",
    "student_profile": "StudentProfile",
    "settings": "Settings",
}
TUTORS_ONLY = "Tutors only."


class AsSent(Schema):
    """A body that the domain checks by itself, since only it knows the caller's role.

    The fields of such a schema are its documentation; `document.gather` reads the same table.
    """

    def load(self, data: Any, **kwargs: Any) -> Any:
        if not isinstance(data, dict):
            raise ValidationError("Must be an object of sections.")
        return data


def _doors_in(section: str) -> dict[str, Door]:
    """Every name in `section`, whichever role it belongs to."""
    return {
        name: door
        for role in ("student", "tutor")
        for name, door in doors_of(role).get(section, {}).items()
    }


def _described(field: Field, *sentences: str) -> Field:
    described = copy(field)
    text = " ".join(sentence for sentence in sentences if sentence)
    described.metadata = {**field.metadata, **({"description": text} if text else {})}
    return described


def _another_name(door: Door) -> str:
    if (door.section, door.name) == (door.leaf.home, door.leaf.name):
        return ""
    return f"Another name of `{door.leaf.path}`."


def _is_for_tutors_only(door: Door) -> bool:
    return door.section == "settings" and door.leaf.home == "tutor_profile"


def _sent(door: Door, rule: Field) -> Field:
    if door.is_read_only:
        return Raw(metadata={"description": "Read-only: ignored."})
    only = TUTORS_ONLY if _is_for_tutors_only(door) else ""
    return _described(rule, door.leaf.meaning, _another_name(door), only)


def _shown(door: Door) -> Field:
    only = TUTORS_ONLY if _is_for_tutors_only(door) else ""
    leaf = door.leaf
    # An answer promises types and sizes; which time zones and languages there are may change.
    rule = leaf.draft_rule if isinstance(leaf.rule, Timezone | PersonName | List) else leaf.rule
    field = _described(rule, leaf.meaning, _another_name(door), only)
    field.required = not only
    field.allow_none = leaf.rule.allow_none and leaf.cleared is None
    return field


def _patch_schema(
    name: str, kind: str, rule_of: Callable[[Leaf], Field]
) -> type[MarshmallowSchema]:
    parts: dict[str, Any] = {
        section: Nested(
            Schema.from_dict(
                {
                    name: _sent(door, rule_of(door.leaf))
                    for name, door in _doors_in(section).items()
                },
                name=f"{COMPONENTS[section]}{kind}",
            )
        )
        for section in SECTIONS
    }
    for part in READ_ONLY_PARTS:
        parts[part] = Raw(metadata={"description": "Read-only: ignored."})
    return AsSent.from_dict(parts, name=name)


def _publishable(leaf: Leaf) -> Field:
    return leaf.rule


def _unfinished(leaf: Leaf) -> Field:
    return leaf.draft_rule


ProfilePatch = _patch_schema("ProfilePatch", "Patch", _publishable)
DraftPatch = _patch_schema("DraftPatch", "DraftPatch", _unfinished)


class DraftSummary(ResponseSchema):
    """That there is a draft, and which."""

    autosaved_at = Timestamp(required=True)
    version = Integer(required=True, min=1)


def _own(section: str) -> type[MarshmallowSchema]:
    return ResponseSchema.from_dict(
        {name: _shown(door) for name, door in _doors_in(section).items()},
        name=f"Own{COMPONENTS[section]}",
    )


class OwnProfile(ResponseSchema):
    """A whole profile as its owner reads it."""

    user = Nested(_own("user"), required=True)
    tutor_profile = Nested(_own("tutor_profile"), required=True, allow_none=True)
    student_profile = Nested(_own("student_profile"), required=True, allow_none=True)
    settings = Nested(_own("settings"), required=True)
    avatar_url = Text(max=200, required=True, allow_none=True)
    draft = Nested(DraftSummary, required=True, allow_none=True)


def _draft_section(section: str) -> type[MarshmallowSchema]:
    leaves = [leaf for leaf in LEAVES if leaf.home == section and not leaf.is_read_only]
    return ResponseSchema.from_dict(
        {leaf.name: leaf.draft_rule for leaf in leaves}, name=f"Draft{COMPONENTS[section]}"
    )


DraftData = ResponseSchema.from_dict(
    {section: Nested(_draft_section(section)) for section in SECTIONS}, name="DraftData"
)
PATHS = [leaf.path for leaf in LEAVES if not leaf.is_read_only]


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
        metadata={"description": "The unpublished values, each under its home section."},
    )
    dirty = List(
        Text(max=64, validate=OneOf(PATHS)),
        required=True,
        validate=Length(max=len(PATHS)),
        metadata={"description": "The values that differ from what is published."},
    )


class Snapshot(ResponseSchema):
    """The profile as it was right before a change."""

    id = Text(max=36, required=True, metadata={"format": "uuid"})
    timestamp = Timestamp(required=True)
    before = Nested(OwnProfile, required=True)


class SnapshotQuery(Schema):
    """Which page of the snapshots."""

    cursor = Text(max=LONGEST_CURSOR, min=1)
    page_size = Integer(min=1, max=LARGEST_PAGE, load_default=DEFAULT_PAGE_SIZE)


class SnapshotPage(ResponseSchema):
    """Snapshots, newest first."""

    results = List(Nested(Snapshot), required=True, validate=Length(max=LARGEST_PAGE))
    next = Text(max=LONGEST_URL, required=True, allow_none=True, metadata={"format": "uri"})
    previous = Text(max=LONGEST_URL, required=True, allow_none=True, metadata={"format": "uri"})
    next_cursor = Text(max=LONGEST_CURSOR, required=True, allow_none=True)
    has_more = BodyFlag(required=True)
