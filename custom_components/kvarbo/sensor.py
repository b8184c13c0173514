"""The resident's answer as a state, how many alarms wait, and when the last receipt came."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import EntityCategory, UnitOfTime
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from .alarm.answer import ResidentAnswer
from .commissioning.items import State as InstallationState
from .const import SUBENTRY_DEVICE
from .devices.lift import Lift
from .dispensing.doses import Condition, Doses
from .dispensing.profile import Dose
from .entity import DeviceEntity, KvarboEntity
from .entrance import Entry
from .home import Home, KvarboConfigEntry
from .newcomers import follow_subentries
from .path_check import PathState
from .supervision.sensing import Pose
from .watching.overview import count_watching
from .way_out import Enforcement, has_second, is_private, tunnel_of

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class HomeSensorDescription(SensorEntityDescription):
    """How a value of the home is read."""

    value: Callable[[Home], str | int | datetime | None]


@dataclass(frozen=True, kw_only=True)
class DispenserDescription(SensorEntityDescription):
    """How a value of a medicine dispenser is read."""

    value: Callable[[Doses], str | int | None]


@dataclass(frozen=True, kw_only=True)
class LiftDescription(SensorEntityDescription):
    """How a counter of a toilet lift is read."""

    value: Callable[[Lift], float | str | None]


ANSWER = HomeSensorDescription(
    key="answer",
    translation_key="answer",
    device_class=SensorDeviceClass.ENUM,
    options=[str(answer) for answer in ResidentAnswer],
    value=lambda home: home.answers.now().answer,
)
HOME_SENSORS = (
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
COMMISSIONING = HomeSensorDescription(
    key="commissioning",
    translation_key="commissioning",
    device_class=SensorDeviceClass.ENUM,
    options=[str(state) for state in InstallationState],
    entity_category=EntityCategory.DIAGNOSTIC,
    value=lambda home: home.installation.state,
)
WAY_OUT = HomeSensorDescription(
    key="way_out",
    translation_key="way_out",
    device_class=SensorDeviceClass.ENUM,
    options=[str(enforcement) for enforcement in Enforcement],
    entity_category=EntityCategory.DIAGNOSTIC,
    value=lambda home: tunnel_of(home.entry.data).enforcement,
)
SECOND_PATH = HomeSensorDescription(
    key="second_path",
    translation_key="second_path",
    device_class=SensorDeviceClass.ENUM,
    options=[str(state) for state in PathState],
    entity_category=EntityCategory.DIAGNOSTIC,
    value=lambda home: home.path.second,
)
ENTRY = SensorEntityDescription(
    key="entry",
    translation_key="entry",
    device_class=SensorDeviceClass.ENUM,
    options=[str(entry) for entry in Entry],
)
DOSE = DispenserDescription(
    key="dose",
    translation_key="dose",
    device_class=SensorDeviceClass.ENUM,
    options=[str(dose) for dose in Dose],
    value=lambda doses: doses.dose,
)
CONDITION = DispenserDescription(
    key="condition",
    translation_key="condition",
    device_class=SensorDeviceClass.ENUM,
    options=[str(condition) for condition in Condition],
    value=lambda doses: doses.condition,
)
DOSES_LEFT = DispenserDescription(
    key="doses_left",
    translation_key="doses_left",
    state_class=SensorStateClass.MEASUREMENT,
    value=lambda doses: None if doses.dose is None else doses.left,
)
LIFT_USES = LiftDescription(
    key="lift_uses",
    translation_key="lift_uses",
    state_class=SensorStateClass.TOTAL_INCREASING,
    value=lambda lift: lift.use.uses,
)
LIFT_WEEK = LiftDescription(
    key="lift_week",
    translation_key="lift_week",
    state_class=SensorStateClass.MEASUREMENT,
    value=lambda lift: lift.use.in_week(dt_util.now()),
)
LIFT_LAST = LiftDescription(
    key="lift_last",
    translation_key="lift_last",
    device_class=SensorDeviceClass.DURATION,
    native_unit_of_measurement=UnitOfTime.MINUTES,
    state_class=SensorStateClass.MEASUREMENT,
    value=lambda lift: lift.use.last_minutes,
)
LIFT_POSE = LiftDescription(
    key="lift_pose",
    translation_key="lift_pose",
    device_class=SensorDeviceClass.ENUM,
    options=[str(pose) for pose in Pose],
    value=lambda lift: lift.pose,
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
    async_add_entities(
        [
            WayOutSensor(home, WAY_OUT),
            HomeAnswerSensor(home, ANSWER),
            CommissioningSensor(home, COMMISSIONING),
        ]
    )
    _follow_second_path(home, async_add_entities)
    follow_subentries(
        home,
        SUBENTRY_DEVICE,
        lambda subentry: (
            [
                ButtonAnswerSensor(home, BUTTON_ANSWER, button, subentry)
                for button in home.devices.of(subentry.subentry_id)
            ]
            + [
                EntrySensor(home, ENTRY, entrance.device, subentry)
                for entrance in home.entrances.of(subentry.subentry_id)
            ]
            + [
                DispenserSensor(home, description, device, subentry)
                for device in home.devices.dispensers(subentry.subentry_id)
                for description in (DOSE, CONDITION, DOSES_LEFT)
            ]
            + [
                LiftSensor(home, description, device, subentry)
                for device in home.devices.lifts(subentry.subentry_id)
                for description in (LIFT_POSE, LIFT_USES, LIFT_WEEK, LIFT_LAST)
            ]
        ),
        async_add_entities,
    )


def _follow_second_path(home: Home, add: AddConfigEntryEntitiesCallback) -> None:
    """Show the second way as soon as the home has one: most have none."""
    added = False

    @callback
    def look() -> None:
        nonlocal added
        if not added and has_second(home.entry.data):
            added = True
            add([HomeSensor(home, SECOND_PATH)])

    look()
    home.entry.async_on_unload(home.watch(look))


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


class CommissioningSensor(HomeSensor):
    """How the installation of the home stands, and how much of it is open."""

    @override
    def shown(self) -> object:
        """What changes is the value, and how much is open."""
        return (self.native_value, self._open)

    @property
    def _open(self) -> int:
        return len(self.home.installation.open)

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        """How much is open, with a reason or without."""
        return {"open": self._open}


class WayOutSensor(HomeSensor):
    """What keeps alarms in the way that was chosen, and how many receivers are none of the municipality's."""

    @override
    def shown(self) -> object:
        """What changes is the value, and how many receivers are private."""
        return (self.native_value, self._private)

    @property
    def _private(self) -> int:
        return sum(is_private(subentry.data) for subentry in self.home.receivers())

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        """How many receivers are a family's own: not a municipal chain."""
        return {"private_receivers": self._private}


class HomeAnswerSensor(HomeSensor):
    """What is answered to the newest call in the home."""

    @override
    def shown(self) -> object:
        """What changes is the value, and how often something was said."""
        return (self.native_value, self._times)

    @property
    def _times(self) -> int:
        return self.home.answers.now().times

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        """How often something was said: the same answer may be given once more."""
        return {"times": self._times}


class ButtonAnswerSensor(DeviceEntity, SensorEntity):
    """What is answered to the newest call from one button."""

    @override
    def shown(self) -> object:
        """What changes is the value, and how often something was said."""
        return (self.native_value, self._times)

    @property
    def _times(self) -> int:
        return self.home.answers.now(self.number).times

    @property
    @override
    def native_value(self) -> str:
        """Read it from the answers."""
        return self.home.answers.now(self.number).answer

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        """How often something was said: the same answer may be given once more."""
        return {"times": self._times}


class EntrySensor(DeviceEntity, SensorEntity):
    """Who may come in at one lock, and why the last request was refused."""

    @override
    def shown(self) -> object:
        """What changes is the value and the refusal."""
        return (self.native_value, self._refused)

    @property
    @override
    def native_value(self) -> str | None:
        """Read it from the entrance; None where there is none any more."""
        return next((str(entrance.entry) for entrance in self.home.entrances.of(self.key)), None)

    @property
    def _refused(self) -> str | None:
        refused = [entrance.refused for entrance in self.home.entrances.of(self.key)]
        return str(refused[0]) if refused and refused[0] is not None else None

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        """Why the last request to unlock was refused; None where it was not."""
        return {"refused": self._refused}


class DispenserSensor(DeviceEntity, SensorEntity):
    """What a medicine dispenser says of itself. Nothing here or elsewhere in the home can change a dose."""

    entity_description: DispenserDescription

    @override
    def shown(self) -> object:
        """What changes is the value."""
        return self.native_value

    @property
    @override
    def native_value(self) -> str | int | None:
        """Read it from the dispenser; None where it is not known."""
        found = [d.dispenser for d in self.home.devices.dispensers(self.key)]
        one = found[0] if found else None
        return None if one is None else self.entity_description.value(one.doses)


class LiftSensor(DeviceEntity, SensorEntity):
    """How a toilet lift stands, how often it is used, and for how long. It stays in the home."""

    entity_description: LiftDescription

    @override
    def shown(self) -> object:
        """What changes is the value."""
        return self.native_value

    @property
    @override
    def native_value(self) -> float | str | None:
        """Read it from the lift; None where there is no lift any more."""
        found = [d.lift for d in self.home.devices.lifts(self.key)]
        lift = found[0] if found else None
        return None if lift is None else self.entity_description.value(lift)
