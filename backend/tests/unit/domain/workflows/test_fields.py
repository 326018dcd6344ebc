"""Fields of workflow actions: every input is parsed or refused, never guessed."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.tests.workflow_calls import inputs
from connector.domain.refusals import Code, Refusal
from connector.domain.vocabulary import Action, ExecutionStatus
from connector.domain.workflows.fields import (
    REASONS,
    Inputs,
    Outputs,
    hs_state,
    read_inputs,
    refused,
    wait_times,
)
from connector.hubspot.executions import read_execution

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
NAMES = st.sampled_from(
    ["recipient", "push_type", "sender", "template", "message", "unicode", "wait_for", "wait_hours"]
)


def read(**changes: Any) -> Inputs:
    return read_inputs(Action.SEND_SMS, inputs(**changes))


@given(st.dictionaries(NAMES, JSON), st.sampled_from(["inputFields", "fields", "typedInputs"]))
def test_no_inputs_raise_anything_but_a_refusal_and_all_can_be_stored(
    given_: dict[str, Any], shape: str
) -> None:
    found = read_execution({"callbackId": "ap-1", shape: given_}, Action.SEND_SMS)
    text = json.dumps(dict(found.inputs), allow_nan=False, ensure_ascii=False)
    assert "\x00" not in text
    text.encode()
    try:
        read_inputs(Action.SEND_SMS, found.inputs)
    except Refusal as refusal:
        reason = refused(refusal).reason
    else:
        reason = Code.BAD_INPUT
    assert reason in REASONS


@pytest.mark.parametrize(
    ("given_", "meant"),
    [
        *((true, True) for true in (True, "true", "Yes", "1", 1, "on")),
        *((false, False) for false in (False, "false", "", None, "0", 0, "no")),
    ],
)
def test_booleans_as_hubspot_may_write_them(given_: Any, meant: bool) -> None:
    assert read_inputs(Action.SEND_SMS, {**inputs(), "unicode": given_}).unicode is meant


@pytest.mark.parametrize(
    "changes",
    [
        {"push_type": "loud"},
        {"push_type": None},
        {"unicode": "perhaps"},
        {"wait_for": "read"},
        {"wait_for": "replied", "wait_hours": "0.5"},
        {"wait_for": "replied", "wait_hours": "169"},
        {"wait_for": "replied", "wait_hours": "soon"},
        {"wait_for": "replied", "wait_hours": "nan"},
    ],
)
def test_what_cannot_be_understood_is_bad_input(changes: dict[str, Any]) -> None:
    with pytest.raises(Refusal) as refusal:
        read(**changes)
    assert refusal.value.code is Code.BAD_INPUT


def test_waits() -> None:
    assert (read().wait_for, read(wait_hours="3").wait_s) == ("no", None)
    assert read(wait_for="Delivered").wait_s == 24 * 3600
    assert read(wait_for="clicked", wait_hours=1.5).wait_s == 5400
    assert read(wait_for="replied", wait_hours="1,5").wait_s == 5400


def test_the_message_wins_over_the_template() -> None:
    template = "0e9f4d6e-8f1b-4a52-9d7c-6a4c4d2f9f10"
    assert read(template=template).template_id is None
    assert str(read(template=template, message=" ").template_id) == template
    for changes, code in [({}, Code.TEXT_EMPTY), ({"template": "gone"}, Code.TEMPLATE_NOT_FOUND)]:
        with pytest.raises(Refusal) as refusal:
            read(message=None, **changes)
        assert refusal.value.code is code


def test_a_deal_needs_to_know_which_number() -> None:
    with pytest.raises(Refusal) as refusal:
        read_inputs(Action.SEND_SMS_DEAL, inputs(recipient=None))
    assert refusal.value.params == {"field": "phone_property"}
    assert (
        read_inputs(Action.SEND_SMS_DEAL, inputs(phone_property="mobilephone")).phone_property
        == "mobilephone"
    )


def test_a_refusal_always_has_a_reason_with_a_rule() -> None:
    assert refused(Refusal(Code.TEXT_TOO_LONG, parts=12, max=10)).as_json() == {
        **Outputs(ExecutionStatus.REFUSED, Code.TEXT_TOO_LONG).as_json(),
        "sms_count": "12",
    }
    assert refused(Refusal(Code.LINK_COUNT_WRONG)).reason == "bad_input"


def test_only_failures_are_marked_as_failed() -> None:
    failing = {ExecutionStatus.FAILED, ExecutionStatus.NOT_SENT, ExecutionStatus.REFUSED}
    others = set(ExecutionStatus) - failing
    assert {hs_state(status) for status in failing} == {"FAIL_CONTINUE"}
    assert {hs_state(status) for status in others} == {"SUCCESS"}


def test_our_timer_ends_before_hubspots_patience() -> None:
    slot = datetime(2026, 11, 25, 8, tzinfo=UTC)
    timer_at, blocked_until = wait_times(slot, 3600)
    assert (timer_at, blocked_until) == (slot + timedelta(hours=1), slot + timedelta(hours=2))


def test_equal_keys_of_other_types_are_other_values() -> None:
    """True and 1 are the same dictionary key; hours given as true count as missing."""
    fields = {"push_type": "alert", "message": "x", "wait_for": "delivered"}
    assert read_inputs(Action.SEND_SMS, {**fields, "wait_hours": 1}).wait_s == 3600
    assert read_inputs(Action.SEND_SMS, {**fields, "wait_hours": True}).wait_s == 24 * 3600
    assert read_inputs(Action.SEND_SMS, {**fields, "wait_hours": 1.0, "recipient": "+33"}).recipient == "+33"
