"""The alarm desk: where an alarm begins, changes and ends (A1, A2, A9-A12).

Pure: no Home Assistant. It stands above `alarm`, `journal` and `transmission` and below `home`. An
alarm is raised by one commit that holds the alarm, its message, its first deliveries and the audit
entry; only then is it let onto the wire. What the disk will not take goes from memory (A1).
"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import datetime
import logging
from typing import Any, override

from .alarm.alarm import Alarm, AlarmState, Delivery, Message, MessageKind, Note, Source
from .alarm.clock import Clock
from .alarm.happening import ENDS, Happening, Raised, What
from .alarm.identity import Ulids
from .alarm.kinds import AlarmClass, Location
from .alarm.lifecycle import can_move, move
from .alarm.making import pressed_alarm, repeated_alarm, requested_alarm
from .alarm.press import PressMeaning, TestWindow, newest_press, read_press
from .alarm.request import HUB, AlarmRequest, BadRequestError, in_utc
from .faults import ACTOR as FAULT_ACTOR, Faults
from .journal.changes import Audit, Change, Json, PutAlarm, PutDelivery, PutMarker, PutMessage
from .transmission.ledger import Ledger
from .transmission.outlet import Listener, Reach
from .transmission.quarantine import RESTORED_MARKER
from .transmission.receiver import Fate, Followed
from .transmission.transmitter import Transmitter

__all__ = [
    "HUB",
    "RESTORED_MARKER",
    "AlarmRequest",
    "BadRequestError",
    "Chain",
    "Happening",
    "Raised",
    "What",
]

_LOGGER = logging.getLogger(__name__)


class Chain(Listener):
    """Raises, merges, clears, cancels and ends alarms, and tells its hearers of each."""

    def __init__(
        self, ledger: Ledger, clock: Clock, make_transmitter: Callable[[Listener], Transmitter]
    ) -> None:
        """Wire the desk to the ledger and to the transmitter that reports back to it."""
        self.ledger = ledger
        self.tests = TestWindow()
        self.transmitter = make_transmitter(self)
        self.faults = Faults(ledger, self._raise_fault, self.clear)
        self._clock = clock
        self._hearers: list[Callable[[Happening], None]] = []
        self._ulids = Ulids(clock)
        self._stuck: set[str] = set()
        self._by_person: set[str] = set()
        self._work: set[asyncio.Task[Any]] = set()

    def hear(self, hearer: Callable[[Happening], None]) -> Callable[[], None]:
        """Call `hearer` for everything that happens to an alarm; return how to stop."""
        self._hearers.append(hearer)
        return lambda: self._hearers.remove(hearer)

    def recall(self) -> list[Happening]:
        """Return what was last known of each open alarm, oldest first, as after a restart."""
        return [
            Happening(What.RECEIVED if self.ledger.first_receipt(alarm.id) else What.RAISED, alarm)
            for alarm in sorted(self.ledger.open_alarms(), key=lambda alarm: alarm.id)
        ]

    # -- beginning -----------------------------------------------------------------------------

    async def raise_alarm(self, request: AlarmRequest, actor: str) -> Raised:
        """Raise an alarm; return when it is on disk, or after a second without the disk (A1).

        Raises `BadRequestError` for a priority, resident, episode or time that cannot be.
        """
        return await self._whole(self._raise_request(request.checked(), actor))

    async def _raise_request(self, request: AlarmRequest, actor: str) -> Raised:
        if request.episode and (known := self.ledger.episode(request.episode)) is not None:
            # The first raise may still wait for the disk; this entry stands behind it there.
            entry = self._entry("alarm_raised_again", actor, known.id)
            return Raised(known, await self.ledger.commit(entry), merged=True)
        now, trouble = self._clock.now(), self._clock.in_trouble()
        alarm = requested_alarm(request, self._ulids.new(), now, actor, clock_trouble=trouble)
        return await self._raise(alarm, actor)

    def announce_test(self, number: int, actor: str) -> None:
        """Let one device's next press within two minutes be a test (A9)."""
        self.tests.announce(number, self._clock.monotonic())
        self.ledger.post(self._entry("test_announced", actor, detail={"source": number}))

    async def press(
        self,
        source: Source,
        location: Location | None,
        resident: int,
        *,
        marker: PutMarker | None = None,
    ) -> Raised:
        """Take a press on a help button (R12, A2, A7, A9): a new alarm, or news about one.

        `marker` is committed in the same row as what the press leads to, so that a restart cannot
        take a cord that stays pulled for a second call.
        """
        extra: tuple[Change, ...] = () if marker is None else (marker,)
        return await self._whole(self._press(source, location, resident, extra))

    async def _press(
        self,
        source: Source,
        location: Location | None,
        resident: int,
        extra: tuple[Change, ...],
    ) -> Raised:
        mono = self._clock.monotonic()
        now = self._clock.now()
        newest = newest_press(self.ledger.alarms.values(), source.number)
        if newest is not None and newest.test and self.tests.is_echo(source.number, mono):
            entry = self._entry("test_press_echoed", source.role, newest.id)
            return Raised(newest, await self.ledger.commit(entry, *extra), merged=True)
        if newest is not None and not self.tests.is_announced(source.number, mono):
            receipt = self.ledger.first_receipt(newest.id)
            meaning = read_press(newest, receipt.received_at if receipt else None, now)
            if meaning is not PressMeaning.NEW:
                return await self._press_again(newest, meaning, now, extra)
        test = self.tests.take(source.number, mono)
        trouble = self._clock.in_trouble()
        alarm = pressed_alarm(
            source, location, resident, self._ulids.new(), now, test=test, clock_trouble=trouble
        )
        return await self._raise(alarm, source.role, *extra)

    async def _raise(self, alarm: Alarm, actor: str, *extra: Change) -> Raised:
        message = Message(
            id=self._ulids.new(),
            alarm_id=alarm.id,
            kind=MessageKind.ALARM,
            created_at=alarm.raised_at,
        )
        deliveries = self.transmitter.first_deliveries(alarm, message)
        detail: dict[str, Json] = {
            "kind": alarm.kind,
            "source": alarm.source.number,
            "test": alarm.test,
        }
        durable = await self.ledger.commit(
            PutAlarm(alarm),
            PutMessage(message),
            *(PutDelivery(d) for d in deliveries),
            *extra,
            self._entry("alarm_raised", actor, alarm.id, detail),
        )
        # The disk may have taken its time: the alarm may have been pressed again or cancelled. Only
        # what was committed here is promised; the rest may still wait for the disk (A1).
        self._tell(What.RAISED, self.ledger.alarms.get(alarm.id, alarm))
        self.transmitter.release(message)
        return Raised(alarm, durable)

    async def _press_again(
        self, alarm: Alarm, meaning: PressMeaning, now: datetime, extra: tuple[Change, ...]
    ) -> Raised:
        # Repeats are counted from the last press that was told of: they do not put off the next.
        same = meaning is PressMeaning.SAME_CALL
        last_press_at = alarm.last_press_at if same else now
        alarm = replace(alarm, presses=alarm.presses + 1, last_press_at=last_press_at)
        entry = self._entry(
            "alarm_pressed_again", alarm.source.role, alarm.id, {"presses": alarm.presses}
        )
        if same:
            # Not posted: the call itself may still wait for the disk, and this stands behind it.
            durable = await self.ledger.commit(PutAlarm(alarm), entry, *extra)
            return Raised(alarm, durable, merged=True)
        durable = await self._say(alarm, MessageKind.UPDATE, entry, *extra, note=Note.PRESSED_AGAIN)
        self._tell(What.PRESSED_AGAIN, alarm)
        if alarm.id in self._stuck:
            self._tell(What.NOT_GETTING_THROUGH, alarm)
        return Raised(alarm, durable, merged=True)

    # -- changing and ending -------------------------------------------------------------------

    async def repeat(
        self,
        alarm_id: str,
        actor: str,
        *,
        seen_at: datetime | None = None,
        seen_in: Location | None = None,
    ) -> Raised:
        """Tell that the same cause came again: one alarm with a count, and an update (R60).

        `seen_at` (aware) and `seen_in` are the newest sign of life; None for both leaves what was
        known. A cause that had gone is back. Raises `BadRequestError` for a time without a zone,
        and for an alarm that is not known or has ended: then the cause is a new one.
        """
        return await self._whole(self._repeat(alarm_id, actor, in_utc("seen_at", seen_at), seen_in))

    async def _repeat(
        self, alarm_id: str, actor: str, seen_at: datetime | None, seen_in: Location | None
    ) -> Raised:
        if not (alarm := self._known(alarm_id)).is_open:
            raise BadRequestError("alarm", "alarm_ended")
        alarm = repeated_alarm(alarm, seen_at, seen_in)
        entry = self._entry("alarm_repeated", actor, alarm.id, {"repeats": alarm.repeats})
        durable = await self._say(alarm, MessageKind.UPDATE, entry, note=Note.REPEATED)
        return Raised(alarm, durable, merged=True)

    async def cancel(self, alarm_id: str, actor: str) -> Alarm:
        """Cancel an open alarm: what was sent is not unsent, a cancel follows it (A11).

        Raises `BadRequestError` for an alarm that is not known or has ended.
        """
        return await self._whole(self._cancel(alarm_id, actor))

    async def _cancel(self, alarm_id: str, actor: str) -> Alarm:
        alarm = self._known(alarm_id)
        if not can_move(alarm, AlarmState.CANCELLED):
            raise BadRequestError("alarm", "alarm_ended")
        alarm = move(alarm, AlarmState.CANCELLED, self._clock.now())
        entry = self._entry("alarm_cancelled", actor, alarm.id)
        await self._say(alarm, MessageKind.CANCEL, entry)
        self._tell(What.CANCELLED, alarm)
        return alarm

    async def clear(self, episode: str, actor: str) -> Alarm | None:
        """Tell that the cause is gone; a technical alarm is closed by it. None when not known.

        The home queues the all-clear also when the alarm is still undelivered; then both go as one
        message with both times.
        """
        return await self._whole(self._clear_alarm(episode, actor))

    async def _clear_alarm(self, episode: str, actor: str) -> Alarm | None:
        alarm = self.ledger.episode(episode)
        if alarm is None or not alarm.is_open or alarm.cleared_at is not None:
            return None
        now = self._clock.now()
        alarm = replace(alarm, cleared_at=now)
        if alarm.alarm_class is AlarmClass.TECHNICAL:
            alarm = move(alarm, AlarmState.CLOSED, now)
        entry = self._entry("alarm_cleared", actor, alarm.id)
        await self._say(alarm, MessageKind.ALL_CLEAR, entry)
        self._tell(What.CLEARED, alarm)
        return alarm

    async def _say(
        self, alarm: Alarm, kind: MessageKind, *extra: Change, note: Note | None = None
    ) -> bool:
        """Commit a change of an alarm together with the message that tells of it."""
        message = Message(
            id=self._ulids.new(),
            alarm_id=alarm.id,
            kind=kind,
            created_at=self._clock.now(),
            note=note,
        )
        deliveries = self.transmitter.follow_up_deliveries(message)
        durable = await self.ledger.commit(
            PutAlarm(alarm),
            PutMessage(message),
            *(PutDelivery(d) for d in deliveries),
            *extra,
        )
        self.transmitter.release(message)
        return durable

    # -- what the transmitter reports ----------------------------------------------------------

    @override
    def received(self, alarm_id: str, delivery: Delivery) -> None:
        self._stuck.discard(alarm_id)
        self._tell(What.RECEIVED, self.ledger.alarms[alarm_id])

    @override
    def stuck(self, alarm_id: str) -> None:
        alarm = self.ledger.alarms.get(alarm_id)
        if alarm is None or alarm_id in self._stuck or not alarm.is_open:
            return
        if self.ledger.first_receipt(alarm_id) is None:
            self._stuck.add(alarm_id)
            self._tell(What.NOT_GETTING_THROUGH, alarm)

    @override
    def fate(self, alarm_id: str, followed: Followed) -> None:
        match followed.fate:
            case Fate.ACKNOWLEDGED:
                self._acknowledged(alarm_id, followed)
            case Fate.CLOSED:
                self._move(alarm_id, AlarmState.CLOSED, What.CLOSED, followed)
            case Fate.RECEIVED | Fate.NOT_KNOWN:
                pass

    @override
    def lapsed(self, alarm_id: str) -> None:
        if not self.ledger.awaits_all_clear(alarm_id):
            self._move(alarm_id, AlarmState.LAPSED, What.LAPSED, Followed(Fate.NOT_KNOWN))

    @override
    def reach_changed(self, key: str, reach: Reach) -> None:
        self.faults.reach_changed(key, reach)

    @override
    def form_refused(self, key: str, delivery: Delivery, words: str) -> None:
        self.faults.form_refused(key, delivery, words)

    @override
    def credentials(self, key: str, words: str | None) -> None:
        self.faults.credentials(key, words)

    @override
    def conflict(self, key: str, *, is_open: bool) -> None:
        self.faults.conflict(key, is_open=is_open)

    @override
    def delivery_changed(self, delivery: Delivery) -> None:
        self.faults.delivery_changed(delivery)

    async def _raise_fault(self, request: AlarmRequest) -> Raised:
        return await self.raise_alarm(request, FAULT_ACTOR)

    def _acknowledged(self, alarm_id: str, followed: Followed) -> None:
        alarm = self.ledger.alarms.get(alarm_id)
        if alarm is None or not alarm.is_open:
            return
        news = followed.by_person and alarm_id not in self._by_person
        if followed.by_person:
            self._by_person.add(alarm_id)
        if alarm.state is AlarmState.RAISED:
            self._move(alarm_id, AlarmState.ACKNOWLEDGED, What.ACKNOWLEDGED, followed)
        elif news:
            # A machine acknowledged first, or it was said before a restart: help is coming.
            told = self._entry("alarm_acknowledged", "receiver", alarm_id, {"by_person": True})
            self.ledger.post(told)
            self._tell(What.ACKNOWLEDGED, alarm, by_person=True)

    def _move(self, alarm_id: str, state: AlarmState, what: What, followed: Followed) -> None:
        alarm = self.ledger.alarms.get(alarm_id)
        if alarm is None or not can_move(alarm, state):
            return
        alarm = move(alarm, state, self._clock.now())
        entry = self._entry(
            f"alarm_{what}", "receiver", alarm.id, {"by_person": followed.by_person}
        )
        self.ledger.post(PutAlarm(alarm), entry)
        self._tell(what, alarm, by_person=followed.by_person)

    # -- small things --------------------------------------------------------------------------

    async def _whole[T](self, work: Coroutine[Any, Any, T]) -> T:
        """Do something to its end, also when whoever asked for it goes away meanwhile.

        An automation that is cut off between the disk and the wire must not take the alarm along.
        Begun at once, in the caller's own turn, so that nobody else comes in between.
        """
        task = asyncio.create_task(work, eager_start=True)
        self._work.add(task)
        task.add_done_callback(self._work.discard)
        return await asyncio.shield(task)

    def _known(self, alarm_id: str) -> Alarm:
        alarm = self.ledger.alarms.get(alarm_id)
        if alarm is None:
            raise BadRequestError("alarm", "unknown_alarm")
        return alarm

    def _entry(
        self,
        what: str,
        actor: str,
        alarm_id: str | None = None,
        detail: dict[str, Json] | None = None,
    ) -> Audit:
        return Audit(
            what=what,
            at=self._clock.now(),
            mono=self._clock.monotonic(),
            actor=actor,
            alarm_id=alarm_id,
            detail=detail,
        )

    def _tell(self, what: What, alarm: Alarm, *, by_person: bool = False) -> None:
        if what in ENDS:
            self._stuck.discard(alarm.id)
            self._by_person.discard(alarm.id)
        durable = alarm.id not in self.ledger.not_durable
        happening = Happening(what, alarm, durable=durable, by_person=by_person)
        for hearer in list(self._hearers):
            try:
                hearer(happening)
            except Exception:
                # A lamp that cannot be told must not stop an alarm from being sent.
                _LOGGER.exception("A hearer failed on %s", what)
