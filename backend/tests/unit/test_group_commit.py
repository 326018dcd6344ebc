"""Calls that arrive together share one run; each gets its own answer, none waits for another key."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from connector.inbound.group_commit import GroupCommit, Overloaded

WAIT_S = 20.0


class Runs:
    """A `run` that is held open by the test, and remembers its batches."""

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


def waiting(group: GroupCommit[str, str, str], count: int) -> None:
    wait_until(lambda: group._waiting == count)


def test_those_who_come_during_a_run_share_the_next(pool: ThreadPoolExecutor) -> None:
    runs = Runs()
    group = GroupCommit[str, str, str](runs)
    first = pool.submit(group.submit, "portal", "a")
    assert runs.begun.acquire(timeout=WAIT_S)
    others = [pool.submit(group.submit, "portal", item) for item in "bcdef"]
    waiting(group, 6)
    runs.may_end.release(2)
    assert first.result(WAIT_S) == "A"
    assert [other.result(WAIT_S) for other in others] == list("BCDEF")
    assert [len(items) for _, items in runs.batches] == [1, 5]
    assert group._queues == {}


def test_a_batch_is_bounded_and_the_rest_follows(pool: ThreadPoolExecutor) -> None:
    runs = Runs()
    group = GroupCommit[str, str, str](runs, max_batch=2)
    first = pool.submit(group.submit, "portal", "a")
    assert runs.begun.acquire(timeout=WAIT_S)
    others = [pool.submit(group.submit, "portal", item) for item in "bcd"]
    waiting(group, 4)
    runs.may_end.release(3)
    assert sorted([first.result(WAIT_S), *(other.result(WAIT_S) for other in others)]) == list("ABCD")
    assert [len(items) for _, items in runs.batches] == [1, 2, 1]


def test_keys_do_not_wait_for_each_other(pool: ThreadPoolExecutor) -> None:
    runs = Runs()
    group = GroupCommit[str, str, str](runs)
    calls = [pool.submit(group.submit, key, "a") for key in ("one", "two")]
    for _ in calls:
        assert runs.begun.acquire(timeout=WAIT_S)
    runs.may_end.release(2)
    assert [call.result(WAIT_S) for call in calls] == ["A", "A"]


def test_a_fault_of_one_is_its_own(pool: ThreadPoolExecutor) -> None:
    runs = Runs(lambda item: ValueError(item) if item == "bad" else item)
    group = GroupCommit[str, str, str](runs)
    first = pool.submit(group.submit, "portal", "good")
    assert runs.begun.acquire(timeout=WAIT_S)
    bad, good = (pool.submit(group.submit, "portal", item) for item in ("bad", "also good"))
    waiting(group, 3)
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

    group = GroupCommit[str, str, str](run)
    with pytest.raises(RuntimeError, match="no"):
        group.submit("portal", "a")
    assert group.submit("portal", "b") == "b"


def test_too_many_waiting_are_sent_away(pool: ThreadPoolExecutor) -> None:
    runs = Runs()
    group = GroupCommit[str, str, str](runs, max_waiting=1)
    first = pool.submit(group.submit, "portal", "a")
    assert runs.begun.acquire(timeout=WAIT_S)
    with pytest.raises(Overloaded):
        group.submit("portal", "b")
    runs.may_end.release()
    assert first.result(WAIT_S) == "A"


def test_who_waits_too_long_leaves_and_is_not_run(pool: ThreadPoolExecutor) -> None:
    runs = Runs()
    group = GroupCommit[str, str, str](runs, patience_s=0.01)
    first = pool.submit(group.submit, "portal", "a")
    assert runs.begun.acquire(timeout=WAIT_S)
    with pytest.raises(Overloaded):
        group.submit("portal", "b")
    runs.may_end.release()
    assert first.result(WAIT_S) == "A"
    assert runs.batches == [("portal", ["a"])]
    assert (group._waiting, group._queues) == (0, {})


def test_nobody_is_lost_in_a_crowd(pool: ThreadPoolExecutor) -> None:
    group = GroupCommit[int, int, int](lambda _key, items: [item * 2 for item in items], max_batch=3)
    calls = [pool.submit(group.submit, number % 3, number) for number in range(2000)]
    assert [call.result(WAIT_S) for call in calls] == [number * 2 for number in range(2000)]
    assert (group._waiting, group._queues) == (0, {})


def test_a_leader_lingers_for_those_who_were_answered_just_now(pool: ThreadPoolExecutor) -> None:
    """A batch of one says nothing of a burst; one of three is followed by its own three and whoever came meanwhile."""
    runs = Runs()
    group = GroupCommit[str, str, str](runs, linger_s=WAIT_S)
    calls = [pool.submit(group.submit, "portal", "a")]
    assert runs.begun.acquire(timeout=WAIT_S)
    calls += [pool.submit(group.submit, "portal", item) for item in "bcd"]
    waiting(group, 4)
    runs.may_end.release()
    assert runs.begun.acquire(timeout=WAIT_S)
    calls.append(pool.submit(group.submit, "portal", "e"))
    waiting(group, 4)
    runs.may_end.release(2)
    assert [call.result(WAIT_S) for call in calls[:4]] == list("ABCD")
    assert len(runs.batches) == 2
    calls += [pool.submit(group.submit, "portal", item) for item in "fgh"]
    assert [call.result(WAIT_S) for call in calls[4:]] == list("EFGH")
    assert [len(items) for _, items in runs.batches] == [1, 3, 4]


def test_a_leader_lingers_no_longer_than_it_may(pool: ThreadPoolExecutor) -> None:
    runs = Runs()
    group = GroupCommit[str, str, str](runs, linger_s=0.01)
    calls = [pool.submit(group.submit, "portal", "a")]
    assert runs.begun.acquire(timeout=WAIT_S)
    calls += [pool.submit(group.submit, "portal", item) for item in "bc"]
    waiting(group, 3)
    runs.may_end.release()
    assert runs.begun.acquire(timeout=WAIT_S)
    calls.append(pool.submit(group.submit, "portal", "d"))
    waiting(group, 3)
    runs.may_end.release(2)
    assert [call.result(WAIT_S) for call in calls] == list("ABCD")
    assert [len(items) for _, items in runs.batches] == [1, 2, 1]
    assert group._queues == {}
