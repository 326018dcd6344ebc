"""The simulator installs only a project it understands."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox.hubspot_sim.project import load_project
from sandbox.hubspot_sim.project_errors import ProjectError
from sandbox.hubspot_sim.testing import CLIENT_ID, CLIENT_SECRET, TIMEOUT_S, example_project, write_build
from sandbox.processes import ROOT


def component(project: dict[str, Any], uid: str) -> dict[str, Any]:
    return next(item for item in project["components"] if item["uid"] == uid)


def test_a_sound_project_loads(tmp_path: Path) -> None:
    project = load_project(write_build(tmp_path))
    assert [(found.uid, found.location) for found in project.extensions] == [
        ("card", "crm.record.sidebar"),
        ("settings", "settings"),
    ]
    assert project.extensions[0].object_types == ("0-1", "0-3")
    assert project.event_types["sms_sent_company"].kind.plural == "companies"
    assert project.event_types["sms_sent_contact"].properties["push_type"].options == ("alert", "marketing")


def _unknown_type(project: dict[str, Any]) -> None:
    component(project, "card")["type"] = "carte"


def _no_bundle(project: dict[str, Any]) -> None:
    component(project, "card")["bundle"] = "bundles/Gone.js"


def _wrong_property_type(project: dict[str, Any]) -> None:
    component(project, "sms_sent_contact")["config"]["properties"][0]["type"] = "text"


def _no_options(project: dict[str, Any]) -> None:
    del component(project, "sms_sent_contact")["config"]["properties"][4]["options"]


def _unknown_object(project: dict[str, Any]) -> None:
    component(project, "sms_sent_contact")["config"]["objectType"] = "PERSON"


def _long_name(project: dict[str, Any]) -> None:
    component(project, "sms_sent_contact")["config"]["name"] = "x" * 51


def _location(project: dict[str, Any]) -> None:
    component(project, "card")["config"]["location"] = "crm.record.left"


def _twice(project: dict[str, Any]) -> None:
    project["components"].append(component(project, "settings") | {"uid": "settings_2"})


def _same_uid(project: dict[str, Any]) -> None:
    component(project, "settings")["uid"] = "card"


def _bad_uid(project: dict[str, Any]) -> None:
    component(project, "card")["uid"] = "card é"


def _placeholder(project: dict[str, Any]) -> None:
    project["app"]["config"]["permittedUrls"]["fetch"] = ["${BACKEND_URL}"]


def _surplus(project: dict[str, Any]) -> None:
    component(project, "card")["colour"] = "red"


def _no_timeline(project: dict[str, Any]) -> None:
    project["app"]["config"]["auth"]["requiredScopes"].remove("timeline")


def _plain_http(project: dict[str, Any]) -> None:
    project["app"]["config"]["auth"]["redirectUrls"] = ["http://connector.example/cb"]


def _private(project: dict[str, Any]) -> None:
    project["app"]["config"]["distribution"] = "private"


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_unknown_type, "unknown type 'carte'"),
        (_no_bundle, "bundles/Gone.js"),
        (_wrong_property_type, "property message_id: type 'text'"),
        (_no_options, "push_type: options"),
        (_unknown_object, "'PERSON'"),
        (_long_name, "50 characters"),
        (_location, "crm.record.left"),
        (_twice, "only one settings"),
        (_same_uid, "uid card is used twice"),
        (_bad_uid, "is no uid"),
        (_placeholder, "unresolved placeholder"),
        (_surplus, "colour"),
        (_no_timeline, "timeline"),
        (_plain_http, "not an https URL"),
        (_private, "marketplace"),
    ],
)
def test_a_spoilt_project_is_refused_by_name(
    tmp_path: Path, spoil: Callable[[dict[str, Any]], None], words: str
) -> None:
    project = example_project()
    spoil(project)
    with pytest.raises(ProjectError) as refused:
        load_project(write_build(tmp_path, project))
    assert words in str(refused.value)


def test_the_simulator_does_not_start_without_a_build(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sandbox.hubspot_sim", "--port", "0", "--assets", str(tmp_path)]
    command += ["--client-id", CLIENT_ID, "--client-secret", CLIENT_SECRET]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    assert ended.returncode == 1
    assert "build the project first" in ended.stderr
    assert ended.stdout == ""


def test_the_process_says_one_line_serves_and_ends_when_told(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "sandbox.hubspot_sim",
        "--port",
        "0",
        "--assets",
        str(write_build(tmp_path)),
    ]
    command += ["--client-id", CLIENT_ID, "--client-secret", CLIENT_SECRET]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            url = line.split()[-1]
            assert line == f"hubspot_sim listening on {url}\n"
            ready = requests.get(f"{url}/_control/ready", timeout=TIMEOUT_S)
        finally:
            process.terminate()
        rest = process.stdout.read()
    assert ready.json() == {"ready": True, "name": "hubspot_sim"}
    assert (process.returncode, rest) == (0, "")
