"""A connection whose transactions end with the statements that must come last: records, counters, lanes (protocol P26).

Rows that many transactions share are locked after all others, in one order, and once per transaction. Otherwise two
transactions could each hold such a row and wait for the other's.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import Any, Final

from psycopg import Connection
from psycopg.pq import TransactionStatus
from psycopg.rows import DictRow


class Last(IntEnum):
    """The order of the last statements of a transaction."""

    RECORDS = 0
    COUNTERS = 1
    LANES = 2


#: (rank, portal, name): a transaction runs one last statement for each key, in the order of the keys.
LastKey = tuple[Last, int, str]


class Conn(Connection[DictRow]):
    """A connection with rows as dictionaries. `commit` first runs the statements that were put off until then."""

    checked_at = float("-inf")  # its last successful check by the pool (monotonic seconds)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._last: dict[LastKey, Callable[[Conn], None]] = {}

    def put_off(self, key: LastKey, step: Callable[["Conn"], None]) -> None:
        """Run `step` just before this transaction commits, in place of the step with that key, if any."""
        self._last[key] = step

    def put_off_step(self, key: LastKey) -> Callable[["Conn"], None] | None:
        """The step that waits under this key."""
        return self._last.get(key)

    def run_last(self) -> None:
        """Run the steps that wait; `commit` does. A step may put off later ones."""
        while self._last:
            self._last.pop(min(self._last))(self)

    def commit(self) -> None:
        """Run the last statements and commit, in one round trip."""
        if not self._last:
            super().commit()
            return
        self._begin()  # a pipeline commits only a transaction that has begun
        with self.pipeline():
            self.run_last()
            super().commit()

    def _begin(self) -> None:
        if self.pgconn.transaction_status == TransactionStatus.IDLE:
            self.execute("SELECT 1")

    def rollback(self) -> None:
        """Roll back; the steps that wait are dropped."""
        self._last = {}
        super().rollback()

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """A part of the transaction: a failure inside undoes only this part, with the steps that it put off.

        `transaction` of psycopg would commit a first part without those steps.
        """
        self._begin()
        before: Final = dict(self._last)
        try:
            with self.transaction():
                yield
        except BaseException:
            self._last = before
            raise
