"""Delivers the events of changes to the app's target URL: in batches, signed, with HubSpot's retries.

Rules (HubSpot docs, webhooks guide and error handling): a JSON list of up to 100 events; a failed connection, no answer
within 5 seconds and any status but 2xx are failures; up to 10 retries over 24 hours with jitter, attemptNumber from 0;
neither order nor single delivery is promised. The spacing of the retries is not published.
"""

import heapq
import itertools
import json
import random
import threading
from dataclasses import dataclass, replace
from typing import Any

from flask import has_request_context, request

from sandbox.courier import CourierLink, Delivery, Parcel
from sandbox.hubspot_sim.crm.changes import Change
from sandbox.hubspot_sim.portals import session_user
from sandbox.hubspot_sim.world import Sim, World

# Ten waits that add up to 24 hours.
RETRY_WAITS_S = (60, 300, 900, 1800, 3600, 7200, 10_800, 14_400, 21_600, 25_740)
_JITTER = 0.2
_NAP_S = 1.0
_HEADERS = {"User-Agent": "HubSpot Connect 2.0 (sandbox)", "Content-Type": "application/json"}


@dataclass(frozen=True)
class Batch:
    """Events that travel together. repeat: a call that is made though the first one succeeded."""

    events: tuple[dict[str, Any], ...]
    attempt: int = 0
    repeat: bool = False


class WebhookSender:
    """One for the simulator: HubSpot may send the events of several portals together."""

    def __init__(self, sim: Sim) -> None:
        self._sim = sim
        self._clock = sim.world.clock
        self._changed = threading.Condition()
        self._numbers = itertools.count(1)
        self._courier = CourierLink(self._answered)
        self._thread: threading.Thread | None = None
        self._stopped = False
        self._forget()
        self._clock.on_move(self._wake)

    def listen(self, world: World) -> None:
        """Send the changes of a portal from now on."""
        world.on_change = lambda change: self._note(world, change)

    def reset(self) -> None:
        """Forget all events; answers still under way are ignored."""
        with self._changed:
            self._forget()
            self._changed.notify_all()

    def stop(self) -> None:
        """End the thread and the courier."""
        self._stopped = True
        self._wake()
        if self._thread is not None:
            self._thread.join()
        self._courier.stop()

    def wait_idle(self, timeout_s: float) -> bool:
        """Wait until nothing is left to deliver; False when that takes too long."""
        with self._changed:
            return self._changed.wait_for(lambda: not (self._timers or self._in_flight), timeout_s)

    def calls(self) -> list[dict[str, Any]]:
        """Every finished call, oldest first."""
        with self._changed:
            return list(self._log)

    def _forget(self) -> None:
        self._timers: list[tuple[float, int, Batch]] = []
        self._in_flight: dict[int, Batch] = {}
        self._log: list[dict[str, Any]] = []

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _note(self, world: World, change: Change) -> None:
        """Queue the events of a change. The caller holds the world's lock."""
        webhooks = self._sim.project.webhooks
        scope = change.kind.read_scope
        if webhooks is None or not world.grants.installed or scope not in world.grants.scopes():
            return
        source, source_id = _source(self._sim, world)
        common = {
            "portalId": world.account.id,
            "appId": self._sim.options.app_id,
            "occurredAt": int(self._clock.now().timestamp() * 1000),
            "attemptNumber": 0,
            "objectId": int(change.object_id),
            "changeSource": source,
            "sourceId": source_id,
            **change.fields,
        }
        if change.type == "merge" and self._sim.settings["webhook_merge_object_id"] == "primary":
            common["objectId"] = change.fields["primaryObjectId"]
        for subscription in webhooks.subscriptions:
            if subscription.covers(change):
                event = {"eventId": _event_id(), "subscriptionId": subscription.id, **common}
                event["subscriptionType"] = subscription.type
                if subscription.is_generic:
                    event["objectTypeId"] = change.kind.id
                    if change.type == "propertyChange":
                        event["isSensitive"] = False
                self._queue(Batch((event,)), float(self._sim.settings["webhook_delay_s"]))

    def _queue(self, batch: Batch, delay_s: float) -> None:
        with self._changed:
            due = self._clock.now().timestamp() + delay_s
            heapq.heappush(self._timers, (due, next(self._numbers), batch))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="webhooks", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def _run(self) -> None:
        while not self._stopped:
            with self._changed:
                self._changed.wait(self._nap_s())
                parcels = self._due_parcels()
            if parcels and self._sim.project.webhooks is not None:
                self._courier.send(parcels, self._sim.project.webhooks.concurrency)

    def _nap_s(self) -> float:
        """How long until the next batch is due. The caller holds the condition's lock."""
        if not self._timers:
            return _NAP_S
        return max(0.001, min(_NAP_S, self._timers[0][0] - self._clock.now().timestamp()))

    def _due_parcels(self) -> list[Parcel]:
        """New events that are due, joined to calls; retries and repeats travel as they were."""
        now = self._clock.now().timestamp()
        fresh: list[Batch] = []
        again: list[Batch] = []
        while self._timers and self._timers[0][0] <= now:
            _, _, batch = heapq.heappop(self._timers)
            (again if batch.attempt or batch.repeat else fresh).append(batch)
        return [self._parcel(batch) for batch in [*self._joined(fresh), *again]]

    def _joined(self, singles: list[Batch]) -> list[Batch]:
        settings = self._sim.settings
        events = [event for single in singles for event in single.events]
        if settings["webhook_shuffled"]:
            random.shuffle(events)
        if not settings["webhook_mixed_portals"]:
            events.sort(key=lambda event: int(event["portalId"]))
        groups = [events]
        if not settings["webhook_mixed_portals"]:
            groups = [list(group) for _, group in itertools.groupby(events, lambda event: event["portalId"])]
        most = max(1, int(settings["webhook_batch_max"]))
        return [
            Batch(tuple(group[start : start + most]))
            for group in groups
            for start in range(0, len(group), most)
        ]

    def _parcel(self, batch: Batch) -> Parcel:
        sim = self._sim
        assert sim.project.webhooks is not None, "only its subscriptions make events"
        url, number = sim.project.webhooks.target_url, next(self._numbers)
        self._in_flight[number] = batch
        signing = {
            "secret": sim.options.client_secret, "uri": url, "versions": str(sim.settings["webhook_signatures"]),
        }  # fmt: skip
        body = json.dumps(list(batch.events), ensure_ascii=False, separators=(",", ":"))
        local = sim.options.origins.local_url(url) or "http://127.0.0.1:9/not-mapped"
        return Parcel(number, local, _HEADERS, body, float(sim.settings["webhook_timeout_s"]), signing)

    def _answered(self, deliveries: list[Delivery]) -> None:
        """Log each call; repeat what failed, and now and then what did not."""
        with self._changed:
            for delivery in deliveries:
                batch = self._in_flight.pop(delivery.n, None)
                if batch is None:
                    continue  # the call was made before a reset
                is_taken = delivery.status is not None and 200 <= delivery.status < 300
                self._log.append(
                    {
                        "attempt": batch.attempt,
                        "repeat": batch.repeat,
                        "status": delivery.status,
                        "error": delivery.error,
                        "elapsed_ms": delivery.elapsed_ms,
                        "events": list(batch.events),
                    }
                )
                if not is_taken:
                    self._retry(batch)
                elif (
                    random.random() * 100 < self._sim.settings["webhook_duplicate_percent"]
                    and not batch.repeat
                ):
                    self._queue(replace(batch, repeat=True), 0)
            self._changed.notify_all()

    def _retry(self, batch: Batch) -> None:
        if batch.attempt >= len(RETRY_WAITS_S):
            return  # HubSpot gives up without a notice
        wait_s = RETRY_WAITS_S[batch.attempt] * random.uniform(1 - _JITTER, 1 + _JITTER)
        new_id = self._sim.settings["webhook_retry_event_id"] == "new"
        events = tuple(
            {
                **event,
                "attemptNumber": batch.attempt + 1,
                **({"eventId": _event_id()} if new_id else {}),
            }
            for event in batch.events
        )
        compression = max(1.0, float(self._sim.settings["webhook_retry_compression"]))
        self._queue(Batch(events, batch.attempt + 1, batch.repeat), wait_s / compression)


def _event_id() -> int:
    return random.randrange(10**8, 2**32)


def _source(sim: Sim, world: World) -> tuple[str, str]:
    """changeSource and sourceId: the app by its API calls, else the person at the screen (captures of real events)."""
    if has_request_context() and "source" in request.args:
        return request.args["source"], request.args.get("source_id", "")
    if has_request_context() and request.path.startswith("/crm/"):
        return "INTEGRATION", str(sim.options.app_id)
    return "CRM_UI", f"userId:{world.account.user(session_user())[1]}"
