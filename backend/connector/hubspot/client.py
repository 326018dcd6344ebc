"""Calls HubSpot's APIs for one portal at a time, with date-versioned paths.

This module never repeats a call: the portal's budget and the worker decide when to. `HubSpotApi` owns the connection
pool and serves all threads of a process; a `PortalClient` serves one piece of work, with the token valid then.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Final, Protocol, TypeVar
from urllib.parse import quote

from connector.domain.call_budget import ASSOCIATIONS, CALLS, SEARCH
from connector.hubspot import paths, payloads
from connector.hubspot.errors import NotFound, OutcomeUnknown, RateLimited, Rejected, Unavailable
from connector.hubspot.payloads import (
    AccountDetails,
    AssociatedRecord,
    BatchResult,
    Completion,
    CrmRecord,
    EventOccurrence,
    PropertyDefinition,
    RateLimit,
    RecordUpdate,
)
from connector.hubspot.transport import ApiAnswer, Transport
from connector.hubspot.values import NotUnderstood

Result = TypeVar("Result")

#: HubSpot docs: most inputs of one batch of objects (and, as far as known, of properties).
MAX_BATCH_OBJECTS: Final = 100
#: HubSpot docs: most inputs of one batch of association reads.
MAX_BATCH_ASSOCIATIONS: Final = 1000
#: The limit of executions in one call is unconfirmed; HubSpot's other batches take at least this many.
MAX_BATCH_CALLBACKS: Final = 100
#: Owners whose names are read: more would cost a portal's budget for a preview.
MAX_OWNERS: Final = 1000
#: A shipped app's measurement: most occurrences of one batch of app events.
MAX_BATCH_EVENTS: Final = 500


class Gate(Protocol):
    """Counts calls before they are made, and gets HubSpot's reactions to them (protocol P23)."""

    def enter(self, bucket: str) -> None:
        """Count one call. Raises NoBudget if it must not be made now."""

    def heard(self, rate_limit: RateLimit) -> None:
        """HubSpot answered; its headers give the limit."""

    def refused(self, bucket: str, refusal: RateLimited) -> None:
        """HubSpot answered 429."""


class HubSpotApi:
    """HubSpot's API host; `timeout_s` bounds each call as a whole, in seconds."""

    def __init__(self, base_url: str, *, pool_size: int = 16, timeout_s: float = 10.0) -> None:
        self._transport = Transport(base_url, pool_size=pool_size, timeout_s=timeout_s)

    def portal(
        self, access_token: str, gate: Gate | None = None, *, deadline: float | None = None
    ) -> "PortalClient":
        """The client of the token's portal; each call passes through `gate`, if there is one.

        `deadline` (this process's monotonic clock) is for all calls together: calls without an answer by then are
        Unavailable.
        """
        return PortalClient(self._transport, access_token, gate, deadline)


class PortalClient:
    """One portal's records, properties, events and details.

    Every method raises Unauthorized, MissingScopes, RateLimited, Rejected, NotFound, Conflict or Unavailable
    (NoBudget: the gate refused the call); those that write also OutcomeUnknown. All writes here may be repeated
    unchanged.
    """

    def __init__(
        self, transport: Transport, access_token: str, gate: Gate | None, deadline: float | None
    ) -> None:
        self._transport = transport
        self._access_token = access_token
        self._gate = gate
        self._deadline = deadline
        #: The portal's budget in HubSpot's last successful answer; None before the first.
        self.rate_limit: RateLimit | None = None

    def __repr__(self) -> str:
        return "PortalClient(...)"

    def read_object(self, object_type: str, record_id: str, properties: Sequence[str]) -> CrmRecord:
        """Read one record with the named properties; a merged record's id gives the survivor (see its id)."""
        path = f"{paths.OBJECTS}/{_segment(object_type)}/{_segment(record_id)}"
        query = {"properties": ",".join(properties)}
        return self._read(path, payloads.read_record, query=query)

    def read_objects(
        self, object_type: str, record_ids: Sequence[str], properties: Sequence[str]
    ) -> dict[str, CrmRecord]:
        """Read up to 100 records by the requested ids, in their order; those that do not exist are left out.

        A merged record's id gives the survivor (see its `record_id`). Ids that the answer neither answers nor reports
        as missing cost one more call each.
        """
        inputs = [{"id": record_id} for record_id in _within(record_ids, MAX_BATCH_OBJECTS)]
        path = f"{paths.OBJECTS}/{_segment(object_type)}/batch/read"
        names = [*properties, payloads.MERGED_IDS]
        body = {"inputs": inputs, "properties": names, "propertiesWithHistory": []}
        answer = self._ask(path, body, payloads.read_records)
        found = {}
        for record_id in record_ids:
            record = answer.by_id.get(record_id)
            if record is None and record_id not in answer.missing:
                with suppress(NotFound):
                    record = self.read_object(object_type, record_id, properties)
            if record is not None:
                found[record_id] = record
        return found

    def read_associations(
        self, object_type: str, record_ids: Sequence[str], to_object_type: str
    ) -> dict[str, list[AssociatedRecord]]:
        """The records of another type associated with up to 1,000 records, in HubSpot's order.

        Only the first page of each record is read. Records without associations, or that do not exist, are left out.
        """
        inputs = [{"id": record_id} for record_id in _within(record_ids, MAX_BATCH_ASSOCIATIONS)]
        path = f"{paths.ASSOCIATIONS}/{_segment(object_type)}/{_segment(to_object_type)}/batch/read"
        return self._ask(path, {"inputs": inputs}, payloads.read_associations)

    def complete_executions(self, completions: Sequence[Completion]) -> None:
        """End up to 100 blocked workflow executions; needs the scope `automation`. HubSpot gives one answer for all.

        The effect on a batch with an execution that is not blocked is unconfirmed; a refusal's `context` may name it.
        A success that reports errors (unconfirmed too) counts as a refusal: ending twice is harmless.
        """
        inputs = [completion.as_json() for completion in _within(completions, MAX_BATCH_CALLBACKS)]
        problems = self._write(
            f"{paths.CALLBACKS}/complete", {"inputs": inputs}, payloads.read_completion_problems
        )
        if problems:
            first, names = problems[0], [name for problem in problems for name in problem.ids]
            raise Rejected(
                "refused in part",
                status=207,
                category=first.category,
                message=first.message,
                context={"callbackId": names},
                codes=first.codes,
            )

    def batch_update(self, object_type: str, updates: Sequence[RecordUpdate]) -> BatchResult:
        """Set properties of up to 100 records. Records that HubSpot refused one by one are `problems`."""
        inputs = [update.as_json() for update in _within(updates, MAX_BATCH_OBJECTS)]
        path = f"{paths.OBJECTS}/{_segment(object_type)}/batch/update"
        return self._write(path, {"inputs": inputs}, lambda body: payloads.read_batch(body, "id"))

    def create_group(self, object_type: str, name: str, label: str) -> None:
        """Create a property group. Raises Conflict when it exists."""
        path = f"{paths.PROPERTIES}/{_segment(object_type)}/groups"
        self._write(path, {"name": name, "label": label, "displayOrder": -1}, lambda _: None)

    def create_properties(self, object_type: str, definitions: Sequence[PropertyDefinition]) -> BatchResult:
        """Create up to 100 properties. It is unconfirmed whether an existing one fails all of them (Conflict)."""
        inputs = [definition.as_json() for definition in _within(definitions, MAX_BATCH_OBJECTS)]
        path = f"{paths.PROPERTIES}/{_segment(object_type)}/batch/create"
        return self._write(path, {"inputs": inputs}, lambda body: payloads.read_batch(body, "name"))

    def list_properties(self, object_type: str) -> list[PropertyDefinition]:
        """All properties of an object type, HubSpot's own included."""
        return self._read(f"{paths.PROPERTIES}/{_segment(object_type)}", payloads.read_properties)

    def list_owners(self, *, archived: bool = False) -> dict[str, str]:
        """The names of owners by id, 100 a call, up to MAX_OWNERS; former ones are in a list of their own.

        Needs the scope `crm.objects.owners.read`.
        """
        found: dict[str, str] = {}
        after = ""
        while len(found) < MAX_OWNERS:
            query = {"limit": "100", "archived": "true" if archived else "false"}
            names, after = self._read(
                paths.OWNERS, payloads.read_owners, query={**query, "after": after} if after else query
            )
            found.update(names)
            if not after:
                break
        return found

    def send_events_batch(self, events: Sequence[EventOccurrence]) -> BatchResult:
        """Put up to 500 app events on timelines. Conflict: at least one id already exists (for one event: done)."""
        inputs = [event.as_json() for event in _within(events, MAX_BATCH_EVENTS)]
        path = f"{paths.EVENTS}/batch"
        return self._write(path, {"inputs": inputs}, lambda body: payloads.read_batch(body, "id"))

    def account_details(self) -> AccountDetails:
        """The portal's id, time zone and UI host."""
        return self._read(paths.ACCOUNT_DETAILS, payloads.read_account_details)

    def _call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
        is_read: bool = False,
    ) -> ApiAnswer:
        """Make one call, counted in its bucket first."""
        bucket = ASSOCIATIONS if path.startswith(paths.ASSOCIATIONS) else CALLS
        if path.endswith("/search"):
            bucket = SEARCH
        if self._gate:
            self._gate.enter(bucket)
        try:
            answer = self._transport.call(
                method,
                path,
                self._access_token,
                query=query,
                body=body,
                is_read=is_read,
                deadline=self._deadline,
            )
        except RateLimited as refusal:
            if self._gate:
                self._gate.refused(bucket, refusal)
            raise
        self.rate_limit = answer.rate_limit
        if self._gate:
            self._gate.heard(answer.rate_limit)
        return answer

    def _read(
        self,
        path: str,
        read: Callable[[Mapping[str, object]], Result],
        *,
        query: Mapping[str, str] | None = None,
    ) -> Result:
        answer = self._call("GET", path, query=query, is_read=True)
        try:
            return read(answer.body)
        except NotUnderstood as error:
            raise Unavailable(f"the answer lacks {error}", status=answer.status) from None

    def _ask(
        self, path: str, body: Mapping[str, object], read: Callable[[Mapping[str, object]], Result]
    ) -> Result:
        """A POST that only reads."""
        answer = self._call("POST", path, body=body, is_read=True)
        try:
            return read(answer.body)
        except NotUnderstood as error:
            raise Unavailable(f"the answer lacks {error}", status=answer.status) from None

    def _write(
        self, path: str, body: Mapping[str, object], read: Callable[[Mapping[str, object]], Result]
    ) -> Result:
        answer = self._call("POST", path, body=body)
        try:
            return read(answer.body)
        except NotUnderstood as error:
            raise OutcomeUnknown(f"the answer lacks {error}", status=answer.status) from None


Input = TypeVar("Input")


def _within(inputs: Sequence[Input], most: int) -> Sequence[Input]:
    """The inputs, if they fit one call. Raises ValueError: a larger batch is a defect of the caller."""
    if not 1 <= len(inputs) <= most:
        raise ValueError(f"a batch has 1 to {most} inputs, not {len(inputs)}")
    return inputs


def _segment(value: str) -> str:
    """A name or id as one path segment."""
    return quote(value, safe="")
