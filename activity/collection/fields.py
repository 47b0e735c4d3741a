"""Fields of an event that a client writes: its name, its metadata and its times."""

from datetime import datetime
from typing import Any

import orjson
from marshmallow import ValidationError, fields

from activity.catalogue import LONGEST_ACTION, is_client_action, is_reserved
from activity.log.dates import read_timestamp
from common.http.schemas.fields import Text
from common.translation import lazy_gettext, lazy_ngettext

LARGEST_METADATA = 4096
DEEPEST_METADATA = 5


class ClientAction(Text):
    """A name that a client may give to an event."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max=LONGEST_ACTION, min=3, **kwargs)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        action: str = super()._deserialize(value, *args, **kwargs)
        if not is_client_action(action):
            raise ValidationError(
                lazy_gettext(
                    "Must be a lower-case dotted name of 2 to 5 parts and at most 100 characters,"
                    " as lesson.card.opened."
                )
            )
        if is_reserved(action):
            raise ValidationError(lazy_gettext("Only the server records events of this name."))
        return action


class Metadata(fields.Dict):
    """An object of bounded size and depth. The size is that of what was sent, written compactly."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        metadata: dict[str, Any] = super()._deserialize(value, *args, **kwargs)
        if _is_deeper(metadata, DEEPEST_METADATA):
            raise ValidationError(TOO_DEEP)
        if len(orjson.dumps(metadata)) > LARGEST_METADATA:
            raise ValidationError(TOO_LARGE)
        return metadata


TOO_DEEP = lazy_ngettext(
    "Must not be nested more than {levels} level deep.",
    "Must not be nested more than {levels} levels deep.",
    "levels",
    levels=DEEPEST_METADATA,
)
TOO_LARGE = lazy_ngettext(
    "Must not exceed {bytes} byte as compact JSON.",
    "Must not exceed {bytes} bytes as compact JSON.",
    "bytes",
    bytes=LARGEST_METADATA,
)


def _is_deeper(value: Any, levels: int) -> bool:
    """Whether objects and lists nest more than `levels` deep, the outermost being the first."""
    if not isinstance(value, dict | list):
        return False
    members = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(_is_deeper(member, levels - 1) for member in members)


class ClientClock(fields.Field[datetime]):
    """A timestamp of the client's clock."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> datetime:
        try:
            return read_timestamp(value)
        except (TypeError, ValueError):
            raise ValidationError(lazy_gettext("Not a valid ISO 8601 timestamp.")) from None
