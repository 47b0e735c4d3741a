"""How a public field is declared: its type, where its value comes from, and the flag that opens it.

Which fields there are stands in privacy.py alone.
"""

from collections.abc import Callable
from copy import copy
from dataclasses import replace
from typing import Any

from marshmallow import fields
from marshmallow.validate import Length, Range

from profiles.public.origin import Origin

ALWAYS: None = None


def _itself(value: Any) -> Any:
    return value


def public(
    field: fields.Field[Any],
    *sources: Any,
    flag: Any = ALWAYS,
    condition: Any = ALWAYS,
    to_public: Callable[..., Any] = _itself,
    marks: str | None = None,
    column: str | None = None,
    to_column: Callable[[Any], Any] = _itself,
) -> fields.Field[Any]:
    """Declare a public field. `to_public` makes its value from the sources, which may be several."""
    field.required = True
    field.metadata = {
        **field.metadata,
        "origin": Origin(sources, flag, condition, to_public, marks, column, to_column),
    }
    return field


def alias_of(field: fields.Field[Any], name: str) -> fields.Field[Any]:
    """An older name of a field, under the same flag by construction; it feeds nothing of its own."""
    alias = copy(field)
    origin: Origin = field.metadata["origin"]
    alias.metadata = {
        **field.metadata,
        "origin": replace(origin, marks=None, column=None, to_column=_itself),
        "deprecated": True,
        "description": f"Older name of `{name}`.",
    }
    return alias


def text(longest: int, *, nullable: bool = True, **metadata: Any) -> fields.String:
    """Of at most so many characters."""
    return fields.String(allow_none=nullable, validate=Length(max=longest), metadata=metadata)


def texts(most: int, longest: int, **metadata: Any) -> fields.List:
    """At most so many texts, each of at most so many characters."""
    return fields.List(
        fields.String(validate=Length(max=longest)),
        validate=Length(max=most),
        metadata=metadata,
    )


def number(low: int, high: int, *, nullable: bool = True, **metadata: Any) -> fields.Integer:
    """A whole number from `low` to `high`."""
    return fields.Integer(
        allow_none=nullable,
        validate=Range(min=low, max=high),
        metadata={"format": "int32", **metadata},
    )
