"""The web server's settings, read by gunicorn: one place for production, sandbox and benchmarks.

Only the address is given on the command line (docs/operations.md).
"""

import gc
import importlib
import os
import pkgutil
import resource

from gunicorn.arbiter import Arbiter
from gunicorn.workers.base import Worker

# waitress reads the requests: threads get complete ones only (docs/adr/0031-waitress-under-gunicorn.md).
worker_class = "connector.inbound.http.web_worker.WebWorker"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))  # one for each core
# Threads mostly wait: for a shared commit (docs/adr/0013-executions-share-a-commit.md), or for HubSpot.
threads = 64
# No client and no proxy chooses the path by a header SCRIPT_NAME or PATH_INFO: HubSpot signs the path as it arrives.
forwarder_headers = ""
# Connections of one process; each is a file. Beyond, the client that has been sending its request longest is dropped.
worker_connections = 2_000
_soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
if _soft != resource.RLIM_INFINITY and _soft < 2 * worker_connections:
    _soft = 2 * worker_connections if _hard == resource.RLIM_INFINITY else min(2 * worker_connections, _hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (_soft, _hard))
    worker_connections = min(worker_connections, _soft // 2)
# A running server is not controlled by a socket, which would be in the user's home by default.
control_socket_disable = True


def on_starting(server: Arbiter) -> None:
    """Load the code once, before the processes fork: replacing a dead one then takes a moment, not seconds.

    Only modules are loaded: create_app opens connections and starts threads in each process.
    """
    routes = importlib.import_module("connector.inbound")
    for module in pkgutil.walk_packages(routes.__path__, "connector.inbound."):
        importlib.import_module(module.name)


def post_worker_init(worker: Worker) -> None:
    """Exclude the objects loaded at the start from garbage collection, because they are never garbage."""
    gc.collect()
    gc.freeze()
    # Requests create few cycles, and 700 new objects (Python's default) come several times in a request.
    gc.set_threshold(20_000, 20, 20)
