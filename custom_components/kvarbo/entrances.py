"""The entry locks of a home, and the one way in which an alarm opens them."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
import logging
from typing import Any, Final

from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import (
    ATTR_DOMAIN,
    ATTR_SERVICE,
    ATTR_SERVICE_DATA,
    ENTITY_MATCH_ALL,
    EVENT_CALL_SERVICE,
)
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.helpers.target import TargetSelection, async_extract_referenced_entity_ids

from .access.door import Trouble
from .access.grant import Refusal, Standing, why_not
from .access.settings import EntrySettings, read_entry
from .alarm.clock import HomeClock
from .alarm.happening import Happening, What
from .alarm.kinds import AlarmKind, Role
from .chain import Chain
from .devices.devices import Devices
from .devices.source import ZHA_EVENT
from .devices.zigbee_lock import OPERATED
from .dwelling import zone_of
from .entrance import LOCK, VISIT, Entrance, Parts
from .supervision.sensing import Reading

_LOGGER = logging.getLogger(__name__)

#: How often locks are looked at while something is to be done at one, and while nothing is.
SOON: Final = timedelta(seconds=2)
CALM: Final = timedelta(minutes=1)
#: Home time that is so far from the host's clock is the journal's word alone (S11).
_WRONG: Final = timedelta(minutes=2)
_OPENS: Final = frozenset({"unlock", "open"})


class Entrances:
    """All entry locks of one home."""

    def __init__(
        self,
        chain: Chain,
        devices: Devices,
        hass: HomeAssistant,
        clock: HomeClock,
        changed: Callable[[], None],
    ) -> None:
        """Keep none yet."""
        #: A demo home lets nobody in; so does one that has not said what it is.
        self.is_demo = True
        self.all: dict[str, Entrance] = {}
        self._hass = hass
        self._chain = chain
        self._clock = clock
        self._devices = devices
        self._parts = Parts(hass, chain, clock, self._contact, changed)
        #: Alarms that began while this process ran.
        self._live: set[str] = set()
        self._stop: list[CALLBACK_TYPE] = []
        self._ticks: CALLBACK_TYPE | None = None
        self._pace: timedelta | None = None

    # -- life ----------------------------------------------------------------------------------

    @callback
    def start(self, subentries: Iterable[ConfigSubentry]) -> None:
        """Begin to keep the entry at these locks."""
        self._stop = [
            self._hass.bus.async_listen(EVENT_CALL_SERVICE, self._called),
            self._hass.bus.async_listen(ZHA_EVENT, self._operated),
        ]
        self.apply(subentries)

    @callback
    def stop(self) -> None:
        """Keep none any more."""
        for stop in self._stop:
            stop()
        self._stop = []
        self._set_pace(None)
        for entrance in self.all.values():
            entrance.stop()

    @callback
    def apply(self, subentries: Iterable[ConfigSubentry]) -> None:
        """Take over locks that came, went or changed."""
        wanted: dict[str, Entrance] = {}
        for subentry in subentries:
            key = subentry.subentry_id
            device = self._devices.sensed.get(key)
            if device is None or device.sensor.role is not Role.ENTRY_LOCK:
                continue
            settings = self._settings(subentry)
            running = self.all.get(key)
            if running is not None and (running.device, running.settings) == (device, settings):
                wanted[key] = running
                continue
            if running is not None:
                running.stop()
            wanted[key] = Entrance(self._parts, device, settings)
        for key in self.all.keys() - wanted.keys():
            self.all[key].stop()
        self.all = wanted
        faults = {f"{e.number}-{trouble}" for e in wanted.values() for trouble in Trouble}
        self._chain.faults.only(AlarmKind.LOCK_FAULT, faults)
        self.look()

    def _settings(self, subentry: ConfigSubentry) -> EntrySettings:
        try:
            return read_entry(subentry.data)
        except (TypeError, ValueError) as err:
            # Whatever they were meant to say: nobody is let in by them.
            _LOGGER.error("The entry at lock %s is shut: %s", subentry.subentry_id, err)
            return EntrySettings()

    def of(self, subentry_id: str) -> list[Entrance]:
        """Return the entrance of a subentry, if it is one and runs."""
        entrance = self.all.get(subentry_id)
        return [] if entrance is None else [entrance]

    # -- what happens --------------------------------------------------------------------------

    @callback
    def happened(self, happening: Happening) -> None:
        """Follow alarms: each that begins, is accepted or ends may change who may come in."""
        if happening.what is What.RAISED:
            self._live.add(happening.alarm.id)
        self._live &= self._chain.ledger.alarms.keys()
        if self.all:
            self.look()

    @callback
    def sensed(self, number: int) -> None:
        """A device of the home says something: a lock, or the contact at its door."""
        if any(number in (e.number, e.settings.contact) for e in self.all.values()):
            self.look()

    @callback
    def asked(self, alarm_id: str, request: str) -> None:
        """A receiver asks for the door to be unlocked for an alarm; see `Followed.door`."""
        for entrance in self.all.values():
            entrance.asked(alarm_id, request, self._why_not(alarm_id, entrance.settings))

    @callback
    def look(self, _now: datetime | None = None) -> None:
        """Look at every lock."""
        known = frozenset(self._chain.ledger.alarms)
        is_visit_possible = not self.is_demo and not self._is_clock_wrong
        wall = self._clock.now().astimezone(zone_of(self._hass)).time()
        for entrance in self.all.values():
            settings = entrance.settings
            allowed = {
                alarm.id
                for alarm in self._chain.ledger.open_alarms()
                if settings.by_code and self._why_not(alarm.id, settings) is None
            }
            if is_visit_possible and any(visit.holds(wall) for visit in settings.visits):
                allowed.add(VISIT)
            entrance.remember(known)
            entrance.look(frozenset(allowed) if settings.by_code else frozenset())
        is_busy = any(entrance.is_busy for entrance in self.all.values())
        self._set_pace((SOON if is_busy else CALM) if self.all and self._stop else None)

    @property
    def _is_clock_wrong(self) -> bool:
        return self._clock.face().behind > _WRONG

    def _why_not(self, alarm_id: str, settings: EntrySettings) -> Refusal | None:
        ledger = self._chain.ledger
        alarm = ledger.alarms.get(alarm_id)
        standing = Standing(
            now=self._clock.now(),
            clock_is_wrong=self._is_clock_wrong,
            seen_live=alarm_id in self._live,
            is_accepted=alarm is not None and ledger.first_receipt(alarm_id) is not None,
            is_demo=self.is_demo,
            oldest=settings.oldest,
        )
        return why_not(alarm, standing)

    # -- what others do ------------------------------------------------------------------------

    @callback
    def _called(self, event: Event) -> None:
        data = event.data
        if data.get(ATTR_DOMAIN) != LOCK or data.get(ATTR_SERVICE) not in _OPENS or not self.all:
            return
        selection = TargetSelection(dict(data.get(ATTR_SERVICE_DATA) or {}))
        found = async_extract_referenced_entity_ids(self._hass, selection)
        # Groups are resolved by it; "all" is not.
        meant = selection.entity_ids | found.referenced | found.indirectly_referenced
        for entrance in self.all.values():
            if ENTITY_MATCH_ALL in meant or entrance.device.entity_id in meant:
                entrance.called(event.context)

    @callback
    def _operated(self, event: Event[dict[str, Any]]) -> None:
        if event.data.get("command") != OPERATED or not self.all:
            return
        args = event.data.get("params") or event.data.get("args")
        for entrance in self.all.values():
            if event.data.get("device_ieee") == entrance.address and isinstance(args, dict):
                entrance.operated(args)

    # -- small things --------------------------------------------------------------------------

    def _contact(self, number: int) -> Reading:
        for sensed in self._devices.sensed.values():
            if number and sensed.number == number:
                return sensed.reading
        return Reading.UNKNOWN

    def _set_pace(self, pace: timedelta | None) -> None:
        if pace == self._pace:
            return
        if self._ticks is not None:
            self._ticks()
        self._pace, self._ticks = pace, None
        if pace is not None:
            self._ticks = async_track_time_interval(
                self._hass, self.look, pace, name="Kvarbo entrances", cancel_on_shutdown=True
            )
