"""Take over an account's STOP list and its list of unassigned numbers when it is linked (protocol P14)."""

from collections.abc import Callable
from datetime import UTC, datetime

import structlog

from connector.smsfactor.payloads import ListedNumber, ListedNumbersPage
from connector.store import accounts, opt_outs, unassigned_numbers
from connector.store.accounts import Link
from connector.wiring import Wiring

log = structlog.get_logger()

PAGE = 1000


def import_lists(wiring: Wiring, link: Link) -> None:
    """Page through both lists; nothing is done when this link has imported them. Raises GatewayError."""
    with wiring.pool.connection() as conn:
        if not accounts.needs_import(conn, link.portal_id, link.link_id):
            return
    token = link.token or ""
    stopped = _pages(
        lambda offset: wiring.smsfactor.blacklist(token, offset, PAGE), _add_stopped(wiring, link)
    )
    dead = _pages(lambda offset: wiring.smsfactor.npai(token, offset, PAGE), _add_unassigned(wiring, link))
    with wiring.pool.connection() as conn:
        accounts.mark_imported(conn, link.portal_id, link.link_id)
    log.info("lists_imported", stopped=stopped, unassigned=dead)


def _pages(read: Callable[[int], ListedNumbersPage], add: Callable[[list[ListedNumber]], None]) -> int:
    offset = 0
    while True:
        page = read(offset)
        add([row for row in page.rows if row.number])
        offset += len(page.rows)
        if not page.rows or offset >= page.total:
            return offset


def _add_stopped(wiring: Wiring, link: Link) -> Callable[[list[ListedNumber]], None]:
    def add(rows: list[ListedNumber]) -> None:
        now = datetime.now(UTC)
        with wiring.pool.connection() as conn:
            entries = [(row.number or "", row.listed_at or now) for row in rows]
            opt_outs.add_imported(conn, link.portal_id, entries)

    return add


def _add_unassigned(wiring: Wiring, link: Link) -> Callable[[list[ListedNumber]], None]:
    def add(rows: list[ListedNumber]) -> None:
        with wiring.pool.connection() as conn:
            unassigned_numbers.add(conn, link.portal_id, [row.number or "" for row in rows], source="import")

    return add
