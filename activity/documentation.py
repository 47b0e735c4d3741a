"""What the OpenAPI document's front page says of events, made of the catalogue."""

from activity.catalogue import ENTITIES, METADATA_KEYS
from common.docs import Table


def tables() -> list[Table]:
    """The server's actions, and the types of what they are about."""
    actions = [
        (f"`{action}`", f"`{_entity_type(action)}`", ", ".join(f"`{key}`" for key in keys))
        for action, keys in sorted(METADATA_KEYS.items())
    ]
    types = sorted({entity.type for entity in ENTITIES.values()})
    about = {
        each: ", ".join(f"`{action[0][1:-1]}`" for action in actions if action[1] == f"`{each}`")
        for each in types
    }
    return [
        Table("Action names of the server", ("`action`", "`entity_type`", "`metadata`"), actions),
        Table("Entity types", ("`entity_type`", "of"), [(f"`{a}`", b) for a, b in about.items()]),
    ]


def _entity_type(action: str) -> str:
    return (ENTITIES.get(action) or ENTITIES[action.partition(".")[0]]).type
