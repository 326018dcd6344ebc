"""10,000 enrolments end to end, then 100,000: accepted, sent, receipts, written back; whose calls, and how many?

Everything is real but the two services, which are the strict simulators with their limits on; the gateway's pace is
off and its receipts come at once. Texts are the same for all, numbers differ.
"""

import os
import time

from backend.bench.customer import Customer, a_customer
from sandbox.postgres import ensure_server
from sandbox.processes import ROOT

FEW, MANY = 10_000, 100_000
HUBSPOT_BUDGET, GATEWAY_BUDGET, LINEAR_BUDGET = 60.0, 10.0, 11.0
TEXT = "Votre commande est disponible en boutique."
PATIENCE_S = {FEW: 900.0, MANY: 5_400.0}
#: Set to 1 for the long form, with 100,000 enrolments after the 10,000.
LONG = "BENCH_LONG"


def run() -> bool:
    """Print the figures; False when one is over its budget."""
    seconds: dict[int, float] = {}
    within = True
    sizes = (FEW, MANY) if os.environ.get(LONG) == "1" else (FEW,)
    with ensure_server(ROOT / ".sandbox" / "postgres") as server:
        for size in sizes:
            with a_customer(server, "bench_enrolments", {}) as customer:
                seconds[size], is_within = _measure(customer, size)
            within = within and is_within
    if MANY in seconds:
        ratio = seconds[MANY] / seconds[FEW]
        print(f"{MANY:,} enrolments take {ratio:.1f} times the time of {FEW:,} (budget {LINEAR_BUDGET:.0f})")
        within = within and ratio <= LINEAR_BUDGET
    else:
        print(f"the long form, with {MANY:,}: {LONG}=1")
    return within


def _measure(customer: Customer, size: int) -> tuple[float, bool]:
    workflow_id = customer.set_up(TEXT)
    customer.gateway.set(dlr_delay_s=0)
    sends_before = customer.gateway.calls()
    customer.visitor.hubspot("POST", "/_control/api-calls/reset", {})
    started = time.monotonic()
    customer.enrol(workflow_id, size)
    customer.wait(
        lambda: customer.run(workflow_id)["finished_at"] is not None, "executions", PATIENCE_S[size]
    )
    accepted_s = time.monotonic() - started
    customer.wait(lambda: customer.is_done(size), "all sent and written back", PATIENCE_S[size])
    total_s = time.monotonic() - started
    calls, late_429 = customer.hubspot_calls()
    sends = customer.gateway.calls() - sends_before
    per_thousand = 1000 * calls.total() / size
    sends_per_thousand = 1000 * sends / size
    once = customer.accepted_by_number()
    is_once = len(once) == size and set(once.values()) == {1}
    print(
        f"{size:,} enrolments: accepted in {accepted_s:.0f} s, all sent and written back in {total_s:.0f} s;"
        f" each number once: {is_once}\n"
        f"  HubSpot calls per 1,000 SMS: {per_thousand:.1f} (budget {HUBSPOT_BUDGET:.0f}): {dict(calls)}\n"
        f"  gateway calls per 1,000 SMS: {sends_per_thousand:.1f} (budget {GATEWAY_BUDGET:.0f})\n"
        f"  429 received after the first second: {late_429} (budget 0)"
    )
    is_within = per_thousand <= HUBSPOT_BUDGET and sends_per_thousand <= GATEWAY_BUDGET
    return total_s, is_once and is_within and late_429 == 0
