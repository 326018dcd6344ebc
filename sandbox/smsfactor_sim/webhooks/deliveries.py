"""Delivers webhooks: signed POSTs with retries, in order for each message, sent by the courier's process.

Facts (SMSFactor docs): raw JSON in the body, secret in X-SMSFactor-Signature. Retries, timeouts and order are
not documented; they are settings. A URL without a mapping to loopback counts as unreachable, so nothing leaves the
machine.
"""

import hashlib
import hmac
import itertools
import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from sandbox.courier import CourierLink, Parcel
from sandbox.courier import Delivery as Outcome
from sandbox.smsfactor_sim.scheduler import Scheduler
from sandbox.smsfactor_sim.things import Webhook
from sandbox.smsfactor_sim.world import World

# With webhook_reorder, events of one message are collected for this long and then sent newest first.
REORDER_WINDOW_S = 5.0


@dataclass
class Delivery:
    """The delivery of one event to one webhook."""

    id: str
    webhook: Webhook
    payload: dict[str, Any]
    line: tuple[str, str]
    # The world it belongs to; after a reset its result is ignored.
    generation: int
    attempts: list[dict[str, Any]] = field(default_factory=list)
    state: str = "pending"

    def as_json(self) -> dict[str, Any]:
        """The shape of GET /_control/webhooks."""
        return {
            "id": self.id,
            "webhook_id": self.webhook.id,
            "account_id": self.webhook.account_id,
            "type": self.webhook.type,
            "url": self.webhook.url,
            "payload": self.payload,
            "state": self.state,
            "attempts": self.attempts,
        }


class Deliveries:
    """Queues events by line (subscriber's origin, message) and sends each line's events one after the
    other."""

    def __init__(self, world: World, scheduler: Scheduler) -> None:
        self._world = world
        self._scheduler = scheduler
        self._courier = CourierLink(self._returned)
        self._numbers = itertools.count(1)
        self._under_way: dict[int, tuple[Delivery, str]] = {}  # with the instant it left
        self._generation = 0
        self._forget()

    def stop(self) -> None:
        """End the courier; deliveries under way are lost."""
        self._courier.stop()

    def reset(self) -> None:
        """Forget all deliveries; results of those still under way are ignored."""
        with self._world.lock:
            self._forget()

    def _forget(self) -> None:
        self._generation += 1
        self.log: list[Delivery] = []
        self._lines: defaultdict[tuple[str, str], list[Delivery]] = defaultdict(list)
        self._active: set[tuple[str, str]] = set()

    def emit(self, account_id: str, kind: str, payload: dict[str, Any], *, about: str | None) -> None:
        """Send an event to every live webhook of the account for this kind. Hold the world's lock.

        about: the message's own id, which keeps its events in order; None: the event stands alone.
        """
        settings = self._world.settings
        for webhook in list(self._world.webhooks.values()):
            if (webhook.account_id, webhook.type, webhook.status) != (account_id, kind, "live"):
                continue
            for _ in range(1 + int(settings["webhook_duplicates"])):
                delivery_id = self._world.next_id()
                line = (urlsplit(webhook.url).netloc, about or f"event-{delivery_id}")
                delivery = Delivery(delivery_id, webhook, payload, line, self._generation)
                self.log.append(delivery)
                self._lines[line].append(delivery)
                self._open(line)

    def _open(self, line: tuple[str, str]) -> None:
        """Start an idle line; a busy line takes its next event itself."""
        if line in self._active:
            return
        self._active.add(line)
        wait_s = REORDER_WINDOW_S if self._world.settings["webhook_reorder"] else 0.0
        if wait_s:
            self._scheduler.after(wait_s, lambda: self._advance(line))
        else:
            self._advance(line)

    def _advance(self, line: tuple[str, str]) -> None:
        waiting = self._lines.get(line)
        if not waiting:
            self._lines.pop(line, None)
            self._active.discard(line)
            return
        newest_first = self._world.settings["webhook_reorder"]
        self._hand_out(waiting.pop(-1 if newest_first else 0))

    def _hand_out(self, delivery: Delivery) -> None:
        """Give one attempt to the courier. Hold the world's lock."""
        if delivery.generation != self._generation:
            return
        self._scheduler.begin()
        number, settings = next(self._numbers), self._world.settings
        self._under_way[number] = (delivery, self._world.now().isoformat())
        url = self._world.config.origins.local_url(delivery.webhook.url)
        if url is None:
            lost = Outcome(
                number, None, error="unreachable: the origin is not mapped to a process on this machine"
            )
            self._scheduler.after(0, lambda: self._returned([lost]))
            return
        body, headers = self._signed(delivery)
        parcel = Parcel(number, url, headers, body.decode(), float(settings["webhook_timeout_s"]))
        self._courier.send([parcel], max(1, int(settings["webhook_concurrency"])))

    def _returned(self, outcomes: list[Outcome]) -> None:
        """Handle the results of attempts; those of an older world are ignored."""
        for outcome in outcomes:
            try:
                with self._world.lock:
                    delivery, at = self._under_way.pop(outcome.n)
                    if delivery.generation == self._generation:
                        delivery.attempts.append({"at": at, "status": outcome.status, "error": outcome.error})
                        delivery.webhook.last_http_code = outcome.status or 0
                        self._conclude(delivery, outcome.status)
            finally:
                self._scheduler.end()

    def _signed(self, delivery: Delivery) -> tuple[bytes, dict[str, str]]:
        # JSON as PHP writes it: no spaces, slashes and non-ASCII escaped. A client that signs its own re-serialised
        # copy instead of the received bytes fails here, as in production.
        body = json.dumps(delivery.payload, separators=(",", ":")).replace("/", "\\/").encode()
        headers = {"Content-Type": str(self._world.settings["webhook_content_type"])}
        secret, mode = delivery.webhook.signature, self._world.settings["webhook_signature"]
        if secret is not None and mode == "raw":
            headers["X-SMSFactor-Signature"] = secret
        elif secret is not None and mode == "hmac":
            headers["X-SMSFactor-Signature"] = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        return body, headers

    def _conclude(self, delivery: Delivery, status: int | None) -> None:
        settings = self._world.settings
        if status is not None and 200 <= status < 300:
            delivery.state = "delivered"
            delivery.webhook.failures = 0
        elif len(delivery.attempts) > int(settings["webhook_retries"]):
            delivery.state = "failed"
            delivery.webhook.failures += 1
            if delivery.webhook.failures == int(settings["webhook_pauses_after"]):
                delivery.webhook.status = "paused"
        else:
            waits = settings["webhook_backoff_s"] or [0]
            wait_s = waits[min(len(delivery.attempts), len(waits)) - 1]
            self._scheduler.after(wait_s, lambda: self._hand_out(delivery))
            return
        self._advance(delivery.line)
