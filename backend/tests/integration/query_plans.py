"""Reads query plans from EXPLAIN (FORMAT JSON)."""

from typing import Any


def nodes_of(plan: dict[str, Any]) -> list[dict[str, Any]]:
    """A plan's node and all below it."""
    return [plan, *(node for child in plan.get("Plans", []) for node in nodes_of(child))]
