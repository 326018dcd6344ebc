"""Portals: the HubSpot accounts that have installed the app, and their settings."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, get_type_hints

from psycopg import sql
from psycopg.types.json import Jsonb

from connector.domain.rights import Rights
from connector.domain.vocabulary import AlertRule, LaneKind, Language, PortalState, PushType
from connector.store.database import Conn, columns
from connector.store.lanes import Entered
from connector.store.rows import reader
from connector.store.statements import compose


@dataclass(frozen=True, slots=True)
class Portal:
    portal_id: int
    state: PortalState
    scopes: list[str]
    time_zone: str
    ui_domain: str | None
    language: Language
    default_country: str
    default_push_type: PushType
    default_sender: str | None
    phone_properties: list[str]  # of contacts, in display order
    company_phone_properties: list[str]
    alert_rule: AlertRule  # messages to opted-out numbers: block (none) | allow (alerts)
    calendar_start_hour: int  # marketing leaves within these hours of the recipient's day
    calendar_end_hour: int
    alsace_moselle: bool  # two more holidays
    allowed_countries: list[str] | None  # None: every country that the gateway serves
    once_within_h: int | None  # a workflow sends a text to a number once within these hours; None: each time
    hide_batch_reports: bool  # events of batched calls carry no link to the campaign's report
    message_tokens: list[str]  # properties that a workflow's message may name in merge fields
    currency: str | None  # code of its currency; "": HubSpot names none; None: not read yet
    rights: Rights
    installed_by_user_id: int | None
    max_ages_h: dict[str, int]  # source -> hours that a message may wait past its time
    sent_count: int
    installed_at: datetime


read_portal = reader(Portal)
COLUMNS = columns(*get_type_hints(Portal))
_FIND = compose("SELECT {columns} FROM portals WHERE portal_id = %s", columns=COLUMNS)


def find(conn: Conn, portal_id: int) -> Portal | None:
    """The portal in any state, or None if it never installed the app."""
    row = conn.execute(_FIND, (portal_id,)).fetchone()
    return read_portal(row) if row else None


def find_installed(conn: Conn, portal_id: int) -> Portal | None:
    portal = find(conn, portal_id)
    return portal if portal and portal.state == PortalState.INSTALLED else None


def save_install(
    conn: Conn,
    *,
    portal_id: int,
    scopes: list[str],
    time_zone: str | None,
    ui_domain: str | None,
    user_id: int | None,
    language: str,
) -> None:
    """Install, or install again: the portal's settings and language stay unchanged.

    An unknown time zone or host leaves the stored one; without one it is Paris until the set-up reads it.
    """
    conn.execute(
        """
        INSERT INTO portals (portal_id, state, scopes, time_zone, ui_domain, language, installed_by_user_id,
                             installed_at)
        VALUES (%(portal_id)s, 'installed', %(scopes)s, COALESCE(%(time_zone)s, 'Europe/Paris'), %(ui_domain)s,
            %(language)s, %(user_id)s, now())
        ON CONFLICT (portal_id) DO UPDATE SET state = 'installed', scopes = excluded.scopes,
            time_zone = COALESCE(%(time_zone)s, portals.time_zone),
            ui_domain = COALESCE(%(ui_domain)s, portals.ui_domain), uninstalled_at = NULL,
            installed_by_user_id = excluded.installed_by_user_id, installed_at = excluded.installed_at
        """,
        {
            "portal_id": portal_id,
            "scopes": scopes,
            "time_zone": time_zone,
            "ui_domain": ui_domain,
            "user_id": user_id,
            "language": language,
        },
    )


def save_details(conn: Conn, portal_id: int, *, time_zone: str, ui_domain: str | None) -> None:
    """Store HubSpot's description of the portal; unchanged values cost no write."""
    conn.execute(
        """
        UPDATE portals SET time_zone = %(time_zone)s, ui_domain = %(ui_domain)s
        WHERE portal_id = %(portal_id)s
          AND (time_zone, ui_domain) IS DISTINCT FROM (%(time_zone)s, %(ui_domain)s)
        """,
        {"time_zone": time_zone, "ui_domain": ui_domain, "portal_id": portal_id},
    )


def save_preferences(conn: Conn, portal_id: int, preferences: dict[str, Any]) -> None:
    """Set the named columns; the caller has checked names and values."""
    assignments = sql.SQL(", ").join(
        sql.SQL("{} = {}").format(sql.Identifier(name), sql.Placeholder(name)) for name in preferences
    )
    query = compose(
        "UPDATE portals SET {assignments} WHERE portal_id = %(portal_id)s", assignments=assignments
    )
    conn.execute(query, {**preferences, "portal_id": portal_id})


def save_currency(conn: Conn, portal_id: int, currency: str) -> None:
    conn.execute("UPDATE portals SET currency = %s WHERE portal_id = %s", (currency, portal_id))


def save_rights(conn: Conn, portal_id: int, rights: Rights) -> None:
    """Replace all rights."""
    conn.execute("UPDATE portals SET rights = %s WHERE portal_id = %s", (Jsonb(dict(rights)), portal_id))


def want_setup(entered: Entered) -> None:
    """Ask for one more set-up: `entered` for `setup`, which the caller wakes."""
    entered.require(LaneKind.SETUP)
    entered.conn.execute(
        "UPDATE portals SET setup_wanted = setup_wanted + 1 WHERE portal_id = %s", (entered.portal_id,)
    )


def setup_wanted(conn: Conn, portal_id: int) -> int:
    row = conn.execute("SELECT setup_wanted FROM portals WHERE portal_id = %s", (portal_id,)).fetchone()
    return int(row["setup_wanted"]) if row else 0


def mark_set_up(conn: Conn, portal_id: int, wanted: int) -> None:
    """Note a finished set-up, which began at request number `wanted`; later requests stay open."""
    conn.execute("UPDATE portals SET setup_done = %s WHERE portal_id = %s", (wanted, portal_id))


def next_setup_at(conn: Conn, portal_id: int) -> datetime | None:
    """Now, if a set-up was requested since the last one began."""
    row = conn.execute(
        """
        SELECT now() AS at FROM portals
        WHERE portal_id = %s AND state = 'installed' AND setup_done < setup_wanted
        """,
        (portal_id,),
    ).fetchone()
    return row["at"] if row else None
