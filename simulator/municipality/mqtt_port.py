"""The municipality's application behind a broker: takes events, receipts each, tells what becomes of alarms."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
import json
from typing import Any, Final

from simulator.mqtt import Broker, Published

from .bulletin import Bulletin
from .contract import Event, MissingError, parse
from .faults import TAKES, By, Desk, Fault, Mode
from .fields import FieldError
from .ledger import Accepted, FullError, Ledger
from .raw import RawRecord

_PREFIX: Final = "kvarbo/v1"
_LISTENS: Final = (f"{_PREFIX}/+/alarms", f"{_PREFIX}/+/signs", f"{_PREFIX}/+/presence")


@dataclass(frozen=True, slots=True, kw_only=True)
class MqttOptions:
    """How the broker is. `users` are homes' numbers and passwords. `port` 0 is any."""

    users: Mapping[str, str] = field(default_factory=dict)
    port: int = 0


class MqttPort:
    """The application, and a broker of its own."""

    def __init__(
        self,
        options: MqttOptions,
        ledger: Ledger,
        desk: Desk,
        record: RawRecord,
        bulletin: Bulletin,
    ) -> None:
        self.options = options
        self.broker = Broker(options.users, allowed=_allowed, heard=self._heard)
        self.broker.listening.extend(_LISTENS)
        #: What homes have last said of being there.
        self.presence: dict[str, str] = {}
        self._ledger = ledger
        self._desk = desk
        self._record = record
        self._bulletin = bulletin
        self._references: dict[str, tuple[str, str]] = {}
        self._told: dict[str, str] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """The broker's address for homes."""
        return f"mqtt://127.0.0.1:{self.broker.port}"

    async def open(self) -> None:
        """Listen."""
        await self.broker.open(self.options.port)

    async def set_down(self, *, down: bool) -> None:
        """Stop listening, or listen again."""
        await (self.broker.down() if down else self.broker.up())

    async def close(self) -> None:
        """End for good."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.broker.close()

    def tell(self) -> None:
        """Tell homes what has become of their alarms, where that is news; the broker keeps the last word."""
        for reference, (home, alarm) in self._references.items():
            known = self._ledger.alarms.get(alarm)
            if known is None:
                continue
            state = {"state": known.state.value, "by": known.by}
            said = json.dumps(state if known.door is None else {**state, "door": known.door})
            if self._told.get(reference) != said:
                self._told[reference] = said
                topic = f"{_PREFIX}/{home}/states/{reference}"
                self.broker.publish(topic, said.encode(), retain=True)

    # -- what comes ----------------------------------------------------------------------------

    def _heard(self, message: Published) -> None:
        home, what = message.topic.split("/")[-2:]
        fields = [
            ("content-type", message.content_type),
            ("response-topic", message.response_topic),
        ]
        exchange = self._record.begin("PUBLISH", message.topic, fields)
        self._record.read(exchange, message.payload, cut=False)
        exchange.answer = what
        self._record.end(exchange, answered=True)
        if what == "presence":
            self.presence[home] = str(json.loads(message.payload)["presence"])
            self._bulletin.post()
        elif what in ("alarms", "signs"):
            self._event(home, message)

    def _event(self, home: str, message: Published) -> None:
        try:
            event = parse(message.payload)
        except (MissingError, FieldError) as error:
            self._receipt(
                message, {"verdict": "form_refused", "words": f"{error.field}: {error.words}"}
            )
            return
        tries = self._ledger.attempt(event)
        fault = self._desk.next_for(event, By.MQTT)
        tries.answer = fault.mode.value
        word: Accepted | None = None
        if fault.mode is Mode.NONE or fault.mode in TAKES:
            try:
                word = self._ledger.accept(event, tries)
            except FullError:
                self._receipt(message, {"verdict": "busy", "words": "Upptaget, försök senare"})
                return
            tries.answer = "accepted"
            self._remember(home, event)
        self._bulletin.post()
        self._answer(message, fault, word)
        self.tell()

    def _remember(self, home: str, event: Event) -> None:
        if event.alarm is not None:
            self._references[event.id] = home, event.alarm

    def _answer(self, message: Published, fault: Fault, word: Accepted | None) -> None:
        match fault.mode:
            case Mode.SILENT | Mode.ACCEPT_AND_DIE | Mode.TAKEN_AND_MUTE:
                return
            case Mode.GARBAGE:
                self._receipt(message, None)
            case Mode.TWICE if word is not None:
                self._receipt(message, _accepted(word))
                self._receipt(message, _accepted(word))
            case Mode.NO_REFERENCE if word is not None:
                self.broker.publish(message.response_topic, _octets(_accepted(word)))
            case Mode.SLOW if word is not None:
                task = asyncio.ensure_future(self._late(message, fault, word))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            case Mode.HOLD | Mode.BUSY:
                said: dict[str, Any] = {"verdict": fault.mode.value}
                if fault.retry_after is not None:
                    said["retry_after"] = fault.retry_after
                self._receipt(message, said)
            case Mode.REFUSE | Mode.REFUSE_FULL:
                self._receipt(message, {"verdict": "form_refused", "words": "data.reason"})
            case Mode.NOT_TREATED:
                self._receipt(message, {"verdict": "not_treated"})
            case _ if word is not None:
                self._receipt(message, _accepted(word))
            case _:
                self._receipt(message, {})

    async def _late(self, message: Published, fault: Fault, word: Accepted) -> None:
        await asyncio.sleep(fault.seconds)
        self._receipt(message, _accepted(word))

    def _receipt(self, message: Published, said: dict[str, Any] | None) -> None:
        octets = b"<html>" if said is None else _octets(said)
        self.broker.publish(message.response_topic, octets, correlation=message.correlation)


def _accepted(word: Accepted) -> dict[str, Any]:
    said: dict[str, Any] = {"verdict": "accepted", "receipt": word.receipt, "words": "Mottaget"}
    if word.conflict is not None:
        said["conflict"] = word.conflict
    return said


def _octets(said: dict[str, Any]) -> bytes:
    return json.dumps(said, ensure_ascii=False).encode()


def _allowed(user: str, topic: str, _publishes: bool) -> bool:  # noqa: FBT001 - the broker's form
    """A home may use its own topics alone."""
    return not user or topic.startswith(f"{_PREFIX}/{user}/")
