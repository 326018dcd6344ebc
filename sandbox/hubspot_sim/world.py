"""One simulated portal's whole state behind one lock, and the objects shared by all parts."""

import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.control import Clock, Settings
from sandbox.hubspot_sim.accounts import FIRST, Account
from sandbox.hubspot_sim.crm.changes import Change, Listener, ignore
from sandbox.hubspot_sim.crm.definitions import Catalogue
from sandbox.hubspot_sim.crm.links import Links
from sandbox.hubspot_sim.crm.object_types import COMPANY, CONTACT, DEAL, object_type
from sandbox.hubspot_sim.crm.records import Records
from sandbox.hubspot_sim.crm.values import checked_properties
from sandbox.hubspot_sim.events.occurrences import Occurrence, Occurrences
from sandbox.hubspot_sim.limits.api_calls import ApiCalls
from sandbox.hubspot_sim.limits.gateway_calls import GatewayCalls
from sandbox.hubspot_sim.limits.rate_limits import SlidingWindow
from sandbox.hubspot_sim.oauth.grants import Grants
from sandbox.hubspot_sim.project import Project
from sandbox.hubspot_sim.seed import people
from sandbox.hubspot_sim.seed.standard_properties import standard_catalogue
from sandbox.origins import Origins

PORTAL_ID = FIRST.id
_LOCALES = {"fr": "fr-fr", "en": "en-gb"}


@dataclass(frozen=True)
class Options:
    """The start options of a simulator. assets: the folder that the project's build wrote.

    gateway_*: address of the gateway's simulator and token for linking; only shown.
    """

    assets: Path
    client_id: str
    client_secret: str
    app_id: int
    origins: Origins
    gateway_url: str
    gateway_token: str


class World:
    """All mutable state of one portal. Readers and writers hold `lock`, and never wait for the network under it."""

    def __init__(self, clock: Clock, account: Account = FIRST) -> None:
        self.lock = threading.RLock()
        self.clock = clock
        self.account = account
        self.on_change: Listener = ignore
        self.reset()

    def reset(self) -> None:
        """Restore the initial state: only the people, the app not installed."""
        with self.lock:
            self.language = self.account.language
            self.catalogue: Catalogue = standard_catalogue()
            self.records = Records(self.clock.now, self._changed)
            self._is_filled = False
            self.links = Links()
            self.grants = Grants(self.clock.now)
            self.occurrences = Occurrences()
            self.calls = SlidingWindow()
            self.searches = SlidingWindow()
            self.association_calls = SlidingWindow()
            self.numbers_given = 0  # blocks of generated phone numbers
            self._populate()
            self._is_filled = True

    def _changed(self, change: Change) -> None:
        if self._is_filled:
            self.on_change(change)

    def _populate(self) -> None:
        company_ids = [
            self.records.create(
                COMPANY,
                checked_properties(self.catalogue, COMPANY, properties),
                created_at=people.FIRST_DAY,
            ).id
            for properties in people.companies(self.account.crm)
        ]
        contact_ids = []
        for properties, company, created_at in people.contacts(self.account.crm):
            checked = checked_properties(self.catalogue, CONTACT, properties)
            contact = self.records.create(CONTACT, checked, created_at=created_at)
            contact_ids.append(contact.id)
            if company is not None:
                contact.properties["associatedcompanyid"] = company_ids[company]
                self.links.add(CONTACT, contact.id, COMPANY, company_ids[company], primary=True)
        for properties, members, company in people.deals(self.account.crm):
            checked = checked_properties(self.catalogue, DEAL, properties)
            deal = self.records.create(DEAL, checked, created_at=people.FIRST_DAY)
            for member in members:
                self.links.add(DEAL, deal.id, CONTACT, contact_ids[member])
            if company is not None:
                self.links.add(DEAL, deal.id, COMPANY, company_ids[company], primary=True)

    def add_occurrence(self, occurrence: Occurrence) -> None:
        """Store an event and count its record as changed, so that pages draw it."""
        self.occurrences.add(occurrence)
        record = self.records.find(object_type(occurrence.object_type_id), occurrence.object_id)
        if record is not None:
            record.version += 1

    def user(self, user_id: int | None, permissions: list[str]) -> dict[str, Any]:
        """The user as extensions see them (HubSpot's UI extension context)."""
        owner = self.account.user(user_id)
        return {
            "id": owner[1],
            "email": owner[4],
            "first_name": owner[2],
            "last_name": owner[3],
            "language": self.language,
            "locale": _LOCALES[self.language],
            "teams": [],
            "permissions": permissions,
        }


@dataclass(frozen=True)
class Sim:
    """Handed to every part: the start options, the installed project, the state, the settings."""

    options: Options
    project: Project
    world: World
    settings: Settings
    gateway_calls: GatewayCalls
    api_calls: ApiCalls = field(default_factory=ApiCalls)
