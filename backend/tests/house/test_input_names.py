"""A refusal of a view's input names it in words: each field that a person fills in has its name in both languages."""

import json
from collections.abc import Iterator
from importlib import import_module

import pytest
from marshmallow import Schema, fields

from backend.tests.house.sources import CONNECTOR, python_files
from backend.tests.house.test_house_rules import TEXTS

# Inputs that no person fills in; their sentence speaks of the page's data.
OF_THE_PAGE = {
    "after_id",
    "after_name",
    "draft",
    "id",
    "idempotency_key",
    "ids",
    "may_repeat",
    "number_object_id",
    "number_object_type_id",
    "object_id",
    "object_type_id",
    "version",
    "written_at",
}


def subclasses(schema: type[Schema]) -> Iterator[type[Schema]]:
    for each in schema.__subclasses__():
        yield each
        yield from subclasses(each)


def inputs() -> set[str]:
    """The names that `read_body` may refuse: first-level fields of the schemas, and parts of nested ones."""
    for path in python_files(CONNECTOR / "inbound"):
        import_module(".".join(path.relative_to(CONNECTOR.parent).with_suffix("").parts))
    ours = [
        each
        for each in subclasses(Schema)
        if each.__module__.startswith("connector.") or "Schema" in each.__name__
    ]
    nested = {
        type(field.schema)
        for each in ours
        for field in each._declared_fields.values()
        if isinstance(field, fields.Nested)
    }
    return {name for each in ours if each not in nested for name in each._declared_fields}


@pytest.mark.parametrize("language", ["fr", "en"])
def test_input_of_a_person_has_a_name(language: str) -> None:
    texts = json.loads((TEXTS / f"{language}.json").read_text())
    found = inputs()
    assert {"text", "hourly_cap", "once_within_h", "default_country", "settings"} <= found
    nameless = {name for name in found if f"field.{name}" not in texts} - OF_THE_PAGE
    assert nameless == set()
