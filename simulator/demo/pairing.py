"""Pairing a Zigbee device as a technician does: in Kvarbo's own dialog, role first, the network open for it alone."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from simulator.hass import Answer, HomeAssistant, Json, until
from simulator.processes import DemoError

#: Who acts in the home: a path of the radio's control, and what is sent there.
type AtHome = Callable[[str, Json], Awaitable[Json]]
type Listing = Callable[[], Awaitable[Json]]

_OPENS_WITHIN: Final = 20.0


@dataclass(frozen=True, slots=True)
class Technician:
    """Whoever pairs the devices of one home: at its pages, and with the devices in the hand."""

    hass: HomeAssistant
    entry_id: str
    at_home: AtHome
    listing: Listing

    async def pair(self, device: tuple[str, str], role: str, place: Json, **answers: Answer) -> str:
        """Pair one device, kind and address, for a role; return what it is heard by: an entity's id, or a device's.

        Its pairing button is pressed when the network is open. What the dialog has filled in is taken as it is,
        with the place.
        """
        kind, ieee = device
        heard: list[str] = []

        def take(step: Json) -> Json:
            filled = _filled_in(step)
            heard.append(str(filled.get("entity_id") or filled["device_id"]))
            return {**filled, **place}

        def choose(step: Json) -> Json:
            ways = [way for way in ("entity", "remote") if way in step["menu_options"]]
            return {"next_step_id": ways[0]}

        async def press() -> None:
            await until(
                lambda: self._is_open(wanted=True), _OPENS_WITHIN, "the network is not open"
            )
            await self.at_home("/sim/join", {"kind": kind, "ieee": ieee})

        pressing = asyncio.create_task(press())
        asked: dict[str, Answer] = {
            "user": {"role": role},
            "heard_by": {"next_step_id": "pair"},
            "pair": {},
            "paired": choose,
            "entity": take,
            "remote": take,
            "says": {"inverted": False},
            "ready": {"next_step_id": "finish"},
            "sensor_ready": {"next_step_id": "finish"},
            **answers,
        }
        try:
            start = {"handler": [self.entry_id, "device"]}
            await self.hass.walk("subentries/flow", start, asked)
        finally:
            pressing.cancel()
        if not heard:
            raise DemoError(f"{kind} was not asked for what it is heard by.")
        # Behind each the network is shut; the next opens it for itself.
        await until(lambda: self._is_open(wanted=False), _OPENS_WITHIN, "the network stays open")
        return heard[0]

    async def _is_open(self, *, wanted: bool) -> bool:
        return bool((await self.listing())["open"]) is wanted


def _filled_in(step: Json) -> Json:
    """Return what a form has filled in for whoever reads it."""
    found: dict[str, Any] = {}
    for field in step["data_schema"]:
        described = field.get("description") or {}
        if "suggested_value" in described:
            found[field["name"]] = described["suggested_value"]
    return found
