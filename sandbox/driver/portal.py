"""A customer's HubSpot portal in a running stack."""

from sandbox.driver.gateway import Gateway
from sandbox.driver.install import Install
from sandbox.driver.link import Link
from sandbox.driver.preferences import Preferences
from sandbox.driver.records import Records
from sandbox.driver.sends import Sends
from sandbox.driver.workflows import Workflows
from sandbox.stack import Stack


class Portal(Install, Link, Records, Sends, Preferences, Workflows):
    """The portal of a stack, and the gateway whose account it links."""

    def __init__(self, stack: Stack) -> None:
        super().__init__(stack.hubspot_url)
        self.stack = stack
        self.gateway = Gateway(stack.smsfactor_url, stack.secrets.gateway_token)
