"""The caches of crm stay within their limits, even under as many threads as the web server has."""

import sys
import threading
from concurrent.futures import ThreadPoolExecutor

from connector.crm.reads import Reads, Unfinished, UnfinishedWork
from connector.crm.record_cache import RecordCache, RecordKey
from connector.crm.records import TextableRecord

THREADS = 64


def key(object_id: str, *properties: str) -> RecordKey:
    return RecordKey(1, "0-1", object_id, properties, ("phone",), ("phone",), "FR")


def record(object_id: str) -> TextableRecord:
    return TextableRecord("0-1", object_id, [], {})


def test_forgetting_a_record_drops_all_its_readings_and_no_other() -> None:
    cache = RecordCache()
    for readings in (key("1"), key("1", "lastname"), key("2")):
        cache.save(readings, record(readings.object_id))
    cache.forget(1, "0-1", "1")
    assert [cache.find(readings) for readings in (key("1"), key("1", "lastname"))] == [None, None]
    assert cache.find(key("2")) == record("2")


def test_records_beyond_the_limit_and_the_age_are_dropped() -> None:
    small, forgetful = RecordCache(max_records=2), RecordCache(max_age_s=0.0)
    for number in "123":
        small.save(key(number), record(number))
        forgetful.save(key(number), record(number))
    assert [small.find(key(number)) is not None for number in "123"] == [False, True, True]
    assert [forgetful.find(key(number)) for number in "123"] == [None, None, None]


def test_threads_share_a_cache_that_is_full_all_the_time() -> None:
    cache, barrier = RecordCache(max_records=3), threading.Barrier(THREADS)

    def use(number: int) -> None:
        barrier.wait()
        for step in range(50):
            own = str((number + step) % 7)
            cache.save(key(own), record(own))
            found = cache.find(key(own))
            assert found is None or found == record(own)
            cache.forget(1, "0-1", str(step % 7))

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # threads interrupt each other within a change
    try:
        with ThreadPoolExecutor(THREADS) as pool:
            for future in [pool.submit(use, number) for number in range(THREADS)]:
                future.result()
    finally:
        sys.setswitchinterval(interval)


def test_unfinished_work_is_taken_once_and_not_when_it_is_old() -> None:
    def nothing(_: object, /) -> list[object]:
        return []

    unfinished = Unfinished(frozenset({"ap-1"}), Reads(nothing, nothing))  # type: ignore[arg-type]
    work, forgetful = UnfinishedWork(), UnfinishedWork(max_age_s=0.0)
    work.put(1, unfinished)
    forgetful.put(1, unfinished)
    assert [work.take(1), work.take(1), forgetful.take(1)] == [unfinished, None, None]
