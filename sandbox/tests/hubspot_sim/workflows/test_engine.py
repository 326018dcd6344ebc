"""Workflows of the HubSpot simulator: the calls to the app and the effect of each answer."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.hubspot_sim.testing import CLIENT_SECRET, PUBLIC_ORIGIN
from sandbox.hubspot_sim.workflows.answers import duration_s
from sandbox.tests.hubspot_sim.workflows.support import Portal, ok, running_portal


@pytest.fixture(scope="module")
def shared_portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    with running_portal(tmp_path_factory.mktemp("workflows")) as portal:
        yield portal


@pytest.fixture
def portal(shared_portal: Portal) -> Portal:
    shared_portal.hubspot.control("POST", "reset")
    shared_portal.hubspot.install()
    shared_portal.app.reset()
    shared_portal.hubspot.settings(workflow_retry_compression=600, workflow_block_delay_s=0)
    return shared_portal


def test_an_execution_has_the_documented_shape(portal: Portal) -> None:
    workflow = portal.workflow(text="Bonjour {{contact.firstname}} {{contact.phone}}!")
    portal.enrol(workflow, "501")
    portal.finished(workflow)
    (call,), (headers,) = portal.app.calls, portal.app.headers
    assert call["inputFields"] == {
        "recipient": "06 12 34 56 78",
        "kind": "alert",
        "text": "Bonjour Camille !",
    }
    assert call["fields"] == call["inputFields"]
    assert call["object"] == {"objectId": 501, "objectType": "CONTACT"}
    assert call["context"]["workflowId"] == int(workflow)
    assert call["typedInputs"]["text"] == {"value": "Bonjour Camille !", "type": "STRING"}
    body = json.dumps(call, ensure_ascii=False, separators=(",", ":"))
    signed = f"{CLIENT_SECRET}POST{PUBLIC_ORIGIN}/hubspot/workflow/send{body}".encode()
    assert headers["x-hubspot-signature"] == hashlib.sha256(signed).hexdigest()
    assert headers["x-hubspot-signature-v3"]


def test_older_calls_carry_fewer_fields_and_version_2_only(portal: Portal) -> None:
    portal.hubspot.settings(
        workflow_newer_fields=False,
        workflow_signatures="v2",
        workflow_missing_inputs="null",
        workflow_json_values=True,
    )
    workflow = portal.workflow(unicode="true", wait_hours="24")
    portal.enrol(workflow, "512")  # has no number
    portal.finished(workflow)
    (call,), (headers,) = portal.app.calls, portal.app.headers
    assert "typedInputs" not in call
    assert call["context"] == {"source": "WORKFLOWS", "workflowId": int(workflow)}
    assert "x-hubspot-signature-v3" not in headers
    assert headers["x-hubspot-signature-version"] == "v2"
    assert call["inputFields"]["recipient"] is None
    assert (call["inputFields"]["unicode"], call["inputFields"]["wait_hours"]) == (True, 24)


def test_tokens_that_are_none_stay_as_they_are(portal: Portal) -> None:
    portal.hubspot.settings(workflow_empty_token="token")
    workflow = portal.workflow(text="{{firstname}} {{deal.amount}} {{contact.phone}} {{contact.lastname}}")
    portal.enrol(workflow, "501")
    portal.finished(workflow)
    assert (
        portal.app.calls[0]["inputFields"]["text"] == "{{firstname}} {{deal.amount}} {{contact.phone}} Moreau"
    )


def test_the_history_speaks_both_languages(portal: Portal) -> None:
    portal.app.answers = [ok(status="refused", reason="opted_out", hs_execution_state="FAIL_CONTINUE")]
    workflow = portal.workflow()
    portal.enrol(workflow, "501")
    assert portal.finished(workflow)["failed"] == 1
    portal.app.answers = [ok(status="queued", parts="2")]
    portal.enrol(workflow, "502")
    portal.finished(workflow)
    newest, oldest = portal.history(workflow)
    assert newest["sentence"] == {"fr": "En attente, 2 SMS.", "en": "Queued, 2 part(s)."}
    assert (newest["state"], newest["outputs"]) == ("succeeded", {"status": "queued", "parts": "2"})
    assert newest["record"]["name"] == "Hugo Lefèvre"
    assert newest["record"]["url"].endswith("/record/0-1/502")
    assert (oldest["state"], oldest["sentence"]["fr"]) == ("failed", "Désabonné.")


@pytest.mark.parametrize("body", ["", "<html>oops</html>", "[]", '{"other": 1}'])
def test_any_2xx_is_success(portal: Portal, body: str) -> None:
    portal.app.answers = [(202, body, {})]
    workflow = portal.workflow()
    portal.enrol(workflow, "501")
    assert portal.finished(workflow)["succeeded"] == 1
    assert portal.history(workflow)[0]["sentence"]["en"] == "The action succeeded."


@pytest.mark.parametrize(
    ("outputs", "code"),
    [
        ({"statuss": "queued"}, "output_unknown"),
        ({"status": "sent"}, "output_no_option"),
        ({"parts": "two"}, "output_not_number"),
        ({"reason": 1}, "output_not_text"),
        ({"hs_execution_state": "DONE"}, "state_unknown"),
        ({"hs_expiration_duration": "P1D"}, "expiry_invalid"),
        ({"hs_execution_state": "BLOCK", "hs_expiration_duration": "1 day"}, "expiry_invalid"),
    ],
)
def test_outputs_that_were_not_declared_show_in_the_history(portal: Portal, outputs: Any, code: str) -> None:
    portal.app.answers = [ok(**outputs)]
    workflow = portal.workflow()
    portal.enrol(workflow, "501")
    assert portal.wait(workflow, lambda run: run["succeeded"] + run["blocked"])["output_problems"] == 1
    (problem,) = portal.history(workflow)[0]["problems"]
    assert problem["code"] == code
    assert problem["fr"]
    assert problem["en"]


def test_4xx_fails_for_good(portal: Portal) -> None:
    portal.app.answers = [(404, {}, {}), ok()]
    workflow = portal.workflow()
    portal.enrol(workflow, "501")
    run = portal.finished(workflow)
    assert (run["error"], run["retries"], run["sent"]) == (1, 0, 1)
    assert "404" in portal.history(workflow)[0]["sentence"]["fr"]


def test_429_waits_for_as_many_milliseconds_as_told(portal: Portal) -> None:
    portal.app.answers = [(429, {}, {"Retry-After": "150"}), ok(status="queued")]
    workflow = portal.workflow()
    portal.enrol(workflow, "501")
    run = portal.finished(workflow)
    assert (run["succeeded"], run["retries"], run["answered"]) == (1, 1, {"too_many": 1, "success": 1})
    done, waited = portal.history(workflow)
    assert (waited["state"], done["attempts"]) == ("retrying", 2)
    assert "0.1" in waited["sentence"]["en"]  # seconds
    first, second = portal.app.calls
    assert first == second


def test_5xx_is_tried_again_later_and_later(portal: Portal) -> None:
    portal.app.answers = [(500, {}, {}), (503, {}, {}), ok(status="queued")]
    workflow = portal.workflow()
    portal.enrol(workflow, "501")
    run = portal.finished(workflow)
    assert (run["succeeded"], run["retries"]) == (1, 2)
    waits = [row["sentence"]["en"] for row in portal.history(workflow, "?state=retrying")]
    assert ["0.2 s" in waits[0], "0.1 s" in waits[1]] == [True, True]


def test_after_three_days_hubspot_gives_up(portal: Portal) -> None:
    portal.hubspot.settings(workflow_retry_compression=100_000)  # three days in 2.6 s: room for slow calls
    portal.app.answers = [(500, {}, {})]
    workflow = portal.workflow()
    portal.enrol(workflow, "501")
    run = portal.finished(workflow)
    assert run["error"] == 1
    assert run["sent"] > 3
    assert "three days" in portal.history(workflow)[0]["sentence"]["en"]


def test_an_answer_that_comes_too_late_is_tried_again(portal: Portal) -> None:
    portal.hubspot.settings(workflow_timeout_s=0.2)
    portal.app.answering.clear()
    workflow = portal.workflow()
    portal.enrol(workflow, "501")
    portal.wait(workflow, lambda run: run["answered"].get("timeout"))
    portal.hubspot.settings(workflow_timeout_s=20)
    portal.app.answering.set()
    assert portal.finished(workflow)["succeeded"] == 1


@pytest.mark.parametrize("kind", ["extra", "lost"])
def test_hubspot_repeats_calls_that_were_answered(portal: Portal, kind: str) -> None:
    portal.hubspot.settings(
        workflow_duplicate_percent=100, workflow_duplicate_kind=kind, workflow_duplicate_delay_s=0.2
    )
    portal.app.answers = [ok(status="queued", parts="1"), ok(status="queued", parts="2")]
    workflow = portal.workflow()
    portal.enrol(workflow, generate=20)
    run = portal.wait(workflow, lambda run: run["finished_at"] and sum(run["answered"].values()) == 40)
    assert (run["succeeded"], run["sent"], run["duplicates"]) == (20, 40, 20)
    assert len({call["callbackId"] for call in portal.app.calls}) == 20
    rows = portal.history(workflow)
    assert len(rows) == 20
    if kind == "lost":  # the first answer counts; an extra call may also overtake the first one
        assert {row["outputs"]["parts"] for row in rows} == {"2"}


def test_thousands_are_enrolled_and_none_is_forgotten(portal: Portal) -> None:
    workflow = portal.workflow()
    portal.enrol(workflow, generate=1500, options={"endings": ["90", "91"]})
    run = portal.finished(workflow)
    assert (run["enrolled"], run["succeeded"], run["sent"]) == (1500, 1500, 1500)
    numbers = {call["inputFields"]["recipient"] for call in portal.app.calls}
    assert len(numbers) == 1500
    assert {number[-2:] for number in numbers} == {"90", "91"}
    seen, after = 0, ""
    while after is not None:
        page = portal.page("GET", f"workflows/{workflow}/history?limit=400{after and f'&after={after}'}")
        seen, after = seen + len(page["results"]), page["after"]
    assert seen == page["total"] == 1500
    rows = portal.hubspot.control("GET", "workflow-executions?limit=1000")
    rest = portal.hubspot.control("GET", f"workflow-executions?limit=1000&after={rows['after']}")
    assert len(rows["executions"]) + len(rest["executions"]) == 1500
    assert rest["after"] is None


def test_deals_are_made_with_and_without_people(portal: Portal) -> None:
    portal.hubspot.control(
        "POST",
        "records/deals/generate",
        {"count": 3, "options": {"deal_with": ["contact", "company", "nobody"]}},
    )
    rows = portal.page("GET", "records/0-3?limit=500")["results"]
    ids = [row["id"] for row in rows if row["properties"]["dealname"].startswith("Affaire")]
    body = {"inputs": [{"id": each} for each in ids]}
    contacts = portal.hubspot.api("POST", "/crm/associations/2026-09/deals/contacts/batch/read", body).json()
    companies = portal.hubspot.api(
        "POST", "/crm/associations/2026-09/deals/companies/batch/read", body
    ).json()
    assert [row["from"]["id"] for row in contacts["results"]] == ids[:1]
    assert [row["from"]["id"] for row in companies["results"]] == ids[1:2]


def test_two_orders_of_records_never_share_a_number(portal: Portal) -> None:
    order = {"count": 3, "options": {"endings": ["01", "02"]}}
    for _ in range(2):
        portal.hubspot.control("POST", "records/contacts/generate", order)
    rows = portal.page("GET", "records/0-1?limit=500")["results"]
    made = [
        row["properties"] for row in rows if row["properties"].get("email", "").endswith("@masse.example")
    ]
    assert len({properties["mobilephone"] for properties in made}) == 6


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("PT15M", 900), ("P1D", 86_400), ("P1W", 604_800), ("PT1.5S", 1.5), ("P1DT1H", 90_000),
     ("P", None), ("PT", None), ("1D", None), ("", None), (5, None), ("P1Y", None)],
)  # fmt: skip
def test_durations(text: Any, seconds: float | None) -> None:
    assert duration_s(text) == seconds


def test_the_courier_ends_with_its_simulator(tmp_path: Path) -> None:
    with running_portal(tmp_path) as portal:
        workflow = portal.workflow()
        portal.enrol(workflow, "501")
        portal.finished(workflow)
    # An unfinished process would raise a ResourceWarning, which fails the run.
