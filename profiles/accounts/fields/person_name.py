"""The field of a person's first or last name."""

import unicodedata
from typing import Any

from marshmallow import ValidationError

from common.http.schemas.fields import Text
from common.translation import lazy_gettext, lazy_ngettext
from profiles.accounts.fields.text import (
    MOST_MARKS,
    ONE_VISIBLE_LINE,
    has_direction_controls,
    has_stacked_marks,
    is_visible_line,
)
from profiles.accounts.models import LONGEST_NAME


class PersonName(Text):
    """A first or last name of 1-150 characters, without white space around it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min=1, max=LONGEST_NAME, **kwargs)
        self.metadata = {"pattern": ONE_VISIBLE_LINE.pattern, **self.metadata}

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        name = super()._deserialize(value, *args, **kwargs)
        # Length is checked before stripping too, so that the documented length is the one enforced.
        self._validate(name)
        if has_direction_controls(name):
            raise ValidationError(
                lazy_gettext("Must not contain characters that change the text's direction.")
            )
        if has_stacked_marks(name):
            raise ValidationError(
                lazy_ngettext(
                    "Must have at most {marks} combining mark on a letter.",
                    "Must have at most {marks} combining marks on a letter.",
                    "marks",
                    marks=MOST_MARKS,
                )
            )
        if not is_visible_line(name):
            raise ValidationError(lazy_gettext("Must be one line of text that is not blank."))
        return unicodedata.normalize("NFC", name).strip()
