"""Calls a WSGI application of this process through `requests`: no socket, no server, no thread.

For tests of answers. Faults that cut or hold a connection need a real one (serving.py).
"""

from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from requests.utils import get_encoding_from_headers
from werkzeug.test import EnvironBuilder, run_wsgi_app

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

ORIGIN = "http://in-process.example"


class InProcess(BaseAdapter):
    """Passes each prepared request to the application, and makes a response of its answer."""

    def __init__(self, app: "WSGIApplication") -> None:
        super().__init__()
        self._app = app

    def send(self, request: requests.PreparedRequest, *_args: Any, **_options: Any) -> requests.Response:
        """One call; time-outs and other options of a connection have no meaning here."""
        chunks, status, headers = run_wsgi_app(self._app, _environ(request), buffered=True)
        code, _, reason = status.partition(" ")
        response = requests.Response()
        response.status_code, response.reason = int(code), reason
        response.headers = CaseInsensitiveDict(headers.items())
        response.encoding = get_encoding_from_headers(response.headers)
        response.raw = BytesIO(b"".join(chunks))
        response.url, response.request = request.url or "", request
        return response

    def close(self) -> None:
        """There is nothing to close."""


def in_process_session(app: "WSGIApplication") -> requests.Session:
    """A session whose calls to ORIGIN reach the application; calls to any other address fail."""
    session = requests.Session()
    session.trust_env = False
    session.adapters.clear()
    session.mount(ORIGIN, InProcess(app))
    return session


def _environ(request: requests.PreparedRequest) -> dict[str, Any]:
    url = urlsplit(request.url or "")
    body = request.body or b""
    builder = EnvironBuilder(
        method=request.method or "GET",
        base_url=ORIGIN,
        path=url.path,
        query_string=url.query,
        headers=list(request.headers.items()),
        data=body.encode() if isinstance(body, str) else body,
        environ_base={"REMOTE_ADDR": "127.0.0.1"},  # the control API answers this machine only
    )
    try:
        return builder.get_environ()
    finally:
        builder.close()
