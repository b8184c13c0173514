"""Run a municipality's alarm receiver in a process of its own.

When it listens it prints one line of JSON: `alarm_url`, `events_url`, `operator_url`, `ca` (the
certificate to trust, or null) and `pid`. It ends with 0 on SIGTERM or SIGINT, and with 2 when it
cannot start, after one line on stderr that says why.
"""

import argparse
import asyncio
from collections.abc import Sequence
import json
import os
from pathlib import Path
import signal
import sys

from .fields import FieldError
from .municipality import Municipality, PortTakenError

_MAX_TOKEN_FILE = 4096
_LAST_PORT = 65535


class _NoStartError(Exception):
    """It cannot start; the words are for a person."""


def _port(value: str) -> int:
    port = int(value)
    if not 0 <= port <= _LAST_PORT:
        raise ValueError(value)
    return port


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m simulator.municipality",
        description="A municipality's alarm receiver on this machine's loopback.",
    )
    parser.add_argument("--port", type=_port, default=0, help="alarm port; 0 takes a free one")
    parser.add_argument(
        "--operator-port", type=_port, default=0, help="the page; 0 takes a free one"
    )
    parser.add_argument(
        "--token-file", type=Path, help="holds the bearer token that homes must show"
    )
    parser.add_argument(
        "--tls", type=Path, metavar="DIR", help="HTTPS; the own authority lives there"
    )
    parser.add_argument(
        "--client-ca", type=Path, metavar="FILE", help="ask for client certificates of it"
    )
    parser.add_argument(
        "--keep", type=Path, metavar="FILE", help="append all that comes in as JSON lines"
    )
    parser.add_argument(
        "--buttons", metavar="URL", help="control API of a simulated Zigbee network"
    )
    return parser.parse_args(argv)


def _token(file: Path | None) -> str | None:
    if file is None:
        return None
    try:
        with file.open(encoding="utf-8") as opened:
            return opened.read(_MAX_TOKEN_FILE).strip()
    except (OSError, UnicodeDecodeError) as error:
        raise _NoStartError(f"--token-file {file} cannot be read: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    return error.strerror or str(error) if isinstance(error, OSError) else str(error)


async def _run(arguments: argparse.Namespace, token: str | None) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    try:
        municipality = Municipality(
            token=token,
            port=arguments.port,
            operator_port=arguments.operator_port,
            tls=arguments.tls,
            client_ca=arguments.client_ca,
            keep=arguments.keep,
            buttons=arguments.buttons,
        )
        await municipality.start()
    except PortTakenError as error:
        raise _NoStartError(str(error)) from error
    except FieldError as error:
        raise _NoStartError(f"--{error.field}: {error.words}") from error
    except (OSError, ValueError) as error:
        where = getattr(error, "filename", None)
        raise _NoStartError(f"{where}: {_reason(error)}" if where else _reason(error)) from error
    try:
        line = {
            "alarm_url": municipality.url,
            "events_url": municipality.events_url,
            "operator_url": municipality.operator_url,
            "ca": None if municipality.ca_file is None else str(municipality.ca_file),
            "pid": os.getpid(),
        }
        print(json.dumps(line), flush=True)
        await stop.wait()
    finally:
        await municipality.stop()


def main(argv: Sequence[str] | None = None) -> int:
    """Run until told to stop; return the exit code."""
    arguments = _arguments(argv)
    try:
        asyncio.run(_run(arguments, _token(arguments.token_file)))
    except _NoStartError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
