"""A municipality's public key is typed into the home; from then on a home file must be signed with it."""

from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
import pytest

from custom_components.kvarbo.home_file.signature import new_keys
from tests.flow.talk import Talk

HOME = {"controller": "4711", "label": "Flat 12", "demo": True}


async def test_a_key_is_kept_shown_and_taken_away(
    hass: HomeAssistant, demo_home: ConfigEntry[Any]
) -> None:
    public = new_keys()[1]
    talk = await Talk.change_home(hass, demo_home)
    await talk.answer(**HOME, signed_by=f" {public} ")
    assert talk.reason == "reconfigure_successful"
    assert demo_home.data["signed_by"] == public
    talk = await Talk.change_home(hass, demo_home)
    assert talk.filled_in()["signed_by"] == public
    await talk.answer(**HOME)
    assert not demo_home.data["signed_by"]


@pytest.mark.parametrize("key", ["x", "AAAA", "a password"])
async def test_what_is_no_key_is_refused(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], key: str
) -> None:
    talk = await Talk.change_home(hass, demo_home)
    await talk.answer(**HOME, signed_by=key)
    assert talk.errors == {"signed_by": "not_a_public_key"}
    assert "signed_by" not in demo_home.data


async def test_a_home_that_was_never_asked_stays_so(
    hass: HomeAssistant, demo_home: ConfigEntry[Any]
) -> None:
    talk = await Talk.change_home(hass, demo_home)
    await talk.answer(**HOME)
    assert "signed_by" not in demo_home.data
