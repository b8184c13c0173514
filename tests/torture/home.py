"""A home in a process of its own, to be killed: the alarm chain whole, without Home Assistant.

Takes JSON lines, tells JSON lines. What it says that it has accepted is on disk, or it says that it
is not. Wired as `home.py` does it; the clock is the host's, set as the driver wishes.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
import json
import logging
from pathlib import Path
import sys
import time
from typing import Any, Final, override
from zoneinfo import ZoneInfo

from custom_components.kvarbo.alarm.alarm import MessageKind
from custom_components.kvarbo.alarm.clock import EARLIEST_PLAUSIBLE, Clock
from custom_components.kvarbo.alarm.happening import ENDS, Happening
from custom_components.kvarbo.alarm.kinds import AlarmKind
from custom_components.kvarbo.alarm.reason import Language
from custom_components.kvarbo.alarm.request import BadRequestError
from custom_components.kvarbo.faults import ACTOR
from custom_components.kvarbo.findings import HUB_KEY
from custom_components.kvarbo.journal.changes import Recovered
from custom_components.kvarbo.journal.trouble import JournalTrouble
from custom_components.kvarbo.journal.writer import JournalWriter
from custom_components.kvarbo.transmission.mqtt.mqtt import MqttReceiver
from custom_components.kvarbo.transmission.mqtt.profile import (
    built_in as built_in_mqtt,
    parse_profile as parse_mqtt_profile,
)
from custom_components.kvarbo.transmission.mqtt.settings import MqttSettings, client_id_of
from custom_components.kvarbo.transmission.outlet import Outlet
from custom_components.kvarbo.transmission.receiver import Receiver
from custom_components.kvarbo.transmission.rest.profile import BUILT_IN, built_in
from custom_components.kvarbo.transmission.rest.profile_reader import parse_profile
from custom_components.kvarbo.transmission.rest.rest import RestReceiver
from custom_components.kvarbo.transmission.rest.settings import Credentials, Trust
from custom_components.kvarbo.transmission.scaip.profile import ScaipProfile
from custom_components.kvarbo.transmission.scaip.scaip import ScaipReceiver
from custom_components.kvarbo.transmission.scaip.settings import (
    ScaipSettings,
    instance_of,
    read_credentials,
)
from custom_components.kvarbo.transmission.scaip.sip.values import SipUri
from custom_components.kvarbo.transmission.scaip.values import Dialect
from custom_components.kvarbo.transmission.takeover import as_changes
from tests.support.pure_home import RULE, PureHome
from tests.torture.known import CONTROLLER, PASSWORD, TOKEN
from tests.torture.plan import Verb

HOST: Final = "a-hub"
ZONE: Final = ZoneInfo("Europe/Stockholm")


class SetClock(Clock):
    """The host's clock as somebody, or a lost battery, has set it."""

    def __init__(self, off: float) -> None:
        self.off = timedelta(seconds=off)

    @override
    def now(self) -> datetime:
        return datetime.now(UTC) + self.off

    @override
    def monotonic(self) -> float:
        return time.monotonic()

    @override
    def in_trouble(self) -> bool:
        return self.now() < EARLIEST_PLAUSIBLE


def say(said: str, **more: Any) -> None:
    """Tell the driver; one line, whole."""
    sys.stdout.write(json.dumps({"said": said, **more}) + "\n")
    sys.stdout.flush()


class TorturedHome:
    """One life of the home."""

    def __init__(self, folder: Path, lines: dict[str, int], off: float) -> None:
        self._lines = lines
        self._host = SetClock(off)
        self._is_running = False
        self._stopped = False
        self._work: set[asyncio.Task[None]] = set()

        def make_writer(clock: Clock) -> JournalWriter:
            return JournalWriter(
                folder,
                now=clock.now,
                host=lambda: HOST,
                on_trouble=self._journal_trouble,
                on_opened=self._opened_late,
            )

        self.home = PureHome(make_writer, self._host)
        journal = self.home.ledger._writer
        assert isinstance(journal, JournalWriter)
        self.journal = journal
        self.home.chain.hear(self._happened)

    # -- life ----------------------------------------------------------------------------------

    async def start(self) -> None:
        recovered = await self.journal.open()
        await self._take_over(recovered)
        # Before the lines begin: this is what starts together.
        waiting = [self._shown(d.reference) for d in self.home.ledger.waiting()]
        await self.home.set_outlets(*self._outlets())
        self._is_running = True
        say(
            "ready",
            waiting=waiting,
            restored=recovered.restored,
            not_open=recovered.not_open,
            set_aside=recovered.set_aside,
            audit_broken_at=recovered.audit_broken_at,
            unreadable=recovered.unreadable,
        )
        self._tell_findings()
        self._spawn(self._upkeep())

    async def _take_over(self, recovered: Recovered) -> None:
        facts = replace(self.home.facts, hub=recovered.incarnation)
        self.home.facts = self.home.transmitter.facts = facts
        await self.home.take_over(recovered)

    def _tell_findings(self) -> None:
        self._journal_trouble(self.journal.trouble)

    def _opened_late(self, recovered: Recovered) -> None:
        asyncio.get_running_loop().call_soon(lambda: self._spawn(self._go_on(recovered)))

    async def _go_on(self, recovered: Recovered) -> None:
        if self._stopped:
            return
        own = as_changes(self.home.ledger)
        await self._take_over(recovered)
        self.home.ledger.post(*own)
        await self.home.set_outlets(*self._outlets())
        self._tell_findings()
        say("opened", restored=recovered.restored, set_aside=recovered.set_aside)

    def _journal_trouble(self, trouble: JournalTrouble | None) -> None:
        say("trouble", kind=None if trouble is None else trouble.kind.value)
        if not self._is_running:
            return
        if trouble is None:
            self.home.ledger.all_durable()
        self.home.chain.faults.set(
            AlarmKind.JOURNAL_FAULT,
            HUB_KEY,
            is_open=trouble is not None,
            words="" if trouble is None else f"{trouble.kind}: {trouble.words}",
        )

    def _happened(self, happening: Happening) -> None:
        if happening.what in ENDS:
            self.home.ledger.forget_settled()

    async def _upkeep(self) -> None:
        self.home.ledger.forget_settled()
        await self.journal.prune(self.home.clock.now() - timedelta(days=365))
        self.home.transmitter.signs.audit_head = await self.journal.audit_head()

    async def stop(self) -> None:
        self._stopped = True
        await self.home.stop()
        await self.journal.close()

    def _spawn(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._work.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._work.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logging.getLogger("torture").error("An act failed", exc_info=error)

    # -- receivers -----------------------------------------------------------------------------

    def _outlets(self) -> list[Outlet]:
        makers = {"rest": self._rest, "scaip": self._scaip, "mqtt": self._mqtt}
        return [
            Outlet(key=key, receiver=makers[key](port), heartbeat=20)
            for key, port in self._lines.items()
        ]

    def _rest(self, port: int) -> Receiver:
        return RestReceiver(
            profile=parse_profile(built_in(BUILT_IN[0])),
            url=f"http://127.0.0.1:{port}",
            credentials=Credentials(token=TOKEN),
            trust=Trust(),
            language=Language.SV,
            controller=CONTROLLER,
            clock=self.home.clock,
            zone=lambda: ZONE,
        )

    def _mqtt(self, port: int) -> Receiver:
        return MqttReceiver(
            profile=parse_mqtt_profile(built_in_mqtt("kvarbo")),
            settings=MqttSettings(
                host="127.0.0.1",
                port=port,
                tls=False,
                client_id=client_id_of(CONTROLLER, "mqtt://a-broker"),
                username=CONTROLLER,
                password=PASSWORD,
                certificate=Credentials(),
                trust=Trust(),
            ),
            language=Language.SV,
            controller=CONTROLLER,
            clock=self.home.clock,
            zone=lambda: ZONE,
        )

    def _scaip(self, port: int) -> Receiver:
        address = SipUri(host="localhost", user="larm")
        return ScaipReceiver(
            settings=ScaipSettings(
                receiver=address,
                own=SipUri(host="localhost", user=CONTROLLER),
                route=SipUri(host="127.0.0.1", port=port, params={"transport": "tcp"}),
                credentials=read_credentials(CONTROLLER, PASSWORD),
                registers=True,
                instance=instance_of(CONTROLLER, address),
                trust=Trust(),
            ),
            profile=ScaipProfile(name="mrq", dialect=Dialect.MRQ),
            language=Language.SV,
            controller=CONTROLLER,
            clock=self.home.clock,
        )

    # -- what the driver asks ------------------------------------------------------------------

    def take(self, asked: dict[str, Any]) -> None:
        match asked["do"]:
            case "acts":
                for verb, name, kind in asked["acts"]:
                    self._spawn(self._act(Verb(verb), name, kind))
            case "clock":
                self._host.off = timedelta(seconds=asked["off"])
            case "still":
                self._spawn(self._tell_when_still())
            case "why":
                self._why_not_still()
            case "audit":
                self._spawn(self._verify())

    async def _act(self, verb: Verb, name: str, kind: str) -> None:
        chain = self.home.chain
        try:
            match verb:
                case Verb.PRESS:
                    raised = await self.home.press(int(name))
                case Verb.RAISE:
                    raised = await self.home.alarm(AlarmKind(kind), name)
                case Verb.REPEAT:
                    raised = await chain.repeat(self._id_of(name), RULE)
                case _:
                    await self._end(verb, name)
                    return
        except BadRequestError as error:
            say("refused", verb=verb, name=name, why=str(error))
            return
        say(
            "accepted", verb=verb, name=name, alarm=raised.alarm.id,
            durable=raised.durable, merged=raised.merged,
        )  # fmt: skip

    async def _end(self, verb: Verb, name: str) -> None:
        chain = self.home.chain
        alarm = (
            await chain.cancel(self._id_of(name), "admin")
            if verb is Verb.CANCEL
            else await chain.clear(name, RULE)
        )
        if alarm is not None:
            durable = alarm.id not in self.home.ledger.not_durable
            say("ended", verb=verb, name=name, alarm=alarm.id, durable=durable)

    def _id_of(self, name: str) -> str:
        alarm = self.home.ledger.episode(name)
        if alarm is None:
            raise BadRequestError("alarm", "alarm_unknown")
        return alarm.id

    def _is_still(self) -> bool:
        ledger, transmitter = self.home.ledger, self.home.transmitter
        return (
            not any(ledger.waiting())
            and not ledger.undelivered()
            and self.journal.trouble is None
            and all(line.watch.reach.reached for line in transmitter.lines)
            and not self.home.chain.faults._tasks
        )

    async def _tell_when_still(self) -> None:
        """Still: nothing waits, everything is on disk, and every receiver answers."""
        while not self._is_still():  # noqa: ASYNC110 - nothing tells of the last of these
            await asyncio.sleep(0.05)
        say("still")

    def _why_not_still(self) -> None:
        trouble = self.journal.trouble
        lines = self.home.transmitter.lines
        say(
            "why",
            waiting=[str(d) for d in self.home.ledger.waiting()],
            undelivered=[str(a) for a in self.home.ledger.undelivered()],
            trouble=None if trouble is None else str(trouble),
            reach={line.outlet.key: str(line.watch.reach) for line in lines},
            telling=[str(t) for t in self.home.chain.faults._tasks],
        )

    async def _verify(self) -> None:
        say("audit", broken_at=await self.journal.verify_audit())

    def _shown(self, reference: str) -> dict[str, Any]:
        """A waiting delivery with all that decides on its place (A3)."""
        ledger = self.home.ledger
        delivery = ledger.deliveries[reference]
        alarm, message = ledger.alarms[delivery.alarm_id], ledger.messages[delivery.message_id]
        return {
            "line": delivery.receiver,
            "reference": reference,
            "message": message.id,
            "alarm": alarm.id,
            "is_alarm": message.kind is MessageKind.ALARM,
            "kind": alarm.kind.value,
            "class": alarm.alarm_class.value,
            "priority": alarm.priority,
            "attempts": delivery.attempts,
            "actor": alarm.raised_by if alarm.raised_by == ACTOR else "",
        }


async def live(folder: Path, lines: dict[str, int], off: float) -> None:
    """Live until told to stop, or until stdin ends."""
    home = TorturedHome(folder, lines, off)
    reader = asyncio.StreamReader(limit=2**20)
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    await home.start()
    await _until_told(reader, home.take)
    await home.stop()
    say("stopped")


async def _until_told(reader: asyncio.StreamReader, take: Callable[[dict[str, Any]], None]) -> None:
    while line := await reader.readline():
        asked = json.loads(line)
        if asked["do"] == "stop":
            return
        take(asked)


if __name__ == "__main__":
    logging.basicConfig(
        level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    asyncio.run(live(Path(sys.argv[1]), json.loads(sys.argv[2]), float(sys.argv[3])))
