"""A small server for the browser tests of the host: its files, and a page data API with one contact.

It replaces the HubSpot simulator, so that these tests need only the built host.
"""

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

PORTAL_ID = 145000001
APP_ID = 1234567
TOKEN = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9." + "a1B2" * 30  # as long as a real one
CONTACT = f"/contacts/{PORTAL_ID}/record/0-1/501"
SETTINGS = f"/connected-apps/{PORTAL_ID}/installed/{APP_ID}"
_TYPES = {".js": "text/javascript", ".css": "text/css", ".html": "text/html", ".png": "image/png"}
_WORKER_POLICY = "default-src 'none'; script-src 'self'"
# As strict as the simulator's policy: no eval in the pages.
_PAGE_POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:"
)
# How often the server looks whether it is shut down; each test waits for that once.
_POLL_S = 0.02

Json = dict[str, Any]


def _definition(name: str, label: str, field_type: str = "text") -> Json:
    return {
        "name": name,
        "label": label,
        "type": "string",
        "fieldType": field_type,
        "groupName": "contactinformation",
        "options": [],
    }


class PageWorld:
    """The data of the API's answers; tests change it under `lock`."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.language = "en"
        self.url = ""
        self.card = "Tour"
        self.fetches: list[Json] = []
        self.patches: list[Json] = []
        self.answer_fetch: Callable[[Json], Json] = lambda order: {
            "status": 200,
            "headers": {"content-type": "application/json"},
            "body": json.dumps({"echo": order["body"]}),
        }
        self.record: Json = {
            "id": "501",
            "object_type_id": "0-1",
            "version": 1,
            "properties": {
                "firstname": "Camille",
                "lastname": "Moreau",
                "email": "camille@example.com",
                "mobilephone": "06 12 34 56 78",
            },
            "definitions": [
                _definition("firstname", "First name"),
                _definition("email", "Email"),
                _definition("mobilephone", "Mobile phone number", "phonenumber"),
            ],
            "groups": [{"name": "contactinformation", "label": "Contact information"}],
            "associations": [{"object_type_id": "0-2", "records": []}],
            "timeline": [{"kind": "created", "timestamp": "2026-09-01T08:30:00.000Z"}],
        }

    def change(self, **properties: str) -> None:
        """Another user edits the contact."""
        with self.lock:
            self.record["properties"].update(properties)
            self.record["version"] += 1

    def add_event(self, **event: Any) -> None:
        """An app event arrives; header_template and properties are the least it needs."""
        with self.lock:
            entry = {
                "kind": "app_event",
                "id": f"event-{len(self.record['timeline'])}",
                "event_type": "message_sent",
                "name": "Message sent",
                "timestamp": "2026-11-23T09:31:00.000Z",
                "detail_template": None,
                "extra_data": None,
                "timeline_iframe": None,
                **event,
            }
            self.record["timeline"].insert(0, entry)
            self.record["version"] += 1

    def answer(self, method: str, path: str, body: Json | None) -> tuple[int, Json]:
        """One request below /sandbox-api/."""
        route = path.removeprefix("/sandbox-api/").split("?")[0]
        with self.lock:
            if (method, route) == ("POST", "session"):
                self.language = (body or {})["language"]
            if route == "session":
                return 200, self._session()
            if route == "extensions":
                return 200, {"extensions": self._extensions()}
            if route == "records/0-1":
                return 200, {"results": [self.record], "total": 1, "definitions": self.record["definitions"]}
            if route == "records/0-1/501":
                return 200, self._record(method, body)
            if route == "crm-properties":
                names = (body or {})["names"]
                return 200, {"data": {name: self.record["properties"].get(name) for name in names}}
            if route == "hubspot-fetch":
                self.fetches.append(body or {})
                return 200, self.answer_fetch(body or {})
        return 404, {"status": "error", "message": f"there is no {path}"}

    def _record(self, method: str, body: Json | None) -> Json:
        if method == "PATCH":
            self.patches.append((body or {})["properties"])
            self.record["properties"].update((body or {})["properties"])
            self.record["version"] += 1
        return self.record

    def _session(self) -> Json:
        user = {"id": 77, "email": "margaux@example.com", "first_name": "Margaux", "last_name": "Delattre"}
        rights = {"teams": [], "permissions": ["integrations-management-write"]}
        return {
            "portal": {
                "id": PORTAL_ID,
                "name": "Atelier Lumen",
                "timezone": "Europe/Paris",
                "language": "fr",
            },
            "user": {**user, **rights, "language": self.language, "locale": self.language},
            "app": {
                "id": APP_ID,
                "name": "Mini",
                "installed": True,
                "install_url": "/install",
                "settings_path": SETTINGS,
            },
            "portals": [{"id": PORTAL_ID, "name": "Atelier Lumen"}],
            "users": [{"id": 77, "name": "Margaux Delattre"}],
            "origins": {"https://connector.sandbox.example": self.url},
            "gateway": {"url": "/gateway", "token": TOKEN, "handsets_url": "/gateway/handsets"},
        }

    def _extensions(self) -> list[Json]:
        variables = {"BACKEND_URL": "https://connector.sandbox.example"}
        card = {"uid": "card", "type": "card", "name": "Card", "location": "crm.record.sidebar"}
        settings = {"uid": "settings", "type": "settings", "name": "Settings", "location": "settings"}
        return [
            {
                **card,
                "object_types": ["0-1"],
                "bundle_url": f"/bundles/{self.card}.js",
                "variables": variables,
            },
            {
                **settings,
                "object_types": [],
                "bundle_url": "/bundles/Settings.js",
                "variables": variables,
            },
        ]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "_PageServer"

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        self._handle()

    def do_POST(self) -> None:
        self._handle()

    def do_PATCH(self) -> None:
        self._handle()

    def _handle(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        if self.path.startswith("/sandbox-api/"):
            status, answer = self.server.world.answer(self.command, self.path, body)
            self._send(status, "application/json", json.dumps(answer).encode())
        elif self.path.startswith("/frame?"):
            self._send(200, "text/html", f"<p>Frame for {self.path.split('?')[1]}</p>".encode())
        elif self.path.startswith(("/host/", "/bundles/")):
            self._send_file(self.server.assets / self.path.split("?")[0].lstrip("/"))
        else:
            self._send_file(self.server.assets / "host/index.html")

    def _send_file(self, file: Path) -> None:
        if file.is_file():
            policy = _WORKER_POLICY if file.name == "worker-runtime.js" else _PAGE_POLICY
            self._send(200, _TYPES[file.suffix], file.read_bytes(), policy)
        else:
            self._send(404, "text/plain", b"not found")

    def _send(self, status: int, content_type: str, body: bytes, policy: str | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", f"{content_type}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        if policy:
            self.send_header("Content-Security-Policy", policy)
        self.end_headers()
        self.wfile.write(body)


class _PageServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, assets: Path, world: PageWorld) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.assets = assets
        self.world = world


def serve(assets: Path, world: PageWorld) -> ThreadingHTTPServer:
    """Starts the server on a free port of 127.0.0.1, in a thread; shut it down with `shutdown()`."""
    server = _PageServer(assets, world)
    world.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(_POLL_S,), daemon=True).start()
    return server
