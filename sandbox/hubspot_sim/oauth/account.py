"""The account: its details, and uninstalling the app from it."""

from zoneinfo import ZoneInfo

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from sandbox.hubspot_sim.bearer import admit
from sandbox.hubspot_sim.bodies import query_values
from sandbox.hubspot_sim.world import Sim


def account_routes(sim: Sim) -> Blueprint:
    """Account details and external-install (HubSpot's OpenAPI files of 2026-09)."""
    routes = Blueprint("account", __name__)

    @routes.get("/account-info/2026-09/details")
    def details() -> ResponseReturnValue:
        admit(sim, "oauth")
        query_values()
        account = sim.world.account
        offset = sim.world.clock.now().astimezone(ZoneInfo(account.time_zone)).utcoffset()
        offset_s = int(offset.total_seconds()) if offset else 0
        return jsonify(
            portalId=account.id,
            accountType="DEVELOPER_TEST",
            timeZone=account.time_zone,
            companyCurrency="EUR",
            additionalCurrencies=[],
            utcOffset=f"{'-' if offset_s < 0 else '+'}{abs(offset_s) // 3600:02}:{abs(offset_s) % 3600 // 60:02}",
            utcOffsetMilliseconds=offset_s * 1000,
            # European accounts have their own host for pages and the common one for the API.
            uiDomain="app-eu1.hubspot.com",
            dataHostingLocation="eu1",
        )

    @routes.delete("/appinstalls/2026-09/external-install")
    def uninstall() -> ResponseReturnValue:
        admit(sim, "oauth")
        with sim.world.lock:
            sim.world.grants.uninstall()
        return "", 204

    return routes
