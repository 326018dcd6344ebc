"""The closed sets of words of rows, the API and the views, each word once.

SQL repeats the words as literals, because partial indexes need them. The CHECK constraints of the migrations,
`schemas.ts`, both dictionaries and docs/errors.md repeat them too. House tests compare all of these with this file.
"""

from enum import StrEnum
from typing import NewType


class MessageState(StrEnum):
    """The states of a message (`messages.state`); domain/message.py has the rules."""

    RESOLVING = "resolving"
    SCHEDULED = "scheduled"
    HELD = "held"
    QUEUED = "queued"
    SENDING = "sending"
    ACCEPTED = "accepted"
    MODERATED = "moderated"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    EXPIRED = "expired"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    UNRESOLVED = "unresolved"
    CANCELLED = "cancelled"
    BLOCKED = "blocked"
    TOO_LATE = "too_late"


class Direction(StrEnum):
    OUTBOUND = "outbound"
    INBOUND = "inbound"


class Source(StrEnum):
    """The origins of a message."""

    CARD = "card"
    WORKFLOW = "workflow"
    REPLY = "reply"
    BULK = "bulk"


class PushType(StrEnum):
    ALERT = "alert"
    MARKETING = "marketing"


class Encoding(StrEnum):
    GSM7 = "gsm7"
    UCS2 = "ucs2"


class Reason(StrEnum):
    """The reasons for a message's state; docs/errors.md explains each."""

    # The message waits.
    GATEWAY_UNREACHABLE = "gateway_unreachable"
    GATEWAY_AUTH = "gateway_auth"
    GATEWAY_NO_CREDITS = "gateway_no_credits"
    PORTAL_PAUSED = "portal_paused"  # determined when the message is shown, not stored
    HOURLY_CAP = "hourly_cap"  # the same
    LEGAL_HOURS = "legal_hours"
    MEMBERSHIP_PENDING = "membership_pending"
    # The gateway refused it.
    GATEWAY_INVALID = "gateway_invalid"
    BLACKLISTED = "blacklisted"
    NPAI = "npai"
    INVALID_NUMBER = "invalid_number"
    NOT_ALLOWED = "not_allowed"
    COUNTRY_LIMIT = "country_limit"
    FLOOD = "flood"
    DUPLICATED = "duplicated"
    FILTERED = "filtered"
    # A receipt, or the lack of one.
    NOT_SENT = "not_sent"
    NOT_DELIVERED = "not_delivered"
    INVALID_DESTINATION = "invalid_destination"
    INVALID_SENDER = "invalid_sender"
    ROUTE_NOT_AVAILABLE = "route_not_available"
    REJECTED = "rejected"
    NETWORK_ERROR = "network_error"
    EXPIRED = "expired"
    NO_RECEIPT = "no_receipt"
    UNKNOWN_CODE = "unknown_code"
    # The outcome cannot be determined.
    NOT_FOUND = "not_found"
    ACCOUNT_GONE = "account_gone"
    # We stopped it.
    OPTED_OUT = "opted_out"
    COUNTRY_NOT_ALLOWED = "country_not_allowed"
    NUMBER_GONE = "number_gone"  # the record no longer has the number: a user decides
    RECORD_GONE = "record_gone"
    WAIT_OVER = "wait_over"
    TOO_OLD = "too_old"


class Hold(StrEnum):
    """The reasons that a queued SMS of a workflow will not leave at once."""

    PORTAL_PAUSED = "portal_paused"
    GATEWAY_WAITS = "gateway_waits"
    HOURLY_CAP = "hourly_cap"
    LONG_QUEUE = "long_queue"


class Bottleneck(StrEnum):
    """Param `cause` of the problems about messages that grow too old."""

    ACCOUNT_NOT_LINKED = "account_not_linked"
    PORTAL_PAUSED = "portal_paused"
    GATEWAY_AUTH = "gateway_auth"
    GATEWAY_NO_CREDITS = "gateway_no_credits"
    GATEWAY_UNREACHABLE = "gateway_unreachable"
    HOURLY_CAP = "hourly_cap"
    PACE = "pace"
    LEGAL_HOURS = "legal_hours"
    BACKLOG = "backlog"


class Cause(StrEnum):
    """The causes of moved messages and settled attempts, for operators who read the rows."""

    CARD = "card"
    WORKFLOW = "workflow"
    BULK = "bulk"
    REPLY = "reply"
    SCHEDULE = "schedule"
    CHECK = "check"  # the record was read again before the message's time
    CLAIM = "claim"  # written by the statement that claims
    ANSWER = "answer"
    LOOK_UP = "look-up"
    RECEIPT = "receipt"
    STOP = "stop"
    IMPORT = "import"
    CONSENT = "consent"
    PREFERENCES = "preferences"
    AGE = "age"
    WAIT = "wait"
    NOT_SENT = "not_sent"
    LEASE_SHORT = "lease_short"
    RATE_LIMITED = "rate_limited"
    NO_ANSWER = "no_answer"
    WORKER_LOST = "worker_lost"


UserCause = NewType("UserCause", str)  # a user moved it; see `by_user`
AnyCause = Cause | Reason | UserCause


def by_user(user_id: int | None) -> UserCause:
    return UserCause(f"user {user_id or '?'}")


class AttemptOutcome(StrEnum):
    """Outcomes of a call to the gateway; null: under way."""

    ACCEPTED = "accepted"
    MODERATED = "moderated"
    REFUSED = "refused"
    NOT_SENT = "not_sent"
    UNKNOWN = "unknown"
    ABSENT = "absent"
    UNRESOLVED = "unresolved"


class RecordStatus(StrEnum):
    """Values of the property `smsfactor_last_message_status`."""

    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    EXPIRED = "expired"


class LaneKind(StrEnum):
    SETUP = "setup"
    CHECKS = "checks"
    DELIVER = "deliver"
    DELIVER_PERSONAL = "deliver_personal"
    RECONCILE = "reconcile"
    EVENTS = "events"
    RESOLVE = "resolve"
    CALLBACKS = "callbacks"
    SYNC_CRM = "sync_crm"
    OUTLOOK = "outlook"
    LISTS = "lists"
    BALANCE = "balance"
    WEBHOOKS = "webhooks"


class ProblemCode(StrEnum):
    """Lasting faults (`problems.code`); docs/errors.md lists how each is closed."""

    GATEWAY_AUTH = "gateway_auth"
    GATEWAY_NO_CREDITS = "gateway_no_credits"
    HUBSPOT_UNAUTHORISED = "hubspot_unauthorised"
    HUBSPOT_SCOPE_MISSING = "hubspot_scope_missing"
    MESSAGES_EXPIRE = "messages_expire"
    MESSAGES_EXPIRED = "messages_expired"
    CALLBACKS_EXPIRED = "callbacks_expired"
    PROPERTY_UNUSABLE = "property_unusable"
    TIMELINE_REFUSED = "timeline_refused"
    GATEWAY_EVENTS_UNREAD = "gateway_events_unread"
    WEBHOOKS_MISSING = "webhooks_missing"
    WEBHOOKS_PAUSED = "webhooks_paused"
    WEBHOOKS_FAILING = "webhooks_failing"
    TIME_ZONE_UNKNOWN = "time_zone_unknown"  # not stored: it follows from the portal's row


class PropertyFormat(StrEnum):
    """Values that need more than their property's type and options to be read (`property_lists.formats`)."""

    OWNER = "name_of_owner"
    RICH_TEXT = "rich_text"
    AMOUNT = "money"


class PortalState(StrEnum):
    INSTALLED = "installed"
    UNINSTALLED = "uninstalled"


class Language(StrEnum):
    FR = "fr"
    EN = "en"


class AlertRule(StrEnum):
    """A portal's rule for alerts to an opted-out number; `block` is the default."""

    BLOCK = "block"
    ALLOW = "allow"


class ConsentEvent(StrEnum):
    OPTED_OUT = "opted_out"
    CONSENTED = "consented"


class ConsentSource(StrEnum):
    STOP = "stop"
    IMPORT = "import"
    CARD = "card"
    HUBSPOT = "hubspot"  # a user changed the property smsfactor_is_stop


class UnassignedSource(StrEnum):
    """The sources that report a number as unassigned."""

    IMPORT = "import"
    RECEIPT = "receipt"


class GatewayList(StrEnum):
    """The gateway's lists, in reading order."""

    STOP = "stop"
    UNASSIGNED = "unassigned"


class GatewayEvent(StrEnum):
    """Kinds of the gateway's webhooks; wire names."""

    DLR = "DLR"
    MO = "MO"
    STOP = "STOP"
    CLICKER = "CLICKER"
    BALANCE_ALERT = "BALANCE_ALERT"


class EventOutcome(StrEnum):
    """Outcomes of storing an event of the gateway."""

    STORED = "stored"
    REPEATED = "repeated"
    NOT_OURS = "not_ours"
    NOT_UNDERSTOOD = "not_understood"
    UNASSIGNED = "unassigned"


class GatewayRefusal(StrEnum):
    """Reasons of the gateway for refusing a call."""

    AUTH = "auth"
    NO_CREDITS = "no_credits"
    INVALID = "invalid"
    NOT_FOUND = "not_found"
    RATE_LIMITED = "rate_limited"


class BalanceMode(StrEnum):
    PREPAID = "prepaid"
    POSTPAID = "postpaid"
    UNLIMITED = "unlimited"


class NumberKind(StrEnum):
    MOBILE = "mobile"
    FIXED = "fixed"
    OTHER = "other"


class Action(StrEnum):
    """The workflow actions."""

    SEND_SMS = "send_sms"
    SEND_SMS_DEAL = "send_sms_deal"


class ExecutionState(StrEnum):
    """The states of the execution of a workflow action."""

    RESOLVING = "resolving"
    WAITING = "waiting"
    DUE = "due"
    DONE = "done"
    EXPIRED = "expired"


class ExecutionStatus(StrEnum):
    """Values of the output `status`; the actions' definitions list the same ones for workflows to branch on."""

    QUEUED = "queued"
    SCHEDULED = "scheduled"
    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"
    REPLIED = "replied"
    CLICKED = "clicked"
    TIMED_OUT = "timed_out"
    NOT_SENT = "not_sent"
    REFUSED = "refused"


class OutcomeReason(StrEnum):
    """Values of the output `reason` that are neither a message's reason nor a refusal's code."""

    OUTCOME_UNKNOWN = "outcome_unknown"  # unknown whether the gateway sent it
    MODERATED = "moderated"  # the gateway is still checking it


class WaitFor(StrEnum):
    """Events that a workflow can wait for."""

    NO = "no"
    DELIVERED = "delivered"
    REPLIED = "replied"
    CLICKED = "clicked"


class Standing(StrEnum):
    """States of knowledge about an outcome before HubSpot gets it."""

    FRESH = "fresh"  # no sign of a fault
    KNOWN = "known"  # HubSpot probably has it: the answer was lost, it asked again, or a batch was refused
    DOUBTED = "doubted"  # HubSpot may have got it with a refused batch
    REFUSED = "refused"  # HubSpot has refused this one


class WarningCode(StrEnum):
    """Warnings of a preview about a message that can be sent."""

    GATEWAY_WOULD_REFUSE = "gateway_would_refuse"
    CREDITS_SHORT = "credits_short"
    FOREIGN_NUMBER = "foreign_number"
    UNICODE_PARTS = "unicode_parts"
    CHARACTERS_REPLACED = "characters_replaced"
    SENDER_NO_REPLY = "sender_no_reply"
    MULTI_PART = "multi_part"


class TimelineMode(StrEnum):
    """Modes of writing to timelines, per deployment."""

    APP_EVENTS = "app_events"
    PROPERTIES_ONLY = "properties_only"


class CallerCode(StrEnum):
    """Answers to callers who are not authenticated, or who must try again later."""

    SIGNATURE_INVALID = "signature_invalid"
    IDENTITY_INVALID = "identity_invalid"
    ADDRESS_INVALID = "address_invalid"
    PORTAL_MISSING = "portal_missing"
    PORTAL_NOT_INSTALLED = "portal_not_installed"
    OVERLOADED = "overloaded"
    UNKNOWN_KIND = "unknown_kind"


class Readiness(StrEnum):
    """Answers of `/health/ready`."""

    OK = "ok"
    DATABASE_UNAVAILABLE = "database_unavailable"
    SCHEMA_OLD = "schema_old"
    SECRET_KEYS_WRONG = "secret_keys_wrong"  # noqa: S105 - the name of a fault
