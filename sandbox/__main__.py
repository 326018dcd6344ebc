"""`python -m sandbox`: starts a new world on this machine and prints the one URL to open."""

import argparse
import os
import signal
import sys
import time
from pathlib import Path

import psutil

from sandbox.postgres import PostgresError, Server, ensure_server
from sandbox.processes import ROOT, ProcessFailed
from sandbox.stack import BUILD_DIR, Ports, Stack, free_port, is_free

WORK_DIR = ROOT / ".sandbox"
WATCH_EVERY_S = 0.3


def main(arguments: list[str]) -> int:
    """Run until Ctrl-C; return the exit code."""
    options = _parse(arguments)
    if not (BUILD_DIR / "project.json").exists():
        print("The extensions are not built: use `make sandbox`, which does it.", file=sys.stderr)
        return 2
    for order in (signal.SIGINT, signal.SIGTERM):  # SIGINT too: shells start background jobs without it
        signal.signal(order, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # under nohup it stays ignored
        signal.signal(signal.SIGHUP, signal.default_int_handler)
    try:
        _run(Ports(*(_port(name, value) for name, value in vars(options).items())))
    except KeyboardInterrupt:
        print("Stopped.")
        return 0
    except (PostgresError, ProcessFailed) as error:
        print(f"\n{error}\n\nThe sandbox has stopped; its logs are in {WORK_DIR / 'logs'}.", file=sys.stderr)
        return 1
    return 0


def _run(ports: Ports) -> None:
    started = time.monotonic()
    database = f"sandbox_{os.getpid()}"
    with ensure_server(WORK_DIR / "postgres") as server:
        _drop_old_worlds(server)
        logs = _empty_folder(WORK_DIR / "logs" / str(ports.backend))
        stack = Stack(logs, server.create_database(database), ports=ports)
        try:
            stack.start()
            ready_after_s = time.monotonic() - started
            print(
                f"\nReady after {ready_after_s:.1f} s. Open {stack.hubspot_url}/\nCtrl-C stops everything.",
                flush=True,
            )
            while True:
                time.sleep(WATCH_EVERY_S)
                stack.check()
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C must not cut the stop short
            stack.stop()
            if not server.is_embedded:
                server.drop_database(database)


def _drop_old_worlds(server: Server) -> None:
    """Drop earlier runs' databases. This can take seconds, so a run does not do it at its end: Ctrl-C should be
    quick.
    """
    for name in server.database_names() if server.is_embedded else []:
        prefix, _, pid = name.rpartition("_")
        if prefix == "sandbox" and not psutil.pid_exists(int(pid)):
            server.drop_database(name)


def _empty_folder(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for log in folder.glob("*.log"):
        log.unlink()
    return folder


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument(
        "--port", type=int, default=4800, help="of the pages to open, which play HubSpot (4800)"
    )
    parser.add_argument("--gateway-port", type=int, default=4801, help="of what plays SMSFactor (4801)")
    parser.add_argument("--backend-port", type=int, default=4802, help="of the product's own backend (4802)")
    return parser.parse_args(arguments)


def _port(option: str, wanted: int) -> int:
    if is_free(wanted):
        return wanted
    port = free_port()
    print(
        f"Port {wanted} is taken by another program: using {port} (--{option.replace('_', '-')} chooses one)."
    )
    return port


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
