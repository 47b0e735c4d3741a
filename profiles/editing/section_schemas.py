"""Makes the OpenAPI schemas of the sections from the table of fields."""

from collections.abc import Callable
from copy import copy
from typing import Any

from marshmallow import Schema as MarshmallowSchema
from marshmallow import ValidationError
from marshmallow.fields import Field as MarshmallowField
from marshmallow.fields import List, Nested, Raw

from common.http.api import ResponseSchema, Schema
from common.http.schemas.fields import refuse_unstorable
from common.translation import lazy_gettext
from profiles.accounts.fields.person_name import PersonName
from profiles.accounts.fields.timezones import Timezone
from profiles.editing.fields.names import READ_ONLY_PARTS, SECTIONS, names_by_section
from profiles.editing.fields.profile_field import FieldName, ProfileField

Field = MarshmallowField[Any]

COMPONENTS = {
    "user": "User",
    "tutor_profile": "TutorProfile",
    "student_profile": "StudentProfile",
    "settings": "Settings",
}
TUTORS_ONLY = "Tutors only."


class AsSent(Schema):
    """A body that the domain checks by itself, since only it knows the caller's role.

    The fields of such a schema are its documentation; `validation.validate_sections` reads the same table.
    """

    def load(self, data: Any, **kwargs: Any) -> Any:
        if not isinstance(data, dict):
            raise ValidationError({"_schema": [lazy_gettext("Must be an object of sections.")]})
        refuse_unstorable(data)
        return data


def _names_in(section: str) -> dict[str, FieldName]:
    """Every name in `section`, whichever role it belongs to."""
    return {
        name: known
        for role in ("student", "tutor")
        for name, known in names_by_section(role).get(section, {}).items()
    }


def _described(field: Field, *sentences: str) -> Field:
    described = copy(field)
    text = " ".join(sentence for sentence in sentences if sentence)
    described.metadata = {**field.metadata, **({"description": text} if text else {})}
    return described


def _another_name(known: FieldName) -> str:
    if (known.section, known.name) == (known.field.canonical_section, known.field.name):
        return ""
    return f"Another name of `{known.field.path}`."


def _is_for_tutors_only(known: FieldName) -> bool:
    return known.section == "settings" and known.field.canonical_section == "tutor_profile"


def _sent(known: FieldName, rule: Field) -> Field:
    if known.is_read_only:
        return Raw(metadata={"description": "Read-only: ignored."})
    only = TUTORS_ONLY if _is_for_tutors_only(known) else ""
    return _described(rule, known.field.description, _another_name(known), only)


def _shown(known: FieldName) -> Field:
    only = TUTORS_ONLY if _is_for_tutors_only(known) else ""
    field = known.field
    # An answer promises types and sizes; which time zones and languages there are may change.
    rule = field.draft_rule if isinstance(field.rule, Timezone | PersonName | List) else field.rule
    described = _described(rule, field.description, _another_name(known), only)
    described.required = not only
    described.allow_none = field.rule.allow_none and field.null_value is None
    return described


def patch_schema(
    name: str, kind: str, rule_of: Callable[[ProfileField], Field]
) -> type[MarshmallowSchema]:
    """A body of sections whose fields follow `rule_of` each."""
    parts: dict[str, Any] = {
        section: Nested(
            Schema.from_dict(
                {
                    name: _sent(known, rule_of(known.field))
                    for name, known in _names_in(section).items()
                },
                name=f"{COMPONENTS[section]}{kind}",
            )
        )
        for section in SECTIONS
    }
    for part in READ_ONLY_PARTS:
        parts[part] = Raw(metadata={"description": "Read-only: ignored."})
    return AsSent.from_dict(parts, name=name)


def own_schema(section: str) -> type[MarshmallowSchema]:
    """What the owner reads of `section`, under all its names."""
    return ResponseSchema.from_dict(
        {name: _shown(known) for name, known in _names_in(section).items()},
        name=f"Own{COMPONENTS[section]}",
    )
