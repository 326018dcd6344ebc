"""Reading executions: every documented shape is understood, nothing else raises."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.tests.workflow_calls import execution
from connector.hubspot.executions import Unreadable, portal_of, read_execution

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize("shape", ["inputFields", "fields", "typedInputs"])
def test_inputs_are_found_wherever_hubspot_puts_them(shape: str) -> None:
    body = execution(1, message="Bonjour")
    for other in {"inputFields", "fields", "typedInputs"} - {shape}:
        del body[other]
    assert read_execution(body, "send_sms").inputs["message"] == "Bonjour"


def test_ids_may_be_numbers_or_strings() -> None:
    body = execution(145000000)
    body["origin"]["portalId"] = "145000000"
    body["object"] = {"objectId": "501", "objectType": "COMPANY"}
    body["context"]["workflowId"] = "12"
    found = read_execution(body, "send_sms")
    assert portal_of(body) == 145000000
    assert (found.object_type_id, found.object_id, found.workflow_id) == ("0-2", "501", "12")
    body["object"]["objectId"] = 501
    assert read_execution(body, "send_sms").object_id == "501"


def test_record_and_context_are_optional() -> None:
    body = execution(1)
    del body["object"], body["context"]
    found = read_execution(body, "send_sms")
    assert (found.object_type_id, found.object_id, found.workflow_id) == ("", "", None)


@pytest.mark.parametrize(
    "body", [None, [], "x", {}, {"callbackId": ""}, {"callbackId": "x" * 501}, {"callbackId": {}}]
)
def test_what_has_no_id_is_unreadable(body: Any) -> None:
    with pytest.raises(Unreadable):
        read_execution(body, "send_sms")


@given(JSON)
def test_no_body_raises_anything_else(body: Any) -> None:
    assert portal_of(body) is None or isinstance(portal_of(body), int)
    try:
        read_execution(body, "send_sms")
    except Unreadable:
        return


def test_a_number_that_is_none_is_not_given() -> None:
    body = {"callbackId": "ap-1", "inputFields": {"wait_hours": math.nan, "recipient": math.inf}}
    assert read_execution(body, "send_sms").inputs == {"wait_hours": None, "recipient": None}
