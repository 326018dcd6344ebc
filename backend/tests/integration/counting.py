"""Counts the SQL statements of a block."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from connector.store.database import Conn


@contextmanager
def counted(own: Conn) -> Iterator[list[int]]:
    """Count the statements that the session runs in the block."""
    ran: list[int] = []
    execute = own.execute

    def counting(*args: Any, **kwargs: Any) -> Any:
        ran.append(1)
        return execute(*args, **kwargs)

    own.execute = counting  # type: ignore[method-assign]
    try:
        yield ran
    finally:
        own.execute = execute  # type: ignore[method-assign]
