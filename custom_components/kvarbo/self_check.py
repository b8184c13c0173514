"""What the home checks of itself: its clock, its mains, and by a daily test the whole alarm chain."""

import asyncio
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
import logging
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_track_time_interval

from .alarm.clock import HomeClock
from .alarm.clock_watch import ClockWatch
from .alarm.kinds import AlarmKind, Role
from .chain import Chain
from .devices.devices import Devices
from .findings import HUB_KEY
from .journal.writer import JournalWriter
from .mains import Mains
from .proven import ChainProof
from .rounds import Rounds
from .supervision.sensing import Reading, Sensor

_LOGGER = logging.getLogger(__name__)

LOOK_EVERY: Final = timedelta(minutes=1)


class SelfCheck:
    """Looks each minute; tells what it finds as technical alarms."""

    def __init__(
        self,
        hass: HomeAssistant,
        chain: Chain,
        clock: HomeClock,
        journal: JournalWriter,
        changed: Callable[[], None],
    ) -> None:
        """Make the parts; `start` begins to look."""
        self.mains = Mains(chain.faults)
        self.rounds = Rounds(hass, chain.faults, chain.ledger, clock)
        self.proof = ChainProof(
            chain.ledger,
            clock,
            chain.transmitter,
            journal.audit_head,
            lambda: (AlarmKind.JOURNAL_FAULT, HUB_KEY) in chain.faults.open,
        )
        self._hass = hass
        self._faults = chain.faults
        self._clock = clock
        self._changed = changed
        self._clock_watch = ClockWatch()
        self._stop: CALLBACK_TYPE | None = None
        self._testing: asyncio.Task[None] | None = None
        self._was_proven = False
        self._test_held = True

    @callback
    def start(self, entry: ConfigEntry, devices: Devices) -> None:
        """Begin to look."""
        self.proof.load()
        self.rounds.start(devices)
        self._entry = entry
        self._stop = async_track_time_interval(
            self._hass, self.look, LOOK_EVERY, name="Kvarbo self-check", cancel_on_shutdown=True
        )
        self._clock_watch.look(self._clock.face())

    @callback
    def stop(self) -> None:
        """Look no more."""
        if self._stop is not None:
            self._stop()
            self._stop = None
        if self._testing is not None:
            self._testing.cancel()
        self.mains.stop()
        self.rounds.stop()

    @callback
    def sense(self, number: int, reading: Reading) -> None:
        """Take what a sensor says."""
        self.mains.sense(number, reading)
        if reading is Reading.ACTIVE:
            self.rounds.used(number)

    @callback
    def set_sensors(self, sensors: Collection[Sensor]) -> None:
        """Take over the sensors of the home."""
        self.mains.set_sensors({s.number for s in sensors if s.role is Role.MAINS})

    @callback
    def look(self, _now: datetime | None = None) -> None:
        """Look at the clock, and test the chain where it is time."""
        face = self._clock.face()
        before, is_fault = self._clock_watch.is_fault, self._clock_watch.look(face)
        if not is_fault or not before:
            words = f"{face.wall:%Y-%m-%d %H:%M} UTC"
            self._faults.set(AlarmKind.CLOCK_FAULT, HUB_KEY, is_open=is_fault, words=words)
        if self.proof.is_due() and (self._testing is None or self._testing.done()):
            self._testing = self._entry.async_create_background_task(
                self._hass, self._test(), "kvarbo chain test"
            )
        has_news = self.rounds.look()
        if has_news or self.proof.is_proven is not self._was_proven:
            self._was_proven = self.proof.is_proven
            self._changed()

    async def _test(self) -> None:
        holds = await self.proof.test()
        if not holds and self._test_held:
            _LOGGER.warning("The daily test of the alarm chain has failed; it is tried again")
        self._test_held = holds
        self._changed()
