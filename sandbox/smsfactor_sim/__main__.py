"""Runs the simulator: `python -m sandbox.smsfactor_sim --port 4801 --token TOKEN`."""

import argparse
import sys

from sandbox.origins import OriginError, Origins
from sandbox.serving import serve
from sandbox.smsfactor_sim.app import create_simulator
from sandbox.smsfactor_sim.world import Config


def main() -> int:
    """Read the options and serve until SIGTERM; return 2 for an invalid option."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.smsfactor_sim", description=__doc__)
    parser.add_argument("--port", type=int, default=4801)
    parser.add_argument("--token", required=True, help="API token of the first account")
    parser.add_argument("--origin", action="append", default=[], metavar="https://NAME=http://127.0.0.1:PORT")
    parser.add_argument("--credits", type=int, default=1250, help="balance of the first account")
    options = parser.parse_args()
    try:
        origins = Origins.parse(options.origin)
    except OriginError as error:
        print(error, file=sys.stderr)
        return 2
    simulator = create_simulator(Config(options.token, origins, credits=options.credits))
    try:
        serve(simulator.app, options.port, "smsfactor_sim")
    finally:
        simulator.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
