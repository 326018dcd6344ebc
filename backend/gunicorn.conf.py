"""The web server's settings, read by gunicorn: one place for production, sandbox and benchmarks.

Only the address is left to the command line (docs/operations.md).
"""

import gc
import importlib
import os
import pkgutil

from gunicorn.arbiter import Arbiter
from gunicorn.workers.base import Worker

worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))  # one for each core
# They mostly wait: for the commit they share (docs/adr/0013-executions-share-a-commit.md), or for HubSpot.
threads = 64
# Nobody steers a running server; by default its socket would lie in the user's home.
control_socket_disable = True


def on_starting(server: Arbiter) -> None:
    """Load the code once, before the processes part: one that died is replaced in a moment, not in seconds.

    Only modules: whatever opens a connection or starts a thread is made in each process, by create_app.
    """
    routes = importlib.import_module("connector.inbound")
    for module in pkgutil.walk_packages(routes.__path__, "connector.inbound."):
        importlib.import_module(module.name)


def post_worker_init(worker: Worker) -> None:
    """What was loaded at the start is never garbage: the collector does not look at it again and again."""
    gc.collect()
    gc.freeze()
    # Requests make few cycles; every 700 new objects (Python's default) is several times a request.
    gc.set_threshold(20_000, 20, 20)
