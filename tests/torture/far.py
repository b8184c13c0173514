"""The municipality in a process of its own that may be killed: what it has taken, it has on disk.

One line of JSON for each message that comes, before anything is decided about it, and one for each
that is taken, before it is answered. A new process takes up what the old one had.
"""

import asyncio
from datetime import UTC, datetime
import json
import os
from pathlib import Path
import signal
import sys
import time
from typing import Any, override

from simulator.municipality import Municipality
from simulator.municipality.contract import Event, EventType
from simulator.municipality.ledger import Accepted, Attempts, Ledger
from simulator.municipality.mqtt_port import MqttOptions
from simulator.municipality.scaip_port import ScaipOptions
from tests.torture.known import CONTROLLER, PASSWORD, TOKEN


class KeptLedger(Ledger):
    """Writes all down; page cache is enough, since only the process dies."""

    def __init__(self, path: Path) -> None:
        super().__init__(lambda: datetime.now(UTC))
        self._file: int | None = None
        if path.exists():
            for line in path.read_text(encoding="utf-8").splitlines():
                self._again(json.loads(line))
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)

    @override
    def attempt(self, event: Event) -> Attempts:
        self._write("came", event)
        return super().attempt(event)

    @override
    def accept(self, event: Event, tries: Attempts) -> Accepted:
        word = super().accept(event, tries)
        self._write("repeated" if word.repeat else "taken", event)
        return word

    @override
    def close(self, alarm_id: str, by: str = "person") -> None:
        super().close(alarm_id, by)
        self._put({"line": "closed", "alarm": alarm_id})

    def close_all(self) -> None:
        for alarm in list(self.alarms):
            self.close(alarm)

    def _write(self, what: str, event: Event) -> None:
        self._put(
            {
                "line": what,
                "at": time.time(),
                "id": event.id,
                "source": event.source,
                "type": event.type.value,
                "time": event.time,
                "alarm": event.alarm,
                "data": dict(event.data),
                "minimal": event.minimal,
            }
        )

    def _put(self, line: dict[str, Any]) -> None:
        if self._file is not None:
            os.write(self._file, json.dumps(line).encode() + b"\n")

    def _again(self, line: dict[str, Any]) -> None:
        if line["line"] == "closed":
            super().close(line["alarm"])
        elif line["line"] != "came":
            event = Event(
                id=line["id"],
                source=line["source"],
                controller=CONTROLLER,
                type=EventType(line["type"]),
                time=line["time"],
                alarm=line["alarm"],
                data=line["data"],
                minimal=line["minimal"],
            )
            super().accept(event, super().attempt(event))


async def serve(path: Path, ports: dict[str, int]) -> None:
    """Serve until told to end; the ports of a former life are taken again."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, ended.set)
    ledger = KeptLedger(path)
    loop.add_signal_handler(signal.SIGUSR1, ledger.close_all)
    scaip = ScaipOptions(
        users={CONTROLLER: PASSWORD}, udp=None, tcp=ports.get("scaip", 0), tls=None
    )
    mqtt = MqttOptions(users={CONTROLLER: PASSWORD}, port=ports.get("mqtt", 0))
    async with Municipality(
        token=TOKEN,
        port=ports.get("rest", 0),
        operator_port=ports.get("operator", 0),
        scaip=scaip,
        mqtt=mqtt,
        ledger=ledger,
    ) as running:
        assert running.scaip is not None
        assert running.mqtt is not None
        said = {
            "rest": int(running.url.rpartition(":")[2]),
            "operator": int(running.operator_url.rpartition(":")[2]),
            "scaip": running.scaip.ports["tcp"],
            "mqtt": running.mqtt.broker.port,
        }
        sys.stdout.write(json.dumps(said) + "\n")
        sys.stdout.flush()
        await ended.wait()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), json.loads(sys.argv[2])))
