"""Linking the SMSFactor account."""

from sandbox.driver.gateway import Gateway
from sandbox.driver.records import CONTACT_TYPE
from sandbox.driver.views import SETTINGS, Views
from sandbox.driver.waiting import until

WEBHOOK_TYPES = {"DLR", "STOP"}


class Link(Views):
    """The account link."""

    gateway: Gateway

    def link(self, token: str | None = None) -> None:
        """Link an account by its token, by default the first account's, and wait until everything is set up."""
        account = Gateway(self.gateway.url, token or self.gateway.token)
        self.ask(SETTINGS, "/settings/link-account", {"token": account.token})
        until(lambda: account.webhook_types() >= WEBHOOK_TYPES, "the webhooks are registered")
        until(self._has_properties, "the properties are created")

    def _has_properties(self) -> bool:
        contacts = f"/sandbox-api/records/{CONTACT_TYPE}"
        someone = self.call("GET", f"{contacts}?limit=1")["results"][0]["id"]
        record = self.call("GET", f"{contacts}/{someone}")
        return any(found["groupName"] == "smsfactor" for found in record["definitions"])
