"""What happens to alarms, and what the resident is told, as events that a lamp or speaker follows."""

from typing import override

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .alarm.answer import ResidentAnswer
from .answers import WHOLE_HOME, AnswerNow
from .chain import Happening, What
from .const import SUBENTRY_DEVICE
from .devices.sensor import SensedDevice
from .dispensing.doses import Heard, News
from .entity import DeviceEntity, KvarboEntity
from .home import Home, KvarboConfigEntry
from .newcomers import follow_subentries

PARALLEL_UPDATES = 0

ALARM = EventEntityDescription(
    key="alarm", translation_key="alarm", event_types=[str(what) for what in What]
)
ANSWER = EventEntityDescription(
    key="answer",
    translation_key="answer",
    event_types=[str(a) for a in ResidentAnswer if a is not ResidentAnswer.IDLE],
)

DOSE = EventEntityDescription(
    key="dispenser", translation_key="dispenser", event_types=[str(news) for news in News]
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: KvarboConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the home's events, and each button's answer as it comes."""
    home = entry.runtime_data
    async_add_entities([AlarmEvent(home, ALARM), HomeAnswer(home, ANSWER)])
    follow_subentries(
        home,
        SUBENTRY_DEVICE,
        lambda subentry: (
            [
                ButtonAnswer(home, ANSWER, button, subentry)
                for button in home.devices.of(subentry.subentry_id)
            ]
            + [
                DoseEvent(home, DOSE, device, subentry)
                for device in home.devices.dispensers(subentry.subentry_id)
            ]
        ),
        async_add_entities,
    )


class AlarmEvent(KvarboEntity, EventEntity):
    """All that happens to alarms, by kind and number; nothing that could name a person."""

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the chain."""
        await super().async_added_to_hass()
        self.async_on_remove(self.home.chain.hear(self._happened))

    @callback
    def _happened(self, happening: Happening) -> None:
        alarm = happening.alarm
        self._trigger_event(
            happening.what,
            {
                "alarm": alarm.id,
                "kind": alarm.kind,
                "class": alarm.alarm_class,
                "priority": alarm.priority,
                "device": alarm.source.number,
                "resident": alarm.resident,
                "test": alarm.test,
                "presses": alarm.presses,
                "durable": happening.durable,
            },
        )
        self.async_write_ha_state()


class DoseEvent(DeviceEntity, EventEntity):
    """What a medicine dispenser does and what ails it, once each; the record is the dispenser's own."""

    def __init__(
        self,
        home: Home,
        description: EventEntityDescription,
        device: SensedDevice,
        subentry: ConfigSubentry,
    ) -> None:
        """Stand on the dispenser."""
        super().__init__(home, description, device, subentry)
        self._heard: SensedDevice | None = None
        self._stop: CALLBACK_TYPE | None = None

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the dispenser, and the one that takes its place."""
        await super().async_added_to_hass()
        self._follow()
        self.async_on_remove(self.home.watch(self._follow))

    @override
    async def async_will_remove_from_hass(self) -> None:
        """Follow it no more."""
        if self._stop is not None:
            self._stop()

    @callback
    def _follow(self) -> None:
        found = self.home.devices.dispensers(self.key)
        device = found[0] if found else None
        if device is self._heard:
            return
        if self._stop is not None:
            self._stop()
        self._heard, self._stop = device, None
        if device is not None and device.dispenser is not None:
            self._stop = device.dispenser.hear(self._happened)

    @callback
    def _happened(self, heard: Heard) -> None:
        self._trigger_event(heard.news, {"seconds_ago": heard.ago, "trouble": heard.over})
        self.async_write_ha_state()


class _Answer(EventEntity):
    """The resident's answer as an event (R13)."""

    home: Home
    number = WHOLE_HOME

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the answers."""
        await super().async_added_to_hass()
        self.async_on_remove(self.home.answers.hear(self._answered))

    @callback
    def _answered(self, number: int, answer: AnswerNow, is_news: bool) -> None:  # noqa: FBT001
        if number == self.number and is_news:
            self._trigger_event(
                answer.answer,
                {"alarm": answer.alarm_id, "test": answer.test, "durable": answer.durable},
            )
            self.async_write_ha_state()


class HomeAnswer(_Answer, KvarboEntity):
    """What is answered to the newest call in the home."""


class ButtonAnswer(_Answer, DeviceEntity):
    """What is answered to the newest call from one button."""
