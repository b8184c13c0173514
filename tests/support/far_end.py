"""The far end in memory: a receiver that does on command what real ones do to a home.

By hand and not the municipality of `simulator/`: that one speaks HTTP in real time, and here an
hour must pass in a millisecond and every fault come at its exact moment. It keeps all that it ever
heard, with times, and takes a message once by its reference, as real receivers do (A5).
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum, auto
from typing import override

from custom_components.kvarbo.alarm.alarm import Delivery, MessageKind, Note
from custom_components.kvarbo.transmission.receiver import (
    Answer,
    Dispatch,
    Fate,
    Followed,
    Heartbeat,
    Receiver,
    Verdict,
    WrittenHook,
)


class Mode(StrEnum):
    """What a receiver does with what comes."""

    UP = auto()
    #: Nobody is there: refused before anything is sent.
    DOWN = auto()
    #: It swallows all and never answers.
    SILENT = auto()
    #: It takes the message, and its answer goes missing.
    ANSWER_LOST = auto()
    HOLD = auto()
    BUSY = auto()
    NOT_TREATED = auto()
    #: The full form is wrong, the minimal one is taken.
    FULL_REFUSED = auto()
    FORM_REFUSED = auto()
    CREDENTIALS_REFUSED = auto()
    #: A fault in the receiver's own code here in the home.
    BROKEN = auto()
    #: The same, and it never comes back.
    STUCK = auto()


#: Modes in which signs of life fare as messages do. In all others they are taken.
_DEAF = frozenset({Mode.DOWN, Mode.SILENT, Mode.CREDENTIALS_REFUSED, Mode.BROKEN, Mode.STUCK})


@dataclass(frozen=True, slots=True)
class Heard:
    """One message as it came, taken or not. `at` is in seconds of the event loop."""

    at: float
    dispatch: Dispatch
    answer: Answer
    repeat: bool

    @property
    def reference(self) -> str:
        return self.dispatch.delivery.reference

    @property
    def alarm_id(self) -> str:
        return self.dispatch.alarm.id

    @property
    def kind(self) -> MessageKind:
        return self.dispatch.message.kind

    @property
    def note(self) -> Note | None:
        return self.dispatch.message.note

    @property
    def taken(self) -> bool:
        """Whether it was new here and is now on somebody's screen."""
        return self.answer is Answer.ACCEPTED and not self.repeat


@dataclass(frozen=True, slots=True)
class Sign:
    """One sign of life as it came."""

    at: float
    beat: Heartbeat
    is_probe: bool


@dataclass(eq=False)
class FarEnd(Receiver):
    """One receiver. All times in seconds."""

    name: str = "r1"
    mode: Mode = Mode.UP
    #: Decides for one message what `mode` decides for all; None leaves it to `mode`.
    script: Callable[[Dispatch], Mode | None] = field(default=lambda _dispatch: None)
    #: What signs of life meet; None: what messages meet, where that concerns them.
    signs_mode: Mode | None = None
    #: Until the whole message is handed to the network; from there to here; to the answer there.
    handing: float = 0.001
    way: float = 0.01
    work: float = 0.01
    #: After this long the home's end of it gives up waiting for an answer.
    patience: float = 15.0
    retry_after: float | None = None
    says_written: bool = True
    has_way_back: bool = True
    conflict: bool = False
    #: Told of every message that is here, in the moment between its coming and its answer.
    on_arrival: Callable[[], None] = field(default=lambda: None)

    tried: list[tuple[float, str]] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    signs: list[Sign] = field(default_factory=list)
    asked: list[tuple[float, str]] = field(default_factory=list)
    fates: dict[str, Followed] = field(default_factory=dict)
    on_the_way: dict[str, Dispatch] = field(default_factory=dict)
    closed: int = 0
    _references: set[str] = field(default_factory=set)

    # -- what the operator does ----------------------------------------------------------------

    def acknowledge(self, alarm_id: str, *, by_person: bool = True) -> None:
        self.fates[alarm_id] = Followed(Fate.ACKNOWLEDGED, by_person=by_person)

    def close_alarm(self, alarm_id: str) -> None:
        self.fates[alarm_id] = Followed(Fate.CLOSED, by_person=True)

    # -- what is there to see ------------------------------------------------------------------

    @property
    def taken(self) -> list[Heard]:
        """What is on the operator's screen, in order."""
        return [h for h in self.heard if h.taken]

    def taken_of(self, alarm_id: str) -> list[Heard]:
        return [h for h in self.taken if h.alarm_id == alarm_id]

    def alarms(self) -> list[str]:
        """The ids of the alarms taken, in order."""
        return [h.alarm_id for h in self.taken if h.kind is MessageKind.ALARM]

    def copy(self) -> FarEnd:
        """The same receiver with all that it remembers."""
        return replace(
            self,
            tried=list(self.tried),
            heard=list(self.heard),
            signs=list(self.signs),
            asked=list(self.asked),
            fates=dict(self.fates),
            on_the_way=dict(self.on_the_way),
            on_arrival=lambda: None,
            _references=set(self._references),
        )

    def arrive(self, dispatch: Dispatch, answer: Answer = Answer.ACCEPTED) -> None:
        """A message is here."""
        reference = dispatch.delivery.reference
        repeat = reference in self._references
        if answer is Answer.ACCEPTED:
            self._references.add(reference)
        self.heard.append(Heard(_now(), dispatch, answer, repeat))
        self.on_arrival()

    # -- the Receiver protocol -----------------------------------------------------------------

    @override
    async def send(self, dispatch: Dispatch, *, written: WrittenHook | None = None) -> Verdict:
        reference = dispatch.delivery.reference
        self.tried.append((_now(), reference))
        mode = self.script(dispatch) or self.mode
        if (verdict := await self._fault(mode)) is not None:
            return verdict
        self.on_the_way[reference] = dispatch
        try:
            await asyncio.sleep(self.handing)
            if self.says_written and written is not None:
                written()
            await asyncio.sleep(self.way)
        finally:
            del self.on_the_way[reference]
        if mode is Mode.SILENT:
            await asyncio.sleep(self.patience)
            return Verdict(answer=Answer.UNREACHABLE, words="no answer", maybe_heard=True)
        answer = _ANSWERS[mode]
        if mode is Mode.FULL_REFUSED and dispatch.delivery.minimal:
            answer = Answer.ACCEPTED
        self.arrive(dispatch, answer)
        if mode is Mode.ANSWER_LOST:
            await asyncio.sleep(self.patience)
            return Verdict(answer=Answer.UNREACHABLE, words="answer lost", maybe_heard=True)
        await asyncio.sleep(self.work)
        if answer is not Answer.ACCEPTED:
            return Verdict(answer=answer, words=str(mode), retry_after=self.retry_after)
        return Verdict(
            answer=answer,
            receipt=f"receipt {reference}",
            status_address=f"status/{reference}" if self.has_way_back else None,
            took=self.way + self.work,
        )

    @override
    async def heartbeat(self, beat: Heartbeat) -> Verdict:
        return await self._sign(beat, is_probe=False)

    @override
    async def probe(self, beat: Heartbeat) -> Verdict:
        return await self._sign(beat, is_probe=True)

    @override
    async def follow(self, delivery: Delivery) -> Followed:
        self.asked.append((_now(), delivery.reference))
        await asyncio.sleep(self.way)
        if self.mode is Mode.BROKEN:
            raise ValueError("a fault of the receiver's own")
        if self.mode in _DEAF:
            return Followed(Fate.NOT_KNOWN)
        return self.fates.get(delivery.alarm_id, Followed(Fate.RECEIVED))

    @override
    async def close(self) -> None:
        self.closed += 1

    async def _sign(self, beat: Heartbeat, *, is_probe: bool) -> Verdict:
        self.signs.append(Sign(_now(), beat, is_probe))
        mode = self.signs_mode or (self.mode if self.mode in _DEAF else Mode.UP)
        if (verdict := await self._fault(mode)) is not None:
            return verdict
        await asyncio.sleep(self.way + self.work)
        if mode is Mode.SILENT:
            await asyncio.sleep(self.patience)
            return Verdict(answer=Answer.UNREACHABLE, words="no answer", maybe_heard=True)
        return Verdict(answer=_ANSWERS[mode], words=str(mode), conflict=self.conflict)

    async def _fault(self, mode: Mode) -> Verdict | None:
        match mode:
            case Mode.DOWN:
                await asyncio.sleep(self.way)
                return Verdict(answer=Answer.UNREACHABLE, words="connection refused")
            case Mode.BROKEN:
                raise ValueError("a fault of the receiver's own")
            case Mode.STUCK:
                await asyncio.get_running_loop().create_future()
            case _:
                pass
        return None


_ANSWERS = {
    Mode.UP: Answer.ACCEPTED,
    Mode.ANSWER_LOST: Answer.ACCEPTED,
    Mode.HOLD: Answer.HOLD,
    Mode.BUSY: Answer.BUSY,
    Mode.NOT_TREATED: Answer.NOT_TREATED,
    Mode.FULL_REFUSED: Answer.FORM_REFUSED,
    Mode.FORM_REFUSED: Answer.FORM_REFUSED,
    Mode.CREDENTIALS_REFUSED: Answer.CREDENTIALS_REFUSED,
}


def _now() -> float:
    return asyncio.get_running_loop().time()
