"""The same for the JSON Schemas of what is sent and received."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

Json = dict[str, Any]
UPPER_LIMITS = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
LOWER_LIMITS = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
ANY_TYPE = frozenset({"string", "number", "boolean", "object", "array", "null"})


class Direction(Enum):
    SENT = "sent by the client"
    RECEIVED = "received by the client"


@dataclass
class Schemas:
    """The two documents that `$ref`s lead into, and what is being compared already."""

    old: Json
    new: Json
    under_way: set[tuple[str, str, Direction]] = field(default_factory=set)


def compare(
    old: Json, new: Json, schemas: Schemas, direction: Direction, name: str
) -> Iterator[str]:
    """What of `old` no longer holds in `new`; `name` says where in the message it stands."""
    key = (repr(old), repr(new), direction)
    if key in schemas.under_way:
        return
    schemas.under_way.add(key)
    olds, news = _variants(old, schemas.old), _variants(new, schemas.new)
    old_types, new_types = _types(olds), _types(news)
    given, expected = (
        (old_types, new_types) if direction is Direction.SENT else (new_types, old_types)
    )
    if not given <= expected:
        yield f"{name} {'takes' if direction is Direction.SENT else 'has'} another type"
    else:
        matched = zip(_without_null(olds), _without_null(news), strict=False)
        for before, after in matched:
            yield from _of_values(before, after, direction, name)
            yield from _of_properties(before, after, schemas, direction, name)
            if "items" in before and "items" in after:
                yield from compare(before["items"], after["items"], schemas, direction, f"{name}[]")
    schemas.under_way.discard(key)


def _variants(schema: Json, document: Json) -> list[Json]:
    """The schema with references followed, one for each alternative."""
    if "$ref" in schema:
        found: Any = document
        for key in schema["$ref"].removeprefix("#/").split("/"):
            found = found[key]
        return _variants(found, document)
    for combination in ("anyOf", "oneOf", "allOf"):
        if combination in schema:
            return [
                variant for part in schema[combination] for variant in _variants(part, document)
            ]
    return [schema]


def _types(variants: list[Json]) -> frozenset[str]:
    types: set[str] = set()
    for variant in variants:
        stated = variant.get("type", sorted(ANY_TYPE))
        types |= {stated} if isinstance(stated, str) else set(stated)
    # Every integer is a number, and is told apart by its limits.
    return frozenset("number" if each == "integer" else each for each in types)


def _without_null(variants: list[Json]) -> list[Json]:
    return [variant for variant in variants if variant.get("type") != "null"]


def _of_values(old: Json, new: Json, direction: Direction, name: str) -> Iterator[str]:
    if direction is Direction.RECEIVED:
        return
    gone = set(map(str, old.get("enum", ()))) - set(map(str, new.get("enum", old.get("enum", ()))))
    for value in sorted(gone):
        yield f"{name} no longer takes {value}"
    if "enum" in new and "enum" not in old:
        yield f"{name} takes listed values only"
    for limit in UPPER_LIMITS:
        if limit in new and (limit not in old or new[limit] < old[limit]):
            yield f"{name} has a narrower {limit}"
    for limit in LOWER_LIMITS:
        if limit in new and (limit not in old or new[limit] > old[limit]):
            yield f"{name} has a narrower {limit}"
    if "pattern" in new and new["pattern"] != old.get("pattern"):
        yield f"{name} has another pattern"


def _of_properties(
    old: Json, new: Json, schemas: Schemas, direction: Direction, name: str
) -> Iterator[str]:
    before, after = old.get("properties", {}), new.get("properties", {})
    needed_before, needed_after = set(old.get("required", ())), set(new.get("required", ()))
    for field_name in before:
        if field_name not in after:
            yield f"{name}.{field_name} is gone"
        else:
            yield from compare(
                before[field_name], after[field_name], schemas, direction, f"{name}.{field_name}"
            )
    if direction is Direction.SENT:
        for field_name in sorted(needed_after - needed_before):
            yield f"{name}.{field_name} has become necessary"
    else:
        for field_name in sorted((needed_before - needed_after) & set(after)):
            yield f"{name}.{field_name} may be absent"
