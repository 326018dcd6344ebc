"""Failures of calls to HubSpot, as decisions: each class states the caller's next step.

Every error has the data that HubSpot's support needs (status, category, correlation id). The text of an error contains
only those; HubSpot's own sentence is in `message`, because it may quote values of a record. No error contains a token.
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
        #: HubSpot's category, e.g. "VALIDATION_ERROR"; without an answer the kind of network fault.
        self.category = category
        #: HubSpot's own English sentence. It may quote personal data: not for logs.
        self.message = message
        #: The context of the answer and of its single errors, merged, e.g. {"propertyName": ["a"]}.
        self.context: Mapping[str, Sequence[str]] = context or {}
        #: Codes of the single errors, e.g. "PROPERTY_DOESNT_EXIST".
        self.codes: Sequence[str] = codes
        self.correlation_id = correlation_id
        #: Seconds to wait before another try, from the answer or HubSpot's docs; None: the caller's own back-off.
        self.retry_after_s = retry_after_s

    @property
    def says_done(self) -> bool:
        """Whether a refusal of one write means that it was done before: by status 409, or by its words.

        The one that HubSpot uses for an ended workflow execution is unconfirmed.
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
        """Whether the refusal concerns a property: the portal's set-up, not one record."""
        return "propertyName" in self.context or any(code.startswith("PROPERTY_") for code in self.codes)


class NotFound(HubSpotError):
    """The record (or the path) does not exist. Nothing was done."""


class Conflict(HubSpotError):
    """A group, a property or an event id already exists. For a batch HubSpot does not name it."""


class MissingScopes(HubSpotError):
    """The installation lacks permissions (`scopes`, where HubSpot names them): authorise again."""

    @property
    def scopes(self) -> Sequence[str]:
        """Scopes that would help, as HubSpot lists them."""
        return self.context.get("requiredGranularScopes", ())


class Unauthorized(HubSpotError):
    """The access token is not valid: refresh it once, and follow the result of the refresh."""


class RateLimited(HubSpotError):
    """Too many calls; nothing was done. `retry_after_s` is set; `policy` names the limit."""

    policy: str = ""


class Unavailable(HubSpotError):
    """A call that was certainly not executed, or a read without a usable answer. Repeat later."""


class NoBudget(Unavailable):
    """The call was not made: the portal's share of calls is used up. `retry_after_s` is set."""


class OutcomeUnknown(HubSpotError):
    """A write without a usable answer: it may have been executed. Repeat it unchanged."""


class Revoked(HubSpotError):
    """OAuth: the code or refresh token is invalid, or the portal is gone: the app is disconnected."""


class OAuthUnavailable(Unavailable):
    """OAuth: no usable answer. The grant is unchanged; try again later."""


class Misconfigured(HubSpotError):
    """OAuth: our client id, secret, redirect address or scopes are wrong. An operator must act.

    Portals stay connected.
    """
