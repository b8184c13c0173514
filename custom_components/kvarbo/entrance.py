"""One entry lock: what Kvarbo does at it, and what it finds done there by others.

What is to be done is decided by `access/`; this moves it, and believes it when the lock says so. Each grant is
in the journal before anything is moved. The names of those who come in are known to nobody here (R11).
"""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
import logging
from typing import Any, Final

from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.entity_component import async_update_entity

from .access.door import Bolt, Code, Door, Kept, Trouble, Wish
from .access.grant import Refusal
from .access.settings import EntrySettings
from .alarm.alarm import Source
from .alarm.clock import HomeClock
from .alarm.kinds import AlarmKind, Owner, ReasonCode
from .alarm.request import AlarmRequest
from .chain import Chain
from .devices.sensor import SensedDevice
from .devices.signs import find_device
from .devices.zigbee_lock import (
    BY_KEYPAD,
    BY_RADIO,
    UNLOCKED,
    is_not_fully_locked,
    let_code_work,
)
from .faults import ACTOR
from .journal.changes import Audit, Json, PutMarker
from .supervision.sensing import Reading

_LOGGER = logging.getLogger(__name__)

#: The journal's key of what is kept of a lock, by its short number.
KEY: Final = "entrance:{}"
LOCK: Final = "lock"
#: How long a bolt is given to say that it has moved, seconds of wire time.
MOVES_IN: Final = 15.0
#: What a lock says by radio within so many seconds of a call of ours, or of a call we have told of, is told already.
_SAME: Final = 20.0
#: Openings from afar without a grant are told at most so often; all are in the journal.
TOLD_EVERY: Final = timedelta(minutes=10)
#: What stands for a visit where an alarm's id would.
VISIT: Final = "visit"

_BOLTS: Final = {
    "locked": Bolt.LOCKED,
    "unlocked": Bolt.UNLOCKED,
    "open": Bolt.UNLOCKED,
    "locking": Bolt.MOVING,
    "unlocking": Bolt.MOVING,
    "opening": Bolt.MOVING,
    "jammed": Bolt.JAMMED,
}


class Entry(StrEnum):
    """Who may come in now."""

    NOBODY = "nobody"
    VISIT = "visit"
    ALARM = "alarm"


@dataclass(frozen=True, slots=True)
class Parts:
    """What an entrance needs of its home; `contact` returns what the door's sensor says, by its number."""

    hass: HomeAssistant
    chain: Chain
    clock: HomeClock
    contact: Callable[[int], Reading]
    changed: Callable[[], None]


class Entrance:
    """One lock, for as long as its settings stand."""

    def __init__(self, parts: Parts, device: SensedDevice, settings: EntrySettings) -> None:
        """Take up what the journal has kept of it; `look` begins."""
        self.device = device
        self.settings = settings
        #: Why the last request was refused; None where it was granted, or none came.
        self.refused: Refusal | None = None
        self._parts = parts
        self._key = KEY.format(device.number)
        kept = Kept.from_json(parts.chain.ledger.markers.get(self._key))
        self.door = Door(settings, kept, self._now)
        self._allowed: frozenset[str] = frozenset()
        self._journalled: frozenset[str] = frozenset()
        self._own: deque[str] = deque(maxlen=20)
        self._moved_at = self._told_at = float("-inf")
        self._told_alarm: float | None = None
        self._changed = asyncio.Event()
        self._turn = asyncio.Lock()
        self._acting: set[asyncio.Task[None]] = set()
        self._known: frozenset[Trouble] = frozenset()

    @property
    def number(self) -> int:
        """Its short number."""
        return self.device.number

    @property
    def entry(self) -> Entry:
        """Who may come in now, as far as the lock has been told."""
        if self.door.kept.code is Code.OPEN and self._allowed == {VISIT}:
            return Entry.VISIT
        is_open = self.door.kept.code is Code.OPEN and bool(self._allowed)
        return Entry.ALARM if is_open or self.door.is_granted else Entry.NOBODY

    @property
    def is_busy(self) -> bool:
        """Whether it must be looked at soon, whatever happens."""
        return self.door.is_waiting or self.door.kept.code is Code.OPEN

    @property
    def is_acting(self) -> bool:
        """Whether something is being done at the lock."""
        return bool(self._acting)

    @property
    def bolt(self) -> Bolt:
        """What the lock says."""
        entity_id = self.device.entity_id
        state = self._parts.hass.states.get(entity_id) if entity_id else None
        bolt = Bolt.UNKNOWN if state is None else _BOLTS.get(state.state, Bolt.UNKNOWN)
        if bolt is Bolt.UNLOCKED and is_not_fully_locked(self._parts.hass, self.address):
            return Bolt.AJAR
        return bolt

    @callback
    def stop(self) -> None:
        """Do no more; what was begun is in the journal."""
        for task in self._acting:
            task.cancel()

    @callback
    def look(self, allowed: frozenset[str]) -> None:
        """See how things stand, and do what is to be done. `allowed` are the alarms that let in, and a visit."""
        self._allowed = allowed
        contact = self._parts.contact(self.settings.contact)
        wishes = self.door.look(self._now, self.bolt, contact, may_enter=bool(allowed))
        self._save()
        self._tell_troubles()
        self._journal_further(allowed)
        self._changed.set()
        if wishes and not self._turn.locked():
            self._begin(self._act(wishes))

    def remember(self, alarms: frozenset[str]) -> None:
        """These alarms are known; what was given for others is forgotten."""
        self.door.forget(alarms)

    # -- a receiver's command ------------------------------------------------------------------

    @callback
    def asked(self, alarm_id: str, request: str, refusal: Refusal | None) -> None:
        """A receiver asks for the door, for the first time under this name; `refusal` is what the alarm says."""
        if self.door.was_asked(f"{alarm_id}:{request}"):
            return
        if not self.settings.by_command:
            refusal = Refusal.NOT_ALLOWED
        elif refusal is None and alarm_id in self.door.kept.given:
            refusal = Refusal.GIVEN_ALREADY
        elif refusal is None and self.bolt is Bolt.UNKNOWN:
            refusal = Refusal.LOCK_SILENT
        if refusal is not None:
            self._refuse(alarm_id, refusal)
            return
        self.door.opened_for(alarm_id, self._now)
        self._begin(self._unlock(alarm_id))

    def _refuse(self, alarm_id: str, refusal: Refusal) -> None:
        self.refused = refusal
        self._save(self._entry("entry_refused", "receiver", alarm_id, why=refusal.value))
        _LOGGER.warning("Lock %s stays locked: %s", self.number, refusal)
        self._parts.changed()

    async def _unlock(self, alarm_id: str) -> None:
        alarm = self._parts.chain.ledger.alarms.get(alarm_id)
        why = "" if alarm is None else alarm.kind.value
        granted = self._entry("entry_granted", "receiver", alarm_id, by="command", why=why)
        # On disk before the bolt moves: a restart in the middle locks the door again (D1).
        await self._commit(granted)
        async with self._turn:
            done = await self._move("unlock", (Bolt.UNLOCKED, Bolt.AJAR))
        if done:
            self.refused = None
            self._save(self._entry("entry_unlocked", ACTOR, alarm_id))
        else:
            # It was no grant after all: the next request is a first one.
            self.door.kept.given.pop(alarm_id, None)
            self._refuse(alarm_id, Refusal.LOCK_SILENT)
        self.look(self._allowed)
        self._parts.changed()

    # -- what is to be done --------------------------------------------------------------------

    async def _act(self, wishes: frozenset[Wish]) -> None:
        async with self._turn:
            if Wish.LOCK in wishes:
                done = await self._move("lock", (Bolt.LOCKED,))
                if done:
                    self.door.locked_for_sure()
                self._save(self._entry("entry_locked" if done else "entry_not_locked", ACTOR))
            if Wish.OPEN_CODE in wishes:
                await self._open_code()
            elif Wish.SHUT_CODE in wishes:
                await self._shut_code()
        self.look(self._allowed)
        self._parts.changed()

    async def _open_code(self) -> None:
        allowed = self._allowed
        if not allowed:
            return
        self.door.code_opens()
        self._journalled |= allowed
        await self._commit(*(self._grant(one) for one in sorted(allowed)))
        done = await let_code_work(self._parts.hass, self.address, self.settings.slot, is_open=True)
        self.door.code_told(self._now, is_open=True, done=done)

    async def _shut_code(self) -> None:
        was_open = self.door.kept.code is Code.OPEN
        slot = self.door.slot_to_shut
        done = await let_code_work(self._parts.hass, self.address, slot, is_open=False)
        self.door.code_told(self._now, is_open=False, done=done)
        self._journalled = frozenset()
        if done and was_open:
            self._save(self._entry("entry_ended", ACTOR))

    def _journal_further(self, allowed: frozenset[str]) -> None:
        """An alarm that comes while the code works already is a grant of its own."""
        if self.door.kept.code is Code.OPEN and (new := allowed - self._journalled):
            self._journalled |= new
            self._save(*(self._grant(one) for one in sorted(new)))

    async def _move(self, service: str, into: tuple[Bolt, ...]) -> bool:
        """Have the bolt moved; tell whether the lock then says that it has."""
        context = Context()
        self._own.append(context.id)
        self._moved_at = self._parts.clock.monotonic()
        try:
            async with asyncio.timeout(MOVES_IN):
                await self._parts.hass.services.async_call(
                    LOCK,
                    service,
                    {ATTR_ENTITY_ID: self.device.entity_id},
                    blocking=True,
                    context=context,
                )
                if self.door.is_in_doubt and self.device.entity_id is not None:
                    # What Home Assistant shows may be what the lock said before the hub died.
                    await async_update_entity(self._parts.hass, self.device.entity_id)
                while self.bolt not in into:
                    self._changed.clear()
                    await self._changed.wait()
        except (HomeAssistantError, TimeoutError) as err:
            _LOGGER.warning("Lock %s did not %s: %s", self.number, service, type(err).__name__)
            return False
        return True

    # -- what others do ------------------------------------------------------------------------

    @callback
    def called(self, context: Context) -> None:
        """Somebody has had Home Assistant unlock it."""
        if context.id not in self._own:
            self._ungranted("home_assistant")

    @callback
    def operated(self, args: Mapping[str, Any]) -> None:
        """Take the lock's own word of how it was unlocked."""
        if args.get("operation") != UNLOCKED:
            return
        mono = self._parts.clock.monotonic()
        match args.get("source"):
            case source if source == BY_RADIO:
                if mono - max(self._moved_at, self._told_at) > _SAME:
                    self._ungranted("radio")
            case source if source == BY_KEYPAD and args.get("code_slot") == self.settings.slot:
                self._code_used()
            case _:
                # The key, the knob, the resident's own code: their home.
                pass

    def _code_used(self) -> None:
        if not self.settings.by_code or not self._allowed or self.door.kept.code is not Code.OPEN:
            self._ungranted("code")
            return
        self.door.entered(self._now)
        self._save(*(self._entry("entry_used", "code", one) for one in sorted(self._allowed)))
        self.look(self._allowed)

    def _ungranted(self, by: str) -> None:
        clock = self._parts.clock
        self._told_at = clock.monotonic()
        self._save(self._entry("entry_ungranted", by))
        _LOGGER.warning("Lock %s was opened from afar without a grant", self.number)
        if self._told_alarm is not None and clock.monotonic() < self._told_alarm:
            return
        self._told_alarm = clock.monotonic() + TOLD_EVERY.total_seconds()
        self._begin(self._report())

    async def _report(self) -> None:
        sensor = self.device.sensor
        request = AlarmRequest(
            kind=AlarmKind.ENTRY_UNGRANTED,
            reason=ReasonCode.UNGRANTED,
            source=Source(sensor.number, sensor.role),
            location=sensor.room,
            episode=f"hentry{sensor.number}@{int(self._now)}",
            owner=Owner.OPERATIONS,
        )
        await self._parts.chain.raise_alarm(request, ACTOR)
        # It is over as it is told.
        await self._parts.chain.clear(request.episode, ACTOR)

    # -- small things --------------------------------------------------------------------------

    def _tell_troubles(self) -> None:
        troubles = self.door.troubles
        if troubles == self._known:
            return
        self._known = troubles
        sensor, faults = self.device.sensor, self._parts.chain.faults
        for trouble in Trouble:
            faults.set(
                AlarmKind.LOCK_FAULT,
                f"{self.number}-{trouble}",
                is_open=trouble in troubles,
                words=str(self.number),
                reason=ReasonCode(trouble.value),
                source=Source(sensor.number, sensor.role),
                location=sensor.room,
                since=self._parts.clock.now() - timedelta(seconds=self.door.open_for(self._now))
                if trouble is Trouble.LEFT_UNLOCKED
                else None,
            )
        self._parts.changed()

    @property
    def _now(self) -> float:
        return self._parts.clock.now().timestamp()

    @property
    def address(self) -> str:
        """Its address by its radio, empty where it has none of ours."""
        return find_device(self._parts.hass, self.device.source).address

    def _begin(self, work: Any) -> None:
        task = self._parts.hass.async_create_background_task(work, f"kvarbo lock {self.number}")
        self._acting.add(task)
        task.add_done_callback(self._acting.discard)

    def _grant(self, allowed: str) -> Audit:
        if allowed == VISIT:
            return self._entry("entry_allowed", ACTOR, by="code", why=VISIT)
        alarm = self._parts.chain.ledger.alarms.get(allowed)
        why = "" if alarm is None else alarm.kind.value
        return self._entry("entry_allowed", ACTOR, allowed, by="code", why=why)

    def _entry(self, what: str, actor: str, alarm_id: str | None = None, **detail: Json) -> Audit:
        clock = self._parts.clock
        return Audit(
            what=what,
            at=clock.now(),
            mono=clock.monotonic(),
            actor=actor,
            alarm_id=None if alarm_id == VISIT else alarm_id,
            detail={"lock": self.number, **detail},
        )

    def _save(self, *entries: Audit) -> None:
        """Keep what is to survive, without waiting for the disk."""
        if self.door.has_news or entries:
            self.door.has_news = False
            self._parts.chain.ledger.post(PutMarker(self._key, self.door.kept.to_json()), *entries)

    async def _commit(self, *entries: Audit) -> None:
        self.door.has_news = False
        marker = PutMarker(self._key, self.door.kept.to_json())
        await self._parts.chain.ledger.commit(marker, *entries)
