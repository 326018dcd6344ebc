"""All processes of the sandbox as one object: both simulators, the web process and the worker.

`python -m sandbox` starts a stack for a person; the tests start theirs on free ports with shorter delays.
"""

import base64
import json
import random
import secrets
import signal
import socket
import sys
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.processes import ROOT, Process, stop_all

PUBLIC_ORIGIN = "https://connector.sandbox.example"  # the public address, mapped to loopback
APP_ID = "1234567"
BUILD_DIR = ROOT / ".sandbox" / "build"
PORT_RANGE = (20_000, 32_000)  # below the ports that systems use for outgoing connections


@dataclass(frozen=True)
class Ports:
    """The ports of the three servers on 127.0.0.1."""

    hubspot: int
    smsfactor: int
    backend: int

    @classmethod
    def free(cls) -> "Ports":
        """Three unused ports."""
        return cls(free_port(), free_port(), free_port())


def free_port() -> int:
    """An unused port of 127.0.0.1."""
    while not is_free(port := random.randint(*PORT_RANGE)):
        pass
    return port


def is_free(port: int) -> bool:
    """Whether a server could listen on the port of 127.0.0.1."""
    with socket.socket() as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # not the remains of closed connections
        try:
            attempt.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _jwt_like() -> str:
    """A gateway token that looks like SMSFactor's: a JSON Web Token. Its signature is not checked here."""
    parts = [json.dumps(part).encode() for part in ({"typ": "JWT", "alg": "HS256"}, {"sub": "sandbox"})]
    parts.append(secrets.token_bytes(32))
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


@dataclass(frozen=True)
class Secrets:
    """The secrets that the parties of one run share. Every run makes new ones."""

    client_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    client_secret: str = field(default_factory=lambda: str(uuid.uuid4()))
    fernet_key: str = field(
        default_factory=lambda: base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    )
    gateway_token: str = field(default_factory=_jwt_like)


class Stack:
    """The running sandbox on a database. Start and stop it from the main thread.

    Its processes are hubspot_sim, smsfactor_sim, web and worker (worker-2 and so on for further ones); each writes
    `<name>.log` in `directory`.
    """

    def __init__(
        self,
        directory: Path,
        database_url: str,
        *,
        ports: Ports | None = None,
        environment: Mapping[str, str] | None = None,
        build_dir: Path = BUILD_DIR,
        workers: int = 1,
        is_migrated: bool = False,
    ) -> None:
        self.directory = directory
        self.database_url = database_url
        self.ports = ports or Ports.free()
        self.secrets = Secrets()
        self.hubspot_url = f"http://127.0.0.1:{self.ports.hubspot}"
        self.smsfactor_url = f"http://127.0.0.1:{self.ports.smsfactor}"
        self.backend_url = f"http://127.0.0.1:{self.ports.backend}"
        self._overrides = dict(environment or {})
        self._build_dir = build_dir
        self._is_migrated = is_migrated  # the database has all migrations
        self.worker_names = ["worker", *(f"worker-{n}" for n in range(2, workers + 1))]
        self._processes = {
            name: Process(name, command, self.environment(), directory / f"{name}.log", ready_url)
            for name, command, ready_url in self._programs()
        }
        self._processes[
            "web"
        ].stop_order = signal.SIGINT  # gunicorn's quick end: it waits for no idle connection

    @property
    def names(self) -> list[str]:
        return list(self._processes)

    def start(self) -> None:
        """Migrate the database, start all processes, wait until they can serve. Raises ProcessFailed."""
        for name in ("smsfactor_sim", "hubspot_sim"):
            self._processes[name].start()
        if not self._is_migrated:
            self.migrate()
        for name in ("web", *self.worker_names):
            self._processes[name].start()
        for process in self._processes.values():
            process.wait_until_ready()

    def stop(self) -> None:
        """Stop everything within two seconds."""
        stop_all(self._processes.values())

    def check(self) -> None:
        """Raise ProcessFailed, with the end of the log, if a process has ended by itself."""
        for process in self._processes.values():
            process.check()

    def kill(self, name: str, order: signal.Signals = signal.SIGKILL) -> None:
        """Send a signal to a process and its children: SIGKILL, or SIGSTOP and SIGCONT for a pause."""
        self._processes[name].kill(order)

    def restart(self, name: str, environment: Mapping[str, str] | None = None) -> None:
        """Stop a process if it runs, start it again, wait until it can serve.

        `environment` replaces variables of this process from now on. A simulator starts with an empty world.
        """
        process = self._processes[name]
        stop_all([process])
        process.environment = {**process.environment, **(environment or {})}
        process.start()
        process.wait_until_ready()

    def pid(self, name: str) -> int:
        """The process id of a process (gunicorn's main process for `web`)."""
        return self._processes[name].pid

    def log(self, name: str) -> str:
        """The log of a process."""
        return self._processes[name].log_path.read_text(errors="replace")

    def migrate(self) -> None:
        """Bring the database up to date."""
        command = [sys.executable, "-m", "connector", "migrate"]
        Process("migrate", command, self.environment(), self.directory / "migrate.log").run_to_end()

    def environment(self) -> dict[str, str]:
        """The backend's settings (see .env.example), with this stack's overrides."""
        return {
            "DATABASE_URL": self.database_url,
            "PUBLIC_BASE_URL": PUBLIC_ORIGIN,
            "HUBSPOT_CLIENT_ID": self.secrets.client_id,
            "HUBSPOT_CLIENT_SECRET": self.secrets.client_secret,
            "HUBSPOT_APP_ID": APP_ID,
            "HUBSPOT_API_URL": self.hubspot_url,
            "HUBSPOT_APP_URL": self.hubspot_url,
            "SMSFACTOR_API_URL": self.smsfactor_url,
            "SECRET_KEYS": self.secrets.fernet_key,
            "DEPLOYMENT_PREFIX": "sbx",
            "REPORT_URL_TEMPLATE": self.smsfactor_url + "/report/{ticket}",
            "PYTHONPATH": str(ROOT / "backend"),
            "PYTHONUNBUFFERED": "1",
            **self._overrides,
        }

    def _programs(self) -> Iterator[tuple[str, list[str], str | None]]:
        python = sys.executable
        origin = f"{PUBLIC_ORIGIN}={self.backend_url}"
        yield (
            "smsfactor_sim",
            [
                *(python, "-m", "sandbox.smsfactor_sim", "--port", str(self.ports.smsfactor)),
                *("--token", self.secrets.gateway_token, "--origin", origin),
            ],
            self.smsfactor_url + "/_control/ready",
        )
        yield (
            "hubspot_sim",
            [
                *(python, "-m", "sandbox.hubspot_sim", "--port", str(self.ports.hubspot)),
                *("--assets", str(self._build_dir), "--app-id", APP_ID),
                *("--client-id", self.secrets.client_id, "--client-secret", self.secrets.client_secret),
                *("--origin", origin, "--gateway-url", self.smsfactor_url),
                *("--gateway-token", self.secrets.gateway_token),
            ],
            self.hubspot_url + "/_control/ready",
        )
        yield (
            "web",
            web_server(self.ports.backend, "connector:create_app()"),
            self.backend_url + "/health/ready",
        )
        for name in self.worker_names:
            yield name, [python, "-m", "connector", "worker"], None


def web_server(port: int, application: str) -> list[str]:
    """The command that serves a WSGI application as the backend is served (docs/operations.md)."""
    backend = ROOT / "backend"
    return [
        *(sys.executable, "-m", "gunicorn", "--config", str(backend / "gunicorn.conf.py")),
        *("--chdir", str(backend), "--bind", f"127.0.0.1:{port}", application),
    ]


@contextmanager
def running_stack(
    directory: Path,
    database_url: str,
    environment: Mapping[str, str] | None = None,
    *,
    workers: int = 1,
    is_migrated: bool = False,
) -> Iterator[Stack]:
    """A started stack on free ports, stopped at the end of the block."""
    stack = Stack(directory, database_url, environment=environment, workers=workers, is_migrated=is_migrated)
    try:
        stack.start()
        yield stack
    finally:
        stack.stop()
