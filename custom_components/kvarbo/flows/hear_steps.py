"""The steps of a device's dialog in which a Bluetooth device is found in the air and handed to whose it is."""

from typing import Any, Final

from homeassistant.config_entries import SubentryFlowResult
from homeassistant.const import CONF_DEVICE_ID, CONF_ENTITY_ID
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)
import probatio

from ..alarm.kinds import Role
from ..const import CONF_ROLE, DOMAIN
from ..devices.bluetooth import HeardDevice, bluetooth_device, heard_devices, is_bluetooth_up
from ..devices.vitals import LOW, WEAK_RSSI
from ..quoting import quoted
from .forms import LINE
from .handing_over import HandOver, Outcome
from .pair_steps import PairSteps
from .pairing import bluetooth_signs, fitting_entities, until_entities

_ASKED: Final = "asked"
_ADDRESS: Final = "address"
_AGAIN: Final = "again"


class HearSteps(PairSteps):
    """Shows what is heard, adds it, and then goes on as if the device had been picked."""

    def __init__(self) -> None:
        """Start with nothing chosen."""
        super().__init__()
        self._heard: dict[str, HeardDevice] = {}
        self._over: HandOver | None = None
        self._met: HeardDevice | None = None

    def _may_hear(self) -> bool:
        return is_bluetooth_up(self.hass)

    async def async_step_hear(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Show what Home Assistant hears by Bluetooth, how well, and whose it is."""
        errors: dict[str, str] = {}
        chosen = (user_input or {}).get(_ADDRESS, _AGAIN)
        if chosen != _AGAIN:
            device = self._heard.get(chosen)
            if device is not None and self._is_dispenser(device):
                self._met = device
                return await self.async_step_dispenser()
            if device is not None and (device.device_id or device.flow_id):
                self._over = HandOver(self.hass, device)
                return await self._hand_over()
            errors[_ADDRESS] = "nobodys_device"
        self._heard = {device.address: device for device in heard_devices(self.hass)}
        schema = probatio.Schema({probatio.Required(_ADDRESS, default=_AGAIN): self._choice()})
        return self.async_show_form(
            step_id="hear",
            data_schema=schema,
            errors=errors,
            description_placeholders={"count": str(len(self._heard))},
            last_step=False,
        )

    def _is_dispenser(self, device: HeardDevice) -> bool:
        return device.is_dispenser and Role(self._data[CONF_ROLE]) is Role.DISPENSER

    async def async_step_dispenser(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Meet a dispenser of our own profile."""
        raise NotImplementedError

    def _choice(self) -> SelectSelector:
        options = [SelectOptionDict(value=_AGAIN, label="↻")]
        for device in self._heard.values():
            ours = DOMAIN if self._is_dispenser(device) else None
            whose = device.owner or ours or ("✓" if device.device_id else "?")
            name = quoted(device.name) if device.name else device.address
            options.append(
                SelectOptionDict(
                    value=device.address, label=f"{name} · {device.rssi} dBm · {whose}"
                )
            )
        return SelectSelector(SelectSelectorConfig(options=options, mode=SelectSelectorMode.LIST))

    async def _hand_over(self) -> SubentryFlowResult:
        over = self._chosen
        if over.device.device_id is None:
            await over.begin()
            return await self._after_answer()
        return await self.async_step_hear_done()

    async def async_step_hand_over(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask what the integration asks, such as the key of a device that encrypts."""
        if user_input is not None:
            await self._chosen.answer(str(user_input[_ASKED]).strip())
            return await self._after_answer()
        over = self._chosen
        return self.async_show_form(
            step_id="hand_over",
            # A key of 32 digits is read off a paper: it must be seen while it is typed.
            data_schema=probatio.Schema({probatio.Required(_ASKED): LINE}),
            errors={_ASKED: "asked_refused"} if over.problem else {},
            description_placeholders=await self._words(),
            last_step=False,
        )

    async def _after_answer(self) -> SubentryFlowResult:
        match self._chosen.outcome:
            case Outcome.ADDED:
                role = Role(self._data[CONF_ROLE])
                await until_entities(self.hass, lambda: self._device_id, role)
                return await self.async_step_hear_done()
            case Outcome.ASKS:
                return await self.async_step_hand_over()
            case _:
                return await self.async_step_hear_failed()

    async def async_step_hear_failed(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Say why the integration has not added it, and that it can be added there."""
        return self.async_show_menu(
            step_id="hear_failed",
            menu_options=["hear", "entity"],
            description_placeholders=await self._words(),
        )

    async def async_step_hear_done(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Judge how it is heard, and show what it can be listened to by."""
        device_id, role = self._device_id or "", Role(self._data[CONF_ROLE])
        words = await self._words()
        signs = bluetooth_signs(self.hass, device_id, self._chosen.device.address)
        low = signs.low or (signs.battery is not None and signs.battery <= LOW)
        battery = "-" if signs.battery is None else f"{round(signs.battery)} %"
        words |= {
            "signal": "-" if signs.rssi is None else str(round(signs.rssi)),
            "limit": str(round(WEAK_RSSI)),
            "battery": f"{battery} ⚠" if low else battery,
        }
        if signs.rssi is not None and signs.rssi < WEAK_RSSI:
            return self.async_show_menu(
                step_id="heard_weak",
                menu_options=["hear_done", "hear"],
                description_placeholders=words,
            )
        entities = fitting_entities(self.hass, device_id, role)
        if not entities:
            # A button of Bluetooth's has its entity from its first press on.
            return self.async_show_menu(
                step_id="heard_nothing",
                menu_options=["hear_done", "hear"],
                description_placeholders=words,
            )
        self._paired = {CONF_DEVICE_ID: device_id, CONF_ENTITY_ID: entities[0]}
        return self.async_show_menu(
            step_id="heard", menu_options=["entity", "hear"], description_placeholders=words
        )

    #: What `hear_done` shows, by what it finds. Home Assistant wants a step for each page.
    async_step_heard = async_step_hear_done
    async_step_heard_weak = async_step_hear_done
    async_step_heard_nothing = async_step_hear_done

    @property
    def _chosen(self) -> HandOver:
        assert self._over is not None  # noqa: S101 - no step leads here without one
        return self._over

    @property
    def _device_id(self) -> str | None:
        return bluetooth_device(self.hass, self._chosen.device.address)

    async def _words(self) -> dict[str, str]:
        over = self._chosen
        return {
            "name": quoted(over.device.name) if over.device.name else over.device.address,
            "owner": await over.name() or "-",
            "asks": quoted(over.asks) if over.asks else "-",
            "problem": quoted(over.problem) if over.problem else "-",
        }
