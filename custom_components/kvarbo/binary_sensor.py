"""Is an alarm open, does a receiver answer, may it call, does the journal take what is written."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, override

from homeassistant.components.binary_sensor import (
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.components.binary_sensor.const import BinarySensorDeviceClass
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .alarm.callback import CallbackWindow
from .const import SUBENTRY_DEVICE, SUBENTRY_RECEIVER
from .devices.vitals import Vitals
from .entity import DeviceEntity, KvarboEntity, ReceiverEntity
from .home import Home, KvarboConfigEntry
from .newcomers import follow_subentries
from .watching.overview import has_rule_fault, seems_away

PARALLEL_UPDATES = 0

#: So much after its end a window is looked at again, seconds.
_TICK: Final = 0.01


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

PROOF_SENSOR = BinarySensorEntityDescription(key="chain_proven", translation_key="chain_proven")
CALLBACK_SENSOR = BinarySensorEntityDescription(key="callback", translation_key="callback")
DEVICE_SENSOR = BinarySensorEntityDescription(
    key="ailing",
    translation_key="ailing",
    device_class=BinarySensorDeviceClass.PROBLEM,
    entity_category=EntityCategory.DIAGNOSTIC,
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
    async_add_entities([ChainProven(home, PROOF_SENSOR), CallbackSensor(home, CALLBACK_SENSOR)])
    follow_subentries(
        home,
        SUBENTRY_RECEIVER,
        lambda subentry: [ReceiverReached(home, RECEIVER_SENSOR, subentry)],
        async_add_entities,
    )
    follow_subentries(
        home,
        SUBENTRY_DEVICE,
        lambda subentry: [
            DeviceAiling(home, DEVICE_SENSOR, device, subentry)
            for device in home.devices.heard(subentry.subentry_id)
        ],
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


class ChainProven(KvarboEntity, BinarySensorEntity):
    """Whether a real round trip has proved the whole alarm chain within its time (F8)."""

    @override
    def shown(self) -> object:
        """What changes is the value, and when the whole chain was last tested."""
        return (self.is_on, self.home.check.proof.tested_at)

    @property
    @override
    def is_on(self) -> bool:
        """Read it from the proof."""
        return self.home.check.proof.is_proven

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        """When the whole chain was last tested with success."""
        at = self.home.check.proof.tested_at
        return {"tested_at": None if at is None else at.isoformat()}


class CallbackSensor(KvarboEntity, BinarySensorEntity):
    """Whether a receiver has asked to speak with the home, and its window is open now (R23).

    A speech unit lets in a call while this is on. It goes off by itself.
    """

    _ends: asyncio.TimerHandle | None = None

    @property
    def _window(self) -> CallbackWindow | None:
        return self.home.chain.transmitter.callbacks.newest()

    @override
    def shown(self) -> object:
        """Return the window, and make sure to look again when it ends."""
        window = self._window
        self._let_be()
        if window is not None:
            left = (window.until - self.home.clock.now()).total_seconds() / self.home.clock.speed
            self._ends = self.home.hass.loop.call_later(max(left, 0.0) + _TICK, self._look)
        return window

    def _let_be(self) -> None:
        if self._ends is not None:
            self._ends.cancel()
            self._ends = None

    @override
    async def async_will_remove_from_hass(self) -> None:
        """Look no more."""
        self._let_be()

    @property
    @override
    def is_on(self) -> bool:
        """Whether a window is open."""
        return self._window is not None

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        """Until when, which way sound goes, and whom the home is asked to call."""
        window = self._window
        if window is None:
            return {}
        wish = window.callback
        return {
            "until": window.until.isoformat(),
            "voice": wish.voice.value,
            "we_call": wish.minutes is None,
            "address": wish.address,
        }


class ReceiverReached(ReceiverEntity, BinarySensorEntity):
    """Whether one receiver answers; unknown until it was tried."""

    @override
    def shown(self) -> object:
        """What changes is the value, how often the receiver wants a heartbeat, and the way to it."""
        return (self.is_on, self._interval, self._reached_by)

    @property
    def _reached_by(self) -> str | None:
        lines = self.home.chain.transmitter.lines
        return next((line.outlet.road.value for line in lines if line.outlet.key == self.key), None)

    @property
    def _interval(self) -> int | None:
        return self.home.chain.transmitter.interval(self.key)

    @property
    @override
    def is_on(self) -> bool | None:
        """Read it from the receiver's watch."""
        reach = self.home.reach(self.key)
        return None if reach is None else reach.reached

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        """By which way it is reached; seconds between heartbeats, where the receiver itself asked for them."""
        interval = self._interval
        pace = {} if interval is None else {"heartbeat_interval": interval}
        return {"reached_by": self._reached_by, **pace}


class DeviceAiling(DeviceEntity, BinarySensorEntity):
    """Whether anything ails one device itself: silent, flat, badly reached, opened (F10)."""

    @override
    def shown(self) -> object:
        """What changes is what ails it, and whether it was ever used."""
        vitals = self._vitals
        return (
            None
            if vitals is None
            else (vitals.ailments, vitals.used, vitals.looked > 0, vitals.is_fading),
            self.home.is_running,
        )

    @property
    def _vitals(self) -> Vitals | None:
        return self.home.check.rounds.vitals.get(self.number)

    @property
    @override
    def is_on(self) -> bool | None:
        """Read it from the last round; unknown before the first."""
        vitals = self._vitals
        return None if vitals is None or not vitals.looked else bool(vitals.ailments)

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        """What ails it, how it is reached and charged, and whether it has ever done what it is for."""
        vitals = self._vitals
        if vitals is None:
            return {}
        left, change = vitals.days_left, vitals.link_change
        return {
            "ailments": sorted(vitals.ailments),
            "tried": vitals.used,
            "battery": vitals.battery,
            "battery_days_left": None if left is None else round(left),
            "signal": None if vitals.lqi is None else round(vitals.lqi),
            "signal_dbm": None if vitals.rssi is None else round(vitals.rssi),
            "signal_change": None if change is None else round(change),
            "missed_after_hours": round(vitals.limit / 3600, 1),
        }
