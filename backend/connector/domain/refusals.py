"""Expected refusals for the user of the view: a code, and the values that its sentence needs.

The backend sends codes; French and English sentences live in the views, under the key `error.<code>`. Each sentence
states what happened, whether anything was sent or charged, and what to do.
"""

from collections.abc import Mapping
from enum import StrEnum

#: Values for a refusal's sentence: plain JSON values.
Params = Mapping[str, "str | int | list[str]"]


class Code(StrEnum):
    """Every code that the backend may answer; the comment names its params. (The views add "unreachable".)"""

    BAD_REQUEST = "bad_request"  # field: the first input that is missing or of the wrong shape
    FORBIDDEN = "forbidden"  # the user may not do this in this portal
    INTERNAL = "internal"  # a defect of ours; no details are given
    KEY_REUSED = "key_reused"  # the idempotency key belongs to a command with other content

    ACCOUNT_NOT_LINKED = "account_not_linked"
    TOKEN_REFUSED = "token_refused"  # noqa: S105 - a code; SMSFactor refuses the token
    GATEWAY_UNAVAILABLE = "gateway_unavailable"

    HUBSPOT_UNAVAILABLE = "hubspot_unavailable"
    HUBSPOT_UNAUTHORISED = "hubspot_unauthorised"  # the app must be connected to the portal again
    HUBSPOT_SCOPE_MISSING = "hubspot_scope_missing"  # the install lacks a permission: install again
    HUBSPOT_REFUSED = "hubspot_refused"  # HubSpot understood the call and refused it
    RECORD_NOT_FOUND = "record_not_found"

    NUMBER_MISSING = "number_missing"
    NUMBER_INVALID = "number_invalid"  # raw: the number as stored in the record
    NUMBER_NOT_MOBILE = "number_not_mobile"  # raw
    NUMBER_SPECIAL_RATE = "number_special_rate"  # raw: premium, toll-free or shared-cost
    NUMBER_EXTENSION = "number_extension"  # raw: a switchboard's number with an extension
    NUMBER_AMBIGUOUS = "number_ambiguous"  # raw; numbers: E.164, in the record's country and in the portal's
    NUMBER_CHANGED = "number_changed"  # the record no longer has the number that the user saw
    OPTED_OUT = "opted_out"  # number: E.164

    TEXT_EMPTY = "text_empty"
    TEXT_TOO_LONG = "text_too_long"  # parts: SMS needed; max: SMS allowed
    TEXT_NOT_GSM7 = "text_not_gsm7"  # characters without an equivalent; parts with them; parts_without
    SENDER_INVALID = "sender_invalid"
    SENT_RECENTLY = (
        "sent_recently"  # at: the same text went to this number a moment ago; the user may confirm
    )

    PROPERTY_UNKNOWN = "property_unknown"  # names: of no property of this kind of record; object: its name
    PROPERTY_UNREADABLE = "property_unreadable"  # names: their values need a scope that was not granted
    PROPERTY_MISSING = (
        "property_missing"  # names: properties without value whose merge fields have no fallback
    )
    TEXT_TOKENS_INVALID = "text_tokens_invalid"  # fragment: the malformed piece of the text
    URL_INVALID = "url_invalid"  # url: as the user wrote it
    LINK_COUNT_WRONG = "link_count_wrong"  # the text has more or fewer link placeholders than links
    SCHEDULE_IN_PAST = "schedule_in_past"
    SCHEDULE_TOO_FAR = "schedule_too_far"  # year: the last one that a message may be scheduled in
    COUNTRY_NOT_ALLOWED = "country_not_allowed"  # country: ISO code of the recipient's territory
    TEMPLATE_NOT_FOUND = "template_not_found"
    TEMPLATE_NAME_TAKEN = "template_name_taken"
    TEMPLATE_CHANGED = "template_changed"  # a newer version than the one on the user's screen was saved
    MESSAGE_NOT_HELD = "message_not_held"  # another user has decided, or it is not this record's
    MESSAGE_NOT_CANCELLABLE = "message_not_cancellable"  # it has left, or is final already
    OPTED_OUT_AGAIN = "opted_out_again"  # number; STOP came while consent was being recorded
    CONSENT_NOT_REMOVED = "consent_not_removed"  # the gateway did not remove its entry; no consent

    # Answers of a workflow action only: their sentences are the action's execution rules.
    BAD_INPUT = "bad_input"  # field: the first input that is missing or not understood
    TEXT_TOKENS_LEFT = "text_tokens_left"  # the arrived text still contains "{{"
    NO_RECIPIENT = "no_recipient"  # a deal: neither a contact nor a company with such a number
    SCOPE_MISSING = "scope_missing"  # the portal did not let the app make a workflow wait
    ALREADY_TEXTED = (
        "already_texted"  # hours: the number got the same text within them (setting once_within_h)
    )
    TOO_OLD = "too_old"  # it waited longer than its source's maximum age


class Refusal(Exception):
    """A command that was understood and is refused; nothing was sent or charged.

    Raise it, or return it as a value: two refusals with the same code and params are equal.
    """

    def __init__(self, code: Code, **params: "str | int | list[str]") -> None:
        super().__init__(code.value)
        self.code = code
        self.params: Params = params

    def as_json(self) -> dict[str, object]:
        """The `error` object of an answer: {"code", "params"}."""
        return {"code": self.code.value, "params": dict(self.params)}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Refusal) and (self.code, self.params) == (other.code, other.params)

    def __hash__(self) -> int:
        return hash(self.code)

    def __repr__(self) -> str:
        # Only the names: the values are numbers and texts of people, and a repr ends up in logs.
        return f"Refusal({self.code.value}, params={sorted(self.params)})"
