"""The composition root: everything a process needs, created once from the settings and passed on."""

import threading
from dataclasses import dataclass, field

from psycopg_pool import ConnectionPool

from connector.crm.access import HubSpotAccess
from connector.crm.budget import CallBudget
from connector.crm.reads import UnfinishedWork
from connector.hubspot.client import HubSpotApi
from connector.hubspot.oauth import HubSpotOAuth
from connector.readiness import ReadinessCheck
from connector.settings import Settings
from connector.smsfactor.client import SmsFactorClient
from connector.store.database import Conn, open_pool
from connector.store.vault import Vault

INTERACTIVE_S = 3.0


@dataclass(frozen=True, slots=True)
class Wiring:
    settings: Settings
    pool: ConnectionPool[Conn]
    vault: Vault
    smsfactor: SmsFactorClient
    interactive_smsfactor: SmsFactorClient  # for calls that block a user: its timeout is short
    hubspot: HubSpotAccess
    readiness: ReadinessCheck
    unfinished: UnfinishedWork = field(default_factory=UnfinishedWork)  # executions that are being resolved
    ending: threading.Event = field(default_factory=threading.Event)  # set when the process was asked to stop

    def close(self) -> None:
        self.pool.close()


def wire(settings: Settings) -> Wiring:
    """Open the database pool and create the adapters. No provider is called yet."""
    pool = open_pool(settings.database_url, settings.database_pool_size)
    vault = Vault.of(settings.secret_keys)
    return Wiring(
        settings=settings,
        pool=pool,
        vault=vault,
        smsfactor=SmsFactorClient(settings.smsfactor_api_url, timeout_s=settings.gateway_timeout_s),
        interactive_smsfactor=SmsFactorClient(settings.smsfactor_api_url, timeout_s=INTERACTIVE_S),
        hubspot=_hubspot_access(settings, pool, vault),
        readiness=ReadinessCheck(pool, vault),
    )


def _hubspot_access(settings: Settings, pool: ConnectionPool[Conn], vault: Vault) -> HubSpotAccess:
    return HubSpotAccess(
        pool=pool,
        vault=vault,
        oauth=HubSpotOAuth(
            api_url=settings.hubspot_api_url,
            app_url=settings.hubspot_app_url,
            client_id=settings.hubspot_client_id,
            client_secret=settings.hubspot_client_secrets[0],
            redirect_uri=f"{settings.public_base_url}/oauth/hubspot/callback",
            timeout_s=settings.hubspot_timeout_s,
        ),
        api=HubSpotApi(settings.hubspot_api_url, timeout_s=settings.hubspot_timeout_s),
        interactive_api=HubSpotApi(settings.hubspot_api_url, timeout_s=INTERACTIVE_S),
        budget=CallBudget(pool),
    )
