"""The broker behind hubspot.fetch: its refusals, its requests and its answers."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response, request
from hubspot.utils.signature import Signature

from sandbox.hubspot_sim.testing import CLIENT_SECRET, PUBLIC_ORIGIN, HubSpot, hubspot_in_process
from sandbox.serving import running

URL = f"{PUBLIC_ORIGIN}/card/open"
IDENTITY = "userId=77&portalId=145000001&userEmail=margaux.delattre%40atelier-lumen.example&appId=1234567"
WAIT_S = 20


class Backend:
    """An app that notes its requests and gives prepared answers."""

    def __init__(self) -> None:
        self.reset()
        self.app = Flask("app")
        methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
        self.app.add_url_rule("/<path:path>", view_func=self._serve, methods=methods)

    def reset(self) -> None:
        """Forget all calls and answer that all is well."""
        self.calls: list[dict[str, Any]] = []
        self.answer: Callable[[], Any] = lambda: {"ok": True}

    def _serve(self, path: str) -> Any:
        call = {
            "method": request.method,
            "target": request.environ["REQUEST_URI"],
            "body": request.get_data(),
        }
        self.calls.append({**call, "headers": dict(request.headers)})
        return self.answer()

    def answers_in_turn(self, *answers: Any) -> None:
        """Give these answers one after the other."""
        rest = list(answers)
        self.answer = lambda: rest.pop(0)


@pytest.fixture(scope="module")
def served_backend() -> Backend:
    return Backend()


@pytest.fixture(scope="module")
def fetching(tmp_path_factory: pytest.TempPathFactory, served_backend: Backend) -> Iterator[HubSpot]:
    """A simulator in front of a backend that is served: the broker's own calls are real HTTP."""
    build = tmp_path_factory.mktemp("build")
    with running(served_backend.app) as url, hubspot_in_process(build, backend_url=url) as started:
        yield started


@pytest.fixture
def backend(served_backend: Backend) -> Backend:
    served_backend.reset()
    return served_backend


@pytest.fixture(name="hubspot")
def _hubspot(fetching: HubSpot, backend: Backend) -> HubSpot:
    fetching.reset()
    fetching.install()
    return fetching


def fetch(hubspot: HubSpot, **changes: Any) -> dict[str, Any]:
    """One hubspot.fetch; `json` is its body read as JSON."""
    order = {
        "extension_uid": "card",
        "url": URL,
        "method": "POST",
        "headers": {},
        "body": {"a": 1},
        **changes,
    }
    answer = hubspot.call("POST", "/sandbox-api/hubspot-fetch", json=order)
    assert answer.status_code == 200
    result: dict[str, Any] = answer.json()
    try:
        return {**result, "json": json.loads(result["body"])}
    except ValueError:
        return {**result, "json": None}


def test_the_apps_answer_comes_back(hubspot: HubSpot) -> None:
    answer = fetch(hubspot)
    assert answer["status"] == 200
    assert answer["headers"] == {"content-type": "application/json"}
    assert answer["json"] == {"ok": True}


def test_the_app_gets_body_identity_and_no_other_headers(hubspot: HubSpot, backend: Backend) -> None:
    fetch(
        hubspot, url=f"{URL}?x=a%20b&y=%C3%A9", body={"text": "héé 😀"}, headers={"authorization": "Bearer t"}
    )
    call = backend.calls[0]
    assert call["target"] == f"/card/open?x=a%20b&y=%C3%A9&{IDENTITY}"
    assert call["body"] == '{"text":"héé 😀"}'.encode()
    assert call["headers"]["Content-Type"] == "application/json"
    assert call["headers"]["Authorization"] == "Bearer t"
    assert "Cookie" not in call["headers"]


def test_an_extension_cannot_take_the_place_of_the_identity(hubspot: HubSpot, backend: Backend) -> None:
    """The extension's values under the same names come first; the true values are always the last ones."""
    fetch(hubspot, url=f"{URL}?userId=1&portalId=2")
    assert backend.calls[0]["target"] == f"/card/open?userId=1&portalId=2&{IDENTITY}"


def test_signatures_are_over_the_public_url_and_hold_in_hubspots_client(
    hubspot: HubSpot, backend: Backend
) -> None:
    for method, body in (("POST", {"text": "é"}), ("GET", None), ("DELETE", {})):
        fetch(hubspot, url=f"{URL}?at=10%3A30&q=%25", method=method, body=body)
        call = backend.calls[-1]
        headers, sent = call["headers"], call["body"].decode()
        uri = PUBLIC_ORIGIN + call["target"]
        decoded = uri.replace("%3A", ":").replace("%40", "@")
        stamp = headers["X-Hubspot-Request-Timestamp"]
        assert Signature.is_valid(
            headers["X-Hubspot-Signature-V3"], CLIENT_SECRET, sent, decoded, method, "v3", stamp
        )
        assert headers["X-Hubspot-Signature-Version"] == "v2"
        assert Signature.is_valid(headers["X-Hubspot-Signature"], CLIENT_SECRET, sent, uri, method, "v2")
        assert not Signature.is_valid(headers["X-Hubspot-Signature"], "other", sent, uri, method, "v2")


def test_the_timestamp_is_real_time_whatever_the_simulators_clock_says(
    hubspot: HubSpot, backend: Backend
) -> None:
    hubspot.control("POST", "clock", {"advance_s": 86_400})
    fetch(hubspot)
    stamp_ms = int(backend.calls[0]["headers"]["X-Hubspot-Request-Timestamp"])
    assert abs(stamp_ms - time.time() * 1000) < 60_000


def test_a_get_has_no_body(hubspot: HubSpot, backend: Backend) -> None:
    fetch(hubspot, method="GET", body={"a": 1})
    assert backend.calls[0]["body"] == b""
    assert "Content-Type" not in backend.calls[0]["headers"]


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"url": "/card/open"}, 400, "absolute https"),
        ({"url": "http://connector.sandbox.example/card/open"}, 400, "absolute https"),
        ({"url": "https://localhost/card/open"}, 400, "permittedUrls"),
        ({"url": "https://evil.example/card/open"}, 400, "permittedUrls"),
        ({"url": "https://connector.sandbox.example.evil.example/"}, 400, "permittedUrls"),
        ({"url": "https://connector.sandbox.example:8443/"}, 400, "permittedUrls"),
        ({"url": "https://user:pw@connector.sandbox.example/"}, 400, "absolute https"),
        ({"url": f"{URL}#here"}, 400, "absolute https"),
        ({"url": "https://[broken"}, 400, "malformed"),
        ({"method": "HEAD"}, 400, "method"),
        ({"headers": {"X-Trace": "1"}}, 400, "Only 'Authorization' header is allowed from hubspot.fetch()"),
        ({"headers": {"Authorization": "a", "X-Trace": "1"}}, 400, "Only 'Authorization' header is allowed"),
        ({"headers": {"Authorization": "a\r\nX: 1"}}, 400, "Invalid Request Headers"),
        ({"timeout_ms": 120_001}, 400, "timeout"),
        ({"timeout_ms": 0}, 400, "timeout"),
        ({"body": "text"}, 400, "must be an object"),
        ({"body": [1]}, 400, "must be an object"),
        ({"body": {"text": "x" * 1_000_000}}, 413, "larger than"),
        ({"extension_uid": "other"}, 403, "uid"),
        ({"surplus": 1}, 400, "object of"),
    ],
)
def test_what_hubspot_refuses_never_reaches_the_app(
    hubspot: HubSpot, backend: Backend, changes: dict[str, Any], status: int, words: str
) -> None:
    answer = fetch(hubspot, **changes)
    assert answer["status"] == status
    assert answer["json"]["status"] == "error"
    assert words in answer["json"]["message"]
    assert backend.calls == []


def test_nothing_is_fetched_for_an_app_that_is_not_installed(hubspot: HubSpot, backend: Backend) -> None:
    hubspot.control("POST", "uninstall")
    assert fetch(hubspot)["status"] == 403
    assert backend.calls == []


def test_a_permitted_url_with_a_path_permits_what_is_below(tmp_path: Path, backend: Backend) -> None:
    from sandbox.hubspot_sim.testing import example_project

    project = example_project()
    project["app"]["config"]["permittedUrls"]["fetch"] = [f"{PUBLIC_ORIGIN}/card"]
    with (
        running(backend.app) as url,
        hubspot_in_process(tmp_path, backend_url=url, project=project) as hubspot,
    ):
        hubspot.install()
        assert fetch(hubspot)["status"] == 200
        assert fetch(hubspot, url=f"{PUBLIC_ORIGIN}/cards")["status"] == 400
        assert fetch(hubspot, url=f"{PUBLIC_ORIGIN}/settings")["status"] == 400


def test_a_large_body_passes_up_to_the_limit(hubspot: HubSpot, backend: Backend) -> None:
    assert fetch(hubspot, body={"text": "x" * 990_000})["status"] == 200
    backend.answer = lambda: Response("y" * 1_000_000)
    assert len(fetch(hubspot)["body"]) == 1_000_000
    backend.answer = lambda: Response("y" * 1_000_001)
    refused = fetch(hubspot)
    assert (refused["status"], refused["json"]["category"]) == (502, "BAD_GATEWAY")


@pytest.mark.parametrize("status", [302, 400, 401, 404, 429, 500])
def test_the_apps_refusals_are_wrapped_as_by_hubspots_proxy(
    hubspot: HubSpot, backend: Backend, status: int
) -> None:
    backend.answer = lambda: (
        {"error": {"code": "bad_request"}},
        status,
        {"Location": "https://evil.example/"},
    )
    answer = fetch(hubspot)
    assert answer["status"] == 200
    assert answer["json"]["status"] == "error"
    assert answer["json"]["category"] == "BAD_GATEWAY"
    assert answer["json"]["message"] == "Error returned from Request Uri"
    assert answer["json"]["context"]["appServerStatusCode"] == [str(status)]
    assert answer["json"]["responseBody"] == {"error": {"code": "bad_request"}}


def test_the_apps_refusals_can_be_passed_through_instead(hubspot: HubSpot, backend: Backend) -> None:
    hubspot.settings(fetch_errors="passed")
    backend.answer = lambda: ("gone", 410)
    answer = fetch(hubspot)
    assert (answer["status"], answer["body"]) == (410, "gone")


def test_one_retry_after_a_server_error(hubspot: HubSpot, backend: Backend) -> None:
    backend.answers_in_turn(("down", 503), {"ok": "second"})
    assert fetch(hubspot)["json"] == {"ok": "second"}
    assert len(backend.calls) == 2
    assert backend.calls[0]["body"] == backend.calls[1]["body"]


def test_only_one_retry(hubspot: HubSpot, backend: Backend) -> None:
    backend.answers_in_turn(("down", 503), ("still down", 502), {"ok": True})
    assert fetch(hubspot)["json"]["context"]["appServerStatusCode"] == ["502"]
    assert len(backend.calls) == 2


def test_a_client_error_is_not_retried(hubspot: HubSpot, backend: Backend) -> None:
    backend.answer = lambda: ("no", 429)
    fetch(hubspot)
    assert len(backend.calls) == 1


def test_one_retry_after_a_broken_connection(hubspot: HubSpot, backend: Backend) -> None:
    def cut_the_first() -> Any:
        if len(backend.calls) == 1:
            raise ConnectionResetError
        return {"ok": "second"}

    backend.answer = cut_the_first
    assert fetch(hubspot)["json"] == {"ok": "second"}
    assert len(backend.calls) == 2


def test_an_app_that_is_not_there(tmp_path: Path) -> None:
    with hubspot_in_process(tmp_path, backend_url="http://127.0.0.1:9") as hubspot:
        hubspot.install()
        answer = fetch(hubspot)
    assert (answer["status"], answer["json"]["category"]) == (502, "BAD_GATEWAY")


def test_an_app_that_is_too_slow(hubspot: HubSpot, backend: Backend) -> None:
    over = threading.Event()
    backend.answer = lambda: {"waited": over.wait(WAIT_S)}
    try:
        answer = fetch(hubspot, timeout_ms=200)
    finally:
        over.set()
    assert answer["status"] == 504
    assert answer["json"]["category"] == "GATEWAY_TIMEOUT"
    assert answer["json"]["message"] == "Gateway took too long to respond"
    assert len(backend.calls) == 1


def test_at_most_twenty_at_once(hubspot: HubSpot, backend: Backend) -> None:
    arrived, released = threading.Semaphore(0), threading.Event()

    def hold() -> Any:
        arrived.release()
        return {"released": released.wait(WAIT_S)}

    backend.answer = hold
    with ThreadPoolExecutor(20) as pool:
        waiting = [pool.submit(fetch, hubspot) for _ in range(20)]
        try:
            assert all(arrived.acquire(timeout=WAIT_S) for _ in range(20))
            refused = fetch(hubspot)
        finally:
            released.set()
        assert [future.result(WAIT_S)["status"] for future in waiting] == [200] * 20
    assert refused["status"] == 429
    assert refused["json"]["category"] == "RATE_LIMITS"
    assert len(backend.calls) == 20
    assert fetch(hubspot)["status"] == 200
