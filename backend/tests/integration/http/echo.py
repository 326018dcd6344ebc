"""A WSGI application that answers with what it received; `/close` closes the connection."""

import hashlib
import json
from collections.abc import Callable, Iterable
from typing import Any


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    received = environ["wsgi.input"].read()
    answer = {
        "method": environ["REQUEST_METHOD"],
        "target": environ["REQUEST_URI"],
        "bytes": len(received),
        "sha256": hashlib.sha256(received).hexdigest(),
    }
    body = json.dumps(answer).encode()
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    if environ["PATH_INFO"] == "/close":
        headers.append(("Connection", "close"))
    start_response("200 OK", headers)
    return [body]
