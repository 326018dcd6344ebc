"""10,000 enrolments while everything goes wrong at once: lost, twice, and wrong values are counted; all must be 0.

HubSpot repeats 10 % of its calls and answers 429 to 20 % of ours; the gateway takes 2 % of the calls and never answers;
one of three workers and one of two web processes are killed with -9 every two seconds until all is accepted by the
gateway.
"""

import threading
import time
from collections import Counter
from dataclasses import dataclass, field

import psutil

from backend.bench.customer import Customer, a_customer
from sandbox.postgres import ensure_server
from sandbox.processes import ROOT

SIZE = 10_000
REPEATED_PERCENT, REFUSED_PERCENT, UNANSWERED_PERCENT = 10, 20, 2
KILL_EVERY_S = 2.0
WORKERS = 3
PATIENCE_S = 1_800.0
#: A hundred different texts, so that there are many calls that can go wrong.
TEXT = "Bonjour {{contact.firstname}} {{contact.lastname}}, votre commande est disponible."
#: Endings 90, 92 and 93 are not delivered, expire, are rejected: final states of every kind.
ENDINGS = [f"{number:02}" for number in range(0, 90, 3)] + ["90", "92", "93"]
FATES = {"90": "undelivered", "92": "expired", "93": "undelivered"}
#: Shorter than in production, in proportion: a lease must outlive a call, a look-up must wait for the listing's lag.
ENVIRONMENT = {
    "GATEWAY_TIMEOUT_S": "1.5",
    "LANE_LEASE_S": "3",
    "UNKNOWN_LOOKUP_AFTER_S": "2",
    "UNKNOWN_RESEND_AFTER_S": "90",
    "UNKNOWN_LOOKUP_APART_S": "45",
}


def kill(customer: Customer, kills: Counter[str]) -> None:
    """A worker is started again here, a web process by gunicorn. In the main thread: see `Stack`."""
    stack = customer.stack
    worker = stack.worker_names[kills["workers"] % WORKERS]
    stack.kill(worker)
    stack.restart(worker)
    kills["workers"] += 1
    if children := psutil.Process(stack.pid("web")).children():
        children[kills["web processes"] % len(children)].kill()
        kills["web processes"] += 1


@dataclass
class Silencer:
    """Has the gateway take every fiftieth call and never answer it."""

    customer: Customer
    stop: threading.Event = field(default_factory=threading.Event)
    ordered: int = 0

    def run(self) -> None:
        gateway = self.customer.gateway
        while not self.stop.wait(0.2):
            wanted = gateway.calls() * UNANSWERED_PERCENT // 100 + 1
            while self.ordered < wanted:
                gateway.fault("timeout_after")
                self.ordered += 1


def run() -> bool:
    """Print what came of it; False when anything was lost, sent twice, left open or written wrong."""
    with (
        ensure_server(ROOT / ".sandbox" / "postgres") as server,
        a_customer(server, "bench_storm", ENVIRONMENT, workers=WORKERS) as customer,
    ):
        return _measure(customer)


def _measure(customer: Customer) -> bool:
    workflow_id = customer.set_up(TEXT)
    customer.gateway.set(dlr_delay_s=0)
    customer.settings(
        workflow_duplicate_percent=REPEATED_PERCENT,
        answer_429_percent=REFUSED_PERCENT,
        workflow_retry_compression=600,
    )
    silencer, kills = Silencer(customer), Counter[str]()
    thread = threading.Thread(target=silencer.run)
    started = time.monotonic()
    customer.enrol(workflow_id, SIZE, endings=ENDINGS)
    thread.start()
    try:
        while len(customer.accepted_by_number()) < SIZE:
            if time.monotonic() - started > PATIENCE_S:
                raise TimeoutError(f"not all at the gateway within {PATIENCE_S:.0f} s; {customer.standing()}")
            time.sleep(KILL_EVERY_S)
            kill(customer, kills)
    finally:
        silencer.stop.set()
        thread.join()
        customer.gateway.clear_faults()
    customer.wait(lambda: customer.is_done(SIZE), "all final and written back", PATIENCE_S)
    run_ = customer.run(workflow_id)
    by_number = customer.accepted_by_number()
    lost, twice = SIZE - len(by_number), sum(1 for count in by_number.values() if count > 1)
    wrong = _wrong_records(customer)
    print(
        f"{SIZE:,} enrolments in {time.monotonic() - started:.0f} s, {dict(kills)} killed,"
        f" {silencer.ordered} calls taken and not answered,"
        f" {run_['duplicates']} executions repeated, {run_['retries']} retried\n"
        f"  lost: {lost}, sent twice: {twice}, records with wrong last values: {wrong} (budget 0 each);"
        f" states: {customer.standing()}"
    )
    return lost == twice == wrong == 0


def _wrong_records(customer: Customer) -> int:
    """Records whose properties do not say what became of their one SMS."""
    wrong = 0
    executions = customer.visitor.hubspot("GET", "/_control/workflow-executions")["executions"]
    for execution in executions:
        path = f"/_control/records/0-1/{execution['record_id']}"
        facts = customer.visitor.hubspot("GET", path)["properties"]
        number = facts.get("smsfactor_last_message_destination") or ""
        names = {name: facts[name] for name in ("firstname", "lastname")}
        text = TEXT
        for name, value in names.items():
            text = text.replace(f"{{{{contact.{name}}}}}", value)
        told = tuple(facts.get(f"smsfactor_last_message_{name}") for name in ("content", "status"))
        typed = "".join(filter(str.isdigit, facts["mobilephone"]))[-9:]
        wrong += told != (text, FATES.get(number[-2:], "delivered")) or not number.endswith(typed)
    return wrong
