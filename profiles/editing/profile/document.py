"""The JSON forms of a profile: the whole document, and values grouped by section. Pure."""

from typing import Any

from marshmallow import ValidationError

from common.clock import isoformat
from profiles.editing.fields.names import FIELD_AT, SECTIONS, names_by_section
from profiles.editing.fields.profile_fields import PROFILE_FIELDS
from profiles.editing.profile.values import Draft, Profile, Values

Sections = dict[str, dict[str, Any]]


def to_document(profile: Profile) -> dict[str, Any]:
    """The document an owner reads: every section under all its names."""
    names = names_by_section(profile.role)
    document: dict[str, Any] = {
        section: (
            {name: profile.values[each.field.path] for name, each in names[section].items()}
            if section in names
            else None
        )
        for section in SECTIONS
    }
    document["avatar_url"] = profile.values["user.avatar_url"]
    document["draft"] = draft_summary(profile.draft)
    return document


def draft_summary(draft: Draft) -> dict[str, Any] | None:
    """What a profile's document says of its draft."""
    if draft.values is None:
        return None
    return {"autosaved_at": autosaved_at(draft), "version": draft.version}


def autosaved_at(draft: Draft) -> str | None:
    """ISO 8601 in UTC; None while there is no draft."""
    return None if draft.autosaved_at is None else isoformat(draft.autosaved_at)


def draft_document(profile: Profile) -> dict[str, Any]:
    """The draft as its owner reads it, with the fields it would change."""
    values = profile.draft.values or {}
    return {
        "autosaved_at": autosaved_at(profile.draft),
        "version": profile.draft.version,
        "data": to_sections(values),
        "dirty": differing(values, profile.values),
    }


def to_sections(values: Values) -> Sections:
    """Values by canonical name as {section: {name: value}}, in the table's order."""
    sections: Sections = {}
    for each in PROFILE_FIELDS:
        if each.path in values:
            sections.setdefault(each.canonical_section, {})[each.name] = values[each.path]
    return sections


def field_names(values: Values) -> dict[str, list[str]]:
    """The sections and fields of `values`, for an event: never the texts themselves."""
    sections = to_sections(values)
    return {
        "sections": list(sections),
        "fields": [f"{section}.{name}" for section, fields in sections.items() for name in fields],
    }


def normalized(path: str, value: Any) -> Any:
    """What publishing `value` would store; the value itself where that would be refused."""
    try:
        return FIELD_AT[path].clean(value)
    except ValidationError:
        return value


def differing(values: Values, published: Values) -> list[str]:
    """The paths whose value would change what is published, in the table's order."""
    return [
        each.path
        for each in PROFILE_FIELDS
        if each.path in values and normalized(each.path, values[each.path]) != published[each.path]
    ]
