"""A workflow sends a text to a number once within the portal's hours (F3.5)."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from backend.tests.factories import a_portal
from backend.tests.integration.query_plans import nodes_of
from backend.tests.integration.workflows.executions import SCOPES, accept, an_execution, let_pass, row_of
from connector.domain.phone_numbers import PhoneNumber
from connector.domain.vocabulary import Action, NumberKind
from connector.domain.workflows.fields import read_inputs
from connector.store.database import Conn, NeedsOwnTransaction
from connector.store.messages import messages
from connector.store.messages.messages import Message
from connector.store.portals import portals
from connector.store.portals.portals import Portal
from connector.store.vault import Vault
from connector.store.workflows import recent_texts
from connector.use_cases.messages.cancel_message import cancel_message
from connector.use_cases.workflows.accept_executions import ExecutionAnswer, accept_executions
from connector.use_cases.workflows.compose_executions import Ready
from connector.wiring import Wiring

HOURS = 24


@pytest.fixture
def portal(conn: Conn, vault: Vault) -> Portal:
    return a_once_portal(conn, vault)


def a_once_portal(conn: Conn, vault: Vault) -> Portal:
    portal = a_portal(conn, vault, scopes=SCOPES)
    portals.save_preferences(conn, portal.portal_id, {"once_within_h": HOURS})
    conn.commit()
    return portal


def told(answers: list[ExecutionAnswer]) -> list[tuple[str, str]]:
    return [(answer.outputs["status"], answer.outputs["reason"]) for answer in answers]


SENT, LEFT_OUT = ("queued", ""), ("refused", "already_texted")


def test_portal_without_the_setting_sends_as_often_as_it_is_asked(conn: Conn, vault: Vault) -> None:
    portal = a_portal(conn, vault, scopes=SCOPES)
    assert told(accept(conn, portal, an_execution(), an_execution(object_id="502"))) == [SENT, SENT]


def test_two_contacts_with_one_number_get_one_sms_and_the_history_names_it(
    conn: Conn, portal: Portal
) -> None:
    assert told(accept(conn, portal, an_execution(), an_execution(object_id="502"))) == [SENT, LEFT_OUT]
    [later] = accept(conn, portal, an_execution(object_id="503", recipient="+33612345601"))
    assert (later.hs_state, told([later])) == ("FAIL_CONTINUE", [LEFT_OUT])
    assert (later.outputs["recipient"], later.outputs["detail"]) == ("+33612345601", str(HOURS))
    assert (later.outputs["message_id"], later.outputs["cost"]) == ("", "0")
    assert sms_of(conn, portal) == 1


def sms_of(conn: Conn, portal: Portal) -> int:
    row = conn.execute("SELECT count(*) FROM messages WHERE portal_id = %s", (portal.portal_id,)).fetchone()
    conn.commit()
    assert row is not None
    return int(row["count"])


def test_another_text_or_another_number_leaves(conn: Conn, portal: Portal) -> None:
    answers = accept(
        conn,
        portal,
        an_execution(),
        an_execution(message="Votre colis est reparti"),
        an_execution(recipient="06 12 34 56 02"),
        an_execution(message="Voir https://a.example.fr/x", shorten_links="true"),
        an_execution(message="Voir https://a.example.fr/y", shorten_links="true"),
    )
    assert told(answers) == [SENT] * 5


def test_repeated_execution_gets_its_own_answer_and_claims_nothing(conn: Conn, portal: Portal) -> None:
    first = an_execution()
    [sent] = accept(conn, portal, first)
    assert accept(conn, portal, first) == [sent]
    let_pass(conn, portal, hours=HOURS + 1)
    assert accept(conn, portal, first) == [sent]  # HubSpot repeats calls for days
    assert told(accept(conn, portal, an_execution(object_id="502"))) == [SENT]


def test_text_leaves_again_after_the_hours(conn: Conn, portal: Portal) -> None:
    accept(conn, portal, an_execution())
    let_pass(conn, portal, hours=HOURS - 1)
    assert told(accept(conn, portal, an_execution())) == [LEFT_OUT]
    let_pass(conn, portal, hours=1)
    assert told(accept(conn, portal, an_execution())) == [SENT]


def test_sms_that_never_left_does_not_count(conn: Conn, portal: Portal) -> None:
    first = an_execution()
    accept(conn, portal, first)
    message_id = row_of(conn, portal, first.callback_id)["message_id"]
    cancel_message(conn, portal.portal_id, message_id, user_id=77)
    conn.commit()
    assert told(accept(conn, portal, an_execution(), an_execution())) == [SENT, LEFT_OUT]


def test_equal_texts_at_the_same_time_wait_for_each_other(
    conn: Conn, other_conn: Conn, portal: Portal
) -> None:
    given = [(portal.portal_id, an_execution())]
    rival = [(portal.portal_id, an_execution(object_id="502"))]
    begun = threading.Event()

    def accept_rival() -> list[object]:
        begun.set()
        return list(accept_executions(other_conn, rival, deployment_prefix="tst"))

    with ThreadPoolExecutor(1) as threads:
        accept_executions(conn, given, deployment_prefix="tst")
        answer = threads.submit(accept_rival)
        assert begun.wait(5)
        conn.commit()
        [late] = answer.result(10)
    other_conn.commit()
    assert isinstance(late, ExecutionAnswer)
    assert told([late]) == [LEFT_OUT]


def test_portals_that_share_a_transaction_do_not_wait_for_such_texts(
    conn: Conn, vault: Vault, portal: Portal
) -> None:
    other = a_portal(conn, vault, scopes=SCOPES)
    given = [(portal.portal_id, an_execution()), (other.portal_id, an_execution())]
    [own, shared] = accept_executions(conn, given, deployment_prefix="tst")
    conn.commit()
    assert isinstance(own, NeedsOwnTransaction)
    assert isinstance(shared, ExecutionAnswer)
    assert sms_of(conn, portal) == 0


def test_texts_of_the_past_are_removed(conn: Conn, portal: Portal) -> None:
    accept(conn, portal, *(an_execution(message=f"Numéro {n}") for n in range(20)))
    let_pass(conn, portal, hours=HOURS + 1)
    accept(conn, portal, *(an_execution(message=f"Suite {n}") for n in range(20)))
    row = conn.execute(
        "SELECT count(*) FROM recent_texts WHERE portal_id = %s", (portal.portal_id,)
    ).fetchone()
    conn.commit()
    assert row == {"count": 20}


@pytest.mark.parametrize(("name", "index"), [("CLAIM", "recent_texts_pkey"), ("REMOVE", "recent_texts_age")])
def test_texts_are_found_by_index(own: Conn, alone: Wiring, name: str, index: str) -> None:
    """However many texts the hours hold, and however many are past, a call reads only its own."""
    portal = a_once_portal(own, alone.vault)
    accept(own, portal, an_execution())
    own.execute(
        """
        INSERT INTO recent_texts (portal_id, digest, message_id, leaves_at)
        SELECT portal_id, sha256(n::text::bytea), message_id, now() - make_interval(hours => n % 48)
        FROM recent_texts, generate_series(1, 5000) AS n
        """
    )
    own.execute("ANALYZE recent_texts")
    values = recent_texts.values_of(
        portal.portal_id, {b"new": message_to_claim(own)}, within=timedelta(hours=HOURS)
    )
    rows = own.execute(b"EXPLAIN (ANALYZE, FORMAT JSON) " + getattr(recent_texts, name), values).fetchall()
    own.rollback()
    read = nodes_of(rows[0]["QUERY PLAN"][0]["Plan"])
    on_texts = [node for node in read if node.get("Relation Name") == "recent_texts"]
    used = {node.get("Index Name") for node in read} | {
        arbiter for node in read for arbiter in node.get("Conflict Arbiter Indexes", [])
    }
    assert index in used
    assert "Seq Scan" not in {node["Node Type"] for node in on_texts}
    assert max(node["Actual Rows"] * node["Actual Loops"] for node in on_texts) <= 2


def message_to_claim(own: Conn) -> Message:
    row = own.execute("SELECT portal_id, message_id FROM messages").fetchone()
    assert row is not None
    return messages.get(own, row["portal_id"], row["message_id"])


def test_deals_text_follows_the_same_rule(conn: Conn, portal: Portal) -> None:
    """The request of a portal without `automation` resolves its deals itself, and gives them in as `Ready`."""
    number = PhoneNumber("+33612345601", "FR", NumberKind.MOBILE)

    def a_resolved_deal(deal_id: str) -> Ready:
        execution = an_execution(Action.SEND_SMS_DEAL, "0-3", deal_id)
        inputs = read_inputs(execution.action, execution.inputs)
        return Ready(execution, inputs, number, "06 12 34 56 01", person=("0-1", "501"))

    assert told(accept(conn, portal, a_resolved_deal("1301"), a_resolved_deal("1302"))) == [SENT, LEFT_OUT]
