"""A portal whose HubSpot double only takes callbacks and refuses them as tests demand."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from backend.tests.factories import a_portal
from backend.tests.integration.workflows.callbacks.callback_hubspot import (
    CallbackHubSpot,
    running_callback_hubspot,
)
from backend.tests.integration.workflows.executions import SCOPES
from connector.hubspot.client import HubSpotApi
from connector.store.database import Conn
from connector.store.portals.portals import Portal
from connector.wiring import Wiring


@pytest.fixture
def hubspot() -> Iterator[CallbackHubSpot]:
    with running_callback_hubspot() as double:
        yield double


@pytest.fixture
def telling(alone: Wiring, hubspot: CallbackHubSpot) -> Wiring:
    """`alone`, talking to the double; a call may take 2 s."""
    return replace(alone, hubspot=replace(alone.hubspot, api=HubSpotApi(hubspot.url, timeout_s=2.0)))


@pytest.fixture
def portal(own: Conn, telling: Wiring) -> Portal:
    return a_portal(own, telling.vault, scopes=SCOPES)
