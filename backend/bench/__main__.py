"""Runs benchmarks: `python -m backend.bench [name ...]`, all of them without a name (`make bench`).

Each benchmark prints its data, its measurement and its budget. Figures are ratios measured in one run, because plain
times depend more on the machine than on the code. No test asserts a figure. Exit code 1: a figure exceeds its budget.
"""

import argparse
import sys
from collections.abc import Callable, Mapping

from backend.bench import accept, card, chaos, crm, delivery, enrolments, slow_clients, storm

#: Name -> function that runs the benchmark and prints its figures; False when a figure exceeds its budget.
BENCHMARKS: Mapping[str, Callable[[], bool]] = {
    "card": card.run,
    "crm": crm.run,
    "accept": accept.run,
    "slow_clients": slow_clients.run,
    "delivery": delivery.run,
    "enrolments": enrolments.run,
    "storm": storm.run,
    "chaos": chaos.run,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m backend.bench", description="Run benchmarks.")
    parser.add_argument("name", nargs="*", help=f"of {', '.join(BENCHMARKS)}; none: all")
    names = parser.parse_args().name or list(BENCHMARKS)
    if unknown := sorted(set(names) - set(BENCHMARKS)):
        parser.error(f"no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # a run takes minutes
    results = {name: BENCHMARKS[name]() for name in names}
    for name in (name for name, is_within in results.items() if not is_within):
        print(f"{name}: over its budget")
    return 0 if all(results.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
