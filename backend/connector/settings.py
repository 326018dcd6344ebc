"""The settings from the environment, read once at start.

`Settings.from_environment` either returns a complete, frozen object or names every variable that is missing or
wrong in one message: an operator should not need one restart for each. `.env.example` lists them all.
"""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.fernet import Fernet

from connector.domain.vocabulary import TimelineMode

HUBSPOT_APP_URL = "https://app.hubspot.com"


class SettingsInvalid(Exception):
    """The environment is incomplete; the message lists every variable to fix."""


@dataclass(frozen=True, slots=True)
class Settings:
    database_url: str  # libpq URL of the PostgreSQL database
    public_base_url: str  # https origin under which HubSpot and SMSFactor call us; signatures cover it
    hubspot_client_id: str
    hubspot_client_secrets: tuple[str, ...]  # newest first; the others are accepted during a rotation
    hubspot_app_id: int
    url_segments: tuple[str, ...]  # unguessable, in the addresses that HubSpot's services call; newest first
    hubspot_api_url: str
    hubspot_app_url: str
    smsfactor_api_url: str
    secret_keys: tuple[str, ...]  # Fernet keys, newest first; the first encrypts, all decrypt
    deployment_prefix: str  # starts every gateway id, so that two deployments can share an account
    report_url_template: str  # of a campaign on the SMSFactor platform; `{ticket}` is replaced
    timeline_mode: TimelineMode  # whether this deployment writes to timelines
    decode_html_entities: bool  # of a workflow's message
    log_level: str
    unknown_lookup_after_s: float  # first look-up of a send without an answer
    unknown_resend_after_s: float  # age from which an absent send may leave again (protocol P6: N)
    unknown_lookup_apart_s: float  # least distance of the two look-ups that prove absence
    gateway_timeout_s: float  # total time of one call to SMSFactor
    hubspot_timeout_s: float  # total time of one call to HubSpot
    lane_lease_s: float  # how long a worker owns a lane without renewing
    worker_threads: int
    worker_defect_s: float  # how long a thread of a worker may fail before the process ends with code 1
    worker_stall_s: float  # the same for a thread without a sign of life
    worker_health_port: int  # of 127.0.0.1, answers whether the worker works; 0: none
    database_pool_size: int

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read and check every variable.

        Raises:
            SettingsInvalid: naming all variables that are missing or malformed, never their values.
        """
        reader = _Reader(environment)
        values: dict[str, Any] = {
            name: reader.read(variable, parse, default)
            for name, (variable, parse, default) in _VARIABLES.items()
        }
        lease_s, timeout_s = values["lane_lease_s"], values["gateway_timeout_s"]
        if lease_s and timeout_s and lease_s <= timeout_s:
            reader.faults.append("LANE_LEASE_S must be longer than GATEWAY_TIMEOUT_S")
        if reader.faults:
            raise SettingsInvalid("Cannot start: " + "; ".join(reader.faults))
        return cls(**values)


class _Reader:
    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment
        self.faults: list[str] = []

    def read(self, variable: str, parse: Callable[[str], Any], default: str | None) -> Any:
        raw = self.environment.get(variable, "").strip() or default
        if raw is None:
            self.faults.append(f"{variable} is not set")
            return None
        try:
            return parse(raw)
        except ValueError as fault:
            self.faults.append(f"{variable} {fault}")
            return None


def _https_origin(raw: str) -> str:
    if not raw.startswith("https://") or raw.rstrip("/").count("/") != 2:
        raise ValueError("must be an https origin without a path")
    return raw.rstrip("/")


def _url(raw: str) -> str:
    if not raw.startswith(("https://", "http://")):
        raise ValueError("must be an http(s) URL")
    return raw.rstrip("/")


def _words(raw: str) -> tuple[str, ...]:
    words = tuple(word.strip() for word in raw.split(",") if word.strip())
    if not words:
        raise ValueError("must hold at least one value")
    return words


def _segments(raw: str) -> tuple[str, ...]:
    segments = _words(raw)
    if not all(re.fullmatch(r"[A-Za-z0-9_-]{32,100}", segment) for segment in segments):
        raise ValueError("must be a comma list of 32 to 100 letters, digits, hyphens or underscores each")
    return segments


def _fernet_keys(raw: str) -> tuple[str, ...]:
    keys = _words(raw)
    for key in keys:
        try:
            Fernet(key)
        except ValueError:
            raise ValueError("must be a comma list of Fernet keys") from None
    return keys


def _prefix(raw: str) -> str:
    # The gateway's limit for our ids is unknown; 7 + 1 + 32 characters stay within the safe 40.
    if not (raw.isascii() and raw.isalnum() and len(raw) <= 7):
        raise ValueError("must be 1 to 7 ASCII letters or digits")
    return raw


def _report_template(raw: str) -> str:
    if "{ticket}" not in raw:
        raise ValueError("must contain {ticket}")
    return _url(raw)


def _timeline_mode(raw: str) -> TimelineMode:
    try:
        return TimelineMode(raw)
    except ValueError:
        raise ValueError("must be " + " or ".join(TimelineMode)) from None


def _switch(raw: str) -> bool:
    if raw not in ("on", "off"):
        raise ValueError("must be on or off")
    return raw == "on"


def _seconds(raw: str) -> float:
    value = float(raw)
    if not 0 < value < 1e7:
        raise ValueError("must be a positive number of seconds")
    return value


def _count(raw: str) -> int:
    value = int(raw)
    if value < 1:
        raise ValueError("must be a positive whole number")
    return value


def _port(raw: str) -> int:
    value = int(raw)
    if not 0 <= value < 65_536:
        raise ValueError("must be a port, or 0 for none")
    return value


# field -> (variable, parser, default); None as default means that the variable is required.
_VARIABLES: dict[str, tuple[str, Callable[[str], Any], str | None]] = {
    "database_url": ("DATABASE_URL", str, None),
    "public_base_url": ("PUBLIC_BASE_URL", _https_origin, None),
    "hubspot_client_id": ("HUBSPOT_CLIENT_ID", str, None),
    "hubspot_client_secrets": ("HUBSPOT_CLIENT_SECRET", _words, None),
    "hubspot_app_id": ("HUBSPOT_APP_ID", _count, None),
    "url_segments": ("HUBSPOT_URL_SEGMENTS", _segments, None),
    "secret_keys": ("SECRET_KEYS", _fernet_keys, None),
    "hubspot_api_url": ("HUBSPOT_API_URL", _url, "https://api.hubapi.com"),
    "hubspot_app_url": ("HUBSPOT_APP_URL", _url, HUBSPOT_APP_URL),
    "smsfactor_api_url": ("SMSFACTOR_API_URL", _url, "https://api.smsfactor.com"),
    "deployment_prefix": ("DEPLOYMENT_PREFIX", _prefix, "hs"),
    "report_url_template": (
        "REPORT_URL_TEMPLATE",
        _report_template,
        "https://secure.smsfactor.com/report/{ticket}",
    ),
    "timeline_mode": ("TIMELINE_MODE", _timeline_mode, TimelineMode.APP_EVENTS),
    "decode_html_entities": ("DECODE_HTML_ENTITIES", _switch, "on"),
    "log_level": ("LOG_LEVEL", str, "INFO"),
    "unknown_lookup_after_s": ("UNKNOWN_LOOKUP_AFTER_S", _seconds, "30"),
    "unknown_resend_after_s": ("UNKNOWN_RESEND_AFTER_S", _seconds, "900"),
    "unknown_lookup_apart_s": ("UNKNOWN_LOOKUP_APART_S", _seconds, "60"),
    "gateway_timeout_s": ("GATEWAY_TIMEOUT_S", _seconds, "15"),
    "hubspot_timeout_s": ("HUBSPOT_TIMEOUT_S", _seconds, "10"),
    "lane_lease_s": ("LANE_LEASE_S", _seconds, "60"),
    "worker_threads": ("WORKER_THREADS", _count, "4"),
    "worker_defect_s": ("WORKER_DEFECT_S", _seconds, "30"),
    "worker_stall_s": ("WORKER_STALL_S", _seconds, "600"),
    "worker_health_port": ("WORKER_HEALTH_PORT", _port, "8001"),
    "database_pool_size": ("DATABASE_POOL_SIZE", _count, "8"),
}
