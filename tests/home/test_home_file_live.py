"""A home file in a live home: how alarms go out, receivers as they must be, and what a home cannot say."""

import json
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
import pytest
import pytest_asyncio
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.kvarbo.home_file.record import FILE
from tests.home.conftest import StartHome, add_subentry, button, entity_source, make_entry
from tests.home.filed import THEIRS, Filed, prepare, write_through
from tests.watching.support import rule, trigger

HEAD = "kvarbo_home: 1\nhome: {controller: '4711', label: Live}\n"
ONE = "receivers:\n- {name: a, protocol: rest, url: https://a.example/v1}\n"


@pytest_asyncio.fixture
async def live(
    hass: HomeAssistant,
    hass_admin_user: MockUser,
    start_home: StartHome,
    hass_storage: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    socket_enabled: None,
) -> Filed:
    """A live home with nothing in it, on a hub with a tunnel."""
    monkeypatch.setattr(
        "custom_components.kvarbo.home_file_checks.tunnels_present", lambda: ["wg0", "wwan0"]
    )
    await prepare(hass)
    write_through(monkeypatch, hass, hass_storage)
    home = await start_home(make_entry(demo=False))
    return Filed(hass, hass_admin_user, home)


async def flaws(filed: Filed, text: str) -> list[tuple[int, str, str, str]]:
    told = await filed.apply(HEAD + text, check_only=True)
    return [(f["line"], f["field"], f["problem"], f["words"]) for f in told["flaws"]]


async def test_the_way_out_is_set_shown_and_left(live: Filed) -> None:
    way = "way_out: {way: interface, interface: wg0, nameservers: [10.0.0.53], second: wwan0}\n"
    await live.apply(HEAD + way)
    kept = {"way": "interface", "interface": "wg0", "nameservers": ["10.0.0.53"], "second": "wwan0"}
    assert live.home.entry.data["way_out"] == kept
    text = await live.export()
    assert "interface: wg0" in text
    assert not (await live.apply(text, check_only=True))["changes"]
    await live.apply(HEAD)
    assert live.home.entry.data["way_out"] == kept, "what a file does not speak of stays"
    await live.apply(HEAD + "way_out: {way: router}\n")
    assert live.home.entry.data["way_out"] == {"way": "router"}
    await live.call("apply_settings", previous=True)
    assert live.home.entry.data["way_out"] == kept


async def test_an_interface_that_is_not_there_is_told(live: Filed) -> None:
    (flaw,) = await flaws(live, "way_out: {way: interface, interface: wg7}\n")
    assert flaw[:3] == (3, "way_out.interface", "interface_absent")
    assert "not on this hub" in flaw[3], "in the words of the home's own form"


async def test_a_road_that_the_home_does_not_have_is_told(live: Filed) -> None:
    second = ONE.replace("}", ", reached_by: second}")
    assert [f[:3] for f in await flaws(live, second)] == [
        (4, "receivers[1].reached_by", "no_second_way")
    ]
    with_way = "way_out: {way: interface, interface: wg0, second: wwan0}\n" + second
    assert not await flaws(live, with_way)


async def test_two_receivers_at_one_address_are_told(live: Filed) -> None:
    twin = ONE.splitlines()[1].replace("name: a", "name: b")
    assert [f[:3] for f in await flaws(live, f"{ONE}{twin}\n")] == [
        (5, "receivers[2].url", "same_receiver")
    ]


async def test_what_a_receiver_refuses_is_told_in_its_form_s_words(
    hass: HomeAssistant, live: Filed
) -> None:
    (flaw,) = await flaws(live, ONE.replace("https", "http"))
    assert flaw[:2] == (4, "receivers[1].url")
    assert " " in flaw[3], flaw
    hass.config.language = "sv"
    (swedish,) = await flaws(live, ONE.replace("https", "http"))
    assert swedish[3] != flaw[3]
    with pytest.raises(ServiceValidationError) as refused:
        await live.apply(HEAD + ONE.replace("https", "http"))
    assert "rad 4, receivers[1].url: " in refused.value.translation_placeholders["flaws"]  # type: ignore[index]


async def test_two_devices_on_one_source_are_told(hass: HomeAssistant, live: Filed) -> None:
    add_subentry(hass, live.home, button(1, entity_source("binary_sensor", "cord"), "hallway"))
    await hass.async_block_till_done()
    more = "{type: entity, domain: binary_sensor, platform: test, unique_id: cord}"
    text = (
        "devices:\n- {number: 1, role: help_button, location: hallway, resident: 1}\n"
        f"- {{number: 2, role: item, location: hallway, source: {more}}}\n"
    )
    assert [f[:3] for f in await flaws(live, text)] == [(5, "devices[2].source", "twice")]


async def test_parts_of_a_home_that_do_not_fit_together_are_named_whole(
    hass: HomeAssistant, live: Filed
) -> None:
    for number in (1, 2):
        add_subentry(
            hass, live.home, button(number, entity_source("binary_sensor", "cord"), "hallway")
        )
    await hass.async_block_till_done()
    told = await live.call("export_settings")
    assert told["left_out"] == ["devices"]
    assert "devices" not in told["settings"]


async def test_a_rule_that_no_file_can_say_is_named_and_goes_on(
    hass: HomeAssistant, live: Filed
) -> None:
    """Its blueprint asks for no warning; somebody's own automation has one."""
    options = rule("water", resident=0, settings={"warning": "00:00:30"})
    await automate_more(hass, live, options)
    told = await live.call("export_settings")
    assert told["left_out"] == ["rules.water/0/"]
    await live.apply(told["settings"])
    assert live.rules() == {"water/0/"}


async def automate_more(hass: HomeAssistant, filed: Filed, options: dict[str, Any]) -> None:
    mine = json.dumps({"id": "mine", "triggers": [trigger("alarmed", options)], "actions": []})
    await hass.async_add_executor_job(filed.automations.write_text, f"{THEIRS}- {mine}\n")
    await hass.services.async_call("automation", "reload", blocking=True)
    await hass.async_block_till_done()


async def test_a_template_in_an_automation_is_left_out(hass: HomeAssistant, live: Filed) -> None:
    text = (
        "rules:\n- {rule: lift, resident: 1, owner: nurse, suitable: true, inputs: "
        "{warning_brightness: 40, warning_repeats: 2}}\n"
    )
    await live.apply(HEAD + text)
    edited = (await live.text()).replace("warning_brightness: 40", "warning_brightness: '{{ 4 }}'")
    await hass.async_add_executor_job(live.automations.write_text, edited)
    told = await live.export()
    assert "warning_brightness" not in told
    assert "warning_repeats: 2" in told


async def test_a_key_that_cannot_be_used_lets_nothing_in(live: Filed) -> None:
    entry = live.home.entry
    live.hass.config_entries.async_update_entry(entry, data={**entry.data, "signed_by": "later"})
    assert [f[2] for f in await flaws(live, "")] == ["no_key"]


async def test_a_record_that_cannot_be_read_is_nothing_to_go_back_to(live: Filed) -> None:
    await live.apply(HEAD)
    await live.in_force()
    path = live.home.folder / FILE
    await live.hass.async_add_executor_job(path.write_text, "{")
    with pytest.raises(ServiceValidationError) as refused:
        await live.call("apply_settings", previous=True)
    assert refused.value.translation_key == "no_previous_settings"
