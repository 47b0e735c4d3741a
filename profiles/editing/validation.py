"""What a client sends, checked: sections and names to values by home path, or every fault at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from marshmallow import ValidationError

from common.http.errors import Invalid
from profiles.editing.document import Values, canonical
from profiles.editing.sections import READ_ONLY_PARTS, SECTIONS, Door, doors_of

Errors = dict[str, Any]

UNKNOWN = "Unknown field."


def gather(role: str, body: Mapping[str, Any], *, for_draft: bool = False) -> Values:
    """The values of `body` by home path, for a profile of `role`; read-only ones are left out.

    To be published, values keep every rule and come back as they will be stored; for a draft
    only names, types and largest sizes are checked, and values come back as they were sent.
    Raises Invalid, its messages nested as the body is.
    """
    reading = _Reading(doors_of(role), for_draft)
    for section, content in body.items():
        if section not in READ_ONLY_PARTS:
            reading.take_section(section, content)
    for path in reading.given:
        reading.refuse_contradiction(path)
    if reading.errors:
        raise Invalid(reading.errors)
    return {path: entries[-1][1] for path, entries in reading.given.items()}


@dataclass
class _Reading:
    """One body on its way to values: what was given for each, by which names, and the faults."""

    doors: Mapping[str, Mapping[str, Door]]
    for_draft: bool
    given: dict[str, list[tuple[Door, Any]]] = field(default_factory=dict)
    errors: Errors = field(default_factory=dict)

    def take_section(self, section: str, content: Any) -> None:
        doors = self.doors.get(section)
        if doors is None:
            # A whole profile, sent back, says `null` where it has no such section.
            if section not in SECTIONS:
                self.errors[section] = [UNKNOWN]
            elif content is not None:
                self.errors[section] = ["Your account has no such section."]
        elif not isinstance(content, dict):
            self.errors[section] = ["Must be an object of fields."]
        else:
            for name, value in content.items():
                self.take_value(doors.get(name), section, name, value)

    def take_value(self, door: Door | None, section: str, name: str, value: Any) -> None:
        if door is None:
            self.refuse(section, name, [UNKNOWN])
        elif not door.is_read_only:
            try:
                checked = self.check(door, value)
            except ValidationError as error:
                self.refuse(section, name, _text_keys(error.messages))
            else:
                self.given.setdefault(door.leaf.path, []).append((door, checked))

    def check(self, door: Door, value: Any) -> Any:
        if not self.for_draft:
            return door.leaf.clean(value)
        door.leaf.draft_rule.deserialize(value)
        return value

    def refuse_contradiction(self, path: str) -> None:
        """One value, given by several names, must be the same each time."""
        entries = self.given[path]
        if len(entries) == 1:
            return
        (_, first), *others = entries
        if any(canonical(path, value) != canonical(path, first) for _, value in others):
            names = [door.path for door, _ in entries]
            for door, _ in entries:
                twins = " and ".join(name for name in names if name != door.path)
                message = f"Is another name of {twins}, given with a different value."
                self.refuse(door.section, door.name, [message])

    def refuse(self, section: str, name: str, messages: Any) -> None:
        self.errors.setdefault(section, {})[name] = messages


def _text_keys(messages: Any) -> Any:
    """Messages with JSON's keys: those about list items are keyed by number."""
    if isinstance(messages, dict):
        return {str(key): _text_keys(value) for key, value in messages.items()}
    return messages
