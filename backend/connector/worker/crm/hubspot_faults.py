"""Backs a lane off when HubSpot is unavailable, for the time that the fault gives, with the reason."""

from collections.abc import Iterator
from contextlib import contextmanager

from connector.crm.access import NotConnected
from connector.domain.vocabulary import Cause, ProblemCode
from connector.hubspot.errors import HubSpotError, MissingScopes, NoBudget, RateLimited
from connector.worker.runner import BackOff

DISCONNECTED_S = 3600.0
SCOPE_MISSING_S = 600.0
RATE_LIMITED_S = 10.0


@contextmanager
def backing_off() -> Iterator[None]:
    """Turn HubSpot's faults into back-offs of the lane."""
    try:
        yield
    except NotConnected as fault:
        raise BackOff("not_connected", DISCONNECTED_S) from fault
    except RateLimited as limit:
        raise BackOff(Cause.RATE_LIMITED, limit.retry_after_s or RATE_LIMITED_S) from limit
    except MissingScopes as refusal:
        raise BackOff(ProblemCode.HUBSPOT_SCOPE_MISSING, SCOPE_MISSING_S) from refusal
    except NoBudget:
        raise  # the lane waits for its turn, which is not a failure (protocol P23)
    except HubSpotError as fault:
        # Unavailable, or an unknown outcome: the call is repeated.
        raise BackOff(type(fault).__name__) from fault
