"""Sentences that are English where they are written, and translated when they are sent.

`lazy_gettext` and `lazy_ngettext` mark them, as in Flask-Babel; the .po files are made of their
arguments, which must be literals. A marked sentence is a `str`, the English one, so that it can be
compared and documented.
"""

import json
from collections.abc import Mapping
from typing import Any


class Message(str):
    """An English sentence that remembers its template and the values in it.

    `template` and `plural` are the message ids, with `{name}` for each of `values`; the value named
    `counted` decides between the singular and the plural forms.
    """

    template: str
    plural: str | None
    counted: str | None
    values: Mapping[str, Any]

    def __new__(
        cls,
        template: str,
        plural: str | None = None,
        counted: str | None = None,
        values: Mapping[str, Any] | None = None,
    ) -> "Message":
        values = dict(values or {})
        is_plural = plural is not None and counted is not None and values.get(counted) != 1
        chosen = plural if plural is not None and is_plural else template
        message = super().__new__(cls, chosen.format(**values) if values else chosen)
        message.template, message.plural, message.counted = template, plural, counted
        message.values = values
        return message

    def format(self, *args: object, **values: object) -> "Message":
        """The same sentence with values in it. Validators of marshmallow fill in theirs by this."""
        return Message(self.template, self.plural, self.counted, {**self.values, **values})

    def to_json(self) -> str:
        """The message with its template and values, for another process."""
        return json.dumps([self.template, self.plural, self.counted, dict(self.values)])

    @classmethod
    def from_json(cls, document: str | bytes) -> "Message":
        """What `to_json` wrote."""
        return cls(*json.loads(document))


def lazy_gettext(template: str, /, **values: Any) -> Message:
    """Mark a sentence for translation; `{name}` in it stands for the value of that name.

    What is in `values` is shown as it is, unless it is a Message itself.
    """
    return Message(template, values=values)


def lazy_ngettext(singular: str, plural: str, counted: str, /, **values: Any) -> Message:
    """The same of a sentence that depends on a number: the value named `counted`."""
    return Message(singular, plural, counted, values)
