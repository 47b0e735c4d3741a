"""Rules of the values only profiles have: short phrases, lists without repeats, languages."""

import unicodedata
from collections.abc import Callable, Hashable, Iterable
from typing import Any

from marshmallow import ValidationError, fields, validate

from common.http.schemas.fields import Text
from common.translation import lazy_gettext, lazy_ngettext
from profiles.accounts.fields.text import clean_line, looks_blank
from profiles.languages import LANGUAGES
from profiles.subjects import subject_code


class Phrase(Text):
    """A short text in a list: not blank, white space tidied."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, *args, **kwargs)
        # Measured before it is tidied too, so that the documented length is the one that holds.
        self._validate(text)
        text = " ".join(unicodedata.normalize("NFC", clean_line(text)).split())
        if looks_blank(text):
            raise ValidationError(lazy_gettext("Must not be blank."))
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


class SubjectName(Phrase):
    """A phrase that has a subject's code, so that it can be counted and filtered by."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, *args, **kwargs)
        if not subject_code(text):
            raise ValidationError(lazy_gettext("Must not consist of commas and accents alone."))
        return text


def phrases(*, most: int, longest: int) -> fields.List:
    """A list of at most `most` phrases, which may repeat."""
    return fields.List(_phrase(Phrase, longest), validate=[_at_most(most)])


def subjects(*, most: int, longest: int) -> fields.List:
    """A list of at most `most` subjects, none named twice, whatever the case."""
    return fields.List(
        _phrase(SubjectName, longest),
        validate=[_at_most(most), lambda values: _refuse_repeats(values, same_subject)],
        metadata={"uniqueItems": True},
    )


def _phrase(kind: type[Phrase], longest: int) -> Phrase:
    return kind(min=1, max=longest, metadata={"pattern": r"\S"})


def languages() -> fields.List:
    """A list of languages, none named twice."""
    return fields.List(
        Choice(sorted(LANGUAGES), error=lazy_gettext("Not an ISO 639-1 language code.")),
        validate=[_at_most(len(LANGUAGES)), lambda values: _refuse_repeats(values, same_word)],
        metadata={"uniqueItems": True},
    )


AT_MOST = lazy_ngettext("Must have at most {max} item.", "Must have at most {max} items.", "max")


def _at_most(count: int) -> validate.Length:
    return validate.Length(max=count, error=AT_MOST)


def same_word(text: str) -> str:
    """What two spellings of one word share: case and the form of characters do not count."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(unicodedata.normalize("NFKC", folded).split())


def same_subject(text: str) -> tuple[str, str]:
    """What two spellings of one subject share: those with different codes are different subjects.

    A code alone would be too coarse: "Math" and "Математика" have one, and both may be listed.
    """
    return same_word(text), subject_code(text)


def _refuse_repeats(values: list[str], key: Callable[[str], Hashable]) -> None:
    """Names the place and not the value: what people write of themselves is in no error."""
    seen: set[Hashable] = set()
    for number, word in enumerate(map(key, values), start=1):
        if word in seen:
            raise ValidationError(
                lazy_gettext("Number {number} must not repeat an earlier one.", number=number)
            )
        seen.add(word)
