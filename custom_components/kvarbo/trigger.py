"""Triggers that blueprints build on: a watcher has warned, alarmed, or recovered. Thin, no logic.

The trigger always attaches, also before the home is there and without a consent (S10): what its
watcher does is the home's business. Owner and suitability are required here, so that an automation
written by hand cannot skip them (R20, R27).
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final, override

from homeassistant.core import CALLBACK_TYPE, Context, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.trigger import (
    NotTriggeredInfo,
    Trigger,
    TriggerActionRunner,
    TriggerConfig,
    TriggerNotTriggeredReporter,
)
from homeassistant.helpers.typing import ConfigType
import probatio

from .const import SIGNAL_HOME_STARTED
from .home import running_homes
from .rule import Rule, read_rule, told
from .supervision.settings import SettingsError
from .supervision.stages import Told
from .watching.listeners import Attached

_OPTIONS: Final = "options"


class _StageTrigger(Trigger):
    """Fires when a watcher tells of one stage."""

    told: Told

    @classmethod
    @override
    async def async_validate_config(cls, hass: HomeAssistant, config: ConfigType) -> ConfigType:
        """Read the options; `probatio.Invalid` names every field that is wrong."""
        try:
            read_rule(config.get(_OPTIONS) or {})
        except SettingsError as err:
            raise probatio.Invalid(told(err), path=[_OPTIONS]) from err
        return config

    def __init__(self, hass: HomeAssistant, config: TriggerConfig) -> None:
        """Take validated options."""
        super().__init__(hass, config)
        self._rule = read_rule(config.options or {})

    @override
    async def async_attach_runner(
        self,
        run_action: TriggerActionRunner,
        did_not_trigger: TriggerNotTriggeredReporter | None = None,
    ) -> CALLBACK_TYPE:
        return _Attachment(self._hass, self._rule, self.told, run_action, did_not_trigger).start()


class _Attachment:
    """One attached trigger; it joins the home when that starts, and again when it starts anew."""

    def __init__(
        self,
        hass: HomeAssistant,
        rule: Rule,
        told: Told,
        run_action: TriggerActionRunner,
        did_not_trigger: TriggerNotTriggeredReporter | None,
    ) -> None:
        self._hass = hass
        self._rule = rule
        self._run_action = run_action
        self._did_not_trigger = did_not_trigger
        self._attached = Attached(rule.identity, told, self._run, self._did_not)
        self._leave: Callable[[], None] | None = None

    def start(self) -> CALLBACK_TYPE:
        """Join the home now if it runs, and whenever it starts; return what ends it."""
        stop = async_dispatcher_connect(self._hass, SIGNAL_HOME_STARTED, self._join)
        if running_homes(self._hass):
            self._join()

        @callback
        def end() -> None:
            stop()
            if self._leave is not None:
                self._leave()

        return end

    @callback
    def _join(self) -> None:
        home = running_homes(self._hass)[0]
        self._leave = home.watching.attach(self._attached, self._rule.settings, self._rule.options)

    def _run(
        self, payload: Mapping[str, Any], description: str, begins: Callable[[str], None]
    ) -> asyncio.Task[Any]:
        context = Context()
        begins(context.id)
        return self._run_action(dict(payload), description, context)

    def _did_not(self, reason: str, data: Mapping[str, Any]) -> None:
        if self._did_not_trigger is not None:
            self._did_not_trigger(NotTriggeredInfo(reason, data))


class WarnedTrigger(_StageTrigger):
    """A watcher warns: an alarm is near."""

    told = Told.WARNED


class AlarmedTrigger(_StageTrigger):
    """A watcher alarms."""

    told = Told.ALARMED


class RecoveredTrigger(_StageTrigger):
    """What a watcher had warned or alarmed of is over."""

    told = Told.RECOVERED


TRIGGERS: Final[dict[str, type[Trigger]]] = {
    "warned": WarnedTrigger,
    "alarmed": AlarmedTrigger,
    "recovered": RecoveredTrigger,
}


async def async_get_triggers(hass: HomeAssistant) -> dict[str, type[Trigger]]:
    """Return the triggers."""
    return TRIGGERS
