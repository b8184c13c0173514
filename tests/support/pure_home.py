"""A home without Home Assistant: the alarm chain whole, on a journal and against far ends.

Wired as `home.py` does it, in the same order; no more than wiring stands here.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, Final

from custom_components.kvarbo.alarm.alarm import Alarm, Delivery, Message, MessageKind, Source
from custom_components.kvarbo.alarm.clock import Clock, HomeClock
from custom_components.kvarbo.alarm.kinds import AlarmKind, Location, Role
from custom_components.kvarbo.answers import Answers
from custom_components.kvarbo.chain import AlarmRequest, Chain, Happening, Raised, What
from custom_components.kvarbo.faults import Fault
from custom_components.kvarbo.journal.changes import PutMarker, Recovered
from custom_components.kvarbo.transmission.hours import WorkingHours
from custom_components.kvarbo.transmission.ledger import Ledger, Writer
from custom_components.kvarbo.transmission.outlet import Outlet, Takes
from custom_components.kvarbo.transmission.takeover import take_over
from custom_components.kvarbo.transmission.transmitter import HubFacts, Transmitter

from .far_end import FarEnd
from .virtual_time import VirtualClock, run_virtual
from .writer import MemoryWriter

#: The help button that tests press when it does not matter which.
BUTTON: Final = Source(3, Role.HELP_BUTTON)
RULE: Final = "rule night v1"


@dataclass(frozen=True, slots=True)
class Happened:
    """A happening and when it was told, in seconds of the event loop."""

    at: float
    happening: Happening


def outlet(far_end: FarEnd, takes: Takes = Takes.ALARMS, **settings: Any) -> Outlet:
    """Set a far end up as a receiver of the home."""
    return Outlet(key=far_end.name, receiver=far_end, takes=takes, **settings)


class PureHome:
    """One home; `start` it inside an event loop."""

    def __init__(
        self,
        make_writer: Callable[[HomeClock], Writer] | None = None,
        host: Clock | None = None,
        working: WorkingHours | None = None,
    ) -> None:
        self.memory = MemoryWriter()
        self.host = host or VirtualClock()
        self.clock = HomeClock(self.host)
        self.ledger = Ledger(self.memory if make_writer is None else make_writer(self.clock))
        self.memory.on_caught_up = self.ledger.all_durable
        self.facts = HubFacts(hub="incarnation", version="1.0")
        self.chain = Chain(
            self.ledger,
            self.clock,
            lambda listener: Transmitter(self.ledger, self.clock, self.facts, listener, working),
        )
        self.answers = Answers()
        self.happened: list[Happened] = []
        self.answered: list[tuple[float, int, str, bool]] = []
        self.faults: list[tuple[float, Fault, bool]] = []
        self.chain.hear(lambda h: self.happened.append(Happened(now(), h)))
        self.chain.hear(self.answers.take)
        self.answers.hear(
            lambda number, answer, news: self.answered.append(
                (now(), number, str(answer.answer), news)
            )
        )
        self.chain.faults.hear(lambda fault, on: self.faults.append((now(), fault, on)))

    @property
    def transmitter(self) -> Transmitter:
        return self.chain.transmitter

    async def start(self, *outlets: Outlet | FarEnd, recovered: Recovered | None = None) -> None:
        if recovered is not None:
            await self.take_over(recovered)
        await self.set_outlets(*outlets)

    async def take_over(self, recovered: Recovered) -> None:
        taken = take_over(self.ledger, recovered, self.clock, "home")
        if recovered.newest is not None:
            self.clock.raise_floor(recovered.newest)
        self.ledger.load(taken.news)
        if taken.changes:
            await self.ledger.commit(*taken.changes)
        for happening in self.chain.recall():
            self.answers.take(happening)

    async def set_outlets(self, *outlets: Outlet | FarEnd) -> None:
        made = [outlet(o) if isinstance(o, FarEnd) else o for o in outlets]
        # As home.py does: a receiver whose settings did not change keeps its outlet.
        current = {line.outlet.key: line.outlet for line in self.transmitter.lines}
        await self.transmitter.set_outlets(
            [current[o.key] if current.get(o.key) == o else o for o in made]
        )
        self.chain.faults.only_receivers([o.key for o in made])

    async def stop(self) -> None:
        await self.chain.faults.stop()
        await self.transmitter.stop()

    # -- what people and rules do --------------------------------------------------------------

    async def press(self, number: int = BUTTON.number, marker: PutMarker | None = None) -> Raised:
        source = Source(number, Role.HELP_BUTTON)
        return await self.chain.press(source, Location.BEDROOM, 1, marker=marker)

    async def alarm(
        self, kind: AlarmKind = AlarmKind.NIGHT_ABSENCE, episode: str = "", **request: Any
    ) -> Raised:
        return await self.chain.raise_alarm(
            AlarmRequest(kind=kind, episode=episode, **request), RULE
        )

    # -- what is there to see ------------------------------------------------------------------

    def whats(self, alarm_id: str) -> list[What]:
        """What happened to an alarm, in order."""
        return [h.happening.what for h in self.happened if h.happening.alarm.id == alarm_id]

    def when(self, alarm_id: str, what: What) -> float:
        """When it first happened."""
        return next(
            h.at
            for h in self.happened
            if h.happening.alarm.id == alarm_id and h.happening.what is what
        )

    def messages(self, alarm_id: str) -> list[Message]:
        return list(self.ledger.messages_of(alarm_id))

    def delivery(self, alarm_id: str, receiver: str = "r1") -> Delivery:
        """The delivery of the alarm itself to one receiver."""
        found = self.ledger.alarm_delivery(alarm_id, receiver)
        assert found is not None
        return found

    def of_kind(self, kind: AlarmKind) -> list[Alarm]:
        return [a for a in self.ledger.alarms.values() if a.kind is kind]


def alarm_kinds(messages: Sequence[Message]) -> list[MessageKind]:
    return [m.kind for m in messages]


def now() -> float:
    """Seconds of the running event loop."""
    return asyncio.get_running_loop().time()


async def time_passes(seconds: float) -> None:
    """Let the day go on. Virtual time: nobody waits."""
    await asyncio.sleep(seconds)


async def until_moment(moment: float) -> None:
    """Let the day go on until a moment of the event loop, in seconds."""
    await asyncio.sleep(moment - now())


def live[T](work: Coroutine[Any, Any, T]) -> T:
    """Run a day in the life of a home in virtual time."""
    return run_virtual(work)
