"""The flow of a receiver: its address and credentials, proved by a heartbeat before they are saved."""

from functools import cached_property
from typing import Any

from homeassistant.config_entries import SOURCE_RECONFIGURE, ConfigSubentryFlow, SubentryFlowResult
from homeassistant.const import CONF_URL
from ulid_transform import ulid_now

from ..const import (
    CONF_DEMO,
    CONF_ORDER,
    CONF_PROTOCOL,
    CONF_REACHED_BY,
    CONF_TAKES,
    SUBENTRY_RECEIVER,
    Protocol,
)
from ..receivers import host_of
from ..way_out import Road, road_problem
from .draft import ADVANCED_FORM, BASIC_FORM, CONF_ADVANCED, FIRST, LAST, Draft
from .mqtt_draft import MQTT_FORM, MqttDraft
from .proof import Proof
from .scaip_draft import SCAIP_ADVANCED_FORM, SCAIP_FORM, ScaipDraft


class ReceiverFlow(ConfigSubentryFlow):
    """Adds a receiver or changes one."""

    #: The newest proof that is over.
    _answered: Proof

    def __init__(self) -> None:
        """Start with nothing asked yet."""
        super().__init__()
        self._proof: Proof | None = None
        self._protocol = Protocol.REST

    @property
    def _draft(self) -> Draft | ScaipDraft:
        match self._protocol:
            case Protocol.SCAIP:
                return self._scaip
            case Protocol.MQTT:
                return self._mqtt
            case Protocol.REST:
                return self._rest

    @cached_property
    def _rest(self) -> Draft:
        return Draft(self.hass, self._settings(), demo=bool(self._get_entry().data[CONF_DEMO]))

    @cached_property
    def _scaip(self) -> ScaipDraft:
        return ScaipDraft(self.hass, self._settings(), self._get_entry().data)

    @cached_property
    def _mqtt(self) -> MqttDraft:
        return MqttDraft(self.hass, self._settings(), self._get_entry().data)

    def _settings(self) -> dict[str, Any]:
        settings: dict[str, Any] = {CONF_ORDER: self._next_order()}
        if self.source == SOURCE_RECONFIGURE:
            settings |= self._get_reconfigure_subentry().data
        return settings

    # -- which protocol ------------------------------------------------------------------------

    async def async_step_user(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask what the new receiver speaks."""
        return self.async_show_menu(step_id="user", menu_options=["scaip", "rest", "mqtt"])

    # -- SCAIP ---------------------------------------------------------------------------------

    async def async_step_scaip(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for a SCAIP receiver, or for changes of one."""
        self._protocol = Protocol.SCAIP
        errors: dict[str, str] = {}
        if user_input is not None:
            errors = await self._take_basic(user_input)
            if not errors and (user_input[CONF_ADVANCED] or self._draft.flaws):
                return await self.async_step_scaip_advanced()
            if not errors:
                return await self.async_step_prove()
        return self.async_show_form(
            step_id="scaip",
            data_schema=self.add_suggested_values_to_schema(SCAIP_FORM, self._draft.basic_values()),
            errors=errors,
            last_step=False,
        )

    async def async_step_scaip_advanced(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for what most SCAIP receivers do not need."""
        if user_input is None:
            errors = self._draft.advanced_errors()
        else:
            errors = await self._take_advanced(user_input)
            if not errors:
                return await self.async_step_prove()
        return self.async_show_form(
            step_id="scaip_advanced",
            data_schema=self.add_suggested_values_to_schema(
                SCAIP_ADVANCED_FORM, self._draft.advanced_values()
            ),
            errors=errors,
            description_placeholders=self._draft.place(),
            last_step=False,
        )

    # -- MQTT ----------------------------------------------------------------------------------

    async def async_step_mqtt(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask for an MQTT receiver, or for changes of one. Its second form is that of REST."""
        self._protocol = Protocol.MQTT
        errors: dict[str, str] = {}
        if user_input is not None:
            errors = await self._take_basic(user_input)
            if not errors:
                return await self._after_basic(user_input)
        return self.async_show_form(
            step_id="mqtt",
            data_schema=self.add_suggested_values_to_schema(MQTT_FORM, self._draft.basic_values()),
            errors=errors,
            last_step=False,
        )

    # -- REST ----------------------------------------------------------------------------------

    async def async_step_rest(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask for a new REST receiver."""
        errors: dict[str, str] = {}
        if user_input is not None:
            errors = await self._take_basic(user_input)
            if not errors:
                return await self._after_basic(user_input)
        return self.async_show_form(
            step_id="rest",
            data_schema=self.add_suggested_values_to_schema(BASIC_FORM, self._draft.basic_values()),
            errors=errors,
            last_step=False,
        )

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for changes of a receiver, by the form of its protocol."""
        match self._get_reconfigure_subentry().data.get(CONF_PROTOCOL):
            case Protocol.SCAIP:
                return await self.async_step_scaip()
            case Protocol.MQTT:
                return await self.async_step_mqtt()
            case _:
                pass
        errors: dict[str, str] = {}
        if user_input is not None:
            errors = await self._take_basic(user_input)
            if not errors:
                return await self._after_basic(user_input)
        return self.async_show_form(
            step_id="reconfigure",
            data_schema=self.add_suggested_values_to_schema(BASIC_FORM, self._draft.basic_values()),
            errors=errors,
            last_step=False,
        )

    async def async_step_advanced(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for what most receivers do not need."""
        if user_input is None:
            errors = self._draft.advanced_errors()
        else:
            errors = await self._take_advanced(user_input)
            if not errors:
                return await self.async_step_prove()
        return self.async_show_form(
            step_id="advanced",
            data_schema=self.add_suggested_values_to_schema(
                ADVANCED_FORM, self._draft.advanced_values()
            ),
            errors=errors,
            description_placeholders=self._draft.place(),
            last_step=False,
        )

    # -- the proof -----------------------------------------------------------------------------

    async def async_step_prove(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Send a heartbeat and wait for the answer."""
        if self._proof is None:
            self._proof = Proof(self.hass, self._get_entry(), self._draft.settings)
        elif self._proof.is_over:
            self._answered, self._proof = self._proof, None
            return self.async_show_progress_done(next_step_id=self._answered.outcome)
        return self.async_show_progress(
            step_id="prove",
            progress_action="prove",
            progress_task=self._proof.task,
            description_placeholders=self._proof.in_words(),
        )

    async def async_step_proved(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Show the round trip and the receiver's own words, then save."""
        if user_input is not None:
            return await self.async_step_save()
        return self.async_show_form(
            step_id="proved",
            description_placeholders=self._answered.in_words(),
            last_step=True,
        )

    async def async_step_two_hubs(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Warn that the receiver hears another hub under this home's number (A12)."""
        return self.async_show_menu(
            step_id="two_hubs",
            menu_options=["prove", "save"],
            description_placeholders=self._answered.in_words(),
        )

    async def async_step_proof_failed(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Show what the receiver answered, and let the person choose.

        It may be saved all the same: a technician may stand in a home before the municipality has
        opened its firewall.
        """
        return self.async_show_menu(
            step_id="proof_failed",
            menu_options=["edit", "prove", "save"],
            description_placeholders=self._answered.in_words(),
        )

    async def async_step_home_stopped(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Say that nobody could ask the receiver, since the home is not running."""
        return self.async_show_menu(
            step_id="home_stopped",
            menu_options=["prove", "edit", "save"],
            description_placeholders=self._answered.in_words(),
        )

    async def async_step_edit(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Go back to the first form; nothing typed is lost."""
        if self._protocol is Protocol.SCAIP:
            return await self.async_step_scaip()
        if self._protocol is Protocol.MQTT:
            return await self.async_step_mqtt()
        if self.source == SOURCE_RECONFIGURE:
            return await self.async_step_reconfigure()
        return await self.async_step_rest()

    async def async_step_save(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Save; the home takes it over without a reload."""
        settings = self._draft.settings
        title = host_of(settings[CONF_URL])
        if self.source != SOURCE_RECONFIGURE:
            return self.async_create_entry(title=title, data=settings, unique_id=ulid_now())
        subentry = self._get_reconfigure_subentry()
        if subentry.title != host_of(subentry.data[CONF_URL]):
            title = subentry.title  # somebody has named it
        return self.async_update_and_abort(self._get_entry(), subentry, title=title, data=settings)

    # -- small things --------------------------------------------------------------------------

    async def _take_basic(self, user_input: dict[str, Any]) -> dict[str, str]:
        errors = await self._draft.take_basic(user_input)
        # The same one may be reached by a second way too, which the second form asks for.
        if not errors and not user_input[CONF_ADVANCED] and self._is_twin():
            errors[CONF_URL] = "same_receiver"
        return errors

    async def _take_advanced(self, user_input: dict[str, Any]) -> dict[str, str]:
        errors = await self._draft.take_advanced(user_input)
        if CONF_REACHED_BY in errors:
            return errors
        road = Road(self._draft.settings[CONF_REACHED_BY])
        if (problem := road_problem(self._get_entry().data, road)) is not None:
            errors[CONF_REACHED_BY] = problem
        elif self._is_twin():
            errors[CONF_REACHED_BY] = "same_receiver"
        return errors

    async def _after_basic(self, user_input: dict[str, Any]) -> SubentryFlowResult:
        if user_input[CONF_ADVANCED] or self._draft.flaws:
            return await self.async_step_advanced()
        return await self.async_step_prove()

    def _is_twin(self) -> bool:
        """Tell whether another receiver of the home has the same address and the same task."""
        own = self._get_reconfigure_subentry() if self.source == SOURCE_RECONFIGURE else None
        settings = self._draft.settings
        return any(
            other is not own
            and other.data[CONF_URL] == settings[CONF_URL]
            and other.data[CONF_TAKES] == settings[CONF_TAKES]
            and other.data.get(CONF_REACHED_BY, Road.HOME)
            == settings.get(CONF_REACHED_BY, Road.HOME)
            for other in self._get_entry().get_subentries_of_type(SUBENTRY_RECEIVER)
        )

    def _next_order(self) -> int:
        receivers = self._get_entry().get_subentries_of_type(SUBENTRY_RECEIVER)
        taken = {receiver.data.get(CONF_ORDER) for receiver in receivers}
        return next((n for n in range(FIRST, LAST) if n not in taken), LAST)
