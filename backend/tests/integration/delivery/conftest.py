"""A portal that sends through the gateway's simulator."""

import pytest

from backend.tests.factories import a_portal
from backend.tests.integration.delivery.steps import relink
from connector.store.database import Conn
from connector.store.portals.portals import Portal
from connector.wiring import Wiring
from sandbox.driver.gateway import Gateway


@pytest.fixture
def portal(own: Conn, linked: Wiring, gateway: Gateway) -> Portal:
    """A portal linked to the simulator's first account."""
    portal = a_portal(own, linked.vault, linked=False)
    relink(own, linked, portal, gateway.token)
    return portal
