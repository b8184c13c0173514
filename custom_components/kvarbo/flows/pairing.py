"""A Zigbee device is let into the network from our own dialog: for a bounded time, step by step, closed behind it."""

import asyncio
from collections.abc import Callable, Collection, Mapping
from enum import StrEnum
import logging
from typing import Any, Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr, entity_registry as er

from ..alarm.kinds import Role
from ..devices.fitting import FITTING, REMOTE_ROLES
from ..devices.signs import BLUETOOTH, Whereabouts, read_signs
from ..devices.source import find_remote
from ..devices.vitals import LOW, WEAK_LQI, Signs
from ..devices.zigbee import (
    BadCodeError,
    Joined,
    Joining,
    follow_joins,
    is_zigbee_up,
    open_network,
    watch_radio,
)
from ..quoting import quoted

_LOGGER = logging.getLogger(__name__)

#: The network is open for so long, and a device that has joined may take so long for the rest, seconds.
OPEN_FOR: Final = 60
COMES_WITHIN: Final = 60.0
#: Its entities are waited for so long after that, and looked for so often, seconds.
_ENTITIES_WITHIN: Final = 5.0
_LOOK: Final = 0.1
#: And one that fits so long after the first, seconds.
_FITS_WITHIN: Final = 2.0


class Stage(StrEnum):
    """What is waited for; also the name of what the dialog says of it."""

    WAITING = "pair_waiting"
    JOINED = "pair_joined"
    INTERVIEWED = "pair_interviewed"
    DONE = "pair_done"
    #: Nobody came.
    NOBODY = "nobody_joined"
    #: Somebody came and stopped on the way.
    STOPPED = "pair_stopped"
    #: There is no radio, or it refuses.
    NO_RADIO = "no_radio"


_AFTER: Final = {
    Joined.JOINED: Stage.JOINED,
    Joined.INTERVIEWED: Stage.INTERVIEWED,
    Joined.CONFIGURED: Stage.INTERVIEWED,
    Joined.READY: Stage.DONE,
}
#: Nothing more comes after these.
ENDS: Final = frozenset({Stage.DONE, Stage.NOBODY, Stage.STOPPED, Stage.NO_RADIO})
_ORDER: Final = (Stage.WAITING, Stage.JOINED, Stage.INTERVIEWED, Stage.DONE)


def _nothing() -> None:
    """Watch nothing."""


class Pairing:
    """One opening of the network. The first device that is new to the home is the one."""

    def __init__(self, hass: HomeAssistant, known: Collection[str]) -> None:
        """Open nothing yet. `known` are addresses of the home's own devices: one that comes back is not meant."""
        self.stage = Stage.WAITING
        self.ieee = ""
        self.name = ""
        self._hass = hass
        self._known = frozenset(known)
        self._moved = asyncio.Event()
        self._unfollow: Callable[[], None] | None = None
        self._unwatch: Callable[[], None] = _nothing
        self._whole: asyncio.Task[None] | None = None
        self.task = self._next()

    async def open(self, code: Mapping[str, str]) -> None:
        """Open the network; with a code for the one device that has it.

        Raises:
            BadCodeError: the code is none; nothing was opened.
        """
        # First of all: a device may come in the same moment.
        self._unfollow = follow_joins(self._hass, self._heard)
        self._unwatch = watch_radio(self._hass, self._radio_changed)
        try:
            if not is_zigbee_up(self._hass):
                raise HomeAssistantError("there is no radio")
            await open_network(self._hass, OPEN_FOR, code)
        except BadCodeError:
            self._stop()
            raise
        except HomeAssistantError as err:
            _LOGGER.warning("The radio does not open the network: %s", err)
            self._move(Stage.NO_RADIO)
            return
        self._whole = self._hass.async_create_background_task(self._run(), "kvarbo pairing")

    @property
    def device_id(self) -> str | None:
        """The device in Home Assistant; None before it is there."""
        return find_remote(self._hass, self.ieee) if self.ieee else None

    def in_words(self) -> dict[str, str]:
        """Return placeholders: how long the network is open, and the device's name."""
        return {"seconds": str(OPEN_FOR), "name": quoted(self.name) if self.name else "-"}

    def go_on(self) -> None:
        """Wait for the next stage."""
        self._moved.clear()
        self.task = self._next()

    @callback
    def close(self) -> None:
        """Let nobody in any more. Safe to call twice."""
        if self._unfollow is not None:
            self._stop()
            self._hass.async_create_background_task(self._shut(), "kvarbo pairing closes")

    @callback
    def _stop(self) -> None:
        if self._unfollow is not None:
            self._unfollow()
            self._unwatch()
        self._unfollow = None
        self.task.cancel()
        if self._whole is not None:
            self._whole.cancel()

    def _next(self) -> asyncio.Task[bool]:
        return self._hass.async_create_background_task(self._moved.wait(), "kvarbo pairing waits")

    async def _run(self) -> None:
        await asyncio.sleep(OPEN_FOR)
        if self.stage is Stage.WAITING:
            self._move(Stage.NOBODY)
            return
        await asyncio.sleep(COMES_WITHIN)
        self._move(Stage.STOPPED)

    async def _shut(self) -> None:
        if not is_zigbee_up(self._hass):
            return
        try:
            await open_network(self._hass, 0, {})
        except HomeAssistantError as err:
            # It closes by itself when its time is over.
            _LOGGER.warning("The radio does not close the network: %s", err)

    @callback
    def _radio_changed(self) -> None:
        """A radio that dies lets nobody in any more: not to be waited for."""
        if not is_zigbee_up(self._hass):
            self._move(Stage.NO_RADIO)

    @callback
    def _heard(self, joining: Joining) -> None:
        if joining.ieee in self._known or self.ieee not in ("", joining.ieee):
            return
        self.ieee = joining.ieee
        self.name = joining.name or self.name
        stage = _AFTER[joining.stage]
        if self.stage in _ORDER and _ORDER.index(stage) > _ORDER.index(self.stage):
            if stage is Stage.DONE:
                if self._whole is not None:
                    self._whole.cancel()
                self._whole = self._hass.async_create_background_task(
                    self._until_entities(), "kvarbo pairing looks for entities"
                )
                return
            self._move(stage)

    async def _until_entities(self) -> None:
        """They come in the turns after ZHA has said that all is done."""
        await until_entities(self._hass, lambda: self.device_id)
        self._move(Stage.DONE)

    def _move(self, stage: Stage) -> None:
        if self.stage not in ENDS:
            self.stage = stage
            self._moved.set()


async def until_entities(
    hass: HomeAssistant, device: Callable[[], str | None], role: Role | None = None
) -> None:
    """Wait for the entities of a device that has just come, some seconds at most.

    With a role, a moment longer for one that fits it: some come one after the other.
    """
    for _ in range(round(_ENTITIES_WITHIN / _LOOK)):
        device_id = device()
        if device_id and er.async_entries_for_device(er.async_get(hass), device_id):
            break
        await asyncio.sleep(_LOOK)
    for _ in range(round(_FITS_WITHIN / _LOOK) if role is not None else 0):
        device_id = device()
        if device_id and role is not None and fitting_entities(hass, device_id, role):
            return
        await asyncio.sleep(_LOOK)


@callback
def bluetooth_signs(hass: HomeAssistant, device_id: str, address: str) -> Signs:
    """Return what Bluetooth tells of a device that has just come."""
    where = Whereabouts(
        device_id=device_id or None, entity_id=None, radio=BLUETOOTH, address=address
    )
    return read_signs(hass, where, since=0.0, before=None)


@callback
def paired_signs(hass: HomeAssistant, ieee: str) -> Signs:
    """Return what the radio tells of a device that has just come."""
    where = Whereabouts(
        device_id=find_remote(hass, ieee), entity_id=None, radio="zigbee", address=ieee
    )
    return read_signs(hass, where, since=0.0, before=None)


def is_weak(signs: Signs) -> bool:
    """Tell whether a device is reached too badly where it is to be approved (R39)."""
    return signs.lqi is not None and signs.lqi < WEAK_LQI


def signs_in_words(signs: Signs) -> dict[str, str]:
    """Return placeholders: signal and battery; a dash for what is not known."""
    low = signs.low or (signs.battery is not None and signs.battery <= LOW)
    battery = "-" if signs.battery is None else f"{round(signs.battery)} %"
    return {
        "signal": "-" if signs.lqi is None else str(round(signs.lqi)),
        "limit": str(round(WEAK_LQI)),
        "battery": f"{battery} ⚠" if low else battery,
    }


@callback
def fitting_entities(hass: HomeAssistant, device_id: str, role: Role) -> list[str]:
    """Return the entities of a device that can tell what a role needs, the likeliest first."""
    found = [
        entry
        for entry in er.async_entries_for_device(er.async_get(hass), device_id)
        if entry.domain in FITTING[role] and entry.entity_category is None and not entry.disabled
    ]
    order = {domain: place for place, domain in enumerate(("binary_sensor", "event", "lock"))}
    found.sort(key=lambda entry: (order.get(entry.domain, len(order)), entry.entity_id))
    return [entry.entity_id for entry in found]


@callback
def is_remote(hass: HomeAssistant, device_id: str, role: Role) -> bool:
    """Tell whether a device may be listened to by its commands for a role."""
    return role in REMOTE_ROLES and dr.async_get(hass).async_get(device_id) is not None


def read_code(typed: Mapping[str, Any]) -> dict[str, str]:
    """Return what was typed of a code as ZHA takes it: nothing, a QR text, or address with install code."""
    code = str(typed.get("code") or "").strip()
    address = str(typed.get("address") or "").strip()
    if not code and not address:
        return {}
    if address:
        return {"source_ieee": address, "install_code": code.replace(" ", "").replace("-", "")}
    return {"qr_code": code}
