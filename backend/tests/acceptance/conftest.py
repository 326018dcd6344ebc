"""Two stacks with a user at their portals, for tests over real HTTP: one as in production, one with short delays."""

from collections.abc import Callable, Iterator

import pytest

from sandbox.driver.numbers import MOBILE
from sandbox.driver.portal import Portal
from sandbox.stack import Stack

# Shorter than in production, in the same order: call < lease, listing lag < proof of absence. `let_pass` ends leases
# and the waits of rows.
HURRIED = {
    "GATEWAY_TIMEOUT_S": "3",
    "LANE_LEASE_S": "30",
    "UNKNOWN_LOOKUP_AFTER_S": "0.5",
    "UNKNOWN_RESEND_AFTER_S": "6",
    "UNKNOWN_LOOKUP_APART_S": "0.5",
}


@pytest.fixture(scope="session")
def own_stack(make_stack: Callable[..., Stack]) -> Stack:
    return make_stack()


@pytest.fixture(scope="session")
def visitor(own_stack: Stack) -> Portal:
    return settled(own_stack)


@pytest.fixture(scope="session")
def hurried_stack(make_stack: Callable[..., Stack]) -> Stack:
    """A stack whose processes tests kill and pause."""
    return make_stack(**HURRIED)


@pytest.fixture(scope="session")
def hurried_visitor(hurried_stack: Stack) -> Portal:
    return settled(hurried_stack)


@pytest.fixture
def record(visitor: Portal) -> Iterator[str]:
    """A contact whose mobile number is MOBILE."""
    record_id = visitor.rows()[0]["id"]
    visitor.set_phone(record_id, MOBILE)
    yield record_id
    visitor.gateway.clear_faults()


def settled(stack: Stack) -> Portal:
    """A user whose portal has the app and an account."""
    person = Portal(stack)
    person.install()
    person.link()
    return person
