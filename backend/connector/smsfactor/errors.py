"""Failures of calls to SMSFactor, as decisions: each class states the caller's next step.

A call that must not be repeated (a send, the registration of a webhook) raises NotSent, Refused or OutcomeUnknown. A
call that may be repeated (a read, an update, a removal) raises Refused or Unavailable. No text of an error contains a
token, a message or a number.
"""

from connector.domain.vocabulary import GatewayRefusal


class GatewayError(Exception):
    """Base of all; `retry_after_s` is the gateway's request, or None."""

    retry_after_s: float | None = None


class NotSent(GatewayError):
    """No byte of the request's body left this machine: unknown host, refused, TLS failure, no time left.

    Repeat freely.
    """


class Refused(GatewayError):
    """The gateway refused the call and did nothing.

    `status` is the negative business status of the body. `detail` is the gateway's own text, French or English, for
    logs only: its wording is unconfirmed, so never branch on it.
    """

    def __init__(
        self, kind: GatewayRefusal, status: int, detail: str = "", retry_after_s: float | None = None
    ) -> None:
        super().__init__(f"{kind} (status {status})")
        self.kind: GatewayRefusal = kind
        self.status = status
        self.detail = detail
        self.retry_after_s = retry_after_s


class OutcomeUnknown(GatewayError):
    """The request may have been carried out. Never repeat it before a look-up has settled its outcome."""


class Unavailable(GatewayError):
    """No usable answer to a call that may be repeated later."""
