"""A HubSpot double over real HTTP that only takes callbacks and refuses them as tests demand."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue

from sandbox.serving import running

PATH = "/automation/actions/callbacks/2026-09/complete"


@dataclass
class CallbackHubSpot:
    """Records callbacks and gives planned answers. The effect of a refused call on its good members is unconfirmed."""

    url: str = ""
    calls: list[list[dict[str, Any]]] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    told: dict[str, list[dict[str, str]]] = field(default_factory=dict)  # callback id -> outcomes taken
    refused: set[str] = field(default_factory=set)
    refusal: tuple[int, dict[str, Any]] = (404, {"category": "OBJECT_NOT_FOUND", "message": "not blocked"})
    #: Answers to the next calls, whatever their content; "lost" takes the outcomes and answers 502.
    next_answers: list[tuple[int, dict[str, Any]] | str] = field(default_factory=list)
    once_only: bool = False  # a taken outcome is refused the next time
    takes_part: bool = False  # a refused call still takes its good members
    names: bool = False  # a refusal names its bad members
    hold: threading.Event | None = None  # taken, but not answered before this is set

    def receive(self, inputs: list[dict[str, Any]]) -> ResponseReturnValue:
        self.calls.append(inputs)
        planned = self.next_answers.pop(0) if self.next_answers else None
        if isinstance(planned, tuple):
            return jsonify(planned[1]), planned[0]
        unusable = self.refused | (set(self.told) if self.once_only else set())
        bad = [one["callbackId"] for one in inputs if one["callbackId"] in unusable]
        for one in inputs:
            if not bad or (self.takes_part and one["callbackId"] not in bad):
                self.told.setdefault(one["callbackId"], []).append(one["outputFields"])
        if bad:
            errors = [{"message": "not blocked", "context": {"callbackId": [one]}} for one in bad]
            return jsonify({**self.refusal[1], **({"errors": errors} if self.names else {})}), self.refusal[0]
        if self.hold is not None:
            self.hold.wait(timeout=30)
        return (jsonify({}), 502) if planned == "lost" else ("", 204)


@contextmanager
def running_callback_hubspot() -> Iterator[CallbackHubSpot]:
    """Run a double on a free port within the block."""
    double = CallbackHubSpot()
    app = Flask("callback_hubspot")

    @app.post(PATH)
    def complete() -> ResponseReturnValue:
        double.tokens.append(request.headers["Authorization"])
        body = request.get_json()
        assert all(set(one) == {"callbackId", "outputFields", "typedOutputs"} for one in body["inputs"])
        return double.receive(body["inputs"])

    with running(app) as url:
        double.url = url
        yield double
