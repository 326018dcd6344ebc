"""Reading executions: every documented shape is parsed, and other shapes raise nothing unexpected."""

import math
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.tests.workflow_calls import execution
from connector.domain.vocabulary import Action
from connector.hubspot.executions import (
    OptionSearch,
    Unreadable,
    execution_answer,
    portal_of,
    read_execution,
    read_option_search,
)

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
    assert read_execution(body, Action.SEND_SMS).inputs["message"] == "Bonjour"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("L&#39;&eacute;quipe &amp; vous &#x20AC; &lt;3", "L'équipe & vous € <3"),
        ("&amp;lt;", "&lt;"),  # once
        ("https://a.example/?a=1&copy=2&lt=3", "https://a.example/?a=1&copy=2&lt=3"),
        ("&rien; & &#; &#1234567890;", "&rien; & &#; &#1234567890;"),
        ("&#0;&#xD83D;a", "��a"),
    ],
)
def test_entities_of_a_message_are_decoded_once(written: str, read: str) -> None:
    body = execution(1, message=written, sender=written)
    inputs = read_execution(body, Action.SEND_SMS).inputs
    assert (inputs["message"], inputs["sender"]) == (read, written)
    assert read_execution(body, Action.SEND_SMS, decodes_entities=False).inputs["message"] == written


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (None, {}),
        ({}, {}),
        ({"country": "FR"}, {"country": "FR"}),
        ({"country": None, "smsfactor_is_stop": None}, {"country": "", "smsfactor_is_stop": ""}),
        ({"smsfactor_is_stop": {"value": None}}, {"smsfactor_is_stop": ""}),
        ({"smsfactor_is_stop": {"value": "true"}, "email": "a@b.example"}, {"smsfactor_is_stop": "true"}),
        ({"smsfactor_is_stop": ["true"]}, {}),
        ({"smsfactor_is_stop": {"name": "x"}}, {}),
    ],
)
def test_empty_property_differs_from_one_that_was_not_sent(
    sent: dict[str, Any] | None, read: dict[str, str]
) -> None:
    body = execution(1)
    body["object"]["properties"] = sent
    assert read_execution(body, Action.SEND_SMS).properties == read


def test_ids_may_be_numbers_or_strings() -> None:
    body = execution(145000000)
    body["origin"]["portalId"] = "145000000"
    body["object"] = {"objectId": "501", "objectType": "COMPANY"}
    body["context"]["workflowId"] = "12"
    found = read_execution(body, Action.SEND_SMS)
    assert portal_of(body) == 145000000
    assert (found.object_type_id, found.object_id, found.workflow_id) == ("0-2", "501", "12")
    body["object"]["objectId"] = 501
    assert read_execution(body, Action.SEND_SMS).object_id == "501"


def test_record_and_context_are_optional() -> None:
    body = execution(1)
    del body["object"], body["context"]
    found = read_execution(body, Action.SEND_SMS)
    assert (found.object_type_id, found.object_id, found.workflow_id) == ("", "", None)


@pytest.mark.parametrize(
    "body", [None, [], "x", {}, {"callbackId": ""}, {"callbackId": "x" * 501}, {"callbackId": {}}]
)
def test_what_has_no_id_is_unreadable(body: Any) -> None:
    with pytest.raises(Unreadable):
        read_execution(body, Action.SEND_SMS)


@given(JSON)
def test_no_body_raises_anything_else(body: Any) -> None:
    assert portal_of(body) is None or isinstance(portal_of(body), int)
    try:
        read_execution(body, Action.SEND_SMS)
    except Unreadable:
        return


def test_a_number_that_is_none_is_not_given() -> None:
    body = {"callbackId": "ap-1", "inputFields": {"wait_hours": math.nan, "recipient": math.inf}}
    assert read_execution(body, Action.SEND_SMS).inputs == {"wait_hours": None, "recipient": None}


@pytest.mark.parametrize(
    ("seconds", "duration"), [(-5, "PT1M"), (60, "PT1M"), (61, "PT2M"), (7200, "PT120M")]
)
def test_a_block_lasts_whole_minutes_one_at_least(seconds: int, duration: str) -> None:
    answer = execution_answer({"status": "pending"}, "BLOCK", timedelta(seconds=seconds))
    assert answer == {
        "outputFields": {
            "status": "pending",
            "hs_execution_state": "BLOCK",
            "hs_expiration_duration": duration,
        }
    }


def test_an_answer_without_a_block_has_no_duration() -> None:
    assert execution_answer({}, "SUCCESS", None) == {"outputFields": {"hs_execution_state": "SUCCESS"}}


@given(JSON)
def test_no_search_of_options_raises(options: Any) -> None:
    search = read_option_search({"fetchOptions": options})
    assert 0 <= search.skip <= 999_999
    assert search.text == search.text.strip()


def test_search_and_paging_are_read_as_hubspot_documents_them() -> None:
    assert read_option_search({"fetchOptions": {"q": " Ma ", "after": "50"}}) == OptionSearch("Ma", 50)
    assert read_option_search({"fetchOptions": {"after": "fifty"}}) == OptionSearch("", 0)
