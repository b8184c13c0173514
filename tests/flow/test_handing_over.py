"""Whatever an integration asks or refuses while it adds a Bluetooth device is told, and nothing is guessed."""

from collections.abc import Callable
from typing import Any, override

from homeassistant.config_entries import SOURCE_BLUETOOTH, ConfigFlow, ConfigFlowResult
from homeassistant.core import HomeAssistant
import probatio
from pytest_homeassistant_custom_component.common import (
    MockModule,
    mock_config_flow,
    mock_integration,
    mock_platform,
)

from custom_components.kvarbo.devices.bluetooth import HeardDevice
from custom_components.kvarbo.flows.handing_over import HandOver, Outcome

ADDRESS = "C0:00:00:00:05:01"

type Answer = Callable[[ConfigFlow, dict[str, Any] | None], ConfigFlowResult]


def owner(answer: Answer) -> type[ConfigFlow]:
    """An integration's flow whose one step says what the test wants; no integration at hand does all of this."""

    class OwnersFlow(ConfigFlow):
        @override
        async def async_step_bluetooth(self, discovery_info: Any) -> ConfigFlowResult:
            return await self.async_step_ask()

        async def async_step_ask(
            self, user_input: dict[str, Any] | None = None
        ) -> ConfigFlowResult:
            return answer(self, user_input)

    return OwnersFlow


async def hand_over(hass: HomeAssistant, answer: Answer) -> HandOver:
    mock_integration(hass, MockModule("owner", async_setup_entry=_set_up))
    mock_platform(hass, "owner.config_flow", None)
    with mock_config_flow("owner", owner(answer)):
        page = await hass.config_entries.flow.async_init(
            "owner", context={"source": SOURCE_BLUETOOTH}, data=object()
        )
        device = HeardDevice(
            address=ADDRESS, name="Thing", rssi=-60, owner="owner", flow_id=page.get("flow_id")
        )
        over = HandOver(hass, device)
        await over.begin()
    return over


async def _set_up(*_: object) -> bool:
    return True


def form(flow: ConfigFlow, schema: dict[Any, Any], **errors: str) -> ConfigFlowResult:
    return flow.async_show_form(
        step_id="ask", data_schema=probatio.Schema(schema), errors=errors or None
    )


async def test_one_that_asks_only_for_a_yes_is_added(hass: HomeAssistant) -> None:
    over = await hand_over(
        hass,
        lambda flow, given: (
            flow.async_show_form(step_id="ask")
            if given is None
            else flow.async_create_entry(title="Thing", data={})
        ),
    )
    assert over.outcome is Outcome.ADDED
    assert await over.name() == "owner"


async def test_its_own_address_and_what_has_a_default_are_answered_for_it(
    hass: HomeAssistant,
) -> None:
    given: list[dict[str, Any]] = []

    def answer(flow: ConfigFlow, typed: dict[str, Any] | None) -> ConfigFlowResult:
        if typed is None:
            choices = {ADDRESS.lower(): "Thing", "C0:00:00:00:05:02": "Another"}
            return form(
                flow,
                {
                    probatio.Required("address"): probatio.In(choices),
                    probatio.Required("interval", default=30): int,
                    probatio.Optional("note"): str,
                },
            )
        given.append(typed)
        return flow.async_create_entry(title="Thing", data={})

    over = await hand_over(hass, answer)
    assert over.outcome is Outcome.ADDED
    assert given == [{"address": ADDRESS.lower(), "interval": 30}]


async def test_one_that_asks_for_two_things_is_added_elsewhere(hass: HomeAssistant) -> None:
    wanted = {probatio.Required("user"): str, probatio.Required("password"): str}
    over = await hand_over(hass, lambda flow, _: form(flow, wanted))
    assert over.outcome is Outcome.MORE


async def test_one_that_shows_a_menu_is_added_elsewhere(hass: HomeAssistant) -> None:
    over = await hand_over(
        hass, lambda flow, _: flow.async_show_menu(step_id="ask", menu_options=["ask"])
    )
    assert over.outcome is Outcome.MORE


async def test_one_that_refuses_whatever_is_said_is_not_asked_for_ever(
    hass: HomeAssistant,
) -> None:
    asked: list[object] = []

    def answer(flow: ConfigFlow, typed: dict[str, Any] | None) -> ConfigFlowResult:
        asked.append(typed)
        errors = {} if typed is None else {"base": "cannot_connect"}
        return form(flow, {}, **errors)

    over = await hand_over(hass, answer)
    assert over.outcome is Outcome.REFUSED
    assert over.problem == "cannot_connect"
    # Shown first, read, and answered once.
    assert len(asked) <= 3


async def test_one_that_gives_up_says_why(hass: HomeAssistant) -> None:
    over = await hand_over(
        hass,
        lambda flow, given: (
            flow.async_show_form(step_id="ask")
            if given is None
            else flow.async_abort(reason="already_configured")
        ),
    )
    assert over.outcome is Outcome.REFUSED
    assert over.problem == "already_configured"


async def test_what_it_does_not_take_as_an_answer_is_no_crash(hass: HomeAssistant) -> None:
    wanted = {probatio.Required("pin"): probatio.All(str, probatio.Length(min=6))}
    over = await hand_over(hass, lambda flow, _: form(flow, wanted))
    assert (over.outcome, over.wanted, over.asks) == (Outcome.ASKS, "pin", "pin")
    await over.answer("1")
    assert over.outcome is Outcome.MORE


async def test_one_whose_dialog_is_gone_is_refused(hass: HomeAssistant) -> None:
    over = HandOver(
        hass, HeardDevice(address=ADDRESS, name="", rssi=-60, owner="nobody", flow_id="gone")
    )
    await over.begin()
    assert over.outcome is Outcome.REFUSED
    assert await over.name() == "nobody"
