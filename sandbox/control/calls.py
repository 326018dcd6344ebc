"""The log of the calls a simulator received: request, time and answer. Secrets are not shown.

Bodies are stored raw and parsed on demand: most calls of a load run are never looked at.
"""

import json
import threading
from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

# Enough for a run of tests. A load run reads the counts, which are never cut.
KEPT_CALLS, KEPT_BYTES = 20_000, 200_000_000
_SECRET_NAMES = {
    "token", "password", "signature", "secret", "client_secret", "access_token", "refresh_token", "code",
    "authorization", "username", "sfusername", "sfpassword",
}  # fmt: skip


@dataclass
class Call:
    """One call. `status` is the HTTP status answered, None while it is being served and for ever if never
    answered."""

    n: int
    at: datetime
    method: str
    path: str
    query: str
    body: bytes
    status: int | None = None
    notes: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The shape of GET /_control/calls; notes (portal_id, fault, ...) stand beside the fixed fields."""
        fixed = {
            "n": self.n,
            "at": self.at.isoformat(),
            "method": self.method,
            "path": self.path,
            "query": {
                name: _masked(name, value) for name, value in parse_qsl(self.query, keep_blank_values=True)
            },
            "status": self.status,
            "request": _readable(self.body),
        }
        return {**self.notes, **fixed}


class CallLog:
    """Calls in the order they came in, numbered from 1, and counts by "METHOD path"."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: deque[Call] = deque()
        self._bytes = 0
        self._counts: Counter[str] = Counter()
        self._last = 0

    def open(self, at: datetime, method: str, path: str, query: str, body: bytes) -> Call:
        """Note a call that has just come in; the caller sets `status` when it is answered."""
        with self._lock:
            self._last += 1
            call = Call(self._last, at, method, path, query, body)
            self._calls.append(call)
            self._bytes += len(body)
            while len(self._calls) > KEPT_CALLS or self._bytes > KEPT_BYTES:
                self._bytes -= len(self._calls.popleft().body)
            self._counts[f"{method} {path}"] += 1
        return call

    def select(self, *, method: str | None = None, path: str | None = None, since: int = 0) -> list[Call]:
        """Calls with a number above `since`; `path` is exact, or a prefix when it ends in *."""
        with self._lock:
            calls = list(self._calls)
        return [
            call
            for call in calls
            if call.n > since
            and (method is None or call.method == method.upper())
            and (path is None or path_matches(path, call.path))
        ]

    def counts(self) -> dict[str, int]:
        """Number of calls by "METHOD path" since the last reset, including calls that the log has dropped."""
        with self._lock:
            return dict(self._counts)

    def clear(self) -> None:
        """Forget all calls. Numbering continues, so a client's `since` stays valid."""
        with self._lock:
            self._calls.clear()
            self._bytes = 0
            self._counts.clear()


def path_matches(pattern: str, path: str) -> bool:
    """True when `path` is `pattern`, or begins with it when the pattern ends in *."""
    return path.startswith(pattern[:-1]) if pattern.endswith("*") else path == pattern


def _masked(name: str, value: Any) -> Any:
    return "***" if name.lower() in _SECRET_NAMES and isinstance(value, str | int | float) else value


def _without_secrets(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _masked(name, _without_secrets(inner)) for name, inner in value.items()}
    if isinstance(value, list):
        return [_without_secrets(inner) for inner in value]
    return value


def _readable(body: bytes) -> Any:
    """A body as JSON without secrets; a form as an object; other text cut at 2,000 characters; None when
    empty."""
    if not body:
        return None
    text = body.decode("utf-8", "replace")
    try:
        return _without_secrets(json.loads(text))
    except ValueError:
        pairs = parse_qsl(text, keep_blank_values=True)
        is_form = bool(pairs) and "<" not in text and "\n" not in text
        return {name: _masked(name, value) for name, value in pairs} if is_form else text[:2000]
