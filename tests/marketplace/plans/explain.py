"""What a statement costs, in pages of memory touched: it depends on no clock."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

# Read whole, since they have a few rows.
SMALL = {"public_subjects", "public_revision", "public_tiers"}


@dataclass(frozen=True)
class Cost:
    """8 kB pages touched, rows visited outside of indexes, tables visited and those read whole."""

    buffers: int
    heap_fetches: int
    visited: list[str]
    read_whole: set[str]


def explain(cursor: Any, statement: str, values: dict[str, Any]) -> Cost:
    cursor.execute(f"explain (analyze, buffers, timing off, format json) {statement}", values)
    plan = cursor.fetchone()[0][0]["Plan"]
    nodes = [node for node in plan_nodes(plan) if node["Actual Loops"]]
    return Cost(
        buffers=plan["Shared Hit Blocks"] + plan["Shared Read Blocks"],
        heap_fetches=sum(node.get("Heap Fetches", 0) for node in nodes),
        visited=[node["Relation Name"] for node in nodes if "Relation Name" in node],
        read_whole={node["Relation Name"] for node in nodes if node["Node Type"] == "Seq Scan"}
        - SMALL,
    )


def plan_nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from plan_nodes(child)


def run(cursor: Any, statement: str, values: dict[str, Any]) -> tuple[Cost, list[Any]]:
    """The cost of a statement, and its rows."""
    cost = explain(cursor, statement, values)
    cursor.execute(statement, values)
    return cost, cursor.fetchall()
