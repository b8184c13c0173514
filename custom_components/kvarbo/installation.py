"""The installation of one home: what happens ticks itself, the rest a technician says (R43, R53, R57)."""

from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import blake2b
import json
import logging
from typing import Any, Final

from homeassistant.core import HomeAssistant, callback

from .alarm.happening import Happening, What
from .alarm.kinds import Location, Role
from .chain import Chain
from .commissioning.items import (
    NEVER_LEFT,
    DeviceFacts,
    HomeFacts,
    Item,
    RuleFacts,
    Signal,
    State,
    Step,
    blocking,
    open_items,
    rooms_to_walk,
    state_of,
)
from .commissioning.progress import DeviceProgress, Gap, GapReason, Progress
from .devices.devices import Devices
from .devices.help_button import HelpButton
from .devices.sensor import SensedDevice
from .devices.signs import find_device
from .devices.vitals import WEAK_LQI, WEAK_RSSI, Ailment
from .journal.changes import PutMarker
from .self_check import SelfCheck
from .supervision.slot import Standing
from .transmission.outlet import Takes
from .watching.overview import overview
from .watching.watching import Watching

_LOGGER = logging.getLogger(__name__)

MARKER: Final = "commissioning"
#: Seconds between two looks through all devices.
_PAUSE: Final = 5.0
#: What a technician notes by hand; the rest shows by itself.
BY_HAND: Final = (Step.WINDOW, Step.LAMP, Step.ADDRESS, Step.PAPERS)


class NotProvenError(Exception):
    """An installation cannot be closed; `items` must be done, or left with a reason, first."""

    def __init__(self, items: tuple[Item, ...]) -> None:
        """Name them."""
        super().__init__(", ".join(item.key for item in items))
        self.items = items


class Installation:
    """Follows one home from the van to the signature."""

    def __init__(
        self,
        hass: HomeAssistant,
        chain: Chain,
        watching: Watching,
        check: SelfCheck,
    ) -> None:
        """Follow nothing yet."""
        self.progress = Progress()
        #: How it stood at the last look: what is open, and what of that keeps it from being closed.
        self.state = State.NOT_BEGUN
        self.open: tuple[Item, ...] = ()
        self.blocks: tuple[Item, ...] = ()
        self._there: list[tuple[int, bool, dict[str, str]]] = []
        self._looked = float("-inf")
        #: This hub's own mark; another hub has another.
        self.hub = ""
        #: Tells when the home is gone through again.
        self.review: Callable[[], float | None] = lambda: None
        self._hass = hass
        self._chain = chain
        self._watching = watching
        self._check = check
        self._devices: Devices | None = None

    @callback
    def start(self, hub: str, devices: Devices) -> None:
        """Take up what the journal has kept, and follow from now on."""
        self.hub, self._devices = hub, devices
        kept = self._watching.ledger.markers.get(MARKER)
        if kept is not None:
            try:
                self.progress = Progress.from_json(kept)
            except ValueError:
                _LOGGER.warning("What was known of the installation could not be read")
        self._check.rounds.on_used = self._used
        self.look()

    # -- how it stands -------------------------------------------------------------------------

    @callback
    def look(self) -> None:
        """Look whether anything has come, ticked or gone since; told at every change of the home, and so often idle.

        What entities and issues show is what was found here: whoever asks at a press must not have to look
        through all devices.
        """
        there = [(one.number, one.is_missing, one.source) for one in self._all()]
        there += [(one.number, True, {}) for one in self._deaf()]
        mono = self._hass.loop.time()
        if there == self._there and mono - self._looked < _PAUSE:
            return
        self._there, self._looked = there, mono
        if self.progress.begun_at is not None:
            self._note_newcomers()
        self.refresh()

    def refresh(self) -> None:
        """See how it stands, for entities and issues."""
        facts, now = self.facts(), self._watching.now()
        self.state = state_of(facts, self.progress, now)
        self.open = open_items(facts, self.progress, now)
        self.blocks = blocking(facts, self.progress, now)

    def told(self) -> dict[str, Any]:
        """Return all of it for a page. Times are ISO 8601 in the home's zone; no names."""
        facts, progress, now = self.facts(), self.progress, self._watching.now()
        must = set(blocking(facts, progress, now))
        return {
            "state": str(state_of(facts, progress, now)),
            "begun_at": self._iso(progress.begun_at),
            "closed_at": self._iso(progress.closed_at),
            "review_at": self._iso(facts.review_at),
            "items": [
                {
                    "key": item.key,
                    "step": str(item.step),
                    "about": item.about,
                    "blocks": item in must,
                    "may_be_left": item.step not in NEVER_LEFT,
                    **self._gap(item),
                }
                for item in open_items(facts, progress, now)
            ],
            "rooms": {room: self._iso(at) for room, at in rooms_to_walk(facts, progress).items()},
            "devices": [
                {
                    "number": device.number,
                    "role": str(device.role),
                    "room": str(device.room),
                    "signal": str(device.signal),
                    **self._times(device),
                }
                for device in facts.devices
            ],
        }

    def _gap(self, item: Item) -> dict[str, Any]:
        gap = self.progress.gaps.get(item.key)
        return {} if gap is None else {"reason": str(gap.reason), "until": self._iso(gap.until)}

    def _iso(self, at: float | None) -> str | None:
        if at is None:
            return None
        zone = self._watching.house.wall.zone
        return datetime.fromtimestamp(at, zone).isoformat(timespec="seconds")

    def _times(self, device: DeviceFacts) -> dict[str, str | None]:
        one = self.progress.devices.get(device.number)
        if one is None or one.source != device.source:
            return {"begun_at": None, "heard_at": None, "tested_at": None}
        return {
            "begun_at": self._iso(one.begun_at),
            "heard_at": self._iso(one.heard_at),
            "tested_at": self._iso(one.tested_at),
        }

    def facts(self) -> HomeFacts:
        """Return the home as it is now."""
        lines = [
            line for line in self._chain.transmitter.lines if line.outlet.takes is Takes.ALARMS
        ]
        return HomeFacts(
            hub=self.hub,
            devices=tuple(
                sorted([*map(self._device, self._all()), *self._deaf()], key=lambda one: one.number)
            ),
            rules=tuple(
                RuleFacts(str(rule.identity), rule.standing is Standing.NO_CONSENT)
                for rule in overview(self._watching)
                if not rule.technical
            ),
            is_reached=bool(lines) and all(line.watch.reach.reached for line in lines),
            is_proven=self._check.proof.is_proven,
            review_at=self.review(),
        )

    def _deaf(self) -> list[DeviceFacts]:
        """Return the devices whose settings cannot be used: a home with one is not proven."""
        numbers = self._devices.deaf.values() if self._devices is not None else ()
        # Its number, where it has a readable one, is all that is known of it.
        whole = (int(number) if number.isdecimal() else 0 for number in numbers)
        return [
            DeviceFacts(number, Role.ITEM, Location.HOME, "", is_missing=True, signal=Signal.NONE)
            for number in whole
        ]

    def _all(self) -> list[HelpButton | SensedDevice]:
        if self._devices is None:
            return []
        return [*self._devices.buttons.values(), *self._devices.sensed.values()]

    def _device(self, device: HelpButton | SensedDevice) -> DeviceFacts:
        if isinstance(device, HelpButton):
            role, room = device.role, device.location or Location.HOME
        else:
            role, room = device.sensor.role, device.sensor.room
        return DeviceFacts(
            device.number,
            role,
            room,
            mark_of(device.source),
            device.is_missing,
            self._signal(device),
        )

    def _signal(self, device: HelpButton | SensedDevice) -> Signal:
        if find_device(self._hass, device.source).radio is None:
            return Signal.NONE
        vitals = self._check.rounds.vitals.get(device.number)
        if vitals is None or (vitals.lqi is None and vitals.rssi is None):
            return Signal.UNKNOWN
        is_weak = (
            vitals.lqi < WEAK_LQI if vitals.lqi is not None else (vitals.rssi or 0) < WEAK_RSSI
        )
        return Signal.WEAK if is_weak or Ailment.WEAK in vitals.ailments else Signal.GOOD

    # -- what shows by itself ------------------------------------------------------------------

    @callback
    def _used(self, number: int) -> None:
        """A device has done once what it is for, under the technician's eyes or at any time after."""
        if self.progress.begun_at is None:
            return
        device = next((one for one in self._all() if one.number == number), None)
        if device is None:
            return
        now, has_news = self._watching.now(), False
        facts = self._device(device)
        one = self._known(facts, now)
        if one.heard_at is None:
            one.heard_at, has_news = now, True
        if facts.role is Role.MOTION and facts.room not in self.progress.rooms:
            self.progress.rooms[str(facts.room)], has_news = now, True
        if has_news:
            self._keep()

    @callback
    def happened(self, happening: Happening) -> None:
        """A test that a receiver has taken proves the device that it came from (A9)."""
        alarm = happening.alarm
        if happening.what is not What.RECEIVED or not alarm.test or self.progress.begun_at is None:
            return
        device = next((one for one in self._all() if one.number == alarm.source.number), None)
        if device is None:
            return
        now = self._watching.now()
        one = self._known(self._device(device), now)
        one.tested_at = now
        one.heard_at = one.heard_at or now
        self._keep()

    def _note_newcomers(self) -> None:
        """Note when a device came, so that the time it took is known (R53)."""
        known = {number: one.source for number, one in self.progress.devices.items()}
        new = [d for d in self._all() if known.get(d.number) != mark_of(d.source)]
        for device in new:
            self._known(self._device(device), self._watching.now())
        if new:
            self._keep()

    def _known(self, device: DeviceFacts, now: float) -> DeviceProgress:
        one = self.progress.devices.get(device.number)
        if one is None or one.source != device.source:
            one = self.progress.devices[device.number] = DeviceProgress(device.source, now)
        return one

    # -- what a technician says ----------------------------------------------------------------

    def begin(self, actor: str) -> None:
        """Begin an installation, or go on with one that was closed: what has been proven stays proven."""
        if self.progress.begun_at is None:
            self.progress.begun_at = self._watching.now()
            self._note_newcomers()
            self._keep("commissioning_begun", actor, {})

    def note(self, step: Step, actor: str, *, seen: bool = False) -> None:
        """Note what only a person can tell; `seen`: a lamp is seen from the bed."""
        now, progress = self._watching.now(), self.progress
        match step:
            case Step.WINDOW:
                progress.window_at = now
            case Step.LAMP:
                progress.lamp_at, progress.lamp_seen = now, seen
            case Step.ADDRESS:
                progress.address_at, progress.address_hub = now, self.hub
            case _:
                progress.papers_at = now
        self._keep("commissioning_noted", actor, {"step": str(step), "seen": seen})

    def leave(self, key: str, reason: GapReason, until: float, actor: str) -> bool:
        """Leave an open item, with a reason and until a day; False where it is none, or may not be left."""
        self.refresh()
        item = next((one for one in self.open if one.key == key), None)
        if item is None or item.step in NEVER_LEFT:
            return False
        self.progress.gaps[key] = Gap(reason, until)
        self._keep("commissioning_left", actor, {"item": key, "reason": str(reason)})
        return True

    def close(self, actor: str) -> tuple[Item, ...]:
        """Close it; return what stays open with a reason.

        Raises:
            NotProvenError: something is neither proven nor left with a reason; nothing has changed.
        """
        facts, now = self.facts(), self._watching.now()
        if self.progress.begun_at is None or (must := blocking(facts, self.progress, now)):
            raise NotProvenError(() if self.progress.begun_at is None else must)
        left = open_items(facts, self.progress, now)
        self.progress.closed_at = now
        # What was left and is proven since is no gap any more.
        keys = {item.key for item in left}
        self.progress.gaps = {k: gap for k, gap in self.progress.gaps.items() if k in keys}
        minutes = round((now - self.progress.begun_at) / 60)
        detail = {"minutes": minutes, "gaps": len(left), "devices": len(facts.devices)}
        self._keep("commissioning_closed", actor, detail)
        return left

    def _keep(
        self, what: str = "", actor: str = "", detail: Mapping[str, Any] | None = None
    ) -> None:
        ledger = self._watching.ledger
        changes: list[Any] = [PutMarker(MARKER, self.progress.to_json())]
        if what:
            changes.append(self._watching.entry(what, actor, dict(detail or {})))
        ledger.post(*changes)
        self.refresh()
        self._watching.changed()


def mark_of(source: Mapping[str, str]) -> str:
    """Return a short mark of what a device listens to: another source has another."""
    text = json.dumps(dict(source), sort_keys=True)
    return blake2b(text.encode(), digest_size=6).hexdigest()
