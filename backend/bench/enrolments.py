"""Measures 10,000 enrolments end to end, then 100,000: accepted, sent, receipts, written back; calls by family.

Everything is real except the two services. The strict simulators replace them with their limits on, but without the
gateway's pace, and receipts arrive at once. All texts are equal, all numbers differ. The 10,000 also run through a
workflow that waits for the receipt and ends by callback, and through one for deals, whose people are read.
"""

import os
import time
from dataclasses import dataclass, field
from typing import Any

from backend.bench.customer import Customer, a_customer
from sandbox.postgres import Server, ensure_server
from sandbox.processes import ROOT

FEW, MANY = 10_000, 100_000
HUBSPOT_BUDGET, GATEWAY_BUDGET, LINEAR_BUDGET = 60.0, 10.0, 11.0
TEXT = "Votre commande est disponible en boutique."
PATIENCE_S = {FEW: 900.0, MANY: 5_400.0}
#: Set to 1 for the long form, with 100,000 enrolments after the 10,000.
LONG = "BENCH_LONG"


@dataclass(frozen=True)
class Case:
    """One workflow and the records it enrols."""

    name: str
    size: int = FEW
    workflow: dict[str, str] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)


PLAIN = Case("contacts")
CASES = (
    PLAIN,
    Case("contacts, waiting until delivered", workflow={"wait_for": "delivered"}),
    Case(
        "deals, a third each with a contact, a company, a company besides a contact without number",
        workflow={"of": "deals", "wait_for": "delivered"},
        options={"deal_with": ["contact", "company", "contact_without_number_and_company"]},
    ),
)
LONG_CASE = Case("many contacts", MANY)


def run() -> bool:
    """Print the figures; False when one exceeds its budget."""
    is_long = os.environ.get(LONG) == "1"
    within = True
    seconds: dict[str, float] = {}
    with ensure_server(ROOT / ".sandbox" / "postgres") as server:
        for case in (*CASES, LONG_CASE) if is_long else CASES:
            seconds_of_case, is_within = _measured(server, case)
            within = within and is_within
            seconds[case.name] = seconds_of_case
    if not is_long:
        print(f"the long form, with {MANY:,}: {LONG}=1")
        return within
    ratio = seconds[LONG_CASE.name] / seconds[PLAIN.name]
    print(f"{MANY:,} enrolments take {ratio:.1f} times the time of {FEW:,} (budget {LINEAR_BUDGET:.0f})")
    return within and ratio <= LINEAR_BUDGET


def _measured(server: Server, case: Case) -> tuple[float, bool]:
    """Seconds until all was written back, and whether the case stayed within its budgets."""
    with a_customer(server, "bench_enrolments", {}) as customer:
        customer.set_up()
        workflow_id = customer.workflow(TEXT, **case.workflow)
        customer.gateway.set(dlr_delay_s=0)
        sends_before = customer.gateway.calls()
        customer.portal.control("api-calls/reset", {})
        started = time.monotonic()
        customer.portal.enrol_generated(workflow_id, case.size, **case.options)
        customer.wait(lambda: _is_over(customer, workflow_id), "executions", PATIENCE_S[case.size])
        over_s = time.monotonic() - started
        customer.wait(lambda: customer.is_done(case.size), "all sent and written", PATIENCE_S[case.size])
        total_s = time.monotonic() - started
        print(
            f"{case.size:,} enrolments ({case.name}): workflow over in {over_s:.0f} s,"
            f" all sent and written back in {total_s:.0f} s"
        )
        return total_s, _is_within(customer, case, workflow_id, customer.gateway.calls() - sends_before)


def _is_over(customer: Customer, workflow_id: str) -> bool:
    return customer.portal.newest_run(workflow_id)["finished_at"] is not None


def _is_within(customer: Customer, case: Case, workflow_id: str, sends: int) -> bool:
    """Print the counts; returns whether they stay within their budgets."""
    calls, too_many = customer.hubspot_calls()
    hubspot, gateway = 1000 * calls.total() / case.size, 1000 * sends / case.size
    once = customer.accepted_by_number()
    is_once = len(once) == case.size and set(once.values()) == {1}
    succeeded = customer.portal.newest_run(workflow_id)["succeeded"]
    print(
        f"  each number once: {is_once}; executions that succeeded: {succeeded:,}\n"
        f"  HubSpot calls per 1,000 SMS: {hubspot:.1f} (budget {HUBSPOT_BUDGET:.0f}): {dict(calls)}\n"
        f"  gateway calls per 1,000 SMS: {gateway:.1f} (budget {GATEWAY_BUDGET:.0f})\n"
        f"  429 received after the first second: {too_many['later']} (budget 0)"
    )
    is_cheap = hubspot <= HUBSPOT_BUDGET and gateway <= GATEWAY_BUDGET and too_many["later"] == 0
    return is_cheap and is_once and succeeded == case.size
