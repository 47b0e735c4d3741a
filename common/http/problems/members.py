"""Makes the members of a problem document fit to be sent, whatever a client's input put into them."""

from collections.abc import Callable, Mapping
from typing import Any

from common.http.schemas.fields import UNSTORABLE

MAX_ERRORS = 50
# Messages nest as the input does, and input far deeper than this is refused unread.
MAX_DEPTH = 100
# Of a name that the client chose.
LONGEST_NAME = 200
INT64 = range(-(2**63), 2**64)


def encodable(value: Any, translated: Callable[[str], str] = str) -> Any:
    """A copy of `value` that every JSON encoder takes, with at most MAX_ERRORS of its messages,
    each `translated`.

    Names and texts have U+FFFD in place of NUL and lone surrogates; long names are cut.
    """
    return _Copy(translated).copy(value, MAX_DEPTH)


class _Copy:
    def __init__(self, translated: Callable[[str], str]) -> None:
        self.translated = translated
        self.remaining = MAX_ERRORS

    def copy(self, value: Any, levels: int) -> Any:
        if isinstance(value, Mapping) and levels:
            return self._mapping(value, levels - 1)
        self.remaining -= 1
        if isinstance(value, list | tuple) and levels:
            return [_Copy(self.translated).copy(each, levels - 1) for each in value[:MAX_ERRORS]]
        return _scalar(self.translated(value) if isinstance(value, str) else value)

    def _mapping(self, value: Mapping[Any, Any], levels: int) -> dict[str, Any]:
        copied: dict[str, Any] = {}
        for name, member in value.items():
            if self.remaining <= 0:
                break
            copied[_name(name)] = self.copy(member, levels)
        return copied


def _name(name: Any) -> str:
    text = _text(name)
    return text if len(text) <= LONGEST_NAME else f"{text[:LONGEST_NAME - 1]}…"


def _text(value: Any) -> str:
    return UNSTORABLE.sub("\ufffd", value if isinstance(value, str) else str(value))


def _scalar(value: Any) -> Any:
    if isinstance(value, Mapping | list | tuple):
        return "…"
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int) and value in INT64:
        return value
    return _text(value)
