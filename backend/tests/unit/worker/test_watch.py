"""The watch over a worker's threads: they endure every fault, and a fault that lasts ends the process."""

import threading
from collections.abc import Callable

import psycopg
import pytest
import requests

from connector.worker.health import report, serve
from connector.worker.vitals import Pulse, Vitals
from connector.worker.watch import Limits, endure, look, watch
from sandbox.stack import free_port

LIMITS = Limits(defect_s=30.0, stall_s=600.0)
READ_ONLY = psycopg.errors.ReadOnlySqlTransaction()
NO_COLUMN = psycopg.errors.UndefinedColumn()


class Clock:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def later(self, first: Callable[[], None], seconds: float) -> None:
        """Let time pass after something."""
        first()
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def vitals(clock: Clock) -> Vitals:
    return Vitals(clock)


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connector.worker.watch.PAUSE_S", 0.0)


def run_with(pulse: Pulse, faults: list[Exception]) -> int:
    """Endure these faults one after the other; returns the number of runs."""
    ending, runs = threading.Event(), []

    def work() -> None:
        runs.append(1)
        if len(runs) > len(faults):
            ending.set()
            return
        raise faults[len(runs) - 1]

    endure(pulse, ending, work)
    return len(runs)


@pytest.mark.parametrize(
    "fault", [READ_ONLY, NO_COLUMN, RuntimeError("defect"), AssertionError(), RecursionError()], ids=repr
)
def test_no_fault_ends_a_thread(vitals: Vitals, fault: Exception) -> None:
    assert run_with(vitals.pulse("lanes-0"), [fault] * 3) == 4


def test_read_only_database_is_waited_for_as_long_as_it_takes(clock: Clock, vitals: Vitals) -> None:
    pulse = vitals.pulse("lanes-0")
    for _ in range(100):
        run_with(pulse, [READ_ONLY])
        clock.now += 12
        assert look(vitals, {}, LIMITS) is None
    assert pulse.waits_for == "ReadOnlySqlTransaction"


@pytest.mark.parametrize(
    "fault", [NO_COLUMN, psycopg.errors.InsufficientPrivilege(), KeyError("x")], ids=repr
)
def test_defect_that_lasts_ends_the_process(clock: Clock, vitals: Vitals, fault: Exception) -> None:
    pulse = vitals.pulse("lanes-0")
    run_with(pulse, [fault])
    clock.now += 29
    run_with(pulse, [fault])
    assert look(vitals, {}, LIMITS) is None
    clock.now += 1
    assert look(vitals, {}, LIMITS) == f"defect: {type(fault).__name__}"
    pulse.works()
    assert look(vitals, {}, LIMITS) is None, "a success in between begins the time anew"


def test_thread_without_a_sign_of_life_ends_the_process(clock: Clock, vitals: Vitals) -> None:
    vitals.pulse("lanes-0").beat("deliver of portal 7")
    clock.now += 600
    assert look(vitals, {}, LIMITS) == "stalled: deliver of portal 7"


def test_thread_that_ended_ends_the_process(vitals: Vitals) -> None:
    thread = threading.Thread(target=lambda: None)
    thread.start()
    thread.join()
    ending = threading.Event()
    assert watch(vitals, {"lanes-0": thread}, ending, LIMITS, look_s=0.001) == 1
    assert ending.is_set()


def test_process_that_is_asked_to_end_returns_zero(vitals: Vitals) -> None:
    ending = threading.Event()
    ending.set()
    assert watch(vitals, {}, ending, LIMITS) == 0


# --- The local port


@pytest.mark.parametrize(
    ("happens", "status", "live", "ready"),
    [
        (lambda pulse, clock: pulse.works(), "ok", 200, 200),
        (lambda pulse, clock: None, "waits", 200, 503),  # it has just started
        (lambda pulse, clock: pulse.waits("ReadOnlySqlTransaction"), "waits", 200, 503),
        (lambda pulse, clock: pulse.fails("UndefinedColumn"), "fails", 200, 503),
        (lambda pulse, clock: clock.later(pulse.works, 600), "ends", 503, 503),
    ],
    ids=["works", "starts", "waits", "fails", "stalled"],
)
def test_local_port_answers_for_the_threads(
    clock: Clock, happens: Callable[[Pulse, Clock], None], status: str, live: int, ready: int
) -> None:
    vitals = Vitals(clock)
    happens(vitals.pulse("lanes-0"), clock)
    port = free_port()
    server = serve(vitals, LIMITS, port)
    assert server is not None
    with server:
        found = {
            path: requests.get(f"http://127.0.0.1:{port}{path}", timeout=5)
            for path in ("/health/live", "/health/ready", "/metrics")
        }
        server.shutdown()
    assert [answer.status_code for answer in found.values()] == [live, ready, 404]
    assert found["/health/ready"].json()["status"] == status
    assert server.server_address[0] == "127.0.0.1"


def test_port_in_use_does_not_stop_the_worker(vitals: Vitals) -> None:
    port = free_port()
    first = serve(vitals, LIMITS, port)
    assert first is not None
    assert serve(vitals, LIMITS, port) is None
    first.shutdown()
    first.server_close()


def test_no_port_is_opened_unless_one_is_set(vitals: Vitals) -> None:
    assert serve(vitals, LIMITS, 0) is None


def test_report_names_each_thread_and_its_fault(clock: Clock, vitals: Vitals) -> None:
    vitals.pulse("lanes-0").works()
    vitals.pulse("lanes-1").waits("ReadOnlySqlTransaction")
    clock.now += 2.04
    assert report(vitals, LIMITS) == {
        "status": "waits",
        "threads": [
            {"name": "lanes-0", "status": "ok", "doing": "starts", "beat_s": 2.0, "fault": None},
            {
                "name": "lanes-1",
                "status": "waits",
                "doing": "waits",
                "beat_s": 2.0,
                "fault": "ReadOnlySqlTransaction",
            },
        ],
    }
