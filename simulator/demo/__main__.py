"""`python -m simulator.demo`: the main job in one command."""

import argparse
import asyncio
from pathlib import Path
import signal
import sys

from simulator.demo.scene import REPOSITORY, Scene
from simulator.demo.texts import TEXTS
from simulator.processes import DemoError

#: The shell's own code for what was ended by Ctrl-C.
_CUT_OFF = 130


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:  # noqa: PLR2004
        raise ValueError(text)
    return port


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/demo",
        description="A resident presses a Zigbee wall button in a real Home Assistant, and the"
        " alarm arrives, receipted, at a municipality's SCAIP receiver. That goes down, and a night passes at speed:"
        " the resident gets up and does not come back, the night alarm finds the second receiver, and"
        " the all-clear when the resident is back in bed. No hardware.",
    )
    parser.add_argument(
        "--once",
        action="store_true",
        help="end after one press and one night; exit 0 only if each alarm was received exactly"
        " once and acknowledged, the all-clear followed the night alarm, and nothing else about the"
        " resident reached the receiver",
    )
    parser.add_argument("--home-port", type=_port, default=8133, help="of the home's page; 0: any")
    parser.add_argument(
        "--operator-port", type=_port, default=8134, help="of the municipality's page; 0: any"
    )
    parser.add_argument("--language", choices=sorted(TEXTS), default="en")
    parser.add_argument(
        "--folder", type=Path, default=REPOSITORY / ".demo", help="emptied at each start"
    )
    return parser.parse_args()


async def _run(options: argparse.Namespace) -> int:
    scene = Scene(options)
    running = asyncio.create_task(scene.run())
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, running.cancel)
    try:
        return await running
    except asyncio.CancelledError:
        return 0 if scene.played else _CUT_OFF


def main() -> int:
    """Play the demo; return the exit code: 0 well, 1 not as promised, 2 could not be played, 130 cut off."""
    options = _options()
    try:
        return asyncio.run(_run(options))
    except DemoError as err:
        print(err, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
