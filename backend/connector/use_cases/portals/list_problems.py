"""The problems of a portal that a person must fix, as the card and the settings show them (F7.4)."""

from typing import Any

from connector.domain.time_zones import is_known
from connector.domain.vocabulary import ProblemCode
from connector.store.database import Conn
from connector.store.portals import problems
from connector.store.portals.portals import Portal


def list_problems(conn: Conn, portal: Portal) -> list[dict[str, Any]]:
    """Open problems as `{"code", "params"}`: those that were stored, oldest first, then those of the portal's row."""
    found = problems.open_problems(conn, portal.portal_id)
    if not is_known(portal.time_zone):
        found.append({"code": ProblemCode.TIME_ZONE_UNKNOWN, "params": {"zone": portal.time_zone}})
    return found
