"""The round that the home makes of its devices each minute: what ails one is told as a technical alarm (A8, F10).

Help buttons are looked at as sensors are: nobody presses one for months, and it must not have died meanwhile.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
import logging
from typing import Any, Final

from homeassistant.core import HomeAssistant, callback

from .alarm.alarm import Source
from .alarm.clock import Clock
from .alarm.kinds import AlarmKind, Location, ReasonCode, Role
from .devices.devices import Devices
from .devices.help_button import HelpButton
from .devices.sensor import SensedDevice
from .devices.signs import ZIGBEE, find_device, is_radio_up, read_signs
from .devices.source import is_to_pair
from .devices.vitals import Ailment, Vitals
from .faults import Faults
from .journal.changes import PutMarker
from .transmission.ledger import Ledger

_LOGGER = logging.getLogger(__name__)

#: Marks what is known of the devices; written so often at most, seconds: an SD card wears.
VITALS: Final = "vitals"
KEEP_EVERY: Final = 6 * 3600.0
#: A radio that is away for so many looks is lost.
LOST_AFTER: Final = 2
#: A help button that nobody has tried after so long is asked about, seconds of looking.
UNTRIED: Final = 7 * 24 * 3600.0
#: More than this between two looks was no looking: the hub slept.
_STRIDE: Final = 600.0

#: As what each ailment is told.
_TELLS: Final = {
    Ailment.SILENT: (AlarmKind.DEVICE_SILENT, ReasonCode.SILENT),
    Ailment.BATTERY: (AlarmKind.DEVICE_BATTERY, ReasonCode.LOW_BATTERY),
    Ailment.TAMPER: (AlarmKind.DEVICE_TAMPER, ReasonCode.OPENED),
    Ailment.WEAK: (AlarmKind.DEVICE_FAULT, ReasonCode.WEAK_LINK),
    Ailment.TROUBLE: (AlarmKind.DEVICE_FAULT, ReasonCode.TROUBLE),
    Ailment.DARK: (AlarmKind.DEVICE_FAULT, ReasonCode.UNPLUGGED),
}


_NAMED: Final = frozenset({Ailment.TROUBLE, Ailment.DARK})


class Rounds:
    """Looks after all devices of one home."""

    def __init__(self, hass: HomeAssistant, faults: Faults, ledger: Ledger, clock: Clock) -> None:
        """Look at nothing yet."""
        #: By the device's short number.
        self.vitals: dict[int, Vitals] = {}
        #: Told each time that a device does what it is for.
        self.on_used: Callable[[int], None] = lambda _number: None
        self._hass = hass
        self._faults = faults
        self._ledger = ledger
        self._clock = clock
        self._devices: Devices | None = None
        self._since = 0.0
        self._looked_at: float | None = None
        self._kept_at = 0.0
        self._away: dict[str, int] = {}

    @callback
    def start(self, devices: Devices) -> None:
        """Look after these from now on, with what the journal has kept of them."""
        self._devices = devices
        self._since = self._kept_at = self._clock.monotonic()
        kept = self._ledger.markers.get(VITALS)
        for number, raw in (kept if isinstance(kept, dict) else {}).items():
            try:
                self.vitals[int(number)] = Vitals.from_json(raw)
            except ValueError:
                _LOGGER.warning("What was known of device %s could not be read", number)

    @callback
    def stop(self) -> None:
        """Keep what is known for the next start."""
        if self._looked_at is not None:
            self._keep()

    @callback
    def used(self, number: int) -> None:
        """Note that a device has done once what it is for."""
        self.vitals.setdefault(number, Vitals()).used = True
        self.on_used(number)

    @callback
    def look(self) -> bool:
        """Look at every device; tell whether anything that is shown has changed."""
        now = self._clock.monotonic()
        passed = 0.0 if self._looked_at is None else now - self._looked_at
        self._looked_at = now
        before = {number: vitals.ailments for number, vitals in self.vitals.items()}
        devices = list(self._all())
        self.vitals = {d.number: self.vitals.get(d.number, Vitals()) for d in devices}
        radios: set[str] = set()
        for device in devices:
            if is_to_pair(device.source):
                # Nothing is known of it, and nothing is amiss: its issue says that it has yet to come.
                continue
            where = find_device(self._hass, device.source)
            if where.radio is not None:
                radios.add(where.radio)
                if not is_radio_up(self._hass, where.radio):
                    # It says nothing of a device that nobody can hear it.
                    continue
            vitals = self.vitals[device.number]
            signs = read_signs(self._hass, where, since=self._since, before=vitals.heard)
            if isinstance(device, SensedDevice):
                signs = device.own_signs(signs)
            ailments = vitals.look(signs, min(passed, _STRIDE))
            self._tell(device, ailments)
            if isinstance(device, SensedDevice) and where.radio == ZIGBEE:
                # A Zigbee device checks in though nothing happens. One by Bluetooth may speak only
                # when something does, and its silence is then the resident's.
                device.set_silent(is_silent=Ailment.SILENT in ailments)
        self._radios(radios)
        self._forget({device.number for device in devices})
        if now - self._kept_at >= KEEP_EVERY:
            self._keep()
        return before != {number: vitals.ailments for number, vitals in self.vitals.items()}

    def heard_ago(self, number: int) -> float | None:
        """Return how long ago a device's radio last heard it, seconds; None where no radio of ours ever did."""
        vitals = self.vitals.get(number)
        if vitals is None or not vitals.heard or self._looked_at is None:
            return None
        return vitals.quiet + self._clock.monotonic() - self._looked_at

    def untried(self) -> list[int]:
        """Return the help buttons that hang in the home for long and that nobody has ever pressed (F10)."""
        return [
            device.number
            for device in self._all()
            if isinstance(device, HelpButton)
            and (vitals := self.vitals.get(device.number)) is not None
            and not vitals.used
            and vitals.looked >= UNTRIED
        ]

    def fading(self) -> list[int]:
        """Return the devices whose link has become much worse and is not weak yet."""
        return [
            number
            for number, vitals in self.vitals.items()
            if vitals.is_fading and Ailment.WEAK not in vitals.ailments
        ]

    def _all(self) -> Iterator[HelpButton | SensedDevice]:
        if self._devices is not None:
            yield from self._devices.buttons.values()
            yield from self._devices.sensed.values()

    def _tell(self, device: HelpButton | SensedDevice, ailments: frozenset[Ailment]) -> None:
        role, place = _what(device)
        for ailment, (kind, reason) in _TELLS.items():
            is_open = ailment in ailments
            key = _key(device.number, ailment)
            if not is_open:
                self._faults.set(kind, key, is_open=False)
                continue
            if (kind, key) in self._faults.open or self._is_told(device.number, kind, reason):
                continue
            vitals = self.vitals[device.number]
            quiet = {Ailment.SILENT: vitals.quiet, Ailment.DARK: vitals.dark}.get(ailment, 0.0)
            self._faults.set(
                kind,
                key,
                is_open=True,
                words=str(device.number),
                reason=reason,
                source=Source(device.number, role),
                location=place,
                since=self._clock.now() - timedelta(seconds=quiet),
            )

    def _is_told(self, number: int, kind: AlarmKind, reason: ReasonCode) -> bool:
        """Tell whether a rule has told of the same already: one cause, one alarm (R60)."""
        return any(
            alarm.kind is kind
            and alarm.reason is reason
            and alarm.source.number == number
            and alarm.cleared_at is None
            and alarm.episode.startswith("f")
            for alarm in self._ledger.open_alarms()
        )

    def _radios(self, radios: set[str]) -> None:
        for radio in radios:
            is_away = self._hass.is_running and not is_radio_up(self._hass, radio)
            self._away[radio] = self._away.get(radio, 0) + 1 if is_away else 0
            self._faults.set(
                AlarmKind.RADIO_LOST, radio, is_open=self._away[radio] >= LOST_AFTER, words=radio
            )
        self._away = {radio: count for radio, count in self._away.items() if radio in radios}
        self._faults.only(AlarmKind.RADIO_LOST, radios)

    def _forget(self, numbers: set[int]) -> None:
        for kind in dict.fromkeys(kind for kind, _ in _TELLS.values()):
            wanted = {_key(n, a) for n in numbers for a in Ailment if _TELLS[a][0] is kind}
            self._faults.only(kind, wanted)

    def _keep(self) -> None:
        self._kept_at = self._clock.monotonic()
        known: dict[str, Any] = {str(n): vitals.to_json() for n, vitals in self.vitals.items()}
        self._ledger.post(PutMarker(VITALS, known))


def _key(number: int, ailment: Ailment) -> str:
    """Return what a device's ailment is called among the faults: several are of one kind."""
    return f"{number}-{ailment}" if ailment in _NAMED else str(number)


def _what(device: HelpButton | SensedDevice) -> tuple[Role, Location | None]:
    if isinstance(device, HelpButton):
        return device.role, device.location
    return device.sensor.role, device.sensor.room
