"""Run seeds by hand: python -m tests.torture FIRST [LAST] [--kills N] [--until HH:MM] [--keep DIR].

Prints one line a run; what fails is told with its seed, and the next seed goes on.
"""

import argparse
from datetime import UTC, datetime
from pathlib import Path
import sys
import traceback

from .run import run_seed


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.torture")
    parser.add_argument("first", type=int)
    parser.add_argument("last", type=int, nargs="?")
    parser.add_argument("--kills", type=int, default=16)
    parser.add_argument("--step", type=int, default=1, help="only each so many'th seed")
    parser.add_argument("--until", help="begin no seed after this time of day, HH:MM in UTC")
    parser.add_argument("--keep", type=Path, help="leave what the processes wrote here")
    asked = parser.parse_args()
    failed = 0
    for seed in range(asked.first, (asked.last or asked.first) + 1, asked.step):
        if asked.until and f"{datetime.now(UTC):%H:%M}" >= asked.until:
            break
        try:
            keep = None if asked.keep is None else asked.keep / str(seed)
            line = run_seed(seed, kills=asked.kills, keep=keep).line(seed)
        except Exception:  # noqa: BLE001 - whatever it was: it is told, and the next seed runs
            failed += 1
            line = f"seed {seed}: FAILED\n{traceback.format_exc()}"
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
