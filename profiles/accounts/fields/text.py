"""Rules for text that other people see: no control characters, no text that looks blank.

Names refuse what breaks a rule; free texts, which people paste from elsewhere, are cleaned of it.
Character classes are spelled out, so that the documented patterns mean the same to clients whose
regular expressions know no Unicode categories.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Any

from common.http.schemas.fields import Text

# Unicode's Default_Ignorable_Code_Point, and U+2800, the braille pattern without a dot.
INVISIBLE = (
    r"\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    r"\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8"
)
# C0, C1, and the line and paragraph separators.
CONTROL = r"\u0000-\u001f\u007f-\u009f\u2028\u2029"
# Embeddings, overrides and isolates of UAX #9: left open, they reorder whatever follows on a page.
DIRECTION = r"\u202a-\u202e\u2066-\u2069"
# Interlinear annotations and the place of an embedded object, which mean nothing outside their document.
FOREIGN = r"\ufff9-\ufffc"
# Blocks of combining marks, which show nothing by themselves.
COMBINING = r"\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"

# UTS #39, section 5.4: more nonspacing marks in a row than any language writes cover what stands around.
MOST_MARKS = 4

ONE_VISIBLE_LINE = re.compile(
    f"^[^{CONTROL}{DIRECTION}{FOREIGN}]*"
    rf"[^\s{CONTROL}{INVISIBLE}{COMBINING}{FOREIGN}]"
    f"[^{CONTROL}{DIRECTION}{FOREIGN}]*$"
)
# Beyond the basic plane: the empty note head, musical controls, and tags.
_INVISIBLE_SIGN = re.compile(
    f"[{INVISIBLE}{FOREIGN}\U0001d159\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_LINE_BREAK = re.compile(r"\r\n|[\r\v\f\u0085\u2028\u2029]")
_REMOVED = re.compile(rf"[\u0000-\u0008\u000e-\u001f\u007f-\u009f{DIRECTION}{FOREIGN}]")


def has_invisible(text: str) -> bool:
    """Whether the text holds a character that shows nothing, spaces aside."""
    return _INVISIBLE_SIGN.search(text) is not None


def has_direction_controls(text: str) -> bool:
    """Whether the text could reorder what is shown after it."""
    return re.search(f"[{DIRECTION}]", text) is not None


def has_stacked_marks(text: str) -> bool:
    """Whether a letter carries more than MOST_MARKS marks, invisible characters between them aside."""
    count = 0
    for sign in unicodedata.normalize("NFD", text):
        category = unicodedata.category(sign)
        if category in ("Mn", "Me"):
            count += 1
        elif category != "Cf":
            count = 0
        if count > MOST_MARKS:
            return True
    return False


def without_invisible_ends(text: str) -> str:
    """The text without white space and invisible characters at its ends, as pasting brings them."""
    while (stripped := _strip_one_kind(text)) != text:
        text = stripped
    return text


def _strip_one_kind(text: str) -> str:
    text = text.strip()
    if text and _INVISIBLE_SIGN.match(text[0]):
        text = text[1:]
    if text and _INVISIBLE_SIGN.match(text[-1]):
        text = text[:-1]
    return text


def looks_blank(text: str) -> bool:
    """Whether nothing would be seen: only spaces, invisible characters and combining marks."""
    # Nearly always the first sign tells.
    return not (text and _is_visible(text[0]) or any(map(_is_visible, text)))


@lru_cache(maxsize=4_096)
def _is_visible(sign: str) -> bool:
    return unicodedata.category(sign)[0] not in "ZCM" and not has_invisible(sign)


def is_visible_line(text: str) -> bool:
    """Whether the text is one line, without direction controls, in which something is seen."""
    return ONE_VISIBLE_LINE.fullmatch(text) is not None and not looks_blank(text)


def clean_lines(text: str) -> str:
    """The text with `\\n` for every line break, without control, direction and annotation characters."""
    return _REMOVED.sub("", _LINE_BREAK.sub("\n", text))


def clean_line(text: str) -> str:
    """As clean_lines, with spaces for line breaks and tabs."""
    return re.sub(r"[\n\t]", " ", clean_lines(text))


class OneLine(Text):
    """A free text on one line, cleaned."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, *args, **kwargs)
        # Length is checked before cleaning too, so that the documented length is the one enforced.
        self._validate(text)
        return clean_line(text)


class Lines(Text):
    """A free text of any number of lines, cleaned."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, *args, **kwargs)
        self._validate(text)
        return clean_lines(text)
