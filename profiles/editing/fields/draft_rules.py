"""Rules of unfinished values, derived from those of published ones so that none is stated twice."""

from copy import copy
from typing import Any

from marshmallow import fields, validate

from common.http.schemas.fields import BodyFlag, BodyInteger, Text

Field = fields.Field[Any]

# The integers that every JSON reader represents exactly (RFC 8259 §6).
LARGEST_EXACT_INTEGER = 2**53 - 1


def for_draft(field: Field) -> Field:
    """As `field`, for an unfinished value: type and largest size are checked, nothing else.

    `null` is a value of a draft everywhere; whether the field may be cleared is checked when it
    is published.
    """
    lax = _lax(field)
    lax.allow_none = True
    return lax


def _lax(field: Field) -> Field:
    if isinstance(field, fields.List):
        return fields.List(_lax(field.inner), validate=_largest_size(field))
    if isinstance(field, BodyInteger):
        return BodyInteger(
            min=-LARGEST_EXACT_INTEGER, max=LARGEST_EXACT_INTEGER, metadata={"format": "int64"}
        )
    if isinstance(field, BodyFlag | fields.Float):
        return copy(field)
    if isinstance(field, Text):
        return Text(max=_longest(field))
    raise TypeError(f"a draft of {type(field).__name__} is not foreseen")


def _longest(field: Text) -> int:
    """The greatest length of a text that keeps the field's rules."""
    lengths = []
    for rule in field.validators:
        if isinstance(rule, validate.Length):
            lengths.append(rule.max or rule.equal)
        elif isinstance(rule, validate.OneOf):
            lengths.append(max(map(len, rule.choices)))
    return min(each for each in lengths if each is not None)


def _largest_size(field: Field) -> list[Any]:
    return [
        validate.Length(max=rule.max, error=rule.error)
        for rule in field.validators
        if isinstance(rule, validate.Length)
    ]
