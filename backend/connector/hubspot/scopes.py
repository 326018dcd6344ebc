"""The scopes that each endpoint family needs.

The app's requested scopes are derived from here. A test compares them with app-hsmeta.json, because a difference
blocks every installation.

Source: HubSpot's published API specifications. They and the docs name `timeline` for app events; one live app uses
`timeline.write` instead (the scope that a build accepts is unconfirmed).
"""

from collections.abc import Mapping
from typing import Final

from connector.domain import objects

#: Optional: without it the names of owners cannot be read.
OWNERS_SCOPE: Final = "crm.objects.owners.read"
APP_EVENTS: Final = "app events: send"
#: Granted by portals whose timeline gets app events.
TIMELINE: Final = "timeline"

#: Endpoint family: its scopes; "{object}" stands for each object of the app.
ENDPOINT_SCOPES: Final[Mapping[str, tuple[str, ...]]] = {
    "oauth and account details": ("oauth",),
    "objects: read, with their associations": ("crm.objects.{object}.read",),
    "objects: batch update": ("crm.objects.{object}.write",),
    "properties: list": ("crm.schemas.{object}.read",),
    "properties and groups: create": ("crm.schemas.{object}.write",),
    APP_EVENTS: (TIMELINE,),
    # Families of later features that need no scope of their own (HubSpot's API specifications and docs).
    "objects: search": ("crm.objects.{object}.read",),
    "tasks: read, create": ("crm.objects.contacts.read", "crm.objects.contacts.write"),
    "communications: create": ("crm.objects.contacts.write",),
    "webhooks: events of objects": ("crm.objects.{object}.read",),
}

#: Endpoint family that is used only where its scope was granted. Portals without workflows (Free and Starter)
#: have no `automation`: as a required scope it would stop their installation. Any further required scope would make
#: every portal authorise the app again.
OPTIONAL_ENDPOINT_SCOPES: Final[Mapping[str, tuple[str, ...]]] = {
    "workflow actions: complete blocked executions": ("automation",),
    "owners: list": (OWNERS_SCOPE,),
    "lists: search, read members": ("crm.lists.read",),
}


def required_scopes(*, app_events: bool = True) -> tuple[str, ...]:
    """Scopes that every installation must grant, sorted. `app_events`: whether the deployment writes to timelines."""
    scopes = {
        scope.format(object=object_type.plural)
        for family, needed in ENDPOINT_SCOPES.items()
        if app_events or family != APP_EVENTS
        for scope in needed
        for object_type in objects.ALL
    }
    return tuple(sorted(scopes))


#: Required scopes of a deployment with app events.
REQUIRED_SCOPES: Final = required_scopes()

#: Scopes that an installation grants if the portal has them, sorted: check the granted scopes before use.
OPTIONAL_SCOPES: Final = tuple(
    sorted(scope for family in OPTIONAL_ENDPOINT_SCOPES.values() for scope in family)
)
