"""The workflow actions' definitions match the code: the same statuses and reasons, each with a sentence."""

import json
from typing import Any

import pytest

from backend.tests.house.sources import ROOT
from connector.domain.refusals import Code
from connector.domain.vocabulary import ExecutionStatus, Hold, MessageState, OutcomeReason, Reason
from connector.domain.workflows.fields import REASONS

PROJECT = ROOT / "hubspot-project" / "src"
STATUSES = set(ExecutionStatus)
# Reasons of waits with an unknown end, of cancelled messages and of defects; all others belong to refusals or messages.
OTHER_REASONS = {*OutcomeReason, MessageState.CANCELLED, Code.INTERNAL}


def config(name: str) -> dict[str, Any]:
    made: dict[str, Any] = json.loads((PROJECT / "app" / "workflow-actions" / name).read_text())["config"]
    return made


@pytest.fixture(params=["send-sms-hsmeta.json", "send-sms-deal-hsmeta.json"])
def action(request: pytest.FixtureRequest) -> dict[str, Any]:
    return config(request.param)


def test_every_definition_is_looked_at() -> None:
    assert {path.name for path in (PROJECT / "app" / "workflow-actions").glob("*-hsmeta.json")} == {
        "send-sms-hsmeta.json",
        "send-sms-deal-hsmeta.json",
    }


def test_workflow_can_branch_on_each_status_that_is_told_and_on_no_other(action: dict[str, Any]) -> None:
    fields = {field["typeDefinition"]["name"]: field["typeDefinition"] for field in action["outputFields"]}
    options = fields["status"]["options"]
    assert [option["value"] for option in options] == list(ExecutionStatus)
    assert [option["displayOrder"] for option in options] == list(range(len(STATUSES)))
    for profile in PROJECT.glob("hsprofile.*.json"):
        variables = json.loads(profile.read_text())["variables"]
        assert {o["label"] for o in options} == {f"${{{v}}}" for v in variables if "ACTION_STATUS_" in v}


def test_every_status_and_every_refusal_has_its_rule(action: dict[str, Any]) -> None:
    conditions = [rule["conditions"] for rule in action["executionRules"]]
    assert {c["status"] for c in conditions if "status" in c} == STATUSES
    by_reason = {c["reason"] for c in conditions if "reason" in c}
    told_now = {str(reason) for reason in REASONS} | set(Hold)
    assert told_now <= by_reason
    assert by_reason <= told_now | OTHER_REASONS | set(Reason)
    kinds = ["reason" in c for c in conditions]
    assert kinds == sorted(kinds, reverse=True), "the first that matches is shown: the reason says more"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_rule_has_its_sentence(action: dict[str, Any], language: str) -> None:
    labels = [rule["labelName"] for rule in action["executionRules"]]
    assert sorted(action["labels"][language]["executionRules"]) == sorted(labels)
    assert all(action["labels"][language]["executionRules"].values())
