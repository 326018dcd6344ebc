"""The generated definitions match their tables, and object types are named in one place."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from backend.tests.house.sources import CONNECTOR, ROOT, nodes_of, python_files
from connector.domain import objects
from connector.use_cases.delivery.plan_writes import STATUS
from tools.definitions import actions, files, layout
from tools.definitions.events import event_definitions
from tools.stage import PLACEHOLDER

APP = ROOT / "hubspot-project" / "src" / "app"
OBJECTS = CONNECTOR / "domain" / "objects.py"
NAMES_OF_OBJECTS = {name for one in objects.ALL for name in (one.id, one.plural, one.wire_name)}


def constants(path: Path) -> Iterator[str]:
    for node in nodes_of(path):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_no_definition_is_stale() -> None:
    assert files.stale() == [], "run `make hubspot-definitions`"


def test_stale_changed_and_left_over_files_are_found_and_mended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "ROOT", tmp_path)
    monkeypatch.setattr(files, "APP", tmp_path)
    for folder in (*files.FOLDERS, "packages/api"):
        (tmp_path / folder).mkdir(parents=True)
    assert sorted(files.write_all()) == sorted(str(path.relative_to(tmp_path)) for path in files.generated())
    assert files.stale() == []
    (tmp_path / "app-events" / "sms-sent-lead-hsmeta.json").write_text("{}")
    changed = tmp_path / "workflow-actions" / "send-sms-hsmeta.json"
    changed.write_text(changed.read_text().replace('"isRequired": true', '"isRequired": false', 1))
    found = ["app-events/sms-sent-lead-hsmeta.json", "workflow-actions/send-sms-hsmeta.json"]
    assert files.stale() == found
    assert files.write_all() == found
    assert files.stale() == []


def without_last_status(table: dict[str, Any]) -> None:
    table["statuses"].popitem()


def other_reason(table: dict[str, Any]) -> None:
    table["reasons"]["no_such_reason"] = table["reasons"]["expired"]


def without_a_refusal(table: dict[str, Any]) -> None:
    del table["reasons"]["opted_out"]


def other_push_type(table: dict[str, Any]) -> None:
    push_type = next(field for field in table["inputs"] if field["name"] == "push_type")
    push_type["options"]["news"] = push_type["options"].pop("marketing")


def object_without_action(table: dict[str, Any]) -> None:
    table["actions"].pop()


@pytest.mark.parametrize(
    ("name", "breaking"),
    [
        ("outcomes", without_last_status),
        ("outcomes", other_reason),
        ("outcomes", without_a_refusal),
        ("actions", other_push_type),
        ("actions", object_without_action),
    ],
)
def test_table_that_differs_from_the_vocabulary_is_refused(
    name: str, breaking: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(asked: str) -> dict[str, Any]:
        table = layout.read_table(asked)
        if asked == name:
            breaking(table)
        return table

    monkeypatch.setattr(actions, "read_table", read)
    with pytest.raises(layout.TableInvalid):
        actions.action_definitions()


def test_receipts_offer_the_statuses_that_are_written() -> None:
    written = set(STATUS.values()) - {"sent"}
    for definition in event_definitions():
        properties = {each["name"]: each for each in definition["config"]["properties"]}
        if "status" in properties:
            assert {option["value"] for option in properties["status"]["options"]} == written


def test_every_variable_of_a_definition_is_in_every_profile() -> None:
    used = {name for text in files.generated().values() for name in re.findall(r"\$\{(\w+)\}", text)}
    assert len(used) > 20
    for profile in (ROOT / "hubspot-project" / "src").glob("hsprofile.*.json"):
        variables = set(json.loads(profile.read_text())["variables"])
        assert used - variables == {PLACEHOLDER[2:-1]}, (
            "it is put in by `make stage`: views can read the variables"
        )


def test_card_is_on_every_object() -> None:
    card = json.loads((APP / "cards" / "sms-card-hsmeta.json").read_text())
    assert card["config"]["objectTypes"] == [one.plural for one in objects.ALL]


def test_objects_are_named_in_one_python_file() -> None:
    files_of_product = [path for path in python_files(CONNECTOR) if path != OBJECTS]
    wrong = [
        f"{path.relative_to(ROOT)}: {constant}"
        for path in files_of_product
        for constant in constants(path)
        if constant in NAMES_OF_OBJECTS
    ]
    assert wrong == []


def test_objects_are_named_in_one_module_of_the_views() -> None:
    sources = [
        path
        for path in APP.rglob("*.ts*")
        if not {"node_modules", "testing"} & set(path.parts) and ".test." not in path.name
    ]
    assert len(sources) > 50
    named = [path.name for path in sources if re.search(r"['\"]0-\d+['\"]", path.read_text())]
    assert named == ["record-types.ts"]
