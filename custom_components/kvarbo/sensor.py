"""The resident's answer as a state, how many alarms wait, and when the last receipt came."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .alarm.answer import ResidentAnswer
from .const import SUBENTRY_DEVICE
from .entity import ButtonAnswerEntity, KvarboEntity
from .home import Home, KvarboConfigEntry
from .newcomers import follow_subentries
from .path_check import PathState
from .watching.overview import count_watching
from .way_out import Enforcement, tunnel_of

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class HomeSensorDescription(SensorEntityDescription):
    """How a value of the home is read."""

    value: Callable[[Home], str | int | datetime | None]


HOME_SENSORS = (
    HomeSensorDescription(
        key="answer",
        translation_key="answer",
        device_class=SensorDeviceClass.ENUM,
        options=[str(answer) for answer in ResidentAnswer],
        value=lambda home: home.answers.now().answer,
    ),
    HomeSensorDescription(
        key="undelivered",
        translation_key="undelivered",
        state_class=SensorStateClass.MEASUREMENT,
        value=lambda home: len(home.chain.transmitter.undelivered()),
    ),
    HomeSensorDescription(
        key="last_receipt",
        translation_key="last_receipt",
        device_class=SensorDeviceClass.TIMESTAMP,
        entity_category=EntityCategory.DIAGNOSTIC,
        value=lambda home: home.last_receipt(),
    ),
    HomeSensorDescription(
        key="way_out",
        translation_key="way_out",
        device_class=SensorDeviceClass.ENUM,
        options=[str(enforcement) for enforcement in Enforcement],
        entity_category=EntityCategory.DIAGNOSTIC,
        value=lambda home: tunnel_of(home.entry.data).enforcement,
    ),
    HomeSensorDescription(
        key="path",
        translation_key="path",
        device_class=SensorDeviceClass.ENUM,
        options=[str(state) for state in PathState],
        entity_category=EntityCategory.DIAGNOSTIC,
        value=lambda home: home.path.state,
    ),
    HomeSensorDescription(
        key="rules",
        translation_key="rules",
        state_class=SensorStateClass.MEASUREMENT,
        value=lambda home: count_watching(home.watching),
    ),
)
BUTTON_ANSWER = SensorEntityDescription(
    key="answer_now",
    translation_key="answer",
    device_class=SensorDeviceClass.ENUM,
    options=[str(answer) for answer in ResidentAnswer],
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: KvarboConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the home's values, and each button's answer as it comes."""
    home = entry.runtime_data
    async_add_entities(HomeSensor(home, description) for description in HOME_SENSORS)
    follow_subentries(
        home,
        SUBENTRY_DEVICE,
        lambda subentry: [
            ButtonAnswerSensor(home, BUTTON_ANSWER, button, subentry)
            for button in home.devices.of(subentry.subentry_id)
        ],
        async_add_entities,
    )


class HomeSensor(KvarboEntity, SensorEntity):
    """A value of the home."""

    entity_description: HomeSensorDescription

    @override
    def shown(self) -> object:
        """What changes is the value alone."""
        return self.native_value

    @property
    @override
    def native_value(self) -> str | int | datetime | None:
        """Read it from the home."""
        return self.entity_description.value(self.home)


class ButtonAnswerSensor(ButtonAnswerEntity, SensorEntity):
    """What is answered to the newest call from one button."""

    @override
    def shown(self) -> object:
        """What changes is the value alone."""
        return self.native_value

    @property
    @override
    def native_value(self) -> str:
        """Read it from the answers."""
        return self.home.answers.now(self.number).answer
