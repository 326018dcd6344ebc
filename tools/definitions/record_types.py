"""Generates the views' TypeScript table of object types, so that domain/objects.py stays the only source."""

from connector.domain import objects

_TEMPLATE = """/**
 * Objects whose records have no phone number of their own: an SMS goes to the records associated with them.
 *
 * Written by `make hubspot-definitions` from backend/connector/domain/objects.py; do not edit.
 */
export const WITHOUT_NUMBERS = [
{rows}
] as const;
"""


def record_types_module() -> str:
    """Text of packages/api/record-types.ts, formatted as prettier does."""
    rows = []
    for one in objects.ALL:
        people = ", ".join(f"{objects.OBJECT_TYPES[id_].plural}: '{id_}'" for id_ in one.people)
        if people:
            rows.append(f"  {{ id: '{one.id}', name: '{one.name}', people: {{ {people} }} }},")
    return _TEMPLATE.replace("{rows}", "\n".join(rows))
