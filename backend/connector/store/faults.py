"""Faults of the database by their meaning: repeat the transaction, wait for the database, or a defect.

Classes of SQLSTATE: PostgreSQL documentation, appendix A.
"""

import math
import time
from collections.abc import Callable
from typing import Final, TypeVar

import psycopg
import structlog
from psycopg_pool import PoolTimeout

log = structlog.get_logger()
T = TypeVar("T")

#: PostgreSQL undid the transaction for another one's sake, or gave up waiting: it may succeed at once.
#: 40: deadlock, serialization failure; 55P03: lock time-out; 57014: statement time-out.
_MOMENTARY: Final = ("40", "55P03", "57014")
#: The database is away, starts, is full, or is read-only during a fail-over: only time helps.
_AWAY: Final = ("08", "25006", "40", "53", "55", "57")
#: A transaction is run this many times in a row.
TRIES: Final = 5
_REPEATED: Final = "was_repeated"  # attribute of a fault that was met in the last try


def is_momentary(fault: BaseException) -> bool:
    """Whether the same transaction may succeed at once."""
    return isinstance(fault, psycopg.Error) and (fault.sqlstate or "").startswith(_MOMENTARY)


def is_away(fault: BaseException) -> bool:
    """Whether the database cannot work now and will by itself. A lost connection has no SQLSTATE."""
    if isinstance(fault, PoolTimeout):
        return True
    if not isinstance(fault, psycopg.Error):
        return False
    if fault.sqlstate is None:
        return isinstance(fault, psycopg.OperationalError)
    return fault.sqlstate.startswith(_AWAY)


def is_schema_fault(fault: BaseException) -> bool:
    """Whether a table, column or privilege is missing, or a statement is wrong (class 42)."""
    return isinstance(fault, psycopg.Error) and (fault.sqlstate or "").startswith("42")


def repeated(transaction: Callable[[], T], tries: int = TRIES, *, within_s: float = math.inf) -> T:
    """Run a transaction, again at once after a momentary fault; raises the last fault, and every other one.

    `transaction` opens its connection itself and leaves nothing behind when it fails. A fault that was met in each try
    of an inner call is raised at once: the innermost repeats, and nobody else. No try begins after `within_s`.
    """
    ends = time.monotonic() + within_s
    for left in range(tries - 1, -1, -1):
        try:
            return transaction()
        except psycopg.Error as fault:
            if not is_momentary(fault) or hasattr(fault, _REPEATED):
                raise
            if not left or time.monotonic() > ends:
                setattr(fault, _REPEATED, True)
                raise
            log.warning("transaction_repeated", sqlstate=fault.sqlstate)
    raise AssertionError("the last try returns or raises")
