"""Initial executions of workflow actions for tests, accepted by the product's own use case."""

import itertools
from typing import Any

from connector.domain.vocabulary import Action
from connector.domain.workflows.fields import Execution
from connector.store.database import Conn
from connector.store.portals.portals import Portal
from connector.use_cases.workflows.accept_executions import ExecutionAnswer, accept_executions
from connector.use_cases.workflows.decide_executions import ExecutionInput

SCOPES = ("oauth", "automation")
_numbers = itertools.count(1)


def an_execution(
    action: Action = Action.SEND_SMS, object_type_id: str = "0-1", object_id: str = "501", **inputs: Any
) -> Execution:
    """A short alert; `inputs` replace its fields."""
    fields = {"push_type": "alert", "message": "Votre colis est arrivé", **inputs}
    if action == "send_sms":
        fields = {"recipient": "06 12 34 56 01", **fields}
    else:
        fields = {"phone_property": "mobilephone", **fields}
    return Execution(f"ap-{next(_numbers)}", action, "1567555043", object_type_id, object_id, fields)


def accept(conn: Conn, portal: Portal, *executions: ExecutionInput) -> list[ExecutionAnswer]:
    """Accept executions in one transaction, and commit."""
    given = [(portal.portal_id, execution) for execution in executions]
    answers = accept_executions(conn, given, deployment_prefix="tst")
    conn.commit()
    assert all(isinstance(answer, ExecutionAnswer) for answer in answers), answers
    return [answer for answer in answers if isinstance(answer, ExecutionAnswer)]


def row_of(conn: Conn, portal: Portal, callback_id: str) -> dict[str, Any]:
    """The execution's row as it is now."""
    conn.commit()
    row = conn.execute(
        "SELECT *, check_at <= now() AS is_due FROM workflow_executions WHERE portal_id = %s AND callback_id = %s",
        (portal.portal_id, callback_id),
    ).fetchone()
    conn.commit()
    assert row is not None
    return row


def let_pass(
    conn: Conn,
    portal: Portal,
    *,
    hours: float = 0.0,
    seconds: float = 0.0,
    for_messages: bool = True,
    only: list[str] | None = None,
) -> None:
    """Let time pass for the portal's executions (or `only` these) and, by default, for its messages."""
    seconds += 3600 * hours
    for table, columns in (
        (
            "workflow_executions",
            ("created_at", "answered_at", "doubted_at", "blocked_until", "timer_at", "check_at"),
        ),
        ("recent_texts", ("leaves_at",)),
        ("messages", ("created_at", "due_at", "expires_at", "accepted_at", "slot_ends_at", "state_at")),
    ):
        if table == "messages" and not for_messages:
            continue
        changes = ", ".join(f"{name} = {name} - make_interval(secs => %(s)s)" for name in columns)
        statement = f"UPDATE {table} SET {changes} WHERE portal_id = %(portal_id)s"  # noqa: S608 - names of ours
        if table == "workflow_executions" and only is not None:
            statement += " AND callback_id = ANY(%(only)s)"
        values = {"s": seconds, "portal_id": portal.portal_id, "only": only}
        conn.execute(statement, values)
    conn.commit()
