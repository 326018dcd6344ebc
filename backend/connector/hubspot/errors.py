"""Failures of calls to HubSpot, as decisions: each class says what the caller may do next.

Every error carries what HubSpot's support asks for (status, category, correlation id). The text of an error
holds only those; HubSpot's own sentence is in `message`, because it may quote values of a record. No error
holds a token.
"""

from collections.abc import Mapping, Sequence


class HubSpotError(Exception):
    """Base of all errors of the API and of OAuth."""

    def __init__(
        self,
        detail: str = "",
        *,
        status: int = 0,
        category: str = "",
        message: str = "",
        context: Mapping[str, Sequence[str]] | None = None,
        codes: Sequence[str] = (),
        correlation_id: str = "",
        retry_after_s: float | None = None,
    ) -> None:
        words = [
            detail,
            f"status {status}",
            f"category {category or '-'}",
            f"correlation {correlation_id or '-'}",
        ]
        super().__init__(", ".join(word for word in words if word))
        #: HTTP status; 0 when there was no answer.
        self.status = status
        #: HubSpot's category, e.g. "VALIDATION_ERROR"; without an answer the kind of network trouble.
        self.category = category
        #: HubSpot's own English sentence. It may quote personal data: not for logs.
        self.message = message
        #: The context of the answer and of its single errors, put together, e.g. {"propertyName": ["a"]}.
        self.context: Mapping[str, Sequence[str]] = context or {}
        #: Codes of the single errors, e.g. "PROPERTY_DOESNT_EXIST".
        self.codes: Sequence[str] = codes
        self.correlation_id = correlation_id
        #: Seconds to wait before another try, as HubSpot says or documents; None: the caller's own back-off.
        self.retry_after_s = retry_after_s

    @property
    def says_done(self) -> bool:
        """A refusal of one write that says that what it asks for has been done: 409, or in its words. Which of them
        HubSpot uses for a workflow execution that has ended is unconfirmed.
        """
        return self.status == 409 or (400 <= self.status < 500 and "already" in self.message.lower())


class Rejected(HubSpotError):
    """HubSpot refused the request and did nothing. The same request will be refused again."""

    @property
    def property_names(self) -> Sequence[str]:
        """The properties that HubSpot names."""
        return self.context.get("propertyName", ())

    @property
    def names_property(self) -> bool:
        """The refusal is about a property, so about the portal's set-up and not about one record."""
        return "propertyName" in self.context or any(code.startswith("PROPERTY_") for code in self.codes)


class NotFound(HubSpotError):
    """The record (or the path) does not exist. Nothing was done."""


class Conflict(HubSpotError):
    """It is there already: a group, a property, an event id. For a batch it does not say which."""


class MissingScopes(HubSpotError):
    """The installation lacks permissions (`scopes`, where HubSpot names them): authorise again."""

    @property
    def scopes(self) -> Sequence[str]:
        """Scopes that would help, as HubSpot lists them."""
        return self.context.get("requiredGranularScopes", ())


class Unauthorized(HubSpotError):
    """The access token is not valid (any more): refresh once, then see what the refresh says."""


class RateLimited(HubSpotError):
    """Too many calls; nothing was done. `retry_after_s` is set; `policy` names the limit."""

    policy: str = ""


class Unavailable(HubSpotError):
    """Surely not executed, or a read without a usable answer. Repeat later."""


class NoBudget(Unavailable):
    """Not asked at all: the portal's share of calls is used up. `retry_after_s` is set."""


class OutcomeUnknown(HubSpotError):
    """A write without a usable answer: it may have been executed. Repeat it unchanged."""


class Revoked(HubSpotError):
    """OAuth: the code or refresh token is over, or the portal is gone: the app is disconnected."""


class OAuthUnavailable(Unavailable):
    """OAuth: no usable answer. The grant is as it was; try again later."""


class Misconfigured(HubSpotError):
    """OAuth: our own client id, secret, redirect address or scopes are wrong. An operator must act; no portal
    is to be disconnected for it."""
