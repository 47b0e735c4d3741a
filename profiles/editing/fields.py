"""What the values of a profile look like: texts, lists without repeats, languages, numbers.

Each field checks a value for publishing; `for_draft` makes of it the laxer one of an unfinished
draft, so that no rule is told twice.
"""

import unicodedata
from collections.abc import Callable
from copy import copy
from typing import Any

from marshmallow import ValidationError, fields, validate

from common.http.fields import BodyFlag, BodyInteger, Text
from profiles.accounts.fields import PersonName, Timezone
from profiles.languages import LANGUAGES

Field = fields.Field[Any]

# What JSON readers everywhere hold exactly (RFC 8259 §6).
LARGEST_EXACT_INTEGER = 2**53 - 1


class Phrase(Text):
    """A short text in a list: not blank, white space tidied."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, *args, **kwargs)
        # Measured before it is tidied too, so that the documented length is the one that holds.
        self._validate(text)
        text = " ".join(unicodedata.normalize("NFC", text).split())
        if not text:
            raise ValidationError("Must not be blank.")
        return text


def phrases(*, most: int, longest: int, distinct: bool = False) -> fields.List:
    """A list of at most `most` phrases; a `distinct` one repeats none, whatever the case."""
    rules: list[Callable[[Any], Any]] = [validate.Length(max=most)]
    if distinct:
        rules.append(_refuse_repeats)
    return fields.List(
        Phrase(min=1, max=longest, metadata={"pattern": r"\S"}),
        validate=rules,
        metadata={"uniqueItems": True} if distinct else {},
    )


def languages() -> fields.List:
    """A list of languages, none named twice."""
    return fields.List(
        Text(
            min=2,
            max=2,
            validate=validate.OneOf(sorted(LANGUAGES), error="Not an ISO 639-1 language code."),
        ),
        validate=[validate.Length(max=len(LANGUAGES)), _refuse_repeats],
        metadata={"uniqueItems": True},
    )


def same_word(text: str) -> str:
    """What two spellings of one word share: case and the form of characters do not count."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(unicodedata.normalize("NFKC", folded).split())


def _refuse_repeats(values: list[str]) -> None:
    """Names the place and not the value: what people write of themselves is in no error."""
    seen: set[str] = set()
    for number, word in enumerate(map(same_word, values), start=1):
        if word in seen:
            raise ValidationError(f"Number {number} must not repeat an earlier one.")
        seen.add(word)


def for_draft(field: Field) -> Field:
    """As `field`, for an unfinished value: type and largest size are checked, nothing else.

    `null` is a value of a draft everywhere; whether the field may be cleared is asked when it is
    published.
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
        (longest,) = _largest_size(field)
        return Text(max=longest.max)
    raise TypeError(f"a draft of {type(field).__name__} is not foreseen")


def _largest_size(field: Field) -> list[Any]:
    return [
        validate.Length(max=rule.max)
        for rule in field.validators
        if isinstance(rule, validate.Length)
    ]


__all__ = [
    "BodyFlag",
    "BodyInteger",
    "Field",
    "PersonName",
    "Phrase",
    "Text",
    "Timezone",
    "for_draft",
    "languages",
    "phrases",
    "same_word",
]
