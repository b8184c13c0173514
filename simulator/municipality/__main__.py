"""Run a municipality's alarm receiver in a process of its own.

When it listens it prints one line of JSON: `alarm_url`, `events_url`, `operator_url`, `ca` (the
certificate to trust, or null), `scaip_ports` (by transport, or null), `mqtt_port` (or null) and `pid`.
It ends with 0 on
SIGTERM or SIGINT, and with 2 when it cannot start, after one line on stderr that says why.
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
from .mqtt_port import MqttOptions
from .municipality import Municipality, PortTakenError
from .scaip_port import Answers, ScaipOptions

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
    scaip = parser.add_argument_group("SCAIP")
    scaip.add_argument(
        "--scaip-users",
        type=Path,
        metavar="FILE",
        help="take SCAIP from these: unit:password lines",
    )
    scaip.add_argument("--scaip-dialect", choices=("mrq", "scaip"), default="mrq")
    scaip.add_argument("--scaip-answers", choices=[str(a) for a in Answers], default="body")
    scaip.add_argument("--scaip-domain", default="localhost")
    scaip.add_argument(
        "--scaip-port", type=_port, default=0, help="UDP and TCP; TLS is one above; 0 takes any"
    )
    mqtt = parser.add_argument_group("MQTT")
    mqtt.add_argument(
        "--mqtt-users",
        type=Path,
        metavar="FILE",
        help="open a broker for these homes: number:password lines",
    )
    mqtt.add_argument("--mqtt-port", type=_port, default=0, help="0 takes any")
    return parser.parse_args(argv)


def _mqtt(arguments: argparse.Namespace) -> MqttOptions | None:
    if arguments.mqtt_users is None:
        return None
    users = _users("--mqtt-users", arguments.mqtt_users)
    return MqttOptions(users=users, port=arguments.mqtt_port)


def _users(option: str, file: Path) -> dict[str, str]:
    users = dict(line.partition(":")[::2] for line in _lines(option, file) if ":" in line)
    if not users:
        raise _NoStartError(f"{option} {file} names no name:password")
    return users


def _scaip(arguments: argparse.Namespace) -> ScaipOptions | None:
    if arguments.scaip_users is None:
        return None
    users = _users("--scaip-users", arguments.scaip_users)
    port = arguments.scaip_port
    return ScaipOptions(
        users=users,
        domain=arguments.scaip_domain,
        dialect=arguments.scaip_dialect,
        answers=Answers(arguments.scaip_answers),
        udp=port,
        tcp=port,
        tls=port + 1 if port else 0,
    )


def _lines(option: str, file: Path) -> list[str]:
    try:
        return [line.strip() for line in file.read_text(encoding="utf-8").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise _NoStartError(f"{option} {file} cannot be read: {_reason(error)}") from error


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
            scaip=_scaip(arguments),
            mqtt=_mqtt(arguments),
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
            "scaip_ports": None if municipality.scaip is None else dict(municipality.scaip.ports),
            "mqtt_port": None if municipality.mqtt is None else municipality.mqtt.broker.port,
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
