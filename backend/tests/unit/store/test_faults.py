"""The meaning of the database's faults by SQLSTATE: repeat, wait, or a defect."""

import psycopg
import pytest
from psycopg_pool import PoolTimeout

from connector.store import faults
from connector.store.faults import TRIES, is_away, is_momentary, is_schema_fault, repeated

errors = psycopg.errors


@pytest.mark.parametrize(
    ("fault", "momentary", "away"),
    [
        (errors.DeadlockDetected(), True, True),
        (errors.SerializationFailure(), True, True),
        (errors.LockNotAvailable(), True, True),
        (errors.QueryCanceled(), True, True),
        (errors.ConnectionException(), False, True),
        (errors.ReadOnlySqlTransaction(), False, True),
        (errors.TooManyConnections(), False, True),
        (errors.DiskFull(), False, True),
        (errors.ObjectNotInPrerequisiteState(), False, True),
        (errors.AdminShutdown(), False, True),
        (errors.CannotConnectNow(), False, True),
        (psycopg.OperationalError("the connection is lost"), False, True),  # without a SQLSTATE
        (PoolTimeout(), False, True),
        (errors.UndefinedColumn(), False, False),
        (errors.UndefinedTable(), False, False),
        (errors.InsufficientPrivilege(), False, False),
        (errors.InFailedSqlTransaction(), False, False),
        (errors.UniqueViolation(), False, False),
        (psycopg.InterfaceError("a defect of ours"), False, False),
        (ValueError(), False, False),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else None,
)
def test_fault_is_repeated_waited_for_or_a_defect(fault: Exception, *, momentary: bool, away: bool) -> None:
    assert (is_momentary(fault), is_away(fault)) == (momentary, away)


def test_missing_columns_and_privileges_are_faults_of_the_schema() -> None:
    assert is_schema_fault(errors.UndefinedColumn())
    assert is_schema_fault(errors.InsufficientPrivilege())
    assert not is_schema_fault(errors.DeadlockDetected())


def test_the_innermost_repeats_and_nobody_else() -> None:
    tries: list[int] = []

    def transaction() -> None:
        tries.append(1)
        raise errors.DeadlockDetected

    with pytest.raises(errors.DeadlockDetected):
        repeated(lambda: repeated(lambda: repeated(transaction)))
    assert len(tries) == TRIES


def test_inner_call_that_succeeds_at_last_spares_the_outer_one() -> None:
    tries: list[int] = []

    def transaction() -> int:
        tries.append(1)
        if len(tries) < TRIES:
            raise errors.LockNotAvailable
        return len(tries)

    assert repeated(lambda: repeated(transaction)) == TRIES


def test_no_try_begins_after_the_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 2.0, 3.5])
    monkeypatch.setattr(faults, "time", type("Clock", (), {"monotonic": lambda: next(clock)}))
    tries: list[int] = []

    def transaction() -> None:
        tries.append(1)
        raise errors.DeadlockDetected

    with pytest.raises(errors.DeadlockDetected):
        repeated(transaction, within_s=3.0)
    assert len(tries) == 2
