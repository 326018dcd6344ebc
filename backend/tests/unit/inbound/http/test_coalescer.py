"""Calls that arrive together share one run; each gets its own answer, and none waits for another key."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from connector.inbound.http import coalescer
from connector.inbound.http.coalescer import Coalescer, Exhausted, Overloaded

WAIT_S = 20.0


class Runs:
    """A `run` that the test holds open; it records its batches."""

    def __init__(self, answer: Callable[[str], str | Exception] = str.upper) -> None:
        self.batches: list[tuple[str, list[str]]] = []
        self.begun = threading.Semaphore(0)
        self.may_end = threading.Semaphore(0)
        self.answer = answer

    def __call__(self, key: str, items: Sequence[str]) -> list[str | Exception]:
        self.batches.append((key, list(items)))
        self.begun.release()
        assert self.may_end.acquire(timeout=WAIT_S)
        return [self.answer(item) for item in items]


@pytest.fixture
def pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(20)


def wait_until(condition: Callable[[], bool]) -> None:
    ends = threading.Event()
    for _ in range(2000):
        if condition():
            return
        ends.wait(0.005)
    raise AssertionError("it did not happen")


def waiting(group: Coalescer[str, str, str], count: int) -> None:
    """Wait until `count` calls wait for a batch that has not begun."""
    wait_until(lambda: sum(len(queue.seats) for queue in group._queues.values()) == count)


def test_those_who_come_during_a_run_share_the_next(pool: ThreadPoolExecutor) -> None:
    runs = Runs()
    group = Coalescer[str, str, str](runs)
    first = pool.submit(group.submit, "portal", "a")
    assert runs.begun.acquire(timeout=WAIT_S)
    others = [pool.submit(group.submit, "portal", item) for item in "bcdef"]
    waiting(group, 5)
    runs.may_end.release(2)
    assert first.result(WAIT_S) == "A"
    assert [other.result(WAIT_S) for other in others] == list("BCDEF")
    assert [len(items) for _, items in runs.batches] == [1, 5]
    assert group._queues == {}


def test_a_batch_is_bounded_and_the_rest_follows(pool: ThreadPoolExecutor) -> None:
    runs = Runs()
    group = Coalescer[str, str, str](runs, max_batch=2)
    first = pool.submit(group.submit, "portal", "a")
    assert runs.begun.acquire(timeout=WAIT_S)
    others = [pool.submit(group.submit, "portal", item) for item in "bcd"]
    waiting(group, 3)
    runs.may_end.release(3)
    assert sorted([first.result(WAIT_S), *(other.result(WAIT_S) for other in others)]) == list("ABCD")
    assert [len(items) for _, items in runs.batches] == [1, 2, 1]


def test_keys_do_not_wait_for_each_other(pool: ThreadPoolExecutor) -> None:
    runs = Runs()
    group = Coalescer[str, str, str](runs)
    calls = [pool.submit(group.submit, key, "a") for key in ("one", "two")]
    for _ in calls:
        assert runs.begun.acquire(timeout=WAIT_S)
    runs.may_end.release(2)
    assert [call.result(WAIT_S) for call in calls] == ["A", "A"]


def test_a_fault_of_one_is_its_own(pool: ThreadPoolExecutor) -> None:
    runs = Runs(lambda item: ValueError(item) if item == "bad" else item)
    group = Coalescer[str, str, str](runs)
    first = pool.submit(group.submit, "portal", "good")
    assert runs.begun.acquire(timeout=WAIT_S)
    bad, good = (pool.submit(group.submit, "portal", item) for item in ("bad", "also good"))
    waiting(group, 2)
    runs.may_end.release(2)
    assert (first.result(WAIT_S), good.result(WAIT_S)) == ("good", "also good")
    with pytest.raises(ValueError, match="bad"):
        bad.result(WAIT_S)


def test_a_fault_of_the_run_is_everybodys_and_the_next_goes_on() -> None:
    outcomes = iter([RuntimeError("no"), None])

    def run(_key: str, items: Sequence[str]) -> list[str]:
        fault = next(outcomes)
        if fault:
            raise fault
        return list(items)

    group = Coalescer[str, str, str](run)
    with pytest.raises(RuntimeError, match="no"):
        group.submit("portal", "a")
    assert group.submit("portal", "b") == "b"


class Clock:
    """Replaces the module's `time`; a test moves it."""

    now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(coalescer, "time", made)
    return made


def test_who_comes_to_a_batch_that_hangs_is_sent_away_at_once(pool: ThreadPoolExecutor, clock: Clock) -> None:
    runs = Runs()
    group = Coalescer[str, str, str](runs, patience_s=5.0)
    first = pool.submit(group.submit, "portal", "a")
    assert runs.begun.acquire(timeout=WAIT_S)
    clock.now += 4.9
    second = pool.submit(group.submit, "portal", "b")
    waiting(group, 1)
    clock.now += 0.2
    with pytest.raises(Overloaded):
        group.submit("portal", "c")
    runs.may_end.release(2)
    assert (first.result(WAIT_S), second.result(WAIT_S)) == ("A", "B")
    assert group._queues == {}


def test_who_would_wait_too_long_behind_slow_batches_is_sent_away_at_once(
    pool: ThreadPoolExecutor, clock: Clock
) -> None:
    runs = Runs()
    group = Coalescer[str, str, str](runs, patience_s=5.0)
    for item, lasts_s in (("a", 4.0), ("b", 0.1)):
        call = pool.submit(group.submit, "portal", item)
        assert runs.begun.acquire(timeout=WAIT_S)
        if item == "b":  # 4 s estimated for the current batch, 4 s for its own
            with pytest.raises(Overloaded):
                group.submit("portal", "too early")
        clock.now += lasts_s
        runs.may_end.release()
        assert call.result(WAIT_S) == item.upper()
    # Batches are fast again: no call is refused.
    third = pool.submit(group.submit, "portal", "c")
    assert runs.begun.acquire(timeout=WAIT_S)
    fourth = pool.submit(group.submit, "portal", "d")
    waiting(group, 1)
    runs.may_end.release(2)
    assert (third.result(WAIT_S), fourth.result(WAIT_S)) == ("C", "D")


def test_one_at_a_time_finds_out_whether_what_all_need_is_there_again(pool: ThreadPoolExecutor) -> None:
    faults: list[Exception] = [Exhausted()]
    begun, may_end = threading.Semaphore(0), threading.Semaphore(0)

    def run(_key: str, items: Sequence[str]) -> list[str | Exception]:
        begun.release()
        assert may_end.acquire(timeout=WAIT_S)
        if faults:
            raise faults.pop()
        return list(items)

    group = Coalescer[str, str, str](run)
    first = pool.submit(group.submit, "portal", "a")
    assert begun.acquire(timeout=WAIT_S)
    behind = pool.submit(group.submit, "portal", "b")
    waiting(group, 1)
    may_end.release()
    for call in (first, behind):
        with pytest.raises(Overloaded):
            call.result(WAIT_S)
    probe = pool.submit(group.submit, "portal", "c")
    assert begun.acquire(timeout=WAIT_S)
    for key in ("portal", "another"):
        with pytest.raises(Overloaded):
            group.submit(key, "d")
    may_end.release(2)
    assert probe.result(WAIT_S) == "c"
    assert group.submit("another", "e") == "e"
    assert group._queues == {}


def test_who_waits_too_long_leaves_and_is_not_run(pool: ThreadPoolExecutor) -> None:
    runs = Runs()
    group = Coalescer[str, str, str](runs, patience_s=0.01)
    first = pool.submit(group.submit, "portal", "a")
    assert runs.begun.acquire(timeout=WAIT_S)
    with pytest.raises(Overloaded):
        group.submit("portal", "b")
    runs.may_end.release()
    assert first.result(WAIT_S) == "A"
    assert runs.batches == [("portal", ["a"])]
    assert group._queues == {}


def test_nobody_is_lost_in_a_crowd(pool: ThreadPoolExecutor) -> None:
    group = Coalescer[int, int, int](lambda _key, items: [item * 2 for item in items], max_batch=3)
    calls = [pool.submit(group.submit, number % 3, number) for number in range(2000)]
    assert [call.result(WAIT_S) for call in calls] == [number * 2 for number in range(2000)]
    assert group._queues == {}


def test_a_leader_lingers_for_those_who_were_answered_just_now(pool: ThreadPoolExecutor) -> None:
    """A single call announces no burst. After a batch of three, the leader waits for those three and later callers."""
    runs = Runs()
    group = Coalescer[str, str, str](runs, linger_s=WAIT_S)
    calls = [pool.submit(group.submit, "portal", "a")]
    assert runs.begun.acquire(timeout=WAIT_S)
    calls += [pool.submit(group.submit, "portal", item) for item in "bcd"]
    waiting(group, 3)
    runs.may_end.release()
    assert runs.begun.acquire(timeout=WAIT_S)
    calls.append(pool.submit(group.submit, "portal", "e"))
    waiting(group, 1)
    runs.may_end.release(2)
    assert [call.result(WAIT_S) for call in calls[:4]] == list("ABCD")
    assert len(runs.batches) == 2
    calls += [pool.submit(group.submit, "portal", item) for item in "fgh"]
    assert [call.result(WAIT_S) for call in calls[4:]] == list("EFGH")
    assert [len(items) for _, items in runs.batches] == [1, 3, 4]


def test_a_leader_lingers_no_longer_than_it_may(pool: ThreadPoolExecutor) -> None:
    runs = Runs()
    group = Coalescer[str, str, str](runs, linger_s=0.01)
    calls = [pool.submit(group.submit, "portal", "a")]
    assert runs.begun.acquire(timeout=WAIT_S)
    calls += [pool.submit(group.submit, "portal", item) for item in "bc"]
    waiting(group, 2)
    runs.may_end.release()
    assert runs.begun.acquire(timeout=WAIT_S)
    calls.append(pool.submit(group.submit, "portal", "d"))
    waiting(group, 1)
    runs.may_end.release(2)
    assert [call.result(WAIT_S) for call in calls] == list("ABCD")
    assert [len(items) for _, items in runs.batches] == [1, 2, 1]
    assert group._queues == {}
