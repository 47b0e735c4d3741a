"""Strict marshmallow fields: what marshmallow would tolerate and PostgreSQL would not."""

import re
from datetime import datetime
from math import isfinite
from typing import Any

from marshmallow import ValidationError, fields, validate

from common.clock import isoformat
from common.translation import lazy_gettext, lazy_ngettext

LARGEST_INTEGER = 2_147_483_647
ASCII_INTEGER = re.compile(r"-?[0-9]{1,10}")
LONGEST_TIMESTAMP = len("2026-02-15T10:22:33.123456Z")
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

BEYOND_DOUBLE = lazy_gettext("Must be a number within the range of a double.")
NOT_TEXT = lazy_gettext("Must not contain NUL characters or half characters.")


def unstorable_values(value: Any) -> Any:
    """Messages about NUL, lone surrogates and numbers beyond a double anywhere in JSON data, nested
    as the data is, or None: no database column can hold these. A key that has one stands with U+FFFD for it.
    """
    return None if _is_storable(value) else _unstorable(value)


def _is_storable(value: Any) -> bool:
    """Whether there is nothing to say about it, found out in a fraction of the time that saying it
    takes: nearly all data is storable."""
    # Grows while it is walked through.
    nodes = [value]
    for node in nodes:
        if isinstance(node, str):
            if UNSTORABLE.search(node):
                return False
        elif isinstance(node, dict):
            nodes += node
            nodes += node.values()
        elif isinstance(node, list):
            nodes += node
        elif isinstance(node, float) and not isfinite(node):
            return False
    return True


def _unstorable(value: Any) -> Any:
    if isinstance(value, float) and not isfinite(value):
        return [BEYOND_DOUBLE]
    if isinstance(value, str):
        return [NOT_TEXT] if _bad(value) else None
    found: dict[str, Any]
    if isinstance(value, list):
        found = {str(index): _unstorable(member) for index, member in enumerate(value)}
    elif isinstance(value, dict):
        found = {}
        for key, member in value.items():
            # Another key may be spelt with U+FFFD itself.
            shown = UNSTORABLE.sub("\ufffd", key)
            found[shown] = found.get(shown) or _unstorable(key) or _unstorable(member)
    else:
        return None
    return {key: messages for key, messages in found.items() if messages} or None


def _bad(text: str) -> bool:
    return UNSTORABLE.search(text) is not None


def refuse_unstorable(value: Any) -> None:
    """Raises ValidationError when a database column could not hold the text in `value`."""
    messages = unstorable_values(value)
    if messages:
        raise ValidationError(messages)


EXACT_LENGTH = lazy_ngettext(
    "Must be exactly {equal} character long.",
    "Must be exactly {equal} characters long.",
    "equal",
)


def _length(shortest: int, longest: int) -> validate.Length:
    if shortest == longest:
        return validate.Length(equal=longest, error=EXACT_LENGTH)
    return validate.Length(min=shortest or None, max=longest)


class Text(fields.String):
    """A string of `min` to `max` characters that PostgreSQL can store."""

    def __init__(self, *, max: int, min: int = 0, **kwargs: Any) -> None:
        rules = kwargs.pop("validate", [])
        rules = [rules] if callable(rules) else list(rules)
        super().__init__(validate=[_length(min, max), *rules], **kwargs)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, *args, **kwargs)
        refuse_unstorable(text)
        return text


class OpaqueToken(fields.String):
    """A token of at most `max` characters that the service has issued.

    Any other string is read as the empty one, which is no token: it is refused as one that does
    not work is, and not for its form.
    """

    def __init__(self, *, max: int, **kwargs: Any) -> None:
        super().__init__(required=True, load_only=True, **kwargs)
        self._max = max
        self.metadata = {"maxLength": max, **self.metadata}

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, *args, **kwargs)
        is_token = len(text) <= self._max and text.isascii() and text.isprintable()
        return text if is_token else ""


class Integer(fields.Integer):
    """A 32-bit integer from `min` to `max`: a JSON number, or plain ASCII digits in a query."""

    def __init__(self, *, min: int = 0, max: int = LARGEST_INTEGER, **kwargs: Any) -> None:
        rules = kwargs.pop("validate", [])
        rules = [rules] if callable(rules) else list(rules)
        super().__init__(validate=[validate.Range(min=min, max=max), *rules], **kwargs)
        self.metadata = {"format": "int32", **self.metadata}

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> int:
        if isinstance(value, str) and ASCII_INTEGER.fullmatch(value):
            return int(value)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        # JSON Schema counts 5.0 as an integer.
        if isinstance(value, float) and value.is_integer():
            return int(value)
        raise ValidationError(lazy_gettext("Not a valid integer."))


class BodyInteger(Integer):
    """An integer in a JSON body, where a string of digits is a mistake."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> int:
        if isinstance(value, str):
            raise ValidationError(lazy_gettext("Not a valid integer."))
        return super()._deserialize(value, *args, **kwargs)


class Flag(fields.Boolean):
    """A JSON boolean; in a query `true` or `false`, nothing else."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> bool:
        if isinstance(value, bool):
            return value
        if value in ("true", "false"):
            return value == "true"
        raise ValidationError(lazy_gettext("Must be true or false."))


class BodyFlag(fields.Boolean):
    """A JSON boolean, nothing else."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> bool:
        if isinstance(value, bool):
            return value
        raise ValidationError(lazy_gettext("Must be true or false."))


class Timestamp(fields.Field):
    """A timestamp, dumped as ISO 8601 in UTC with `Z`; input goes through the domain's own rules."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.metadata = {"maxLength": LONGEST_TIMESTAMP, **self.metadata}

    def _serialize(self, value: datetime | str | None, *args: Any, **kwargs: Any) -> str | None:
        return isoformat(value) if isinstance(value, datetime) else value


class Separated(fields.List):
    """A query parameter that may be repeated or comma-separated: `a,b&x=c` reads as three."""

    def parts(self, value: Any) -> list[Any]:
        """The members of a parameter's value or values, each still to be read by `inner`."""
        if isinstance(value, str):
            value = [value]
        parts = [
            part.strip() if isinstance(part, str) else part
            for item in value
            for part in (item.split(",") if isinstance(item, str) else [item])
        ]
        return [part for part in parts if part != ""]

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> list[Any]:
        return super()._deserialize(self.parts(value), *args, **kwargs)
