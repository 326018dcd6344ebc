"""Installs whatever is missing: `python3 -m tools.setup [--tests]`. Quick when nothing has changed.

Exit codes: 0 done, 1 a step failed (its output is shown), 2 a prerequisite must be installed by hand. This file uses
syntax that older Pythons can parse, so that their users see a clear message instead of a SyntaxError.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - that is the check
    found = "{}.{}".format(*sys.version_info[:2])
    sys.stderr.write("Python 3.11 or newer is needed, this is " + found + ": install it, then try again.\n")
    sys.exit(2)

from tools.install import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
