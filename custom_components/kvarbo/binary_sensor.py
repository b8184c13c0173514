"""Is an alarm open, does a receiver answer, does the journal take what is written."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import override

from homeassistant.components.binary_sensor import (
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.components.binary_sensor.const import BinarySensorDeviceClass
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import SUBENTRY_RECEIVER
from .entity import KvarboEntity, ReceiverEntity
from .home import Home, KvarboConfigEntry
from .newcomers import follow_subentries
from .watching.overview import has_rule_fault, seems_away

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class HomeSensorDescription(BinarySensorEntityDescription):
    """How a state of the home is read."""

    is_on: Callable[[Home], bool | None]


HOME_SENSORS = (
    HomeSensorDescription(
        key="open_alarm",
        translation_key="open_alarm",
        is_on=lambda home: bool(home.ledger.open_alarms()),
    ),
    HomeSensorDescription(
        key="receiver_reached",
        translation_key="receiver_reached",
        device_class=BinarySensorDeviceClass.CONNECTIVITY,
        is_on=lambda home: home.any_reached(),
    ),
    HomeSensorDescription(
        key="journal",
        translation_key="journal",
        device_class=BinarySensorDeviceClass.PROBLEM,
        entity_category=EntityCategory.DIAGNOSTIC,
        is_on=lambda home: home.journal_in_trouble(),
    ),
    HomeSensorDescription(
        key="away",
        translation_key="away",
        is_on=lambda home: seems_away(home.watching),
    ),
    HomeSensorDescription(
        key="rule_fault",
        translation_key="rule_fault",
        device_class=BinarySensorDeviceClass.PROBLEM,
        entity_category=EntityCategory.DIAGNOSTIC,
        is_on=lambda home: has_rule_fault(home.watching),
    ),
)

RECEIVER_SENSOR = BinarySensorEntityDescription(
    key="reached",
    translation_key="receiver_reached",
    device_class=BinarySensorDeviceClass.CONNECTIVITY,
    entity_category=EntityCategory.DIAGNOSTIC,
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: KvarboConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the home's states, and each receiver's as it comes."""
    home = entry.runtime_data
    async_add_entities(HomeSensor(home, description) for description in HOME_SENSORS)
    follow_subentries(
        home,
        SUBENTRY_RECEIVER,
        lambda subentry: [ReceiverReached(home, RECEIVER_SENSOR, subentry)],
        async_add_entities,
    )


class HomeSensor(KvarboEntity, BinarySensorEntity):
    """A yes or no of the home."""

    entity_description: HomeSensorDescription

    @override
    def shown(self) -> object:
        """What changes is the value alone."""
        return self.is_on

    @property
    @override
    def is_on(self) -> bool | None:
        """Read it from the home."""
        return self.entity_description.is_on(self.home)


class ReceiverReached(ReceiverEntity, BinarySensorEntity):
    """Whether one receiver answers; unknown until it was tried."""

    @override
    def shown(self) -> object:
        """What changes is the value alone."""
        return self.is_on

    @property
    @override
    def is_on(self) -> bool | None:
        """Read it from the receiver's watch."""
        reach = self.home.reach(self.key)
        return None if reach is None else reach.reached
