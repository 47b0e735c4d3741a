"""Which sections a role has, and which field each name in them belongs to."""

from collections.abc import Iterable

from profiles.editing.fields.profile_field import FieldName, ProfileField
from profiles.editing.fields.profile_fields import PROFILE_FIELDS

SECTIONS = ("user", "tutor_profile", "student_profile", "settings")
PROFILE_SECTION = {"tutor": "tutor_profile", "student": "student_profile"}
# Beside the sections in an answer; read-only, so ignored when they are sent back.
READ_ONLY_PARTS = ("avatar_url", "draft")

FIELD_AT: dict[str, ProfileField] = {each.path: each for each in PROFILE_FIELDS}

NamesBySection = dict[str, dict[str, FieldName]]


def sections_of(role: str) -> tuple[str, ...]:
    """The sections that a profile of `role` has; administrators have neither profile."""
    others = {section for kind, section in PROFILE_SECTION.items() if kind != role}
    return tuple(section for section in SECTIONS if section not in others)


def names_by_section(role: str) -> NamesBySection:
    """{section: {name: FieldName}} of a profile of `role`."""
    return _BY_ROLE.get(role, _BY_ROLE[""])


def writable_fields(role: str) -> list[ProfileField]:
    """The fields that a profile of `role` has and its owner may change."""
    present = sections_of(role)
    return [
        each
        for each in PROFILE_FIELDS
        if each.canonical_section in present and not each.is_read_only
    ]


def _all_names() -> Iterable[FieldName]:
    """Every name of every field; in each section first the canonical ones."""
    for each in PROFILE_FIELDS:
        yield FieldName(each.canonical_section, each.name, each, each.is_read_only)
    for each in PROFILE_FIELDS:
        for paths, is_read_only in (
            (each.aliases, each.is_read_only),
            (each.read_only_aliases, True),
        ):
            for path in paths:
                section, _, name = path.partition(".")
                yield FieldName(section, name, each, is_read_only)


def _names_of(role: str) -> NamesBySection:
    names: NamesBySection = {section: {} for section in sections_of(role)}
    for each in _all_names():
        if each.section in names and each.field.canonical_section in names:
            names[each.section][each.name] = each
    return names


_BY_ROLE = {role: _names_of(role) for role in ("student", "tutor", "")}
