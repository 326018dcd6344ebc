"""Rows as JSON: shared values are sent once, and no value of a row is lost."""

import json
from dataclasses import dataclass

import pytest

from connector.store.json_rows import as_json


@dataclass(frozen=True)
class Row:
    number: int
    text: str
    note: str | None


@pytest.mark.parametrize(
    ("rows", "shared", "others"),
    [
        (
            [Row(1, "a", None), Row(2, "a", None)],
            {"text": "a", "note": None},
            [{"number": 1}, {"number": 2}],
        ),
        (
            [Row(1, "a", None), Row(1, "b", "x")],
            {"number": 1},
            [{"text": "a", "note": None}, {"text": "b", "note": "x"}],
        ),
        ([Row(1, "a", None)], {"number": 1, "text": "a", "note": None}, [{}]),
        ([Row(1, "a", None)] * 2, {"number": 1, "text": "a", "note": None}, [{}, {}]),
    ],
)
def test_shared_and_other_fields(
    rows: list[Row], shared: dict[str, object], others: list[dict[str, object]]
) -> None:
    given = as_json(rows, ("number", "text", "note"))
    assert [json.loads(part) for part in given] == [shared, others]
