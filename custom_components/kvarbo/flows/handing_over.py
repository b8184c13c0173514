"""A Bluetooth device is added by the integration that owns it, from our own dialog.

What that integration asks is asked here in its own words; what it can be answered without a person is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, UnknownFlow
from homeassistant.helpers.translation import async_get_translations
from homeassistant.loader import IntegrationNotFound, async_get_integration
import probatio

from ..devices.bluetooth import HeardDevice

#: No integration has so many pages for one device.
_MOST_PAGES: Final = 6


class Outcome(StrEnum):
    """How far it has come."""

    ADDED = "added"
    #: It needs one answer of a person: see `HandOver.wanted`.
    ASKS = "asks"
    #: It asks for more than can be asked here.
    MORE = "more"
    #: It refused.
    REFUSED = "refused"


@dataclass(slots=True)
class HandOver:
    """One device's way into Home Assistant. Words are in the hub's language, and the integration's own."""

    hass: HomeAssistant
    device: HeardDevice
    outcome: Outcome = Outcome.MORE
    #: The field that a person must fill in, what it is called there, and what was wrong with the last answer.
    wanted: str = ""
    asks: str = ""
    problem: str = ""
    _filled: dict[str, Any] = field(default_factory=dict)

    async def begin(self) -> None:
        """Look at what the integration asks first, and go as far as can be gone."""
        await self._go(None)

    async def answer(self, value: str) -> None:
        """Give the answer that it has asked for."""
        await self._go({**self._filled, self.wanted: value})

    async def name(self) -> str:
        """Return what the integration is called."""
        owner = self.device.owner or ""
        try:
            return (await async_get_integration(self.hass, owner)).name
        except IntegrationNotFound:
            return owner

    async def _go(self, typed: dict[str, Any] | None) -> None:
        flows, flow_id = self.hass.config_entries.flow, self.device.flow_id or ""
        self.problem = ""
        try:
            page = await flows.async_configure(flow_id, typed)
            for _ in range(_MOST_PAGES):
                if not await self._may_go_on(page):
                    return
                page = await flows.async_configure(flow_id, self._filled)
        except UnknownFlow:
            # Somebody has added it meanwhile, or it has gone.
            self.outcome = Outcome.REFUSED
        except probatio.Invalid:
            self.outcome = Outcome.MORE

    async def _may_go_on(self, page: ConfigFlowResult) -> bool:
        """Read a page; tell whether all that it asks is known."""
        match page["type"]:
            case FlowResultType.CREATE_ENTRY:
                self.outcome = Outcome.ADDED
                return False
            case FlowResultType.ABORT:
                self.outcome = Outcome.REFUSED
                self.problem = await self._text("abort", str(page["reason"]))
                return False
            case FlowResultType.FORM:
                return await self._read_form(page)
            case _:
                self.outcome = Outcome.MORE
                return False

    async def _read_form(self, page: ConfigFlowResult) -> bool:
        schema = page.get("data_schema")
        open_fields: list[str] = []
        self._filled = {}
        for key, choice in ({} if schema is None else schema.schema).items():
            known = self._known(key, choice)
            if known is not None:
                self._filled[str(key)] = known
            elif isinstance(key, probatio.Required) and key.default is probatio.UNDEFINED:
                open_fields.append(str(key))
        errors: Mapping[str, str] = page.get("errors") or {}
        if errors:
            self.problem = await self._text("error", next(iter(errors.values())))
        if not open_fields:
            # What it refuses though nobody has typed anything is not mended by saying it again.
            self.outcome = Outcome.REFUSED if errors else Outcome.MORE
            return not errors
        if len(open_fields) > 1:
            self.outcome = Outcome.MORE
            return False
        self.outcome, self.wanted = Outcome.ASKS, open_fields[0]
        self.asks = await self._text(f"step.{page['step_id']}.data", self.wanted)
        return False

    def _known(self, key: Any, choice: Any) -> Any:
        """Return an answer that only one device can have: the device's own address."""
        choices = getattr(choice, "container", None)
        if choices is None or not isinstance(key, probatio.Required):
            return None
        return next((one for one in choices if str(one).upper() == self.device.address), None)

    async def _text(self, part: str, key: str) -> str:
        owner = self.device.owner or ""
        language = self.hass.config.language
        texts = await async_get_translations(self.hass, language, "config", {owner})
        return texts.get(f"component.{owner}.config.{part}.{key}", key)
