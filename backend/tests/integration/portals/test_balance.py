"""A card's balance: it is fresh without a request for each opening (P12)."""

import pytest

from backend.tests.factories import a_portal, link, queue
from backend.tests.integration.conftest import drain
from connector.store.database import Conn
from connector.store.messages import messages
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


def problems_of(own: Conn) -> list[str]:
    rows = own.execute("SELECT code FROM problems WHERE closed_at IS NULL ORDER BY code").fetchall()
    own.commit()
    return [row["code"] for row in rows]


@pytest.mark.parametrize("becomes", [{"credits": 1211}, {"postpaid": True, "credits": 12}])
def test_new_credits_end_the_problem_and_the_pause_as_soon_as_they_are_seen(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway, becomes: dict[str, int]
) -> None:
    """The card never shows « n'a plus de crédits » above « 1 211 », and waiting SMS leave before the pause ends."""
    gateway.set_account(credits=0)
    waiting = queue(own, linked.vault, portal).message
    drain(linked)
    look(own, linked, portal)
    assert problems_of(own) == ["gateway_no_credits"]
    gateway.set_account(**becomes)
    minutes_pass(own, 6)
    look(own, linked, portal)
    assert problems_of(own) == []
    drain(linked)
    assert messages.get(own, portal.portal_id, waiting.message_id).state == "accepted"


def test_balance_that_has_not_grown_leaves_the_problem(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    """The account may have credits, but too few for what waits."""
    gateway.set_account(credits=1)
    queue(own, linked.vault, portal, text="x" * 200)
    drain(linked)
    look(own, linked, portal)
    minutes_pass(own, 6)
    look(own, linked, portal)
    assert problems_of(own) == ["gateway_no_credits"]


def test_portals_that_share_the_account_are_all_told(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    other = a_portal(own, linked.vault, linked=False)
    link(own, linked.vault, other.portal_id, client_id="c1", token=gateway.token)
    own.commit()
    gateway.set_account(credits=0)
    queue(own, linked.vault, portal)
    drain(linked)
    look(own, linked, portal)
    assert problems_of(own) == ["gateway_no_credits"] * 2
    gateway.set_account(credits=500)
    minutes_pass(own, 6)
    look(own, linked, other)
    assert problems_of(own) == []


def test_account_that_became_monthly_shows_what_it_used_however_often_somebody_sends(
    own: Conn, linked: Wiring, portal: Portal, gateway: Gateway
) -> None:
    """The answer to a send has a number without its meaning; it must not postpone the question for the mode."""
    gateway.set_account(postpaid=True, credits=40)
    for _ in range(3):
        minutes_pass(own, 2)
        queue(own, linked.vault, portal)
        drain(linked)
    look(own, linked, portal)
    assert gateway.calls() >= 2
    balance = account(own, linked, portal).balance
    assert balance is not None
    assert (balance.mode, balance.credits) == ("postpaid", 40 + gateway.calls())
