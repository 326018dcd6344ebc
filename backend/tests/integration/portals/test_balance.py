"""A card's balance: it is fresh without a request for each opening (P12)."""

import pytest

from backend.tests.factories import a_portal, link, queue
from backend.tests.integration.conftest import drain
from connector.store.database import Conn
from connector.store.portals import accounts
from connector.store.portals.accounts import AccountLink
from connector.store.portals.portals import Portal
from connector.use_cases.portals.want_balance import want_balance
from connector.wiring import Wiring
from sandbox.driver.gateway import Gateway


@pytest.fixture
def portal(own: Conn, linked: Wiring, gateway: Gateway) -> Portal:
    portal = a_portal(own, linked.vault, linked=False)
    link(own, linked.vault, portal.portal_id, client_id="c1", token=gateway.token)
    own.commit()
    drain(linked)
    return portal


def account(own: Conn, wiring: Wiring, portal: Portal) -> AccountLink:
    found = accounts.current_link(own, wiring.vault, portal.portal_id)
    own.commit()
    assert found is not None
    return found


def look(own: Conn, wiring: Wiring, portal: Portal) -> None:
    """Open a card and run the work it requests."""
    want_balance(own, account(own, wiring, portal))
    own.commit()
    drain(wiring)


def minutes_pass(own: Conn, minutes: float) -> None:
    own.execute(
        "UPDATE sms_accounts SET balance_at = balance_at - make_interval(secs => %(s)s),"
        " balance_asked_at = balance_asked_at - make_interval(secs => %(s)s)",
        {"s": minutes * 60},
    )
    own.commit()


def test_old_balance_is_asked_for_once_however_many_look(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    before = gateway.calls("/credits", "GET")
    look(own, linked, portal)
    assert gateway.calls("/credits", "GET") == before, "linking has read it"
    minutes_pass(own, 6)
    for _ in range(5):
        look(own, linked, portal)
    assert gateway.calls("/credits", "GET") == before + 1
    balance = account(own, linked, portal).balance
    assert balance is not None
    assert (balance.mode, balance.credits) == ("prepaid", 1250)


def test_postpaid_balance_follows_what_is_sent(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    own.execute("UPDATE sms_accounts SET balance_mode = 'postpaid', balance_credits = 0")
    own.commit()
    gateway.set_account(postpaid=True, credits=40)
    queue(own, linked.vault, portal)
    drain(linked)
    look(own, linked, portal)
    balance = account(own, linked, portal).balance
    assert balance is not None
    assert (balance.mode, balance.credits) == ("postpaid", 41)


def test_balance_that_cannot_be_read_stays_and_is_asked_for_later(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    minutes_pass(own, 6)
    gateway.fault("status", "/credits", "GET", status=503)
    look(own, linked, portal)
    asked = gateway.calls("/credits", "GET")
    look(own, linked, portal)
    assert gateway.calls("/credits", "GET") == asked, "not again at once"
    balance = account(own, linked, portal).balance
    assert balance is not None, "what was known is shown with its time"
    minutes_pass(own, 6)
    look(own, linked, portal)
    assert gateway.calls("/credits", "GET") == asked + 1


def test_balance_that_linking_could_not_read_is_asked_for_by_itself(
    own: Conn, linked: Wiring, portal: Portal
) -> None:
    own.execute("UPDATE sms_accounts SET balance_mode = NULL, balance_credits = NULL, balance_at = NULL")
    own.commit()
    assert account(own, linked, portal).balance is None
    look(own, linked, portal)
    assert account(own, linked, portal).balance is not None
