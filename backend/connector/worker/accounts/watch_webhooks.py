"""Watch whether SMSFactor's events arrive: check its webhooks, look for overdue receipts, fetch what was missed.

One check serves all portals of an account. It is due at linking, hourly while messages are out, and more often while
something is wrong.
"""

from datetime import UTC, datetime, timedelta

import structlog

from connector.domain.vocabulary import LaneKind
from connector.smsfactor.errors import GatewayError, Refused
from connector.store import lanes
from connector.store.consent import list_readings
from connector.store.database import Conn
from connector.store.lanes import Turn
from connector.store.messages import attempts, receipts
from connector.store.messages.receipts import AcceptedCall
from connector.store.portals import account_webhooks, accounts
from connector.store.portals.account_webhooks import WebhookCheck
from connector.store.portals.accounts import AccountLink
from connector.use_cases.delivery.accept_attempt import RECEIPT_OVERDUE_S
from connector.wiring import Wiring
from connector.worker.accounts import webhooks
from connector.worker.accounts.missed_replies import fetch_missed_replies
from connector.worker.runner import BackOff

log = structlog.get_logger()

CHECK_EVERY_S = 3600.0
FAULTY_CHECK_EVERY_S = 600.0
LEASE_S = 300.0
# Failed checks in a row after which a fault without a refusal is shown.
LASTING_FAILURES = 3

# Receipts are overdue after this many times the account's usual delay, and not before ten minutes.
OVERDUE_TIMES = 2.0
OVERDUE_AT_LEAST_S = 600.0
# Replies are looked up from this long before the last check that found nothing wrong, and at most this far back.
REPLIES_LAG = timedelta(hours=3)
REPLIES_AT_MOST = timedelta(hours=72)
# While something stays wrong, they are looked up this far apart.
FETCH_APART = timedelta(hours=1)


def watch_webhooks(wiring: Wiring, turn: Turn) -> bool:
    """Make the account's check, if it is due; False: the next one is set."""
    with wiring.pool.connection() as conn:
        link = accounts.current_link(conn, wiring.vault, turn.portal_id)
        if link is None or link.api_token is None:
            return False
        check = account_webhooks.claim_check(conn, link.client_id, lease_s=LEASE_S)
    if check is None:
        return False
    began_at = datetime.now(UTC)
    is_lasting = turn.failures >= LASTING_FAILURES
    try:
        found = webhooks.check_webhooks(wiring, link)
    except GatewayError as fault:
        webhooks.report_unlisted(wiring, link, fault, is_lasting=is_lasting)
        _end(wiring, link, again_in_s=0.0, is_wanted=True)
        raise BackOff(f"webhooks: {type(fault).__name__}") from fault
    webhooks.report(wiring, link, found, is_lasting=is_lasting)
    overdue = _look_up_overdue(wiring, link, check)
    since = check.ok_at or (link.linked_at if overdue else began_at)
    is_fetched = (found.is_fine and not overdue) or since == began_at
    if not is_fetched and (found.made or found.revived or overdue or began_at - since >= FETCH_APART):
        _fetch_missed(wiring, turn, link, since)
        is_fetched = True
    _end(
        wiring,
        link,
        again_in_s=FAULTY_CHECK_EVERY_S if found.is_repairable else CHECK_EVERY_S,
        is_wanted=found.is_repairable,
        # Until now nothing is missing; the gateway's lists lag by less than REPLIES_LAG.
        ok_at=began_at if is_fetched else None,
    )
    unanswered = [fault for fault in found.refusals if not isinstance(fault, Refused)]
    if unanswered:  # a refusal stays one until a person acts, and keeps the pace set above
        _end(wiring, link, again_in_s=0.0, is_wanted=True)
        raise BackOff(f"webhooks: {type(unanswered[0]).__name__}")
    return False


def _end(
    wiring: Wiring,
    link: AccountLink,
    *,
    again_in_s: float,
    is_wanted: bool,
    ok_at: datetime | None = None,
) -> None:
    with wiring.pool.connection() as conn:
        account_webhooks.end_check(
            conn, link.client_id, again_in_s=again_in_s, is_wanted=is_wanted, ok_at=ok_at
        )


def _look_up_overdue(wiring: Wiring, link: AccountLink, check: WebhookCheck) -> bool:
    """Look up the calls whose receipts are overdue, for each portal of the account; returns whether there are any."""
    found = False
    with wiring.pool.connection() as conn:
        for portal_id in accounts.linked_portals(conn, link.client_id):
            usual_s = _usual_delay_s(conn, portal_id)
            if usual_s is not None:
                account_webhooks.save_receipt_delay(conn, link.client_id, usual_s)
            calls = _overdue(conn, portal_id, usual_s if usual_s is not None else check.receipt_delay_s)
            if calls:
                log.warning("receipts_overdue", portal_id=portal_id, calls=len(calls))
                entered = lanes.enter(conn, portal_id, LaneKind.RECONCILE)
                receipts.look_up_now(conn, portal_id, [call.attempt_id for call in calls])
                lanes.wake(entered, LaneKind.RECONCILE, attempts.next_lookup_at(conn, portal_id))
                found = True
    return found


def _usual_delay_s(conn: Conn, portal_id: int) -> float | None:
    """The delay within which nine of ten of the newest calls with a receipt had their first one; None: no such call."""
    newest = receipts.newest_calls(conn, portal_id, older_than_s=0.0, receipts_s=RECEIPT_OVERDUE_S)
    delays = sorted(call.delay_s for call in newest if call.delay_s is not None)
    return max(0.0, delays[len(delays) * 9 // 10]) if delays else None


def _overdue(conn: Conn, portal_id: int, usual_s: float | None) -> list[AcceptedCall]:
    """Calls whose receipts are overdue, after the newest call that had one: no receipt has come since.

    A phone that is off delays one call's receipt for days, so each further look-up waits twice as long.
    """
    overdue_s = max(OVERDUE_AT_LEAST_S, OVERDUE_TIMES * (usual_s or 0.0))
    calls = receipts.newest_calls(conn, portal_id, older_than_s=overdue_s, receipts_s=RECEIPT_OVERDUE_S)
    silent: list[AcceptedCall] = []
    for call in calls:
        if call.delay_s is not None:
            break
        silent.append(call)
    return [call for call in silent if call.age_s >= overdue_s * 2**call.lookups]


def _fetch_missed(wiring: Wiring, turn: Turn, link: AccountLink, ok_at: datetime) -> None:
    """Look up replies since the last good check, and read the STOP list again. A failed look-up is made by the next
    check."""
    since = max(ok_at - REPLIES_LAG, datetime.now(UTC) - REPLIES_AT_MOST)
    try:
        fetch_missed_replies(wiring, turn, link, since=since)
    except GatewayError as fault:
        _end(wiring, link, again_in_s=0.0, is_wanted=True)
        raise BackOff(f"replies: {type(fault).__name__}") from fault
    with wiring.pool.connection() as conn:
        for portal_id in accounts.linked_portals(conn, link.client_id):
            entered = lanes.enter(conn, portal_id, LaneKind.LISTS)
            list_readings.want(entered)
            lanes.wake(entered, LaneKind.LISTS)
