"""Rules of the values only profiles have: short phrases, lists without repeats, languages."""

import unicodedata
from collections.abc import Callable, Iterable
from typing import Any

from marshmallow import ValidationError, fields, validate

from common.http.fields import Text
from profiles.accounts.text import clean_line, looks_blank
from profiles.languages import LANGUAGES


class Phrase(Text):
    """A short text in a list: not blank, white space tidied."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, *args, **kwargs)
        # Measured before it is tidied too, so that the documented length is the one that holds.
        self._validate(text)
        text = " ".join(unicodedata.normalize("NFC", clean_line(text)).split())
        if looks_blank(text):
            raise ValidationError("Must not be blank.")
        return text


class Choice(Text):
    """One of a few words. What is none of them gets that one message, whatever its length."""

    def __init__(self, choices: Iterable[str], *, error: str | None = None) -> None:
        words = list(choices)
        lengths = [len(word) for word in words]
        super().__init__(max=max(lengths), metadata={"maxLength": max(lengths)})
        if min(lengths) == max(lengths):
            self.metadata = {"minLength": min(lengths), **self.metadata}
        self.validators = [validate.OneOf(words, error=error)]


def phrases(*, most: int, longest: int, distinct: bool = False) -> fields.List:
    """A list of at most `most` phrases; a `distinct` one repeats none, whatever the case."""
    rules: list[Callable[[Any], Any]] = [_at_most(most)]
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
        Choice(sorted(LANGUAGES), error="Not an ISO 639-1 language code."),
        validate=[_at_most(len(LANGUAGES)), _refuse_repeats],
        metadata={"uniqueItems": True},
    )


def _at_most(count: int) -> validate.Length:
    return validate.Length(max=count, error="Must have at most {max} items.")


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
