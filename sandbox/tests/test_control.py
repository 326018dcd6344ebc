"""The control API both simulators share: faults, barriers, call log, clock, settings, reset; over real
HTTP."""

import http.client
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests
from flask import Flask, request

from sandbox.control import NETWORK, Control, Setting, Settings, install_control, note_call
from sandbox.serving import running
from sandbox.tests.smsfactor_sim.support import eventually


@dataclass
class Desk:
    """A tiny application under control; `done` holds the bodies it has processed."""

    url: str = ""
    done: list[Any] = field(default_factory=list)
    control: Control | None = None

    def post(self, body: Any = None, path: str = "/work", timeout: float = 20) -> requests.Response:
        return requests.post(self.url + path, json=body or {}, timeout=timeout)

    def ctl(self, method: str, path: str, body: Any = None) -> requests.Response:
        return requests.request(method, f"{self.url}/_control{path}", json=body, timeout=30)

    def fault(self, kind: str, **order: Any) -> str:
        answer = self.ctl("POST", "/faults", {"method": "POST", "path": "/work", "kind": kind, **order})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def look(self, fault_id: str, query: str = "") -> dict[str, Any]:
        fault: dict[str, Any] = self.ctl("GET", f"/faults/{fault_id}{query}").json()
        return fault


@pytest.fixture
def desk() -> Iterator[Desk]:
    app, desk = Flask("desk"), Desk()
    own = {"speed": Setting(2, "how fast"), "mood": Setting("calm", "how", ("calm", "wild"))}
    settings = Settings({**own, **NETWORK})
    desk.control = install_control(app, name="desk", settings=settings, on_reset=[desk.done.clear])

    @app.post("/work")
    @app.post("/work/<path:rest>")
    def work(rest: str = "") -> dict[str, Any]:
        note_call(portal_id=7)
        desk.done.append(request.get_json())
        return {"done": len(desk.done)}

    with running(app) as url:
        desk.url = url
        yield desk


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as executor:
        yield executor


def test_status_answers_instead_of_processing(desk: Desk) -> None:
    desk.fault("status", status=429, body={"error": "slow down"}, headers={"Retry-After": "3"})
    answer = desk.post()
    assert (answer.status_code, answer.json(), answer.headers["Retry-After"]) == (
        429,
        {"error": "slow down"},
        "3",
    )
    assert desk.done == []
    assert desk.post().status_code == 200


def test_status_after_processes_first(desk: Desk) -> None:
    desk.fault("status_after", status=502, body="bad gateway")
    answer = desk.post({"n": 1})
    assert (answer.status_code, answer.text) == (502, "bad gateway")
    assert desk.done == [{"n": 1}]


def test_malformed_processes_and_answers_no_json(desk: Desk) -> None:
    desk.fault("malformed")
    answer = desk.post({"n": 1})
    assert answer.status_code == 200
    with pytest.raises(requests.JSONDecodeError):
        answer.json()
    assert desk.done == [{"n": 1}]


@pytest.mark.parametrize(("kind", "processed"), [("reset_before", 0), ("reset_after", 1)])
def test_reset_cuts_the_connection(desk: Desk, kind: str, processed: int) -> None:
    desk.fault(kind)
    with pytest.raises(requests.ConnectionError, match="reset by peer"):
        desk.post()
    assert len(desk.done) == processed
    assert desk.post().status_code == 200


@pytest.mark.parametrize(("kind", "processed"), [("timeout_before", 0), ("timeout_after", 1)])
def test_timeout_never_answers_and_its_thread_ends_with_the_client(
    desk: Desk, kind: str, processed: int
) -> None:
    before = threading.active_count()
    fault_id = desk.fault(kind)
    with pytest.raises(requests.ReadTimeout):
        desk.post(timeout=0.2)
    assert desk.look(fault_id, "?wait_hits=1&timeout_s=10")["hits"] == 1
    assert len(desk.done) == processed
    eventually(lambda: threading.active_count() <= before, "the thread of the silent call ends")


def test_a_fault_takes_its_count_of_calls_and_only_those_it_names(desk: Desk) -> None:
    desk.fault("status", path="/work/*", count=2)
    assert desk.post().status_code == 200
    assert [desk.post(path="/work/a").status_code for _ in range(3)] == [503, 503, 200]
    desk.fault("status", contains="special")
    assert desk.post({"text": "plain"}).status_code == 200
    assert desk.post({"text": "a special one"}).status_code == 503


def test_duplicate_processes_the_call_twice(desk: Desk) -> None:
    desk.fault("hold_after", duplicate=True)
    desk.ctl("POST", "/faults/f1/release")
    assert desk.post({"n": 1}).json() == {"done": 1}
    assert desk.done == [{"n": 1}, {"n": 1}]


def test_hold_before_processes_when_released(desk: Desk, pool: ThreadPoolExecutor) -> None:
    fault_id = desk.fault("hold_before")
    call: Future[requests.Response] = pool.submit(desk.post)
    assert desk.look(fault_id, "?wait_hits=1&timeout_s=10") | {"remaining": 0} == {
        "id": fault_id, "kind": "hold_before", "hits": 1, "waiting": 1, "released": False, "remaining": 0,
    }  # fmt: skip
    assert desk.done == []
    assert not call.done()
    desk.ctl("POST", f"/faults/{fault_id}/release")
    assert call.result(10).status_code == 200
    assert len(desk.done) == 1


def test_hold_before_with_drop_discards_when_released(desk: Desk, pool: ThreadPoolExecutor) -> None:
    fault_id = desk.fault("hold_before", drop=True)
    call = pool.submit(desk.post)
    desk.look(fault_id, "?wait_waiting=1&timeout_s=10")
    desk.ctl("POST", f"/faults/{fault_id}/release")
    with pytest.raises(requests.ConnectionError):
        call.result(10)
    assert desk.done == []


def test_hold_before_notices_that_the_client_has_gone(desk: Desk) -> None:
    fault_id = desk.fault("hold_before")
    client = http.client.HTTPConnection(desk.url.removeprefix("http://"), timeout=10)
    client.request("POST", "/work", b"{}", {"Content-Type": "application/json"})
    assert desk.look(fault_id, "?wait_waiting=1&timeout_s=10")["waiting"] == 1
    client.close()
    eventually(lambda: desk.look(fault_id)["waiting"] == 0, "the held call notices that its client has gone")
    desk.ctl("POST", f"/faults/{fault_id}/release")
    assert desk.done == []


def test_slow_processes_after_its_time(desk: Desk) -> None:
    desk.fault("slow", delay_s=0.2)
    began = time.monotonic()
    assert desk.post().status_code == 200
    assert time.monotonic() - began >= 0.2
    assert len(desk.done) == 1


def test_hold_after_has_processed_when_it_counts_as_hit(desk: Desk, pool: ThreadPoolExecutor) -> None:
    fault_id = desk.fault("hold_after")
    call = pool.submit(desk.post)
    desk.look(fault_id, "?wait_hits=1&timeout_s=10")
    assert len(desk.done) == 1
    assert not call.done()
    desk.ctl("POST", f"/faults/{fault_id}/release")
    assert call.result(10).json() == {"done": 1}


def test_taking_faults_down_discards_held_calls(desk: Desk, pool: ThreadPoolExecutor) -> None:
    fault_id = desk.fault("hold_before", count=5)
    call = pool.submit(desk.post)
    desk.look(fault_id, "?wait_waiting=1&timeout_s=10")
    desk.ctl("DELETE", "/faults")
    with pytest.raises(requests.ConnectionError):
        call.result(10)
    assert desk.post().status_code == 200
    assert desk.ctl("GET", f"/faults/{fault_id}").status_code == 404


def test_a_look_that_waits_in_vain_answers_when_its_time_is_up(desk: Desk) -> None:
    fault_id = desk.fault("status")
    assert desk.look(fault_id, "?wait_hits=1&timeout_s=0.1")["hits"] == 0


@pytest.mark.parametrize(
    "order",
    [
        "not an object",
        {"path": "/work"},
        {"kind": "explode", "path": "/work"},
        {"kind": "status"},
        {"kind": "status", "path": "/work", "cuont": 2},
        {"kind": "status", "path": "/work", "count": 0},
        {"kind": "status", "path": "/work", "count": True},
        {"kind": "status", "path": "/work", "status": 99},
        {"kind": "status", "path": "/work", "headers": "none"},
    ],
)
def test_a_wrong_fault_order_is_refused(desk: Desk, order: Any) -> None:
    answer = desk.ctl("POST", "/faults", order)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert desk.ctl("GET", "/faults").json() == {"faults": []}


def test_calls_are_logged_with_answers_and_without_secrets(desk: Desk) -> None:
    desk.post({"token": "s3cret", "list": [{"password": "p"}], "kept": 1})
    desk.fault("reset_before")
    with pytest.raises(requests.ConnectionError):
        requests.post(desk.url + "/work?client_secret=x&y=1", data="a=1&refresh_token=r", timeout=5)
    log = desk.ctl("GET", "/calls?path=/work&method=post").json()
    first, second = log["calls"]
    assert log["counts"] == {"POST /work": 2}
    assert first["request"] == {"token": "***", "list": [{"password": "***"}], "kept": 1}
    assert (first["n"], first["status"], first["portal_id"]) == (1, 200, 7)
    assert second["query"] == {"client_secret": "***", "y": "1"}
    assert second["request"] == {"a": "1", "refresh_token": "***"}
    assert (second["status"], second["fault"]) == (None, "reset_before")
    assert [call["n"] for call in desk.ctl("GET", "/calls?since=1").json()["calls"]] == [2]


def test_clock_moves_and_tells_its_listeners(desk: Desk) -> None:
    assert desk.control is not None
    moves: list[str] = []
    desk.control.clock.on_move(lambda: moves.append("moved"))
    assert (
        desk.ctl("POST", "/clock", {"at": "2026-05-04T09:00:00+02:00"})
        .json()["now"]
        .startswith("2026-05-04T07:00:00")
    )
    assert desk.ctl("POST", "/clock", {"advance_s": 3600}).json()["now"].startswith("2026-05-04T08:00:0")
    assert desk.ctl("GET", "/clock").json()["now"].startswith("2026-05-04T08:00:0")
    assert moves == ["moved", "moved"]


@pytest.mark.parametrize(
    "move", [{}, {"advance_s": -1}, {"advance_s": "soon"}, {"at": "2026-05-04T09:00:00"}, {"back_s": 1}, [1]]
)
def test_a_wrong_move_of_the_clock_is_refused(desk: Desk, move: Any) -> None:
    assert desk.ctl("POST", "/clock", move).status_code == 400


def test_settings_change_all_or_none(desk: Desk) -> None:
    network = {name: setting.default for name, setting in NETWORK.items()}
    assert desk.ctl("POST", "/settings", {"speed": 3, "mood": "wild"}).json()["settings"] == {
        **network,
        "speed": 3,
        "mood": "wild",
    }
    for wrong in ({"speed": "fast"}, {"speed": True}, {"speed": -1}, {"mood": "sad"}, {"colour": 1}, [1]):
        assert desk.ctl("POST", "/settings", wrong).status_code == 400
    assert desk.ctl("POST", "/settings", {"speed": 9, "mood": "sad"}).status_code == 400
    assert desk.ctl("GET", "/settings").json()["settings"] == {**network, "speed": 3, "mood": "wild"}


def test_reset_makes_a_new_world(desk: Desk) -> None:
    desk.fault("status")
    desk.post(path="/work/x")
    desk.ctl("POST", "/settings", {"speed": 3})
    desk.ctl("POST", "/clock", {"at": "2000-01-01T00:00:00Z"})
    desk.ctl("POST", "/reset")
    assert desk.done == []
    assert desk.ctl("GET", "/faults").json()["faults"] == []
    assert desk.ctl("GET", "/calls").json() == {"calls": [], "counts": {}}
    assert desk.ctl("GET", "/settings").json()["settings"]["speed"] == 2
    assert not desk.ctl("GET", "/clock").json()["now"].startswith("2000")


def test_ready_and_help(desk: Desk) -> None:
    assert desk.ctl("GET", "/ready").json() == {"ready": True, "name": "desk"}
    help_text = desk.ctl("GET", "/help").text
    assert "hold_before" in help_text
    assert "speed = 2" in help_text


def test_control_answers_loopback_only(desk: Desk) -> None:
    app = Flask("far")
    install_control(app, name="far")
    answer = app.test_client().get("/_control/ready", environ_overrides={"REMOTE_ADDR": "192.0.2.7"})
    assert answer.status_code == 403


def test_a_reset_tells_schedulers_before_the_clock_goes_back(desk: Desk) -> None:
    assert desk.control is not None
    control, years = desk.control, []
    control.before_reset(lambda: years.append(control.clock.now().year))
    control.on_reset(lambda: years.append(control.clock.now().year))
    desk.ctl("POST", "/clock", {"at": "2000-01-01T00:00:00Z"})
    desk.ctl("POST", "/reset")
    assert years[0] == 2000
    assert years[1] > 2000


def test_slow_mode_processes_at_once_and_answers_later(desk: Desk) -> None:
    desk.ctl("POST", "/settings", {"slow_s": 60})
    with pytest.raises(requests.Timeout):
        desk.post({"n": 1}, timeout=0.5)
    assert desk.done == [{"n": 1}], "processed, although its client has gone"
    desk.ctl("POST", "/settings", {"slow_s": 0.01})
    assert desk.post({"n": 2}).json() == {"done": 2}


@pytest.mark.parametrize(("after", "processed"), [(True, 1), (False, 0)])
def test_a_proxy_answers_every_call_with_its_page(desk: Desk, after: bool, processed: int) -> None:
    desk.ctl("POST", "/settings", {"proxy_page": 403, "proxy_page_after": after})
    answer = desk.post({"n": 1})
    assert (answer.status_code, answer.headers["Content-Type"]) == (403, "text/html")
    assert "<h1>403 Forbidden</h1>" in answer.text
    assert len(desk.done) == processed
    desk.ctl("POST", "/reset")
    assert desk.post().status_code == 200
