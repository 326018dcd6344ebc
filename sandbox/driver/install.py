"""Installs the app as a person does."""

from urllib.parse import urlsplit

import requests

from sandbox.driver.control import TIMEOUT_S
from sandbox.driver.views import Views


class Install(Views):
    """The installation."""

    def install(self) -> None:
        """Follow the install link, approve, and follow the redirect to the app's settings."""
        with requests.Session() as browser:
            consent = browser.get(self.session()["app"]["install_url"], timeout=TIMEOUT_S)
            consent.raise_for_status()
            for cookie in browser.cookies:
                cookie.secure = False  # browsers trust 127.0.0.1 with secure cookies, `requests` does not
            done = browser.post(consent.url, data={"decision": "approve"}, timeout=TIMEOUT_S)
            done.raise_for_status()
        app = self.session()["app"]
        assert urlsplit(done.url).path == app["settings_path"], f"ended at {done.url}"
        assert app["installed"]
