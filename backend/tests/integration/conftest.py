"""A real database, the product's own wiring, and adapters that talk to a closed port or to the simulators."""

import dataclasses
import os
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from cryptography.fernet import Fernet

from backend.tests.factories import link
from backend.tests.integration.lock_order import Watch, watching
from backend.tests.integration.migrations import migrate_to
from backend.tests.workflow_calls import SEGMENT
from connector.hubspot.client import HubSpotApi
from connector.hubspot.oauth import HubSpotOAuth
from connector.hubspot.scopes import OPTIONAL_SCOPES, REQUIRED_SCOPES
from connector.settings import Settings
from connector.smsfactor.client import SmsFactorClient
from connector.store.database import Conn, connect
from connector.store.vault import Vault
from connector.use_cases.portals.install_portal import InstallPortal, install_portal
from connector.wiring import Wiring, wire
from connector.worker.main import DRAINS
from connector.worker.runner import Runner
from sandbox.driver.gateway import Gateway
from sandbox.hubspot_sim import create_app as create_hubspot
from sandbox.hubspot_sim.project import load_project
from sandbox.hubspot_sim.testing import APP_ID, CLIENT_ID, CLIENT_SECRET, REDIRECT_URI, HubSpot
from sandbox.hubspot_sim.world import PORTAL_ID, Options
from sandbox.origins import Origins
from sandbox.postgres import Server
from sandbox.processes import Process, stop_all
from sandbox.serving import running
from sandbox.stack import BUILD_DIR, free_port


@pytest.fixture(autouse=True)
def _lock_order() -> Iterator[None]:
    """Every transaction of a test locks rows in the order of protocol P26."""
    watch = Watch()
    with watching(watch):
        yield
    assert watch.faults == []


# A closed port: an unintended call fails at once.
NOBODY = "http://127.0.0.1:9"


@pytest.fixture(scope="session")
def settings(database: str) -> Settings:
    return Settings.from_environment(
        {
            "DATABASE_URL": database,
            "PUBLIC_BASE_URL": "https://connector.example",
            "HUBSPOT_CLIENT_ID": "client",
            "HUBSPOT_CLIENT_SECRET": "newest-secret,older-secret",
            "HUBSPOT_APP_ID": "1234567",
            "HUBSPOT_URL_SEGMENTS": SEGMENT,
            "HUBSPOT_API_URL": NOBODY,
            "HUBSPOT_APP_URL": NOBODY,
            "SMSFACTOR_API_URL": NOBODY,
            "SECRET_KEYS": Fernet.generate_key().decode(),
            "DEPLOYMENT_PREFIX": "tst",
        }
    )


@pytest.fixture
def former_database(postgres: Server) -> Iterator[Callable[[str], str]]:
    """Makes the database as the version whose last migration is given left it; returns its URL."""
    name = f"former_{os.getpid()}"

    def make(revision: str) -> str:
        postgres.drop_database(name)
        url = postgres.create_database(name)
        migrate_to(url, revision)
        return url

    yield make
    postgres.drop_database(name)


@pytest.fixture(scope="session")
def wiring(settings: Settings) -> Iterator[Wiring]:
    made = wire(settings)
    yield made
    made.close()


@pytest.fixture
def vault(wiring: Wiring) -> Vault:
    return wiring.vault


@pytest.fixture
def conn(settings: Settings) -> Iterator[Conn]:
    with connect(settings.database_url) as connection:
        yield connection


@pytest.fixture
def other_conn(settings: Settings) -> Iterator[Conn]:
    """A second session, for tests of two processes."""
    with connect(settings.database_url) as connection:
        yield connection


@pytest.fixture(scope="session")
def gateway_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """The SMSFactor simulator in a separate process, over real HTTP."""
    port, token = free_port(), "token-of-the-test-account"
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "sandbox.smsfactor_sim", "--port", str(port), "--token", token]
    log_path = tmp_path_factory.mktemp("gateway") / "smsfactor_sim.log"
    process = Process("smsfactor_sim", command, {}, log_path, f"{url}/_control/ready")
    process.start()
    try:
        process.wait_until_ready()
        yield Gateway(url, token)
    finally:
        stop_all([process])


@pytest.fixture
def gateway(gateway_process: Gateway) -> Iterator[Gateway]:
    """The simulator in a new world."""
    gateway_process.reset()
    yield gateway_process
    gateway_process.clear_faults()


@pytest.fixture(scope="session")
def simulator() -> Iterator[HubSpot]:
    """The HubSpot simulator with the built project."""
    options = Options(
        assets=BUILD_DIR,
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        app_id=APP_ID,
        origins=Origins.parse(["https://connector.sandbox.example=http://127.0.0.1:9"]),
        gateway_url="http://127.0.0.1:9",
        gateway_token="none",
    )
    with running(create_hubspot(options, load_project(BUILD_DIR))) as url, requests.Session() as session:
        yield HubSpot(url, session)


@pytest.fixture
def hubspot(simulator: HubSpot) -> HubSpot:
    simulator.control("POST", "reset", {})
    return simulator


@pytest.fixture
def alone(fresh_database: str, settings: Settings) -> Iterator[Wiring]:
    """A wiring on a separate database, so that draining lanes meets no work of other tests."""
    made = wire(dataclasses.replace(settings, database_url=fresh_database))
    yield made
    made.close()


@pytest.fixture
def own(alone: Wiring) -> Iterator[Conn]:
    """A session on the database of `alone`."""
    with connect(alone.settings.database_url) as connection:
        yield connection


@pytest.fixture
def linked(alone: Wiring, gateway: Gateway) -> Wiring:
    """`alone`, talking to the gateway's simulator; a lease lasts 30 s.

    A call may take 10 s on a busy machine: tests in which a call must time out use `impatient`.
    """
    client = SmsFactorClient(gateway.url, timeout_s=10.0)
    settings = dataclasses.replace(alone.settings, smsfactor_api_url=gateway.url, gateway_timeout_s=2.0)
    return dataclasses.replace(alone, smsfactor=client, settings=settings)


def impatient(wiring: Wiring) -> Wiring:
    """The wiring whose calls to the gateway time out after 1 s."""
    return dataclasses.replace(
        wiring, smsfactor=SmsFactorClient(wiring.settings.smsfactor_api_url, timeout_s=1.0)
    )


def change(wiring: Wiring, **settings: Any) -> Wiring:
    """The wiring with some settings changed."""
    return dataclasses.replace(wiring, settings=dataclasses.replace(wiring.settings, **settings))


def drain(wiring: Wiring) -> None:
    """Run lanes until none is due."""
    runner = Runner(wiring, DRAINS, threading.Event())
    while runner.run_one():
        pass


def install(alone: Wiring, own: Conn, hubspot: HubSpot, *, optional_scope: str | None = None) -> Wiring:
    """`alone`, talking to the HubSpot simulator, whose portal installs the app."""
    oauth = HubSpotOAuth(
        hubspot.url, hubspot.url, client_id=CLIENT_ID, client_secret=CLIENT_SECRET, redirect_uri=REDIRECT_URI
    )
    client = HubSpotApi(hubspot.url, timeout_s=5.0)
    access = dataclasses.replace(alone.hubspot, api=client, interactive_api=client, oauth=oauth)
    wiring = dataclasses.replace(alone, hubspot=access)
    code = hubspot.code(scope=" ".join(REQUIRED_SCOPES), optional_scope=optional_scope)
    tokens = oauth.exchange_code(code)
    command = InstallPortal(
        portal_id=tokens.portal_id,
        scopes=list(tokens.scopes),
        time_zone="Europe/Paris",
        ui_domain=None,
        user_id=77,
        language="fr",
        access_token=tokens.access_token,
        refresh_token=tokens.refresh_token,
    )
    install_portal(own, wiring.vault, command)
    # Wide enough that no test waits for the budget of calls, which has its own tests.
    hubspot.settings(rate_limit_max=100_000)
    own.execute(
        "INSERT INTO call_budgets (portal_id, bucket, tokens, background_tokens, max_calls, interval_s, refilled_at)"
        " VALUES (%s, 'calls', 1000, 1000, 100000, 10, clock_timestamp()) ON CONFLICT DO NOTHING",
        (tokens.portal_id,),
    )
    own.commit()
    return wiring


@pytest.fixture
def connected(alone: Wiring, own: Conn, hubspot: HubSpot) -> Wiring:
    """The simulator's portal, with `automation` and an account."""
    wiring = install(alone, own, hubspot, optional_scope=" ".join(OPTIONAL_SCOPES))
    link(own, wiring.vault, PORTAL_ID, client_id="4471")
    own.commit()
    hubspot.control("POST", "api-calls/reset")
    return wiring


def end_budget_pause(own: Conn) -> None:
    """End the pause of all calls that a 429 starts."""
    own.execute("UPDATE call_budgets SET paused_until = NULL, refilled_at = now() - interval '1 min'")
    own.commit()
