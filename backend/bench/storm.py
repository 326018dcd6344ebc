"""Runs 10,000 enrolments under many faults at once. Lost SMS, repeated SMS and wrong values are counted: all must be 0.

Enrols contacts, contacts whose execution waits for the receipt, and deals. HubSpot repeats 10 % of its calls and
answers 429 to 20 % of ours. The gateway takes 2 % of the calls and never answers. Every two seconds `kill -9` hits one
of three workers and one of two web processes, until all is final, written back and reported to the workflows.
"""

import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import psutil

from backend.bench.customer import Customer, a_customer
from sandbox.postgres import ensure_server
from sandbox.processes import ROOT


@dataclass(frozen=True)
class Part:
    """One of the workflows that run at the same time."""

    name: str
    size: int
    text: str
    workflow: dict[str, str] = field(default_factory=dict)


#: A hundred different texts give many calls that can fail; texts that all differ give many more.
PARTS = (
    Part(
        "a hundred texts",
        7_000,
        "Bonjour {{contact.firstname}} {{contact.lastname}}, votre commande est disponible.",
    ),
    Part("own texts", 1_500, "Nous vous avons écrit à {{contact.email}}"),
    Part(
        "waiting",
        1_000,
        "Bonjour {{contact.firstname}}, votre colis est en route.",
        {"wait_for": "delivered"},
    ),
    Part(
        "deals", 500, "Votre devis {{deal.dealname}} vous attend.", {"of": "deals", "wait_for": "delivered"}
    ),
)
REPEATED_PERCENT, REFUSED_PERCENT, UNANSWERED_PERCENT = 10, 20, 2
KILL_EVERY_S = 2.0
WORKERS = 3
PATIENCE_S = 3_600.0
#: Numbers ending in 90 are not delivered, in 92 expire, in 93 are rejected: final states of every kind.
ENDINGS = [f"{number:02}" for number in range(0, 90, 3)] + ["90", "92", "93"]
FATES = {"90": "undelivered", "92": "expired", "93": "undelivered"}
#: Shorter than in production, but in proportion: a lease outlives a call, a look-up waits for the listing's lag.
ENVIRONMENT = {
    "GATEWAY_TIMEOUT_S": "1.5",
    "LANE_LEASE_S": "3",
    "UNKNOWN_LOOKUP_AFTER_S": "2",
    "UNKNOWN_RESEND_AFTER_S": "90",
    "UNKNOWN_LOOKUP_APART_S": "45",
}


def kill(customer: Customer, kills: Counter[str]) -> None:
    """Kill a worker and restart it; kill a web process, which gunicorn restarts. In the main thread: see `Stack`."""
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
    """Makes the gateway take every fiftieth call without answering it."""

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


def run(divisor: int = 1) -> bool:
    """Print the results; False when anything was lost, sent twice, left open or written wrong.

    `divisor`: how many times smaller than 10,000 enrolments.
    """
    parts = [replace(part, size=part.size // divisor) for part in PARTS]
    with (
        ensure_server(ROOT / ".sandbox" / "postgres") as server,
        a_customer(server, "bench_storm", ENVIRONMENT, workers=WORKERS) as customer,
    ):
        return _measure(customer, parts)


def _measure(customer: Customer, parts: Sequence[Part]) -> bool:
    size = sum(part.size for part in parts)
    customer.set_up()
    workflows = {customer.workflow(part.text, **part.workflow): part for part in parts}
    customer.gateway.set(dlr_delay_s=0)
    customer.portal.set(
        workflow_duplicate_percent=REPEATED_PERCENT,
        answer_429_percent=REFUSED_PERCENT,
        workflow_retry_compression=600,
    )
    customer.portal.control("api-calls/reset", {})
    started = time.monotonic()
    for workflow_id, part in workflows.items():
        customer.portal.enrol_generated(workflow_id, part.size, endings=ENDINGS)
    kills, unanswered = _rage(customer, list(workflows), size, started)
    runs = {part.name: customer.portal.newest_run(workflow_id) for workflow_id, part in workflows.items()}
    by_number = customer.accepted_by_number()
    lost, twice = size - len(by_number), sum(1 for count in by_number.values() if count > 1)
    executions = customer.portal.look("workflow-executions")["executions"]
    texts = {run["run_id"]: part.text for part, run in zip(parts, runs.values(), strict=True)}
    wrong = sum(_is_wrong(customer, execution, texts[execution["run_id"]]) for execution in executions)
    calls, too_many = customer.hubspot_calls()
    print(
        f"{size:,} enrolments in {time.monotonic() - started:.0f} s, {dict(kills)} killed,"
        f" {unanswered} calls taken and not answered,"
        f" {sum(run['duplicates'] for run in runs.values())} executions repeated,"
        f" {sum(run['retries'] for run in runs.values())} retried\n"
        f"  lost: {lost}, sent twice: {twice}, records with wrong last values: {wrong},"
        f" 429 for calling too often: {too_many['limit']} (budget 0 each)\n"
        f"  messages: {customer.standing()}; {calls.total():,} HubSpot calls\n"
        f"  executions: { {name: _ends(run) for name, run in runs.items()} }"
    )
    is_reported = all(run["succeeded"] + run["failed"] == run["enrolled"] for run in runs.values())
    return lost == twice == wrong == too_many["limit"] == 0 and len(executions) == size and is_reported


def _rage(customer: Customer, workflow_ids: list[str], size: int, started: float) -> tuple[Counter[str], int]:
    """Kill processes and silence the gateway until all is done; returns the kills and the count of unanswered calls."""
    silencer, kills = Silencer(customer), Counter[str]()
    thread = threading.Thread(target=silencer.run)
    thread.start()
    try:
        while not _is_over(customer, workflow_ids, size):
            if time.monotonic() - started > PATIENCE_S:
                raise TimeoutError(f"not over within {PATIENCE_S:.0f} s; {customer.standing()}")
            time.sleep(KILL_EVERY_S)
            kill(customer, kills)
    finally:
        silencer.stop.set()
        thread.join()
        customer.gateway.clear_faults()
    return kills, silencer.ordered


def _is_over(customer: Customer, workflow_ids: list[str], size: int) -> bool:
    return customer.is_done(size) and all(
        customer.portal.newest_run(each)["finished_at"] for each in workflow_ids
    )


def _ends(run: dict[str, Any]) -> dict[str, int]:
    return {state: run[state] for state in ("succeeded", "failed", "expired", "error") if run[state]}


def _is_wrong(customer: Customer, execution: dict[str, Any], text: str) -> bool:
    """Whether the record's properties differ from the outcome of its one SMS."""
    path = f"/_control/records/{execution['object_type_id']}/{execution['record_id']}"
    facts = customer.portal.call("GET", path)["properties"]
    number = facts.get("smsfactor_last_message_destination") or ""
    for name in ("firstname", "lastname", "email", "dealname"):
        text = text.replace(f"{{{{contact.{name}}}}}", facts.get(name) or "")
        text = text.replace(f"{{{{deal.{name}}}}}", facts.get(name) or "")
    shown = tuple(facts.get(f"smsfactor_last_message_{name}") for name in ("content", "status"))
    typed = "".join(filter(str.isdigit, facts.get("mobilephone") or ""))[-9:]  # a deal has no number
    return shown != (text, FATES.get(number[-2:], "delivered")) or not number or not number.endswith(typed)
