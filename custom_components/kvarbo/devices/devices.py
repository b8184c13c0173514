"""The devices of the home: those that came, went or changed, while the others run on."""

from collections.abc import Iterable
import logging
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr

from ..const import CONF_NUMBER, DOMAIN
from .desk import Desk
from .help_button import HelpButton

_LOGGER = logging.getLogger(__name__)


class Devices:
    """The help buttons that are listened to, by subentry."""

    def __init__(self, hass: HomeAssistant, desk: Desk) -> None:
        """Start with none."""
        self.buttons: dict[str, HelpButton] = {}
        #: Devices whose settings cannot be used: their numbers as stored, by subentry.
        self.deaf: dict[str, str] = {}
        self._hass = hass
        self._desk = desk

    @callback
    def apply(self, subentries: Iterable[ConfigSubentry]) -> None:
        """Make these the devices of the home."""
        wanted = {subentry.subentry_id: subentry for subentry in subentries}
        for key, button in list(self.buttons.items()):
            if key not in wanted or not button.matches(wanted[key]):
                button.stop()
                del self.buttons[key]
        self.deaf = {}
        for key, subentry in wanted.items():
            if key in self.buttons:
                continue
            try:
                button = HelpButton(self._hass, self._desk, subentry)
            except (KeyError, TypeError, ValueError) as err:
                # Stored by a later release, or broken: it must not silence the rest of the home.
                _LOGGER.error("Device %s cannot be listened to: %s", key, type(err).__name__)
                self.deaf[key] = str(subentry.data.get(CONF_NUMBER, "?"))
                continue
            self.buttons[key] = button
            button.start()

    @callback
    def stop(self) -> None:
        """Listen to none any more."""
        for button in self.buttons.values():
            button.stop()

    def of(self, subentry_id: str) -> list[HelpButton]:
        """Return the button of a subentry, if it runs."""
        button = self.buttons.get(subentry_id)
        return [] if button is None else [button]

    def by_number(self, number: int) -> HelpButton | None:
        """Return the device with this short number."""
        return next((b for b in self.buttons.values() if b.number == number), None)


@callback
def name_devices(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    """Let our own devices bear the titles of what they stand for, also when these change."""
    registry = dr.async_get(hass)
    titles = {s.subentry_id: s.title for s in entry.subentries.values()}
    for key, title in {entry.entry_id: entry.title, **titles}.items():
        device = registry.async_get_device_by_identifier((DOMAIN, key), entry.entry_id)
        if device is not None:
            registry.async_update_device(device.id, name=title)
