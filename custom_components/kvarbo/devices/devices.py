"""The devices of the home: those that came, went or changed, while the others run on."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
import logging
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr

from ..alarm.kinds import Role
from ..const import CONF_NUMBER, CONF_ROLE, DOMAIN
from ..supervision.sensing import Sensor
from .desk import Desk
from .help_button import HelpButton
from .sensor import SensedDevice, read_sensor

_LOGGER = logging.getLogger(__name__)


class Devices:
    """The help buttons and sensors that are listened to, by subentry."""

    def __init__(self, hass: HomeAssistant, desk: Desk) -> None:
        """Start with none."""
        self.buttons: dict[str, HelpButton] = {}
        self.sensed: dict[str, SensedDevice] = {}
        #: Devices whose settings cannot be used: their numbers as stored, by subentry.
        self.deaf: dict[str, str] = {}
        self._hass = hass
        self._desk = desk

    @callback
    def apply(self, subentries: Iterable[ConfigSubentry]) -> None:
        """Make these the devices of the home. Help buttons are heard before anything else is done."""
        wanted = {subentry.subentry_id: subentry for subentry in subentries}
        before = self.sensors()
        gone: list[SensedDevice] = []
        for key, button in list(self.buttons.items()):
            if key not in wanted or not button.matches(wanted[key]):
                button.stop()
                del self.buttons[key]
        for key, sensed in list(self.sensed.items()):
            if key not in wanted or not sensed.matches(wanted[key]):
                sensed.stop()
                gone.append(self.sensed.pop(key))
        self.deaf = {}
        came: list[SensedDevice] = []
        for key, subentry in wanted.items():
            if key in self.buttons or key in self.sensed:
                continue
            try:
                device = self._make(subentry)
            except (KeyError, TypeError, ValueError) as err:
                # Stored by a later release, or broken: it must not silence the rest of the home.
                _LOGGER.error("Device %s cannot be listened to: %s", key, type(err).__name__)
                self.deaf[key] = str(subentry.data.get(CONF_NUMBER, "?"))
                continue
            if isinstance(device, HelpButton):
                self.buttons[key] = device
                device.start()
            else:
                self.sensed[key] = device
                came.append(device)
        if self.sensors() != before:
            self._desk.sensors_changed()
        # What a sensor said under other settings is not known of it any more, and what it says
        # under the new ones is no event: a person at a form has made it, not the resident.
        for sensed in gone:
            sensed.forget(is_for_good=sensed.subentry_id not in wanted)
        for sensed in came:
            sensed.start()

    def _make(self, subentry: ConfigSubentry) -> HelpButton | SensedDevice:
        if Role(subentry.data[CONF_ROLE]) is Role.HELP_BUTTON:
            return HelpButton(self._hass, self._desk, subentry)
        return SensedDevice(self._hass, self._desk, subentry)

    @callback
    def stop(self) -> None:
        """Listen to none any more."""
        for button in self.buttons.values():
            button.stop()
        for sensed in self.sensed.values():
            sensed.stop()

    def sensors(self) -> list[Sensor]:
        """Return every sensor of the home, by its number; a missing one too: it says unknown."""
        return _by_number(sensed.sensor for sensed in self.sensed.values())

    def of(self, subentry_id: str) -> list[HelpButton]:
        """Return the help button of a subentry, if it is one and runs."""
        button = self.buttons.get(subentry_id)
        return [] if button is None else [button]

    def heard(self, subentry_id: str) -> list[HelpButton | SensedDevice]:
        """Return the device of a subentry, of whichever kind, if it runs."""
        sensed = self.sensed.get(subentry_id)
        return [*self.of(subentry_id), *([] if sensed is None else [sensed])]

    def dispensers(self, subentry_id: str) -> list[SensedDevice]:
        """Return the device of a subentry, if it is a dispenser that tells more than whether a dose waits, and runs."""
        sensed = self.sensed.get(subentry_id)
        return [] if sensed is None or sensed.dispenser is None else [sensed]

    def lifts(self, subentry_id: str) -> list[SensedDevice]:
        """Return the device of a subentry, if it is a toilet lift and runs."""
        sensed = self.sensed.get(subentry_id)
        return [] if sensed is None or sensed.lift is None else [sensed]

    def by_number(self, number: int) -> HelpButton | None:
        """Return the help button with this short number."""
        return next((b for b in self.buttons.values() if b.number == number), None)


def sensors_of(subentries: Iterable[ConfigSubentry]) -> list[Sensor]:
    """Return the sensors among stored devices by their number, whether or not they run yet.

    One whose settings cannot be used is left out; `Devices.apply` says so.
    """
    found: list[Sensor] = []
    for subentry in subentries:
        with suppress(KeyError, TypeError, ValueError):
            found.append(read_sensor(subentry.data).sensor)
    return _by_number(found)


def _by_number(sensors: Iterable[Sensor]) -> list[Sensor]:
    return sorted(sensors, key=lambda sensor: sensor.number)


@callback
def name_devices(hass: HomeAssistant, entry: ConfigEntry[Any], models: Mapping[str, str]) -> None:
    """Let our own devices bear the titles of what they stand for, also when these change.

    `models` is what some of them are, by subentry.
    """
    registry = dr.async_get(hass)
    titles = {s.subentry_id: s.title for s in entry.subentries.values()}
    for key, title in {entry.entry_id: entry.title, **titles}.items():
        device = registry.async_get_device_by_identifier((DOMAIN, key), entry.entry_id)
        if device is not None:
            registry.async_update_device(device.id, name=title, model=models.get(key, device.model))
