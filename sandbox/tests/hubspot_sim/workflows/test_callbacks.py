"""Blocked executions of the HubSpot simulator: callbacks one by one and in batches, expiry, missing scope."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.tests.hubspot_sim.workflows.support import Portal, ok, running_portal

COMPLETE = "/automation/actions/callbacks/2026-09/complete"
BLOCK = {"status": "pending", "hs_execution_state": "BLOCK", "hs_expiration_duration": "PT1H"}


@pytest.fixture(scope="module")
def shared_portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    with running_portal(tmp_path_factory.mktemp("callbacks")) as portal:
        yield portal


@pytest.fixture
def portal(shared_portal: Portal) -> Portal:
    shared_portal.hubspot.control("POST", "reset")
    shared_portal.hubspot.install()
    shared_portal.app.reset()
    shared_portal.hubspot.settings(workflow_block_delay_s=0)
    shared_portal.app.answers = [ok(**BLOCK)]
    return shared_portal


def blocked(portal: Portal, *record_ids: str) -> tuple[str, list[str]]:
    """A workflow with blocked executions, and their callback ids in the order of the records."""
    workflow = portal.workflow()
    portal.enrol(workflow, *record_ids)
    portal.wait(workflow, lambda run: run["blocked"] == len(record_ids))
    by_record = {str(call["object"]["objectId"]): call["callbackId"] for call in portal.app.calls}
    return workflow, [by_record[record_id] for record_id in record_ids]


def body(**outputs: Any) -> dict[str, Any]:
    return {"outputFields": {"hs_execution_state": "SUCCESS", **outputs}, "typedOutputs": {}}


def complete(portal: Portal, *inputs: Any) -> Any:
    return portal.hubspot.api("POST", COMPLETE, {"inputs": list(inputs)})


def test_a_callback_moves_the_record_on(portal: Portal) -> None:
    workflow, (callback_id,) = blocked(portal, "501")
    path = f"/automation/actions/callbacks/2026-09/{callback_id}/complete"
    answer = portal.hubspot.api("POST", path, body(status="delivered", parts="1"))
    assert (answer.status_code, answer.content) == (204, b"")
    run = portal.finished(workflow)
    assert (run["succeeded"], run["completed"], run["blocked"]) == (1, 1, 0)
    done, waiting = portal.history(workflow)
    assert (waiting["state"], waiting["outputs"]) == ("blocked", {"status": "pending"})
    assert (done["state"], done["outputs"]) == ("succeeded", {"status": "delivered", "parts": "1"})
    assert portal.hubspot.api("POST", path, body()).status_code == 404  # completed already


def test_a_batch_completes_many(portal: Portal) -> None:
    workflow, ids = blocked(portal, "501", "502", "503")
    failed = {"hs_execution_state": "FAIL_CONTINUE", "reason": "opted_out"}
    inputs = [{"callbackId": ids[0], **body(status="delivered")}, {"callbackId": ids[1], **body(**failed)}]
    assert complete(portal, *inputs).status_code == 204
    run = portal.run(workflow)
    assert (run["succeeded"], run["failed"], run["blocked"]) == (1, 1, 1)
    assert portal.history(workflow, "?record_id=502")[0]["sentence"]["en"] == "Opted out."


@pytest.mark.parametrize("names", [False, True])
@pytest.mark.parametrize(
    ("mode", "status", "succeeded"), [("atomic", 404, 0), ("partial", 404, 1), ("silent", 204, 1)]
)
def test_a_bad_member_of_a_batch(portal: Portal, mode: str, status: int, succeeded: int, names: bool) -> None:
    portal.hubspot.settings(workflow_callback_batch=mode, workflow_callback_names=names)
    workflow, (callback_id,) = blocked(portal, "501")
    good, bad = {"callbackId": callback_id, **body()}, {"callbackId": "ap-145000001-1-1-0", **body()}
    answer = complete(portal, good, bad)
    assert answer.status_code == status
    assert portal.run(workflow)["succeeded"] == succeeded
    if status == 404:
        named = [error["context"] for error in answer.json().get("errors", [])]
        assert named == ([{"callbackId": ["ap-145000001-1-1-0"]}] if names else [])
        assert ("ap-145000001-1-1-0" in answer.text) == names


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"typedOutputs": None}, 400),
        ({"outputFields": {"status": 1}}, 400),
        ({"outputFields": {"hs_execution_state": "BLOCK"}}, 400),
        ({"extra": 1}, 400),
        ({"failureReasonType": "x"}, 204),
    ],
)
def test_callbacks_are_read_strictly(portal: Portal, change: dict[str, Any], status: int) -> None:
    _, (callback_id,) = blocked(portal, "501")
    assert complete(portal, {"callbackId": callback_id, **body(), **change}).status_code == status


def test_typed_outputs_are_required_and_a_batch_is_bounded(portal: Portal) -> None:
    portal.hubspot.settings(workflow_callback_inputs=1)
    _, (callback_id,) = blocked(portal, "501")
    item = {"callbackId": callback_id, **body()}
    assert complete(portal, {"callbackId": callback_id, "outputFields": {}}).status_code == 400
    assert complete(portal, item, item).status_code == 400
    assert complete(portal, item).status_code == 204


def test_a_blocked_execution_expires_when_its_time_is_over(portal: Portal) -> None:
    workflow, (callback_id,) = blocked(portal, "501")
    portal.hubspot.control("POST", "clock", {"advance_s": 3599})
    assert portal.run(workflow)["blocked"] == 1
    portal.hubspot.control("POST", "clock", {"advance_s": 2})
    assert portal.finished(workflow)["expired"] == 1
    portal.hubspot.install()  # the access token has expired with it
    portal.hubspot.settings(workflow_callback_refusal=410)
    assert complete(portal, {"callbackId": callback_id, **body()}).status_code == 410
    assert "continue" in portal.history(workflow)[0]["sentence"]["fr"]


def test_a_callback_before_hubspot_has_noticed_the_block_is_unknown(portal: Portal) -> None:
    portal.hubspot.settings(workflow_block_delay_s=3600)
    workflow = portal.workflow()
    portal.enrol(workflow, "501")
    portal.wait(workflow, lambda run: run["answered"])
    item = {"callbackId": portal.app.calls[0]["callbackId"], **body()}
    assert complete(portal, item).status_code == 404
    portal.hubspot.settings(workflow_block_delay_s=0)
    portal.hubspot.control("POST", "clock", {"advance_s": 1700})
    assert complete(portal, item).status_code == 404
    portal.hubspot.control("POST", "clock", {"advance_s": 1901})
    portal.hubspot.install()
    portal.wait(workflow, lambda run: run["blocked"])
    assert complete(portal, item).status_code == 204


def test_callbacks_need_the_scope_that_a_portal_may_lack(portal: Portal) -> None:
    workflow, (callback_id,) = blocked(portal, "501")
    portal.hubspot.settings(withheld_scopes=["automation"])
    portal.hubspot.install()
    answer = complete(portal, {"callbackId": callback_id, **body()})
    assert (answer.status_code, answer.json()["category"]) == (403, "MISSING_SCOPES")
    assert portal.run(workflow)["blocked"] == 1


def test_callbacks_count_against_the_limit(portal: Portal) -> None:
    _, (callback_id,) = blocked(portal, "501")
    portal.hubspot.settings(rate_limit_max=0)
    assert complete(portal, {"callbackId": callback_id, **body()}).status_code == 429


def test_undeclared_outputs_of_a_callback_show_in_the_history(portal: Portal) -> None:
    workflow, (callback_id,) = blocked(portal, "501")
    complete(portal, {"callbackId": callback_id, **body(outcome="delivered")})
    assert portal.finished(workflow)["output_problems"] == 1
    assert portal.history(workflow)[0]["problems"][0]["code"] == "output_unknown"


def test_without_the_app_there_are_no_actions(tmp_path: Path) -> None:
    with running_portal(tmp_path) as portal:
        assert [action["uid"] for action in portal.page("GET", "workflow-actions")["actions"]] == ["send"]
        portal.hubspot.control("POST", "uninstall")
        assert portal.page("GET", "workflow-actions")["actions"] == []
