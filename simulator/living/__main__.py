"""Writes a home's life down, in the form of the recorded homes.

Prints one JSON line on stdout: ``{"folder", "events", "days"}`` and, of a scene, ``{"scene",
"alarm", "cause", "device"}``, the cause as local time. Exit code 2 and one line on stderr when it
cannot.
"""

import argparse
import json
from pathlib import Path
import sys
from typing import Any, Final

from simulator.living.inhabitants import Changed, Inhabitants
from simulator.living.life import Life
from simulator.living.recording import write
from simulator.living.scenes import SCENES, play
from simulator.living.sensing import Sensing

_SOON: Final = 3
"""Days that a scene leaves to the end of the life, if not told a day."""


def _arguments(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m simulator.living",
        description="Writes a simulated home's life: events.csv.gz and annotations.csv.",
        epilog="Scenes: " + "; ".join(SCENES),
    )
    parser.add_argument("--seed", type=int, required=True, help="the same seed, the same life")
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--out", type=Path, required=True, help="folder to write into")
    parser.add_argument("--scene", choices=SCENES, metavar="NAME", help="something that happens")
    parser.add_argument("--scene-day", type=int, help="on this day, counted from 0; near the end")
    parser.add_argument("--residents", type=int, default=1, help="1 or 2")
    parser.add_argument("--pet", action="store_true")
    parser.add_argument("--robot-vacuum", action="store_true")
    parser.add_argument(
        "--home-care", type=float, nargs="*", default=(), metavar="HOUR", help="daily visits"
    )
    parser.add_argument("--changed-life", type=int, metavar="DAY", help="rhythm shifts on this day")
    parser.add_argument("--hold", type=float, default=20.0, help="of motion sensors, seconds")
    parser.add_argument("--missed", type=float, default=0.0, help="share of messages lost")
    return parser.parse_args(words)


def _write(arguments: argparse.Namespace) -> dict[str, Any]:
    changed = arguments.changed_life
    life = Life(
        arguments.seed,
        days=arguments.days,
        inhabitants=Inhabitants(
            residents=arguments.residents,
            pet=arguments.pet,
            robot_vacuum=arguments.robot_vacuum,
            home_care=tuple(arguments.home_care),
            changed=None if changed is None else Changed(changed),
        ),
        sensing=Sensing(hold=arguments.hold, missed=arguments.missed),
    )
    told: dict[str, Any] = {"folder": str(arguments.out), "days": life.days}
    if arguments.scene is not None:
        day = life.days - _SOON if arguments.scene_day is None else arguments.scene_day
        scene = play(arguments.scene, life, day)
        life = scene.life
        told["scene"], told["alarm"] = scene.name, scene.alarm
        told["cause"] = life.local(scene.cause).isoformat(timespec="seconds")
        told["device"] = scene.device
    told["events"] = write(life, arguments.out)
    return told


def main(words: list[str] | None = None) -> int:
    """Run it; its exit code."""
    try:
        print(json.dumps(_write(_arguments(words))))
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
