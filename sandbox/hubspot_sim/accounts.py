"""The HubSpot accounts (portals) that the simulator plays. Each has records, events, users and tokens of its own."""

from dataclasses import dataclass

from sandbox.hubspot_sim.seed.people import MAIN, Crm
from sandbox.hubspot_sim.seed.second_portal import SECOND


@dataclass(frozen=True)
class Account:
    """One account. domain: the customer's website. The first owner administers the account; the others have no right
    to install apps (HubSpot docs, installing an app: super admin or App Marketplace access).
    """

    id: int
    name: str
    time_zone: str
    language: str
    domain: str
    crm: Crm

    def user(self, user_id: int | None) -> tuple[str, int, str, str, str]:
        """The user with that id, else the administrator: owner id, user id, first name, last name, e-mail."""
        return next((row for row in self.crm.owners if row[1] == user_id), self.crm.owners[0])


FIRST = Account(145000001, "Atelier Lumen", "Europe/Paris", "fr", "atelier-lumen.example", MAIN)
ACCOUNTS = (
    FIRST,
    Account(145000002, "Maison Verne", "Indian/Reunion", "fr", "maison-verne.example", SECOND),
)
