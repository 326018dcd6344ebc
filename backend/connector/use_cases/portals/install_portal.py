"""Install the app in a portal, or install it again without changing correct values (F8.1)."""

from dataclasses import dataclass, field

from connector.domain.vocabulary import LaneKind, ProblemCode
from connector.store import lanes
from connector.store.crm import write_streams
from connector.store.database import Conn
from connector.store.portals import hubspot_tokens, portals, problems
from connector.store.vault import Vault

# Lanes whose work may have waited for a working token or a scope; it resumes at once.
_GO_ON = (LaneKind.CALLBACKS, LaneKind.RESOLVE, LaneKind.SYNC_CRM)


@dataclass(frozen=True, slots=True)
class InstallPortal:
    """HubSpot's answer to the exchange of the OAuth code."""

    portal_id: int
    scopes: list[str]
    time_zone: str | None  # None: not known yet; the set-up reads it
    ui_domain: str | None  # the same
    user_id: int | None
    language: str  # of the installer, for the property labels: fr | en
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in_s: int = 1800


def install_portal(conn: Conn, vault: Vault, command: InstallPortal) -> None:
    """Store the install and its tokens; the `setup` lane then creates the properties."""
    entered = lanes.enter(conn, command.portal_id, LaneKind.SETUP, *_GO_ON)
    portals.save_install(
        conn,
        portal_id=command.portal_id,
        scopes=command.scopes,
        time_zone=command.time_zone,
        ui_domain=command.ui_domain,
        user_id=command.user_id,
        language=command.language,
    )
    portals.want_setup(entered)
    hubspot_tokens.save(
        conn,
        vault,
        command.portal_id,
        access_token=command.access_token,
        refresh_token=command.refresh_token,
        expires_in_s=command.expires_in_s,
    )
    write_streams.end_pauses(conn, command.portal_id)
    problems.close_problem(conn, command.portal_id, ProblemCode.HUBSPOT_UNAUTHORISED)
    lanes.wake(entered, LaneKind.SETUP, ends_back_off=True)
    for kind in _GO_ON:
        lanes.wake(entered, kind, ends_back_off=True)
