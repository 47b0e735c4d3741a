"""Reads a valid query by the fields and rules of its schema, without the library's machinery.

webargs and marshmallow visit every field that a schema has, through a proxy of the query, and
gather all that is wrong with each: most of what reading a query costs. Nearly all queries are
valid, and name a few parameters. These are read here, each by its own marshmallow field, and all
by the schema's own rules. Any doubt leaves the query to the library, which names every mistake.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote_to_bytes

from marshmallow import RAISE
from marshmallow import Schema as MarshmallowSchema
from marshmallow import ValidationError, fields, missing

from common.http.schemas.fields import Separated

# Written as we would write it, names without escapes, so that it can be taken over as it is.
_PARAMETER = r"[a-z_]+=(?:[A-Za-z0-9_.~+-]|%[0-9A-F]{2})*"
PLAIN_QUERY = re.compile(f"({_PARAMETER}(&{_PARAMETER})*)?")
# Of marshmallow's hooks, by their names in its table.
BEFORE, RULES, AFTER, OF_FIELDS = (
    "pre_load",
    "validates_schema",
    "post_load",
    "validates",
)
VALIDATE = fields.Field._validate
OPTIONS: Mapping[str, Any] = {"many": False, "partial": None, "unknown": RAISE}


class PlainQueryReader:
    """Reads queries for one schema. Raises TypeError for a schema that says more than is read here:
    one that changes its input first, wants the original input, or requires a parameter.
    """

    def __init__(self, schema: MarshmallowSchema, ignored: frozenset[str]) -> None:
        """`ignored`: names of the schema's hooks that do nothing to a query."""
        # marshmallow names its hooks nowhere else; tests hold both readers to the same answers.
        hooks = schema._hooks
        before = {name for name, _, _ in [*hooks[BEFORE], *hooks[OF_FIELDS]]}
        after = [*hooks[RULES], *hooks[AFTER]]
        unusual = any(many or options.get("pass_original") for _, many, options in after)
        if unusual or before - ignored or any(map(_is_unusual, schema.load_fields.values())):
            raise TypeError(f"{type(schema).__name__} is more than a plain query")
        self._fields = {
            name: (_reader_of(field), field.attribute or name, isinstance(field, fields.List))
            for name, field in schema.load_fields.items()
        }
        defaults = {
            field.attribute or name: field.load_default
            for name, field in schema.load_fields.items()
            if field.load_default is not missing
        }
        self._factories = {name: each for name, each in defaults.items() if callable(each)}
        self._defaults = {name: each for name, each in defaults.items() if not callable(each)}
        self._rules = [_bound(schema, name) for name, _, _ in hooks[RULES]]
        self._after = [_bound(schema, name) for name, _, _ in hooks[AFTER]]

    def read(self, query: str) -> Any | None:
        """The schema's value of a query string; None where the library is to read it."""
        if not PLAIN_QUERY.fullmatch(query) or "%00" in query:
            return None
        values: Any = self._defaults | {name: make() for name, make in self._factories.items()}
        given: dict[str, Any] = {}
        try:
            for parameter in query.split("&") if query else ():
                name, _, text = parameter.partition("=")
                _, _, is_list = self._fields[name]
                if not text:
                    # As forms send what nobody filled in.
                    continue
                if is_list:
                    given.setdefault(name, []).append(_decoded(text))
                elif name in given:
                    return None
                else:
                    given[name] = _decoded(text)
            for name, value in given.items():
                read, attribute, _ = self._fields[name]
                values[attribute] = read(value, name, given)
            for rule in self._rules:
                rule(values, **OPTIONS)
            for function in self._after:
                values = function(values, **OPTIONS)
        except (KeyError, UnicodeDecodeError, ValidationError):
            return None
        return values


def _reader_of(field: fields.Field[Any]) -> Callable[..., Any]:
    """What `field.deserialize` does with text, or a list of texts, without what it does for other
    values; of several mistakes the first is raised."""
    kind = type(field)
    is_usual = kind.deserialize is fields.Field.deserialize and kind._validate is VALIDATE
    if not is_usual or field.pre_load or field.post_load:
        return field.deserialize
    convert, rules = field._deserialize, tuple(field.validators)
    if isinstance(field, Separated) and kind is Separated:
        convert = _reader_of_parts(field)

    def read(value: Any, name: str, given: Mapping[str, Any]) -> Any:
        value = convert(value, name, given)
        for rule in rules:
            rule(value)
        return value

    return read


def _reader_of_parts(field: Separated) -> Callable[..., Any]:
    split, read = field.parts, _reader_of(field.inner)
    return lambda texts, name, given: [read(part, name, given) for part in split(texts)]


def _is_unusual(field: fields.Field[Any]) -> bool:
    return bool(field.required or field.data_key)


def _bound(schema: MarshmallowSchema, name: str) -> Callable[..., Any]:
    method: Callable[..., Any] = getattr(schema, name)
    return method


def _decoded(text: str) -> str:
    """Raises UnicodeDecodeError."""
    if "%" in text or "+" in text:
        return unquote_to_bytes(text.replace("+", " ")).decode()
    return text
