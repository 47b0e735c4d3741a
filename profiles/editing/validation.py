"""Validates what a client sends: sections become values by canonical name, or every fault is named."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from marshmallow import ValidationError

from common.http.problems.errors import Invalid
from common.translation import lazy_gettext
from profiles.editing.fields.names import READ_ONLY_PARTS, SECTIONS, names_by_section
from profiles.editing.fields.profile_field import FieldName
from profiles.editing.profile.document import normalized
from profiles.editing.profile.values import Values

Errors = dict[str, Any]

UNKNOWN = lazy_gettext("Unknown field.")


def validate_sections(role: str, body: Mapping[str, Any], *, for_draft: bool = False) -> Values:
    """The values of `body` by canonical name, for a profile of `role`; read-only ones are left out.

    To be published, values keep every rule and come back as they will be stored; for a draft
    only names, types and largest sizes are checked, and values come back as they were sent.
    Raises Invalid, its messages nested as the body is.
    """
    validation = _Validation(names_by_section(role), for_draft)
    for section, content in body.items():
        if section not in READ_ONLY_PARTS:
            validation.add_section(section, content)
    for path in validation.given:
        validation.refuse_contradiction(path)
    if validation.errors:
        raise Invalid(validation.errors)
    return {path: entries[-1][1] for path, entries in validation.given.items()}


@dataclass
class _Validation:
    """What one body gives for each field, by which names, and the faults found so far."""

    names: Mapping[str, Mapping[str, FieldName]]
    for_draft: bool
    given: dict[str, list[tuple[FieldName, Any]]] = field(default_factory=dict)
    errors: Errors = field(default_factory=dict)

    def add_section(self, section: str, content: Any) -> None:
        names = self.names.get(section)
        if names is None:
            # A whole profile, sent back, says `null` where it has no such section.
            if section not in SECTIONS:
                self.errors[section] = [UNKNOWN]
            elif content is not None:
                self.errors[section] = [lazy_gettext("Your account has no such section.")]
        elif not isinstance(content, dict):
            self.errors[section] = [lazy_gettext("Must be an object of fields.")]
        else:
            for name, value in content.items():
                self.add_value(names.get(name), section, name, value)

    def add_value(self, known: FieldName | None, section: str, name: str, value: Any) -> None:
        if known is None:
            self.refuse(section, name, [UNKNOWN])
        elif not known.is_read_only:
            try:
                checked = self.check(known, value)
            except ValidationError as error:
                self.refuse(section, name, _text_keys(error.messages))
            else:
                self.given.setdefault(known.field.path, []).append((known, checked))

    def check(self, known: FieldName, value: Any) -> Any:
        if not self.for_draft:
            return known.field.clean(value)
        checked = known.field.draft_rule.deserialize(value)
        # 500.0 is the integer 500 (JSON Schema 2020-12, core §4.2.3).
        return checked if isinstance(value, float) else value

    def refuse_contradiction(self, path: str) -> None:
        """One value, given by several names, must be the same each time."""
        entries = self.given[path]
        if len(entries) == 1:
            return
        (_, first), *others = entries
        if any(normalized(path, value) != normalized(path, first) for _, value in others):
            paths = [known.path for known, _ in entries]
            for known, _ in entries:
                message = lazy_gettext(
                    "Is another name of {aliases}, given with a different value.",
                    aliases=" and ".join(each for each in paths if each != known.path),
                )
                self.refuse(known.section, known.name, [message])

    def refuse(self, section: str, name: str, messages: Any) -> None:
        self.errors.setdefault(section, {})[name] = messages


def _text_keys(messages: Any) -> Any:
    """Messages with JSON's keys: those about list items are keyed by number."""
    if isinstance(messages, dict):
        return {str(key): _text_keys(value) for key, value in messages.items()}
    return messages
