"""The flow of the home: its number at the municipality and a label; then its first receiver."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, override

from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigEntry,
    ConfigFlow,
    ConfigFlowResult,
    ConfigSubentry,
    ConfigSubentryFlow,
    FlowType,
    OptionsFlow,
    SubentryFlowContext,
)
from homeassistant.const import CONF_USERNAME
from homeassistant.core import callback

from .const import (
    CONF_CLIENT_CERTIFICATE,
    CONF_CONTROLLER,
    CONF_DEMO,
    CONF_DWELLING,
    CONF_LABEL,
    CONF_NEXT_NUMBER,
    CONF_PROTOCOL,
    DOMAIN,
    SUBENTRY_DEVICE,
    SUBENTRY_RECEIVER,
    Protocol,
)
from .flows.device import DeviceFlow
from .flows.draft import CERTIFICATE_FORM, TOKEN_FORM, Draft
from .flows.home import (
    home_changes_form,
    home_form,
    present_interfaces,
    read_dwelling,
    read_home,
    read_signed_by,
    read_way,
    shown_dwelling,
    shown_way_out,
)
from .flows.mqtt_draft import MQTT_CREDENTIALS_FORM, MqttDraft
from .flows.proof import Outcome, Proof
from .flows.receiver import ReceiverFlow
from .flows.roles import RolesFlow
from .flows.scaip_draft import SCAIP_CREDENTIALS_FORM, ScaipDraft


class KvarboConfigFlow(ConfigFlow, domain=DOMAIN):
    """Sets up the home, changes it, and renews a receiver's credentials.

    A second home in one hub is refused by Home Assistant itself (`single_config_entry`).
    """

    VERSION = 1
    MINOR_VERSION = 1

    #: The newest proof that is over.
    _answered: Proof

    def __init__(self) -> None:
        """Start with nothing typed."""
        super().__init__()
        self._home: dict[str, Any] = {}
        self._receiver_id = ""
        self._proof: Proof | None = None

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(
        cls, config_entry: ConfigEntry[Any]
    ) -> dict[str, type[ConfigSubentryFlow]]:
        """Return what a home can have."""
        return {SUBENTRY_RECEIVER: ReceiverFlow, SUBENTRY_DEVICE: DeviceFlow}

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry[Any]) -> OptionsFlow:
        """Return what gives Kvarbo's own roles to users."""
        return RolesFlow()

    # -- the home ------------------------------------------------------------------------------

    @override
    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for a new home."""
        errors: dict[str, str] = {}
        present = await self.hass.async_add_executor_job(present_interfaces, {CONF_DEMO: False})
        if user_input is not None:
            home, errors = read_home(user_input)
            way, flaws = read_way(user_input, present, is_new=True)
            home |= way
            errors |= flaws
            if not errors:
                await self.async_set_unique_id(home[CONF_CONTROLLER], raise_on_progress=False)
                return self.async_create_entry(
                    title=home[CONF_LABEL], data={**home, CONF_NEXT_NUMBER: 1}
                )
        return self.async_show_form(
            step_id="user",
            data_schema=self.add_suggested_values_to_schema(home_form(present), user_input),
            errors=errors,
            last_step=False,
        )

    @override
    async def async_on_create_entry(self, result: ConfigFlowResult) -> ConfigFlowResult:
        """Go on with the home's first receiver: a home without one cannot call anybody."""
        flow = await self.hass.config_entries.subentries.async_init(
            (result["result"].entry_id, SUBENTRY_RECEIVER),
            context=SubentryFlowContext(source=SOURCE_USER),
        )
        result["next_flow"] = (FlowType.CONFIG_SUBENTRIES_FLOW, flow["flow_id"])
        return result

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for changes of the home."""
        entry = self._get_reconfigure_entry()
        errors: dict[str, str] = {}
        present = await self.hass.async_add_executor_job(present_interfaces, entry.data)
        if user_input is not None:
            self._home, errors = read_home(user_input)
            dwelling, flaws = read_dwelling(user_input)
            way, more_flaws = read_way(user_input, present, is_new=False)
            signed_by, key_flaws = read_signed_by(user_input, entry.data)
            self._home |= dwelling | way | signed_by
            errors |= flaws | more_flaws | key_flaws
            if self._home[CONF_DEMO] != entry.data[CONF_DEMO]:
                # A demo home never becomes live (A9), nor a live home a demo by mistake.
                errors[CONF_DEMO] = "demo_fixed"
            if not errors and self._home[CONF_CONTROLLER] != entry.data[CONF_CONTROLLER]:
                return await self.async_step_new_number()
            if not errors:
                return self._update_home(entry)
        return self.async_show_form(
            step_id="reconfigure",
            data_schema=self.add_suggested_values_to_schema(
                home_changes_form(present),
                {
                    **entry.data,
                    CONF_DWELLING: shown_dwelling(entry.data),
                    **shown_way_out(entry.data),
                    **(user_input or {}),
                },
            ),
            errors=errors,
        )

    async def async_step_new_number(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Warn before the home gets another number: the municipality knows it by that alone."""
        entry = self._get_reconfigure_entry()
        if user_input is not None:
            return self._update_home(entry)
        return self.async_show_form(
            step_id="new_number",
            description_placeholders={
                "old": entry.data[CONF_CONTROLLER],
                "new": self._home[CONF_CONTROLLER],
            },
        )

    def _update_home(self, entry: ConfigEntry[Any]) -> ConfigFlowResult:
        return self.async_update_and_abort(
            entry,
            unique_id=self._home[CONF_CONTROLLER],
            title=self._home[CONF_LABEL],
            data_updates=self._home,
        )

    # -- a receiver that refuses our credentials -----------------------------------------------

    async def async_step_reauth(self, entry_data: Mapping[str, Any]) -> ConfigFlowResult:
        """Begin with the receiver that `subentry_id` names."""
        self._receiver_id = str(entry_data.get("subentry_id"))
        return await self.async_step_reauth_confirm()

    @property
    def _receiver(self) -> ConfigSubentry | None:
        return self._get_reauth_entry().subentries.get(self._receiver_id)

    @cached_property
    def _draft(self) -> Draft | ScaipDraft:
        entry = self._get_reauth_entry()
        settings = entry.subentries[self._receiver_id].data
        if settings.get(CONF_PROTOCOL) == Protocol.SCAIP:
            return ScaipDraft(self.hass, settings, entry.data)
        if settings.get(CONF_PROTOCOL) == Protocol.MQTT:
            return MqttDraft(self.hass, settings, entry.data)
        return Draft(self.hass, settings, demo=bool(entry.data[CONF_DEMO]))

    async def async_step_reauth_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for new credentials of the kind that the receiver has."""
        if (receiver := self._receiver) is None:
            return self.async_abort(reason="receiver_gone")
        errors: dict[str, str] = {}
        if user_input is not None:
            errors = await self._draft.take_credentials(user_input)
            if not errors:
                return await self.async_step_prove()
        protocol = receiver.data.get(CONF_PROTOCOL)
        if protocol in (Protocol.SCAIP, Protocol.MQTT):
            form = SCAIP_CREDENTIALS_FORM if protocol == Protocol.SCAIP else MQTT_CREDENTIALS_FORM
            user = {CONF_USERNAME: self._draft.settings.get(CONF_USERNAME)}
            return self.async_show_form(
                step_id="reauth_confirm",
                data_schema=self.add_suggested_values_to_schema(form, user),
                errors=errors,
                description_placeholders={"receiver": receiver.title},
            )
        certified = CONF_CLIENT_CERTIFICATE in receiver.data
        return self.async_show_form(
            step_id="reauth_confirm",
            data_schema=CERTIFICATE_FORM if certified else TOKEN_FORM,
            errors=errors,
            description_placeholders={"receiver": receiver.title},
        )

    async def async_step_prove(self, _user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Send a heartbeat with the new credentials and wait for the answer."""
        if self._proof is None:
            self._proof = Proof(self.hass, self._get_reauth_entry(), self._draft.settings)
        elif self._proof.is_over:
            self._answered, self._proof = self._proof, None
            outcome = self._answered.outcome
            proved = outcome in (Outcome.PROVED, Outcome.TWO_HUBS)
            return self.async_show_progress_done(next_step_id="renewed" if proved else outcome)
        return self.async_show_progress(
            step_id="prove",
            progress_action="prove",
            progress_task=self._proof.task,
            description_placeholders=self._proof.in_words(),
        )

    async def async_step_proof_failed(
        self, _user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show what the receiver answered, and let the person choose."""
        return self.async_show_menu(
            step_id="proof_failed",
            menu_options=["reauth_confirm", "prove", "renewed"],
            description_placeholders=self._answered.in_words(),
        )

    async def async_step_home_stopped(
        self, _user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Say that nobody could ask the receiver, since the home is not running."""
        return self.async_show_menu(
            step_id="home_stopped",
            menu_options=["prove", "renewed"],
            description_placeholders=self._answered.in_words(),
        )

    async def async_step_renewed(
        self, _user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Save the credentials; the home takes them over without a reload."""
        if (receiver := self._receiver) is None:
            return self.async_abort(reason="receiver_gone")
        self.hass.config_entries.async_update_subentry(
            self._get_reauth_entry(), receiver, data=self._draft.settings
        )
        return self.async_abort(reason="reauth_successful")
