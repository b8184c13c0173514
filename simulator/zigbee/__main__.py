"""A simulated Zigbee network in a process of its own.

Prints one JSON line on stdout once it listens: ``{"radio", "port", "control",
"control_port"}``, then serves until SIGTERM or SIGINT. Exit code 2 and one line on stderr when
it cannot begin.
"""

import argparse
import asyncio
from collections.abc import Awaitable
import contextlib
import errno
import json
import logging
import os
from pathlib import Path
import signal
import sys
from typing import Final

from simulator.control import LOOPBACK, listen
from simulator.zigbee.control import control_application
from simulator.zigbee.coordinator import SimCoordinator
from simulator.zigbee.household import Household, StateError

_MAX_PORT: Final = 65535


class StartError(Exception):
    """Why the process cannot begin, in one line."""


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= _MAX_PORT):
        raise argparse.ArgumentTypeError(f"{text!r} is no port from 0 to {_MAX_PORT}")
    return int(text)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m simulator.zigbee",
        description="A simulated Zigbee network: a radio for ZHA (radio type ziggurat) and a"
        " JSON control API, both on 127.0.0.1.",
    )
    parser.add_argument("--port", type=_port, required=True, help="of the radio; 0 for any")
    parser.add_argument("--control-port", type=_port, required=True, help="of the API; 0 for any")
    parser.add_argument("--state", type=Path, help="file that keeps the devices over a restart")
    parser.add_argument(
        "--end-with-stdin",
        action="store_true",
        help="end when stdin, a pipe, closes: nothing is left behind when the parent is killed",
    )
    return parser.parse_args()


async def _listening[T](option: str, port: int, start: Awaitable[T]) -> T:
    try:
        return await start
    except OSError as error:
        why = "is taken" if error.errno == errno.EADDRINUSE else f"cannot be used: {error.strerror}"
        raise StartError(f"{option}: port {port} {why}") from error


def _end_with_stdin(stop: asyncio.Event) -> None:
    def read() -> None:
        if not os.read(0, 4096):
            asyncio.get_running_loop().remove_reader(0)
            stop.set()

    try:
        asyncio.get_running_loop().add_reader(0, read)
    except OSError as error:  # epoll takes no plain files
        raise StartError("--end-with-stdin: stdin is no pipe") from error


async def _serve(arguments: argparse.Namespace) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if arguments.end_with_stdin:
        _end_with_stdin(stop)

    async with contextlib.AsyncExitStack() as stack:
        radio = SimCoordinator()
        household = Household(radio, arguments.state)
        stack.push_async_callback(household.close)
        try:
            await household.open()
        except StateError as error:
            raise StartError(f"--state: {error}") from error
        stack.push_async_callback(radio.stop)
        await _listening("--port", arguments.port, radio.start(arguments.port))
        runner, control_port = await _listening(
            "--control-port",
            arguments.control_port,
            listen(control_application(household), arguments.control_port),
        )
        stack.push_async_callback(runner.cleanup)
        ready = {
            "radio": radio.path,
            "port": radio.port,
            "control": f"http://{LOOPBACK}:{control_port}",
            "control_port": control_port,
        }
        print(json.dumps(ready), flush=True)
        await stop.wait()


def main() -> int:
    """Run the process; its exit code."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        asyncio.run(_serve(_arguments()))
    except StartError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
