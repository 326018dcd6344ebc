"""Measures the cost of writing a campaign back: HubSpot calls per 1,000 SMS, and whether HubSpot ever answers 429.

A whole stack: HubSpot's simulator over HTTP with its limit of 110 calls in 10 s, one worker process, 10,000 contacts.
The product's own use cases accept 10,000 messages in transactions of 500, then apply their receipts; the worker writes.
The run ends when nothing is left to write. It does not include callbacks of blocked executions, which need 10 calls
per 1,000 (100 callbacks a call).
"""

import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from backend.tests.factories import a_command
from connector.domain.vocabulary import Cause, LaneKind, MessageState, Source
from connector.store import lanes
from connector.store.database import Conn, connect
from connector.store.messages import messages
from connector.store.messages.messages import Message
from connector.store.portals import portals
from connector.use_cases.delivery.plan_writes import plan_writes
from connector.use_cases.messages.move_messages import move_messages
from connector.use_cases.messages.queue_message import queue_message
from sandbox.driver.portal import Portal
from sandbox.postgres import ensure_server
from sandbox.processes import ROOT
from sandbox.stack import running_stack

WORK_DIR = ROOT / ".sandbox"
DATABASE = "bench_crm"
MESSAGES = 10_000
TOGETHER = 500  # messages per transaction
BUDGET = 50  # calls per 1,000; 60 with the ten for callbacks
DEADLINE_S = 400.0


@contextmanager
def campaign() -> Iterator[tuple[Portal, Conn, list[list[Message]]]]:
    """A running stack whose portal has 10,000 messages in state `sending`, each to its own contact."""
    with ensure_server(WORK_DIR / "postgres") as server, tempfile.TemporaryDirectory() as directory:
        server.drop_database(DATABASE)
        url = server.create_database(DATABASE)
        with running_stack(Path(directory), url, {}) as stack, connect(url) as conn:
            portal = Portal(stack)
            portal.install()
            portal.link()
            time.sleep(12)  # wait until the set-up's calls leave HubSpot's window
            made = portal.control("records/contacts/generate", {"count": MESSAGES})
            yield portal, conn, _messages(conn, int(made["first_id"]))
        server.drop_database(DATABASE)


def _messages(conn: Conn, first_id: int) -> list[list[Message]]:
    row = conn.execute("SELECT portal_id FROM portals").fetchone()
    assert row is not None
    portal = portals.find_installed(conn, row["portal_id"])
    assert portal is not None
    pattern = queue_message(
        conn, portal, a_command(source=Source.WORKFLOW), deployment_prefix="bench"
    ).message
    conn.rollback()
    made = []
    for place in range(MESSAGES):
        message_id = uuid.uuid4()
        made.append(
            replace(
                pattern,
                state=MessageState.SENDING,
                message_id=message_id,
                gateway_id=f"bench-{message_id.hex}",
                object_id=str(first_id + place),
                recipient=f"+336{place:08}",
            )
        )
    chunks = [made[at : at + TOGETHER] for at in range(0, MESSAGES, TOGETHER)]
    for chunk in chunks:
        messages.insert_many(
            lanes.enter(conn, portal.portal_id, LaneKind.DELIVER), chunk, cause=Cause.WORKFLOW
        )
        conn.commit()
    return chunks


def move_all(conn: Conn, chunks: list[list[Message]], state: MessageState) -> float:
    """Move all messages and plan their writes; returns the seconds per 1,000 messages."""
    started = time.perf_counter()
    for chunk in chunks:
        portal_id = chunk[0].portal_id
        entered = lanes.enter(conn, portal_id, LaneKind.SYNC_CRM)
        ids = [message.message_id for message in chunk]
        moved = move_messages(conn, portal_id, ids, state, cause=Cause.RECEIPT, ticket="15948909")
        assert len(moved) == len(chunk)
        plan_writes(entered, moved, occurred_at=None)
        conn.commit()
    return (time.perf_counter() - started) / MESSAGES * 1000


def open_rows(conn: Conn) -> int:
    row = conn.execute(
        "SELECT (SELECT count(*) FROM record_writes WHERE due_at IS NOT NULL)"
        " + (SELECT count(*) FROM event_writes WHERE due_at IS NOT NULL) AS open"
    ).fetchone()
    conn.commit()
    assert row is not None
    return int(row["open"])


def wait_until_written(conn: Conn) -> None:
    ends = time.monotonic() + DEADLINE_S
    while left := open_rows(conn):
        assert time.monotonic() < ends, f"{left} rows are still to be written"
        time.sleep(0.5)


def run() -> bool:
    """Apply the receipts after everything was written once: no write is shared, which is the more expensive case."""
    with campaign() as (portal, conn, chunks):
        portal.control("api-calls/reset", {})
        started = time.perf_counter()
        accepted_s = move_all(conn, chunks, MessageState.ACCEPTED)
        wait_until_written(conn)
        receipts_s = move_all(conn, chunks, MessageState.DELIVERED)
        wait_until_written(conn)
        seconds = time.perf_counter() - started
        calls: dict[str, Any] = portal.look("api-calls")
        set_aside = conn.execute(
            "SELECT (SELECT count(*) FROM record_writes WHERE closed_reason IS NOT NULL)"
            " + (SELECT count(*) FROM event_writes WHERE closed_reason IS NOT NULL) AS n"
        ).fetchone()
        events = len(portal.look("events")["events"])
    per_thousand = calls["total"] / MESSAGES * 1000
    families = ", ".join(f"{name} {family['calls']}" for name, family in calls["families"].items())
    too_many = calls["too_many"]
    print(
        f"{MESSAGES:,} messages accepted, written, receipts, written: {calls['total']} calls ({families})"
        f" in {seconds:.0f} s, {per_thousand:.1f} per 1,000 (budget {BUDGET})"
    )
    print(
        f"429 answers: {too_many['first_second']} in the first second, {too_many['later']} later (budget 0)"
    )
    print(f"planned in {accepted_s:.2f} s (accepted) and {receipts_s:.2f} s (receipts) per 1,000 messages")
    print(f"{events:,} events on timelines, {set_aside and set_aside['n']} rows set aside")
    is_whole = events == 2 * MESSAGES and set_aside is not None and set_aside["n"] == 0
    return per_thousand <= BUDGET and too_many["later"] == 0 and is_whole
