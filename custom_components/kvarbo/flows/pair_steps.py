"""The steps of a device's dialog in which a new Zigbee device is paired."""

from typing import Any, Final, override

from homeassistant.config_entries import ConfigSubentryFlow, SubentryFlowResult
from homeassistant.const import CONF_DEVICE_ID, CONF_ENTITY_ID
from homeassistant.core import callback
import probatio

from ..alarm.kinds import Role
from ..const import CONF_ROLE, CONF_SOURCE, CONF_SOURCE_IEEE, SUBENTRY_DEVICE
from ..devices.signs import find_device
from ..devices.zigbee import BadCodeError, is_zigbee_up
from .forms import LINE
from .pairing import (
    ENDS,
    Pairing,
    Stage,
    fitting_entities,
    is_remote,
    is_weak,
    paired_signs,
    read_code,
    signs_in_words,
)

_PAIR: Final = probatio.Schema(
    {probatio.Optional("code"): LINE, probatio.Optional("address"): LINE}
)


class PairSteps(ConfigSubentryFlow):
    """Pairs, and then goes on as if the device had been picked."""

    _data: dict[str, Any]

    def __init__(self) -> None:
        """Start with nothing under way."""
        super().__init__()
        self._pairing: Pairing | None = None
        #: What to suggest in the forms that pick a source, by field.
        self._paired: dict[str, str] = {}

    @override
    @callback
    def async_remove(self) -> None:
        """Close the network when the dialog ends, however it ends."""
        if self._pairing is not None:
            self._pairing.close()

    def _may_pair(self) -> bool:
        return is_zigbee_up(self.hass)

    async def async_step_pair(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask for the code that an alarm device bears, and open the network."""
        errors: dict[str, str] = {}
        if user_input is not None:
            if self._pairing is not None:
                self._pairing.close()
            self._pairing = Pairing(self.hass, self._own_addresses())
            try:
                await self._pairing.open(read_code(user_input))
            except BadCodeError:
                errors["code"] = "bad_code"
            else:
                return await self.async_step_pairing()
        return self.async_show_form(
            step_id="pair",
            data_schema=self.add_suggested_values_to_schema(_PAIR, user_input),
            errors=errors,
            last_step=False,
        )

    async def async_step_pairing(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Show how far the new device has come."""
        pairing = self._under_way
        if pairing.stage in ENDS:
            pairing.close()
            return self.async_show_progress_done(next_step_id=pairing.stage.value)
        if pairing.task.done():
            pairing.go_on()
        return self.async_show_progress(
            step_id="pairing",
            progress_action=pairing.stage.value,
            progress_task=pairing.task,
            description_placeholders=pairing.in_words(),
        )

    async def async_step_pair_done(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Judge how it is reached, and show what it can be listened to by."""
        pairing = self._under_way
        signs = paired_signs(self.hass, pairing.ieee)
        words = {**pairing.in_words(), **signs_in_words(signs)}
        if is_weak(signs):
            return self.async_show_menu(
                step_id="weak_signal",
                menu_options=["pair_done", "pair"],
                description_placeholders=words,
            )
        device_id, role = pairing.device_id or "", Role(self._data[CONF_ROLE])
        entities = fitting_entities(self.hass, device_id, role)
        self._paired = {CONF_DEVICE_ID: device_id}
        if entities:
            self._paired[CONF_ENTITY_ID] = entities[0]
        ways = [
            *(["entity"] if entities else []),
            *(["remote"] if is_remote(self.hass, device_id, role) else []),
        ]
        if not ways:
            return self.async_show_menu(
                step_id="nothing_fits", menu_options=["pair"], description_placeholders=words
            )
        return self.async_show_menu(
            step_id="paired", menu_options=[*ways, "pair"], description_placeholders=words
        )

    #: What `pair_done` shows, by what it finds. Home Assistant wants a step for each page.
    async_step_paired = async_step_pair_done
    async_step_weak_signal = async_step_pair_done
    async_step_nothing_fits = async_step_pair_done

    async def async_step_nobody_joined(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Say that nothing has come, and what to do about it."""
        return self._not_paired(Stage.NOBODY)

    async def async_step_pair_stopped(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Say that a device has come and stopped on the way."""
        return self._not_paired(Stage.STOPPED)

    async def async_step_no_radio(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Say that there is no radio that could let anybody in."""
        return self._not_paired(Stage.NO_RADIO)

    def _not_paired(self, stage: Stage) -> SubentryFlowResult:
        return self.async_show_menu(
            step_id=stage.value,
            menu_options=["pair", "entity"],
            description_placeholders=self._under_way.in_words(),
        )

    @property
    def _under_way(self) -> Pairing:
        assert self._pairing is not None  # noqa: S101 - no step leads here without one
        return self._pairing

    def _own_addresses(self) -> set[str]:
        """Return the addresses of the devices that the home has already."""
        found: set[str] = set()
        for subentry in self._get_entry().get_subentries_of_type(SUBENTRY_DEVICE):
            source = subentry.data.get(CONF_SOURCE, {})
            if address := source.get(CONF_SOURCE_IEEE) or find_device(self.hass, source).address:
                found.add(address)
        return found
