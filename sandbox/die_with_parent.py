"""Runs a command that ends when its parent does: `python die_with_parent.py PARENT_PID COMMAND...` (Linux).

Only the kernel can guarantee this after a SIGKILL of the parent. On other systems the command simply runs. Strictly,
the command ends with the parent's *thread* that started it, so processes are started from a main thread.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # <sys/prctl.h>


def main() -> None:
    """Ask for SIGTERM on the parent's death, then become the command."""
    parent_pid, command = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent_pid:
            sys.exit("The parent ended before its child began.")
    os.execv(command[0], command)  # noqa: S606 - our own list


if __name__ == "__main__":
    main()
