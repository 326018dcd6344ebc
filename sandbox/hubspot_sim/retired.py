"""Paths that the simulator refuses on purpose: HubSpot's numbered API versions, which end in 2027."""

import re

from flask import Flask, request

from sandbox.hubspot_sim.errors import HubSpotError

_API = re.compile(
    r"/(crm|crm-associations|oauth|account-info|appinstalls|integrators|integrations|automation|contacts|"
    r"companies|deals|properties|owners|engagements|webhooks|events)(/[^/]+)*?/v[1-4](/|$)"
)
_DATED = re.compile(
    r"/(crm|oauth|account-info|appinstalls|integrators|automation|conversations|webhooks-journal)/"
)


def register_retired_paths(app: Flask) -> None:
    """Answer unknown API paths with 404 and a list of the paths that are served."""

    @app.before_request
    def refuse() -> None:
        if _API.match(request.path):
            raise HubSpotError(
                404,
                "OBJECT_NOT_FOUND",
                f"{request.path} is a numbered API version. Only date-versioned paths are served here: "
                "/2026-09/, and /integrators/timeline/2026-03/ for app events.",
            )
        if request.url_rule is None and request.routing_exception is not None and _DATED.match(request.path):
            status = getattr(request.routing_exception, "code", 404)
            if status == 404:
                raise HubSpotError(
                    404, "OBJECT_NOT_FOUND", f"The simulator does not play {request.method} {request.path}."
                )
