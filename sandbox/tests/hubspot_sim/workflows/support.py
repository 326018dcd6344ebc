"""For tests of workflows: an app with prepared answers to executions, and a simulator that has installed it."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask, Response, request
from flask.typing import ResponseReturnValue

from sandbox.hubspot_sim.testing import HubSpot, hubspot_in_process
from sandbox.serving import running

Answer = tuple[int, Any, dict[str, str]]
LONGEST_S = 30.0


class ActionApp:
    """Records every call. `answers` holds the answer to the nth call of an execution; its last entry serves all
    further calls.

    While `answering` is not set, calls are accepted and their answers held back.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.answering = threading.Event()
        self.reset()

    def reset(self) -> None:
        """Forget all calls and answer as if the message had been queued."""
        self.calls: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.option_calls: list[dict[str, Any]] = []
        self.answers: list[Answer] = [ok(status="queued", parts="2")]
        self.options: Answer = (200, {"options": []}, {})
        self._counts: dict[str, int] = {}
        self.answering.set()

    def flask(self) -> Flask:
        """The application to serve."""
        app = Flask("action_app")

        @app.post("/hubspot/workflow/send")
        def send() -> ResponseReturnValue:
            call = json.loads(request.get_data())
            with self._lock:
                self.calls.append(call)
                self.headers.append({name.lower(): value for name, value in request.headers.items()})
                number = self._counts.get(call["callbackId"], 0)
                self._counts[call["callbackId"]] = number + 1
            self.answering.wait(LONGEST_S)
            return _response(self.answers[min(number, len(self.answers) - 1)])

        @app.post("/hubspot/workflow/senders")
        def senders() -> ResponseReturnValue:
            self.option_calls.append(json.loads(request.get_data()))
            return _response(self.options)

        return app


def ok(**outputs: str) -> Answer:
    """A 200 with outputs."""
    return 200, {"outputFields": outputs}, {}


def _response(answer: Answer) -> Response:
    status, body, headers = answer
    text = body if isinstance(body, str) else json.dumps(body)
    return Response(text, status, headers)


class Portal:
    """A running simulator with the app installed, its action app, and short cuts to the page API."""

    def __init__(self, hubspot: HubSpot, app: ActionApp) -> None:
        self.hubspot = hubspot
        self.app = app

    def page(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        """One call of the page API; its JSON."""
        response = self.hubspot.call(method, f"/sandbox-api/{path}", json=body)
        assert response.status_code == status, response.text
        return response.json() if response.content else None

    def workflow(self, object_type_id: str = "0-1", **inputs: str) -> str:
        """Save a workflow and return its id. inputs: fixed values beside the required ones."""
        recipient = "mobilephone" if object_type_id == "0-1" else "dealname"
        fixed = {"kind": "alert", "text": "Bonjour {{contact.firstname}}", **inputs}
        body = {
            "name": "Relance",
            "object_type_id": object_type_id,
            "action_uid": "send",
            "inputs": {
                "recipient": {"type": "OBJECT_PROPERTY", "property": recipient},
                **{name: {"type": "STATIC_VALUE", "value": value} for name, value in fixed.items()},
            },
        }
        return str(self.page("POST", "workflows", body, 201)["id"])

    def enrol(self, workflow_id: str, *record_ids: str, **more: Any) -> dict[str, Any]:
        """Enrol records, or generate them."""
        body = {"record_ids": list(record_ids), **more} if record_ids else more
        answer: dict[str, Any] = self.page("POST", f"workflows/{workflow_id}/enrol", body, 202)
        return answer

    def run(self, workflow_id: str) -> dict[str, Any]:
        """The newest run."""
        answer: dict[str, Any] = self.page("GET", f"workflows/{workflow_id}/runs")["runs"][0]
        return answer

    def wait(self, workflow_id: str, condition: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
        """The newest run as soon as it meets a condition."""
        deadline = time.monotonic() + LONGEST_S
        while not condition(run := self.run(workflow_id)):
            assert time.monotonic() < deadline, run
            time.sleep(0.01)
        return run

    def finished(self, workflow_id: str) -> dict[str, Any]:
        """The newest run, once all its records have reached a final state."""
        return self.wait(workflow_id, lambda run: run["finished_at"])

    def history(self, workflow_id: str, query: str = "") -> list[dict[str, Any]]:
        """Lines of the history, newest first."""
        rows: list[dict[str, Any]] = self.page("GET", f"workflows/{workflow_id}/history{query}")["results"]
        return rows


@contextmanager
def running_portal(folder: Path, **install: str | None) -> Iterator[Portal]:
    """A portal whose action app is served while the block runs; `install` replaces parameters of the authorize URL."""
    app = ActionApp()
    with running(app.flask()) as backend_url, hubspot_in_process(folder, backend_url=backend_url) as hubspot:
        hubspot.install(**install)
        yield Portal(hubspot, app)
