"""A municipality's alarm receiver: a port for homes, one for operators, and what they share."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
import os
from pathlib import Path
import re
import ssl
from typing import Any, Self

from .alarm_port import AlarmPort
from .bulletin import Bulletin
from .buttons import Buttons
from .certificates import Authority, server_context
from .faults import By, Desk, Fault, Mode
from .fields import FieldError, stamp
from .ledger import Ledger
from .mqtt_port import MqttOptions, MqttPort
from .operator_port import OperatorPort
from .raw import RawRecord
from .scaip_port import ScaipOptions, ScaipPort

_TOKEN = re.compile(r"[!-~]{1,1024}", re.ASCII)


class PortTakenError(OSError):
    """A port cannot be had; `option` is the setting that names it."""

    def __init__(self, option: str, port: int, reason: str) -> None:
        super().__init__(f"Port {port} cannot be had ({reason}); choose another with {option}")
        self.option = option
        self.port = port


def _now() -> datetime:
    return datetime.now(UTC)


class Municipality:
    """An alarm receiver on loopback; runs in the loop that starts it.

    `port` and `operator_port` 0 take any free one. `token` is what homes must bear; None only
    together with `client_ca`, which asks them for certificates of that authority. `tls` is the
    folder of the receiver's own authority, made if absent. `keep` is a file that everything
    received is appended to. `buttons` is the address of a simulated home's control API. `clock`
    returns the present as an aware datetime. `scaip` opens a receiver of SCAIP beside the one of
    REST; its TLS port needs `tls` too. `ledger` is one that remembers more than this process does.
    `mqtt` opens a broker with the municipality behind it.

    Use it as an asynchronous context, or with `start` and `stop`.
    """

    def __init__(
        self,
        *,
        token: str | None,
        port: int = 0,
        operator_port: int = 0,
        tls: Path | None = None,
        client_ca: Path | None = None,
        keep: Path | None = None,
        buttons: str | None = None,
        clock: Callable[[], datetime] = _now,
        scaip: ScaipOptions | None = None,
        ledger: Ledger | None = None,
        mqtt: MqttOptions | None = None,
    ) -> None:
        if token is None and client_ca is None:
            raise FieldError(
                "token", "it is missing, and homes are asked for no certificate either"
            )
        if token is not None and not _TOKEN.fullmatch(token):
            raise FieldError(
                "token", "1 to 1024 printable ASCII characters without a space were expected"
            )
        if client_ca is not None and tls is None:
            raise FieldError("client-ca", "it needs tls")
        self._asked = port, operator_port
        self._tls = tls
        self._client_ca = client_ca
        self._clock = clock
        self.token = token
        self.ca_file: Path | None = None
        self.bulletin = Bulletin()
        self.ledger = Ledger(clock) if ledger is None else ledger
        self.desk = Desk()
        self.record = RawRecord(clock, token, keep, self.bulletin.post)
        self.buttons = None if buttons is None else Buttons(buttons)
        self._alarm_port = AlarmPort(self.ledger, self.desk, self.record, self.bulletin, token)
        self.scaip = (
            None
            if scaip is None
            else ScaipPort(scaip, self.ledger, self.desk, self.record, self.bulletin)
        )
        self.mqtt = (
            None
            if mqtt is None
            else MqttPort(mqtt, self.ledger, self.desk, self.record, self.bulletin)
        )
        self._operator_port = OperatorPort(self)

    @property
    def url(self) -> str:
        """The alarm port's address without a path."""
        return self._alarm_port.url

    @property
    def events_url(self) -> str:
        """Where events are posted."""
        return f"{self.url}/v1/events"

    @property
    def operator_url(self) -> str:
        """The operator's address without a path; the page is there."""
        return self._operator_port.url

    async def __aenter__(self) -> Self:
        """Start."""
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop."""
        await self.stop()

    async def start(self) -> None:
        """Listen on both ports.

        Raises:
            PortTakenError: one of them cannot be had; nothing is left open.
            OSError, ValueError: certificates or the kept file cannot be had; nothing is left open.
        """
        try:
            tls = await asyncio.to_thread(self._prepare)
            try:
                await self._alarm_port.open(self._asked[0], tls)
            except OSError as error:
                raise PortTakenError("--port", self._asked[0], _why(error)) from error
            if self.scaip is not None:
                try:
                    await self.scaip.open(self._tls)
                except OSError as error:
                    raise PortTakenError("--scaip-port", 0, _why(error)) from error
            if self.mqtt is not None:
                try:
                    await self.mqtt.open()
                except OSError as error:
                    port = self.mqtt.options.port
                    raise PortTakenError("--mqtt-port", port, _why(error)) from error
            try:
                await self._operator_port.open(self._asked[1])
            except OSError as error:
                raise PortTakenError("--operator-port", self._asked[1], _why(error)) from error
        except BaseException:
            await self.stop()
            raise

    def _prepare(self) -> ssl.SSLContext | None:
        self.record.open()
        if self._tls is None:
            return None
        authority = Authority.in_folder(self._tls)
        self.ca_file = authority.file
        return server_context(authority.server(), self._client_ca)

    async def stop(self) -> None:
        """Cut every connection and let go of everything. Safe to call twice."""
        await self._operator_port.close()
        await self._alarm_port.close()
        if self.scaip is not None:
            await self.scaip.close()
        if self.mqtt is not None:
            await self.mqtt.close()
        if self.buttons is not None:
            await self.buttons.close()
        await asyncio.to_thread(self.record.shut)

    async def set_fault(self, fault: Fault | Mode | None = None, **fields: Any) -> None:
        """Set the fault in force; None ends it.

        Either a `Fault`, or a mode with its fields: `Mode.HOLD, retry_after=3, count=2`.

        Raises:
            FieldError: a field is wrong or does not belong to the mode.
        """
        if not isinstance(fault, Fault):
            fault = Fault.read({"mode": fault or Mode.NONE, **fields})
        self.desk.fault = fault
        is_down = fault.mode is Mode.DOWN
        if is_down and fault.is_on(By.REST):
            await self._alarm_port.down()
        else:
            await self._alarm_port.up()
        if self.scaip is not None:
            await self.scaip.set_down(down=is_down and fault.is_on(By.SCAIP))
        if self.mqtt is not None:
            await self.mqtt.set_down(down=is_down and fault.is_on(By.MQTT))
        self.bulletin.post()

    def acknowledge(self, alarm: str, by: str = "person") -> None:
        """See `Ledger.acknowledge`."""
        self.ledger.acknowledge(alarm, by)
        self._news()

    def close_alarm(self, alarm: str, by: str = "person") -> None:
        """See `Ledger.close`."""
        self.ledger.close(alarm, by)
        self._news()

    def open_door(self, alarm: str) -> None:
        """See `Ledger.open_door`."""
        self.ledger.open_door(alarm)
        self._news()

    def _news(self) -> None:
        if self.mqtt is not None:
            self.mqtt.tell()
        self.bulletin.post()

    def state(self, last: int | None = None) -> dict[str, Any]:
        """All that is known, or of the alarms only the `last` so many, in JSON's types."""
        return {
            "now": stamp(self._clock()),
            **self.ledger.shown(last),
            "fault": self.desk.fault.shown(),
            "buttons": self.buttons is not None,
            "alarm_url": self.url,
            "scaip": None if self.scaip is None else dict(self.scaip.ports),
            "mqtt": None if self.mqtt is None else self.mqtt.broker.port,
            "complaints": [] if self.scaip is None else [c.shown() for c in self.scaip.complaints],
            "received": self.record.received,
            "dropped": self.record.dropped,
            "keep_trouble": self.record.keep_trouble,
        }

    async def until(self, condition: Callable[[Self], bool], within: float = 10.0) -> None:
        """Wait until `condition` holds; it is asked after each change.

        Raises:
            TimeoutError: it did not within so many seconds.
        """
        async with asyncio.timeout(within):
            while True:
                version = self.bulletin.version
                if condition(self):
                    return
                await self.bulletin.newer_than(version)


def _why(error: OSError) -> str:
    return os.strerror(error.errno) if error.errno else str(error)
