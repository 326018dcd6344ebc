"""A transaction that must not be lost: it is repeated until it is stored (protocol P26)."""

from collections.abc import Callable

import psycopg
import structlog
from psycopg_pool import PoolTimeout

from connector.store.database import Conn
from connector.store.faults import is_away, repeated
from connector.wiring import Wiring
from connector.worker import vitals

log = structlog.get_logger()

RETRY_S = 1.0


def until_stored(wiring: Wiring, step: Callable[[Conn], None]) -> None:
    """Run `step` in a transaction: again at once after a deadlock or time-out, and when the database is back.

    Gives up, raising the fault, after a defect, or when the process ends while the database is away.
    """

    def transaction() -> None:
        with wiring.pool.connection() as conn:
            step(conn)

    while True:
        try:
            repeated(transaction)
        except (psycopg.Error, PoolTimeout) as fault:
            if wiring.ending.is_set() or not is_away(fault):
                raise
            log.warning("record_waits", error=type(fault).__name__)
            vitals.wait_noted(type(fault).__name__)
            wiring.ending.wait(RETRY_S)
        else:
            return
