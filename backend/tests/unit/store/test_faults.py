"""The meaning of the database's faults by SQLSTATE: repeat, wait, or a defect."""

import psycopg
import pytest
from psycopg_pool import PoolTimeout

from connector.store.faults import is_away, is_momentary, is_schema_fault

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
