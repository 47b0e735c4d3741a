"""One field of a profile: where it is stored, what it is called, and what it accepts."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from marshmallow.fields import Field
from sqlalchemy.orm import InstrumentedAttribute

from profiles.editing.fields.draft_rules import for_draft

Column = InstrumentedAttribute[Any]


def unchanged(value: Any) -> Any:
    return value


@dataclass(frozen=True)
class ProfileField:
    """One stored value of a profile and all its names.

    A name is "section.name". Events, drafts and `dirty` use the one in the canonical section.
    """

    canonical_section: str
    name: str
    # None: it is the same for everybody, and stored nowhere.
    column: Column | None
    # Validates a value before it is published; of a read-only field, describes it.
    rule: Field[Any]
    # Further names it is read and written by.
    aliases: tuple[str, ...] = ()
    # Further names it is only read by.
    read_only_aliases: tuple[str, ...] = ()
    # What `null` is stored as.
    null_value: Any = None
    constant: Any = None
    # Makes the JSON value of the stored one.
    to_json: Callable[[Any], Any] = unchanged
    is_read_only: bool = False
    description: str = ""
    # Validates an unfinished value.
    draft_rule: Field[Any] = field(init=False)
    # The canonical name; every request asks for it hundreds of times.
    path: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "draft_rule", for_draft(self.rule))
        object.__setattr__(self, "path", f"{self.canonical_section}.{self.name}")

    def clean(self, value: Any) -> Any:
        """The value as it will be stored. Raises marshmallow's ValidationError."""
        cleaned = self.rule.deserialize(value)
        return self.null_value if cleaned is None else cleaned


@dataclass(frozen=True)
class FieldName:
    """One name of a field: in which section, and whether it can be written by it."""

    section: str
    name: str
    field: ProfileField
    is_read_only: bool

    @property
    def path(self) -> str:
        return f"{self.section}.{self.name}"
