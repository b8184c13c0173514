"""Who lives in the home, as the home's dialog asks it (S6)."""

from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
import pytest

from custom_components.kvarbo.supervision.house import Dwelling
from custom_components.kvarbo.supervision.settings import read_settings

from .talk import Talk

HOME = {"controller": "4711", "label": "Flat 12", "demo": True}
DWELLING = {
    "residents": 2,
    "pet": True,
    "robot_vacuum": True,
    "visits": True,
    "night_from": "23:30:00",
    "night_to": "06:15:00",
}
HOUR = 3600.0


def read(home: ConfigEntry[Any]) -> Dwelling:
    return read_settings(Dwelling, home.data["dwelling"])


async def test_who_lives_here_is_kept_and_shown_again(
    hass: HomeAssistant, demo_home: ConfigEntry[Any]
) -> None:
    assert "dwelling" not in demo_home.data, "a new home is as the defaults have it"
    talk = await Talk.change_home(hass, demo_home)
    await talk.answer(**HOME, dwelling=DWELLING)
    assert talk.reason == "reconfigure_successful"
    assert read(demo_home) == Dwelling(
        residents=2,
        pet=True,
        robot_vacuum=True,
        visits=True,
        night_from=23.5 * HOUR,
        night_to=6.25 * HOUR,
    )
    talk = await Talk.change_home(hass, demo_home)
    assert talk.filled_in()["dwelling"] == DWELLING


async def test_a_home_changed_without_the_section_keeps_who_lives_there(
    hass: HomeAssistant, demo_home: ConfigEntry[Any]
) -> None:
    talk = await Talk.change_home(hass, demo_home)
    await talk.answer(**HOME, dwelling=DWELLING)
    before = dict(demo_home.data["dwelling"])
    talk = await Talk.change_home(hass, demo_home)
    await talk.answer(**{**HOME, "label": "Flat 13"})
    assert talk.reason == "reconfigure_successful"
    assert demo_home.data["dwelling"] == before


async def test_it_survives_the_warning_of_another_number(
    hass: HomeAssistant, demo_home: ConfigEntry[Any]
) -> None:
    talk = await Talk.change_home(hass, demo_home)
    await talk.answer(**{**HOME, "controller": "4712"}, dwelling=DWELLING)
    talk.at("new_number")
    await talk.answer()
    assert read(demo_home).residents == 2


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"residents": 0}, "residents_range"),
        ({"residents": 3}, "residents_range"),
        ({"residents": 1.5}, "residents_range"),
        ({"residents": float("nan")}, "residents_range"),
        ({"night_from": "22:0"}, "night_from_time"),
        ({"night_to": "7:0"}, "night_to_time"),
        ({"night_from": "06:15:00"}, "night_is_day"),
    ],
)
async def test_what_is_wrong_is_told_by_the_fields_name(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], wrong: dict[str, Any], error: str
) -> None:
    talk = await Talk.change_home(hass, demo_home)
    await talk.answer(**HOME, dwelling={**DWELLING, **wrong})
    assert talk.errors == {"dwelling": error}
    assert "dwelling" not in demo_home.data
    shown = talk.filled_in()["dwelling"]
    assert shown["pet"] is True, "what was typed is not lost"
    await talk.answer(**HOME, dwelling=DWELLING)
    assert talk.reason == "reconfigure_successful"


async def test_all_that_is_wrong_with_a_home_is_told_at_once(
    hass: HomeAssistant, demo_home: ConfigEntry[Any]
) -> None:
    talk = await Talk.change_home(hass, demo_home)
    await talk.answer(**{**HOME, "label": ""}, dwelling={**DWELLING, "residents": 9})
    assert talk.errors == {"label": "label_length", "dwelling": "residents_range"}


async def test_what_a_later_release_has_stored_is_shown_as_new(
    hass: HomeAssistant, demo_home: ConfigEntry[Any]
) -> None:
    hass.config_entries.async_update_entry(
        demo_home, data={**demo_home.data, "dwelling": {"residents": 1, "aquarium": True}}
    )
    talk = await Talk.change_home(hass, demo_home)
    assert talk.filled_in()["dwelling"]["night_from"] == "22:00:00"
    await talk.answer(**HOME, dwelling=DWELLING)
    assert read(demo_home).residents == 2
