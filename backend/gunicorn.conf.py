"""The web server's settings, read by gunicorn: one place for production, sandbox and benchmarks.

Only the address is left to the command line (docs/operations.md).
"""

import gc

from gunicorn.workers.base import Worker

worker_class = "gthread"
workers = 2  # one for each core
# They mostly wait: for the commit they share (docs/adr/0013-executions-share-a-commit.md), or for HubSpot.
threads = 64
# Nobody steers a running server; by default its socket would lie in the user's home.
control_socket_disable = True


def post_worker_init(worker: Worker) -> None:
    """What was loaded at the start is never garbage: the collector does not look at it again and again."""
    gc.collect()
    gc.freeze()
    # Requests make few cycles; every 700 new objects (Python's default) is several times a request.
    gc.set_threshold(20_000, 20, 20)
