"""HubSpot's own Python client works with the simulator as the app's transport does."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hubspot.crm.contacts.exceptions import ApiException
from hubspot.hubspot import HubSpot as Client
from urllib3 import Retry

from sandbox.hubspot_sim.testing import HubSpot, running_hubspot

CONTACTS = "/crm/objects/2026-09/contacts"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubSpot]:
    with running_hubspot(tmp_path_factory.mktemp("build")) as served:
        yield served


@pytest.fixture
def hubspot(served: HubSpot) -> HubSpot:
    served.reset()
    served.install()
    return served


@pytest.fixture
def call(hubspot: HubSpot) -> Any:
    """Calls a date-versioned path through the client's transport with a dict body; returns status and JSON."""
    client = Client(access_token=hubspot.access_token, retry=Retry(total=0))
    api_client = client.crm.contacts.batch_api.api_client
    api_client.configuration.host = hubspot.url

    def call_api(method: str, path: str, body: dict[str, Any] | None = None) -> tuple[int, Any]:
        answer = api_client.call_api(
            path,
            method,
            header_params={"Accept": "application/json", "Content-Type": "application/json"},
            body=body,
            auth_settings=["oauth2"],
            _preload_content=False,
            _request_timeout=(5, 20),
        )
        return answer.status, json.loads(answer.data)

    return call_api


def test_a_batch_update_with_a_dict_body(hubspot: HubSpot, call: Any) -> None:
    inputs = [{"id": "501", "properties": {"city": "Brest"}}, {"id": "502", "properties": {"city": "Nice"}}]
    status, answer = call("POST", f"{CONTACTS}/batch/update", {"inputs": inputs})
    assert status == 200
    assert [row["properties"]["city"] for row in answer["results"]] == ["Brest", "Nice"]
    assert hubspot.control("GET", "records/contacts/502")["properties"]["city"] == "Nice"


def test_reads_and_property_calls(call: Any) -> None:
    status, answer = call("GET", f"{CONTACTS}/501?properties=mobilephone")
    assert (status, answer["properties"]["mobilephone"]) == (200, "06 12 34 56 78")
    assert call("GET", "/crm/properties/2026-09/contacts/email")[1]["hasUniqueValue"] is True


def test_the_clients_models_understand_the_answers(hubspot: HubSpot) -> None:
    client = Client(access_token=hubspot.access_token, retry=Retry(total=0))
    api_client = client.crm.contacts.batch_api.api_client
    api_client.configuration.host = hubspot.url
    body = {"inputs": [{"id": "501", "properties": {"city": "Brest"}}]}
    answer, status, _ = api_client.call_api(
        f"{CONTACTS}/batch/update",
        "POST",
        header_params={"Content-Type": "application/json"},
        body=body,
        response_types_map={200: "BatchResponseSimplePublicObject"},
        auth_settings=["oauth2"],
    )
    assert status == 200
    assert answer.results[0].id == "501"
    assert answer.results[0].properties["city"] == "Brest"


def test_the_clients_own_numbered_paths_are_refused(hubspot: HubSpot) -> None:
    client = Client(access_token=hubspot.access_token, retry=Retry(total=0))
    api = client.crm.contacts.basic_api
    api.api_client.configuration.host = hubspot.url
    with pytest.raises(ApiException) as refused:
        api.get_by_id("501")
    assert refused.value.status == 404
    assert "date-versioned" in refused.value.body
