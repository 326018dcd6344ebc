"""A stack of a module's own with a person at its portal, for tests over real HTTP."""

from collections.abc import Callable, Iterator

import pytest

from sandbox.driver.numbers import MOBILE
from sandbox.driver.portal import Portal
from sandbox.stack import Stack


@pytest.fixture(scope="module")
def own_stack(make_stack: Callable[..., Stack]) -> Stack:
    return make_stack()


@pytest.fixture(scope="module")
def visitor(own_stack: Stack) -> Portal:
    person = Portal(own_stack)
    person.install()
    person.link()
    return person


@pytest.fixture
def record(visitor: Portal) -> Iterator[str]:
    record_id = visitor.rows()[0]["id"]
    visitor.set_phone(record_id, MOBILE)
    yield record_id
    visitor.gateway.clear_faults()
