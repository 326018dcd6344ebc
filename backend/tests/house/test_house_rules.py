"""Rules about the repository itself: allowed imports, guarded routes, complete documents."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.tests.house.sources import CONNECTOR, ROOT, nodes_of, python_files
from connector.domain.refusals import Code
from connector.inbound.routes import ROUTES, VIEW_PREFIX
from connector.settings import _VARIABLES, Settings, SettingsInvalid

APP = ROOT / "hubspot-project" / "src" / "app"
TEXTS = APP / "packages" / "i18n"

_TOGETHER = {"settings", "wiring"}  # they connect the parts of a process
_ALL_BELOW = {"crm", "use_cases", "store", "domain", "smsfactor", "hubspot", *_TOGETHER}
# room -> rooms that it may import (docs/flow.md). Modules directly in the package connect the parts of a process.
MAY_IMPORT = {
    "domain": {"domain"},
    # The adapters share http_transport.py alone: the common parts of an HTTP call.
    "smsfactor": {"smsfactor", "domain", "http_transport"},
    "hubspot": {"hubspot", "domain", "http_transport"},
    "store": {"store", "domain"},
    "use_cases": {"use_cases", "store", "domain"},
    "crm": {"crm", "use_cases", "store", "hubspot", "domain"},
    "inbound": {"inbound", *_ALL_BELOW},
    "worker": {"worker", *_ALL_BELOW},
}


def imports_of(path: Path) -> Iterator[str]:
    for node in nodes_of(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("room", sorted(MAY_IMPORT))
def test_rooms_import_only_what_they_may(room: str) -> None:
    files = python_files(CONNECTOR / room)
    assert files, f"there is no room {room}"
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in files
        for name in imports_of(path)
        if name.startswith("connector.") and name.split(".")[1] not in MAY_IMPORT[room]
    ]
    assert wrong == []


def test_every_room_has_a_rule() -> None:
    rooms = {path.name for path in CONNECTOR.iterdir() if (path / "__init__.py").exists()}
    assert rooms == set(MAY_IMPORT)


def test_product_and_sandbox_never_import_each_other() -> None:
    wrong = [str(p) for p in python_files(CONNECTOR) for n in imports_of(p) if n.split(".")[0] == "sandbox"]
    sandbox = [p for p in python_files(ROOT / "sandbox") if "tests" not in p.parts]
    wrong += [str(p) for p in sandbox for n in imports_of(p) if n.split(".")[0] == "connector"]
    assert wrong == []


def test_every_file_says_first_what_it_is_for() -> None:
    folders = [ROOT / name for name in ("backend", "sandbox", "tools", "ui-tests")]
    modules = [(path, nodes_of(path)[0]) for folder in folders for path in python_files(folder)]
    silent = [
        str(path.relative_to(ROOT))
        for path, module in modules
        if isinstance(module, ast.Module) and module.body and not ast.get_docstring(module)
    ]
    assert modules
    assert silent == []


def test_settings_and_their_example_agree() -> None:
    example = (ROOT / ".env.example").read_text()
    shown = dict(re.findall(r"^([A-Z_]+)=(.*)$", example, re.MULTILINE))
    assert set(shown) == {variable for variable, _, _ in _VARIABLES.values()}
    defaults = {variable: default for variable, _, default in _VARIABLES.values() if default is not None}
    assert {name: shown[name] for name in defaults} == defaults
    assert {field for field in Settings.__dataclass_fields__} == set(_VARIABLES)


def test_missing_settings_are_all_named_and_no_value_is_shown() -> None:
    with pytest.raises(SettingsInvalid) as fault:
        Settings.from_environment({"SECRET_KEYS": "not-a-key", "HUBSPOT_APP_ID": "12"})
    text = str(fault.value)
    for name in (
        "DATABASE_URL",
        "PUBLIC_BASE_URL",
        "HUBSPOT_CLIENT_ID",
        "HUBSPOT_CLIENT_SECRET",
        "SECRET_KEYS",
    ):
        assert name in text
    assert "not-a-key" not in text


def test_one_migration_follows_another() -> None:
    versions = [path.read_text() for path in python_files(ROOT / "backend" / "migrations" / "versions")]
    revisions = [re.search(r'^revision = "(\w+)"', text, re.MULTILINE) for text in versions]
    parents = [re.search(r'^down_revision = (?:"(\w+)"|None)', text, re.MULTILINE) for text in versions]
    names = [match.group(1) for match in revisions if match]
    assert [match.group(1) for match in parents if match] == [None, *names[:-1]]


def test_every_call_to_hubspot_passes_through_the_budget() -> None:
    """Only crm/access.py creates clients, and always with a gate (protocol P23)."""
    makers = [
        str(p.relative_to(CONNECTOR)) for p in python_files(CONNECTOR) if "api.portal(" in p.read_text()
    ]
    assert makers == ["crm/access.py"]
    calls = re.findall(r"api\.portal\(([^)]*)\)", (CONNECTOR / "crm/access.py").read_text())
    assert calls
    assert all(", gate" in call for call in calls)


# Names in HubSpot's JSON and URLs that must not appear outside the adapter.
_WIRE_NAMES = {
    "callbackId",
    "fetchOptions",
    "hs_execution_state",
    "hs_expiration_duration",
    "inputFields",
    "objectId",
    "objectTypeId",
    "outputFields",
    "portalId",
    "propertyName",
    "typedInputs",
    "typedOutputs",
    "userEmail",
    "userId",
    "workflowId",
}


def test_wire_names_of_hubspot_stand_in_its_adapter_alone() -> None:
    found = {
        str(path.relative_to(CONNECTOR)): names
        for path in python_files(CONNECTOR)
        if (names := sorted(_WIRE_NAMES & set(re.findall(r"\w+", path.read_text()))))
    }
    inside = [name for path, names in found.items() if path.startswith("hubspot/") for name in names]
    assert set(inside) == _WIRE_NAMES
    assert {path: names for path, names in found.items() if not path.startswith("hubspot/")} == {}


def test_every_error_code_is_documented() -> None:
    documented = (ROOT / "docs" / "errors.md").read_text()
    assert [code.value for code in Code if f"`{code.value}`" not in documented] == []


def test_every_reason_of_a_message_has_its_sentences() -> None:
    documented = (ROOT / "docs" / "errors.md").read_text()
    section = documented.split("## Reasons of a message")[1].split("\n## ")[0]
    reasons = re.findall(r"^\| `(\w+)`", section, re.MULTILINE)
    assert len(reasons) >= 25
    for language in ("en", "fr"):
        texts = json.loads((TEXTS / f"{language}.json").read_text())
        assert [reason for reason in reasons if f"reason.{reason}" not in texts] == []


def test_every_route_is_documented() -> None:
    documented = (ROOT / "docs" / "http-api.md").read_text()
    assert len(ROUTES) >= 30
    assert [r.path for r in ROUTES if f"`{r.method} {r.path}`" not in documented] == []


def test_views_are_permitted_to_call_their_own_routes_alone() -> None:
    """One prefix in the backend, in the views and in the app's permission; widen the permission alone if need be."""
    app = json.loads((APP / "app-hsmeta.json").read_text())
    assert app["config"]["permittedUrls"]["fetch"] == ["${BACKEND_URL}" + VIEW_PREFIX]
    api = (APP / "packages" / "api" / "api.ts").read_text()
    assert f"VIEW_PREFIX = '{VIEW_PREFIX}'" in api
