"""The alarm desk: where an alarm begins, changes and ends (A1, A2, A9-A12).

Pure: no Home Assistant. It stands above `alarm`, `journal` and `transmission` and below `home`. An
alarm is raised by one commit that holds the alarm, its message, its first deliveries and the audit
entry; only then is it let onto the wire. What the disk will not take goes from memory (A1).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
import logging
from typing import Final, override

from ulid_transform import ulid_now

from .alarm.alarm import (
    Alarm,
    AlarmState,
    Delivery,
    DeliveryState,
    Message,
    MessageKind,
    Note,
    Source,
)
from .alarm.clock import Clock
from .alarm.kinds import (
    HIGHEST_PRIORITY,
    KINDS,
    LOWEST_PRIORITY,
    AlarmClass,
    AlarmKind,
    Location,
    ReasonCode,
    Role,
)
from .alarm.lifecycle import can_move, move
from .alarm.press import PressMeaning, TestWindow, read_press
from .faults import ACTOR as FAULT_ACTOR, Faults
from .journal.changes import Audit, Change, Json, PutAlarm, PutDelivery, PutMarker, PutMessage
from .transmission.ledger import Ledger
from .transmission.outlet import Listener, Reach
from .transmission.receiver import Fate, Followed
from .transmission.transmitter import Transmitter

_LOGGER = logging.getLogger(__name__)

#: The hub itself as a source.
HUB: Final = Source(0, Role.HUB)
#: An episode is at most this long.
EPISODE_LENGTH: Final = 200
#: Under this marker stand the ids that a restored journal held as undelivered (A12).
RESTORED_MARKER: Final = "restored"


class What(StrEnum):
    """What has happened to an alarm, as the shell hears of it."""

    RAISED = "raised"
    PRESSED_AGAIN = "pressed_again"
    RECEIVED = "received"
    NOT_GETTING_THROUGH = "not_getting_through"
    ACKNOWLEDGED = "acknowledged"
    CLEARED = "cleared"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened to an alarm.

    `durable` is False while it is not on disk. `by_person`: a human being at the far end did it.
    """

    what: What
    alarm: Alarm
    durable: bool = True
    by_person: bool = False


@dataclass(frozen=True, slots=True)
class Raised:
    """The outcome of a raise: the alarm, whether it is on disk, whether it was there already."""

    alarm: Alarm
    durable: bool
    merged: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmRequest:
    """What a caller asks to be raised.

    `episode` names the cause: the same twice gives one alarm (A2); empty makes a new one.
    `priority` None takes the kind's own. `sensed_at` aware UTC, None for now.
    """

    kind: AlarmKind
    source: Source = HUB
    location: Location | None = None
    resident: int = 0
    reason: ReasonCode = ReasonCode.RAISED_BY_PERSON
    episode: str = ""
    priority: int | None = None
    sensed_at: datetime | None = None
    test: bool = False


class BadRequestError(ValueError):
    """A request that cannot be honoured as it is; `field` names what is wrong. Retrying is useless."""

    def __init__(self, field: str, problem: str) -> None:
        """Name the field and the problem, both keys for translation."""
        super().__init__(f"{field}: {problem}")
        self.field = field
        self.problem = problem


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
        self._stuck: set[str] = set()

    def hear(self, hearer: Callable[[Happening], None]) -> Callable[[], None]:
        """Call `hearer` for everything that happens to an alarm; return how to stop."""
        self._hearers.append(hearer)
        return lambda: self._hearers.remove(hearer)

    # -- beginning -----------------------------------------------------------------------------

    async def raise_alarm(self, request: AlarmRequest, actor: str) -> Raised:
        """Raise an alarm; return when it is on disk, or after a second without the disk (A1).

        Raises `BadRequestError` for a priority, resident, episode or time that cannot be.
        """
        self._check(request)
        if request.episode and (known := self.ledger.episode(request.episode)) is not None:
            # The first raise may still wait for the disk; this entry stands behind it in the journal.
            entry = self._entry("alarm_raised_again", actor, known.id)
            return Raised(known, await self.ledger.commit(entry), merged=True)
        now = self._clock.now()
        alarm = Alarm(
            id=ulid_now(),
            episode=request.episode or f"e{ulid_now()}",
            kind=request.kind,
            priority=(
                KINDS[request.kind].priority if request.priority is None else request.priority
            ),
            source=request.source,
            location=request.location,
            resident=request.resident,
            reason=request.reason,
            sensed_at=request.sensed_at or now,
            raised_at=now,
            raised_by=actor,
            clock_trouble=self._clock.in_trouble(),
            test=request.test,
        )
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
        mono = self._clock.monotonic()
        now = self._clock.now()
        extra: tuple[Change, ...] = () if marker is None else (marker,)
        newest = self._newest_press(source.number)
        if newest is not None and newest.test and self.tests.is_echo(source.number, mono):
            self.ledger.post(*extra)
            return Raised(newest, newest.id not in self.ledger.not_durable, merged=True)
        if newest is not None and not self.tests.is_announced(source.number, mono):
            meaning = read_press(newest, self._receipt_time(newest), now)
            if meaning is not PressMeaning.NEW:
                return await self._press_again(newest, meaning, now, extra)
        test = self.tests.take(source.number, mono)
        alarm = Alarm(
            id=ulid_now(),
            episode=f"p{ulid_now()}",
            kind=AlarmKind.HELP_CALL,
            priority=HIGHEST_PRIORITY,
            source=source,
            location=location,
            resident=resident,
            reason=ReasonCode.TEST if test else ReasonCode.PRESSED,
            sensed_at=now,
            raised_at=now,
            raised_by=source.role,
            clock_trouble=self._clock.in_trouble(),
            test=test,
            last_press_at=now,
        )
        return await self._raise(alarm, source.role, *extra)

    async def _raise(self, alarm: Alarm, actor: str, *extra: Change) -> Raised:
        message = Message(
            id=ulid_now(),
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
        # The disk may have taken its time: the alarm may have been pressed again or cancelled.
        alarm = self.ledger.alarms.get(alarm.id, alarm)
        self._tell(What.RAISED, alarm)
        self.transmitter.release(message)
        return Raised(alarm, durable)

    async def _press_again(
        self, alarm: Alarm, meaning: PressMeaning, now: datetime, extra: tuple[Change, ...]
    ) -> Raised:
        alarm = replace(alarm, presses=alarm.presses + 1, last_press_at=now)
        entry = self._entry(
            "alarm_pressed_again", alarm.source.role, alarm.id, {"presses": alarm.presses}
        )
        if meaning is PressMeaning.SAME_CALL:
            self.ledger.post(PutAlarm(alarm), entry, *extra)
            return Raised(alarm, alarm.id not in self.ledger.not_durable, merged=True)
        durable = await self._say(alarm, MessageKind.UPDATE, entry, *extra, note=Note.PRESSED_AGAIN)
        self._tell(What.PRESSED_AGAIN, alarm)
        if alarm.id in self._stuck:
            self._tell(What.NOT_GETTING_THROUGH, alarm)
        return Raised(alarm, durable, merged=True)

    # -- changing and ending -------------------------------------------------------------------

    async def cancel(self, alarm_id: str, actor: str) -> Alarm:
        """Cancel an open alarm: what was sent is not unsent, a cancel follows it (A11).

        Raises `BadRequestError` for an alarm that is not known or has ended.
        """
        alarm = self.ledger.alarms.get(alarm_id)
        if alarm is None:
            raise BadRequestError("alarm", "unknown_alarm")
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
            id=ulid_now(),
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

    # -- what the journal held -----------------------------------------------------------------

    async def quarantine(self, actor: str) -> list[Alarm]:
        """Hold back what a restored or copied journal has as undelivered (A12); return it.

        It was made by another life of this home: a person reads the list, nothing of it is sent.
        Open alarms of it are no longer followed either.
        """
        held: list[Alarm] = self.ledger.undelivered()
        changes: list[Change] = []
        for delivery in self.ledger.deliveries.values():
            if delivery.is_waiting:
                changes.append(
                    PutDelivery(replace(delivery, state=DeliveryState.WITHDRAWN, followed=True))
                )
            elif not delivery.followed:
                changes.append(PutDelivery(replace(delivery, followed=True)))
        now = self._clock.now()
        changes += [
            PutAlarm(move(alarm, AlarmState.LAPSED, now)) for alarm in self.ledger.open_alarms()
        ]
        listed: list[Json] = [alarm.id for alarm in held]
        changes.append(PutMarker(RESTORED_MARKER, listed))
        changes.append(self._entry("journal_restored", actor, detail={"undelivered": len(held)}))
        await self.ledger.commit(*changes)
        return held

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
                self._move(alarm_id, AlarmState.ACKNOWLEDGED, What.ACKNOWLEDGED, followed)
            case Fate.CLOSED:
                self._move(alarm_id, AlarmState.CLOSED, What.CLOSED, followed)
            case Fate.RECEIVED | Fate.NOT_KNOWN:
                pass

    @override
    def lapsed(self, alarm_id: str) -> None:
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

    async def _raise_fault(self, kind: AlarmKind, reason: ReasonCode, episode: str) -> Raised:
        request = AlarmRequest(kind=kind, reason=reason, episode=episode)
        return await self.raise_alarm(request, FAULT_ACTOR)

    def _move(self, alarm_id: str, state: AlarmState, what: What, followed: Followed) -> None:
        alarm = self.ledger.alarms.get(alarm_id)
        if alarm is None or not can_move(alarm, state):
            return
        alarm = move(alarm, state, self._clock.now())
        detail: dict[str, Json] = {"by_person": followed.by_person}
        self.ledger.post(
            PutAlarm(alarm), self._entry(f"alarm_{what}", "receiver", alarm.id, detail)
        )
        self._tell(what, alarm, by_person=followed.by_person)

    # -- small things --------------------------------------------------------------------------

    def _check(self, request: AlarmRequest) -> None:
        priority = request.priority
        if priority is not None and not LOWEST_PRIORITY <= priority <= HIGHEST_PRIORITY:
            raise BadRequestError("priority", "out_of_range")
        if not 0 <= request.resident <= 9:  # noqa: PLR2004
            raise BadRequestError("resident", "out_of_range")
        if len(request.episode) > EPISODE_LENGTH or not request.episode.isprintable():
            raise BadRequestError("episode", "bad_text")
        if request.sensed_at is not None and request.sensed_at.tzinfo is None:
            raise BadRequestError("sensed_at", "no_time_zone")

    def _newest_press(self, number: int) -> Alarm | None:
        of_device = [
            alarm
            for alarm in self.ledger.alarms.values()
            if alarm.source.number == number and alarm.last_press_at is not None
        ]
        return max(of_device, key=lambda alarm: alarm.id, default=None)

    def _receipt_time(self, alarm: Alarm) -> datetime | None:
        receipt = self.ledger.first_receipt(alarm.id)
        return None if receipt is None else receipt.received_at

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
        durable = alarm.id not in self.ledger.not_durable
        happening = Happening(what, alarm, durable=durable, by_person=by_person)
        for hearer in list(self._hearers):
            try:
                hearer(happening)
            except Exception:
                # A lamp that cannot be told must not stop an alarm from being sent.
                _LOGGER.exception("A hearer failed on %s", what)
