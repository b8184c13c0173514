"""What Kvarbo's entities have in common: whose device they stand on, and when they are written."""

from typing import override

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import callback
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity import Entity, EntityDescription

from .const import DOMAIN
from .devices.help_button import HelpButton
from .devices.sensor import SensedDevice
from .home import Home
from .way_out import receiver_model


class KvarboEntity(Entity):
    """An entity of the home's device. Pushed, never polled."""

    _attr_has_entity_name = True
    _attr_should_poll = False
    _written: object = None

    def __init__(self, home: Home, description: EntityDescription) -> None:
        """Stand on the home's own device."""
        self.entity_description = description
        self.home = home
        entry = home.entry
        self._attr_unique_id = f"{entry.entry_id}_{description.key}"
        self._attr_device_info = DeviceInfo(
            identifiers={(DOMAIN, entry.entry_id)},
            name=entry.title,
            manufacturer="Kvarbo",
            model="Demo home" if home.facts.demo else "Home",
            sw_version=home.facts.version,
            serial_number=home.controller,
        )

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the home."""
        await super().async_added_to_hass()
        self._written = self.shown()
        self.async_on_remove(self.home.watch(self._look))

    def shown(self) -> object:
        """Return what is shown; an entity without a state of its own shows nothing of the home."""
        return None

    @callback
    def _look(self) -> None:
        """Write what has changed and nothing else: an alarm on its way waits for none of it."""
        shown = self.shown()
        if shown != self._written:
            self._written = shown
            self.async_write_ha_state()


class ReceiverEntity(KvarboEntity):
    """An entity of one receiver, on a device of its own under its subentry."""

    def __init__(
        self, home: Home, description: EntityDescription, subentry: ConfigSubentry
    ) -> None:
        """Stand on the receiver's device."""
        super().__init__(home, description)
        self.key = subentry.subentry_id
        self._attr_unique_id = f"{subentry.subentry_id}_{description.key}"
        self._attr_device_info = DeviceInfo(
            identifiers={(DOMAIN, subentry.subentry_id)},
            name=subentry.title,
            manufacturer="Kvarbo",
            model=receiver_model(subentry.data),
        )


class DeviceEntity(KvarboEntity):
    """An entity of one device: joins the device that its source itself is, where there is one."""

    def __init__(
        self,
        home: Home,
        description: EntityDescription,
        device: HelpButton | SensedDevice,
        subentry: ConfigSubentry,
    ) -> None:
        """Join the source's device; without one, stand on a device of our own."""
        super().__init__(home, description)
        self.number = device.number
        self.key = subentry.subentry_id
        self._attr_unique_id = f"{subentry.subentry_id}_{description.key}"
        source = source_device(home, device)
        if source is not None:
            # Joined, never by handing over its identifiers: that would fork a second device.
            self._attr_device_info = None
            self.device_entry = source
        else:
            self._attr_device_info = DeviceInfo(
                identifiers={(DOMAIN, subentry.subentry_id)},
                name=subentry.title,
                manufacturer="Kvarbo",
                model=_model(device),
            )


def _model(device: HelpButton | SensedDevice) -> str:
    if isinstance(device, HelpButton):
        return "Help button"
    return "Sensor" if device.dispenser is None else "Medicine dispenser"


def source_device(home: Home, device: HelpButton | SensedDevice) -> dr.AnyDeviceEntry | None:
    """Return the device that a source of ours belongs to."""
    devices = dr.async_get(home.hass)
    if device.entity_id is not None:
        entry = er.async_get(home.hass).async_get(device.entity_id)
        if entry is not None and entry.device_id is not None:
            return devices.async_get(entry.device_id)
    if (ieee := device.ieee) is not None:
        for zha in home.hass.config_entries.async_entries("zha"):
            remote = devices.async_get_device_by_identifier(("zha", ieee), zha.entry_id)
            if remote is not None:
                return remote
    return None
