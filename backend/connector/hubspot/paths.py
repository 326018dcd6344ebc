"""Paths of HubSpot's APIs: one constant for each family, with HubSpot's date version.

Older paths (v1 to v4) end in 2027. The timeline family has no newer version than 2026-03 in HubSpot's
published specifications; its documentation still prints `v4`, which would be the fallback (unconfirmed).
"""

from typing import Final

OBJECTS: Final = "/crm/objects/2026-09"
PROPERTIES: Final = "/crm/properties/2026-09"
ASSOCIATIONS: Final = "/crm/associations/2026-09"
OWNERS: Final = "/crm/owners/2026-09"
ACCOUNT_DETAILS: Final = "/account-info/2026-09/details"
CALLBACKS: Final = "/automation/actions/callbacks/2026-09"
EVENTS: Final = "/integrators/timeline/2026-03/events"
OAUTH: Final = "/oauth/2026-09/token"
# On HubSpot's web host, not its API host.
AUTHORIZE: Final = "/oauth/authorize"

# Parameters that HubSpot adds to the signed URL of a call from a view.
VIEW_PORTAL_ID: Final = "portalId"
VIEW_USER_ID: Final = "userId"
VIEW_USER_EMAIL: Final = "userEmail"
VIEW_APP_ID: Final = "appId"
