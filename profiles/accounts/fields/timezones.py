"""IANA time zones: their names, and fields that take one."""

from functools import cache
from importlib.resources import files
from typing import Any

from marshmallow import ValidationError

from common.http.schemas.fields import Text
from common.translation import lazy_gettext

DEFAULT_TIMEZONE = "Europe/Kyiv"
LONGEST_TIMEZONE = 64
# Longer than any browser's.
LONGEST_REPORTED = 255
# Stands for "not set yet".
NOT_ZONES = {"Factory"}
# The form of a name. Not a list of them: it changes several times a year.
PATTERN = r"^\s*[A-Za-z][A-Za-z0-9_+/-]*\s*$"
EXAMPLES = ["Europe/Kyiv", "America/Argentina/Buenos_Aires", "UTC"]


@cache
def timezones() -> frozenset[str]:
    """The IANA names of the world's time zones: the same on every machine, whatever it has."""
    names = files("tzdata").joinpath("zones").read_text(encoding="utf-8").split()
    return frozenset(names) - NOT_ZONES


@cache
def _names_by_key() -> dict[str, str]:
    return {name.casefold(): name for name in timezones()}


def find_timezone(text: str) -> str | None:
    """The IANA name that the text means, in any case and with white space around; or None."""
    return _names_by_key().get(text.strip().casefold())


class Timezone(Text):
    """The IANA name of a time zone, stored as the IANA spells it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min=1, max=LONGEST_TIMEZONE, **kwargs)
        self.metadata = {"pattern": PATTERN, "examples": EXAMPLES, **self.metadata}

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        name = find_timezone(super()._deserialize(value, *args, **kwargs))
        if name is None:
            raise ValidationError(
                lazy_gettext("Not the IANA name of a time zone, such as Europe/Kyiv.")
            )
        return name


class ReportedTimezone(Text):
    """What a browser reports by itself: anything but a known name means the default zone."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            max=LONGEST_REPORTED,
            allow_none=True,
            load_default=lambda: DEFAULT_TIMEZONE,
            metadata={
                "description": "An IANA time zone. Absent, null or unknown (browsers report names"
                f" such as `Etc/Unknown`): {DEFAULT_TIMEZONE}.",
                "examples": EXAMPLES,
            },
            **kwargs,
        )

    def deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        text = super().deserialize(value, *args, **kwargs)
        return find_timezone(text or "") or DEFAULT_TIMEZONE
