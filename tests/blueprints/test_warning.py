"""The resident's warning: by light and sound only when chosen, dark at night, seldom, ended at once."""

from typing import Any

from homeassistant.core import HomeAssistant, ServiceCall
import pytest
from pytest_homeassistant_custom_component.common import async_mock_service

from simulator.testing import until
from tests.blueprints.conftest import Lamp
from tests.blueprints.living import Living

SOON = {"seconds": 0}
LONG = {"hours": 1}
BATHROOM: dict[str, Any] = {
    "limit": {"minutes": 30},
    "warning": {"minutes": 10},
    "warning_lights": ["light.path", "light.lit"],
    "warning_brightness": 50,
}
SPOKEN: dict[str, Any] = {
    "warning_players": ["media_player.kitchen"],
    "warning_voice": "tts.voice",
    "warning_message": "Are you well?",
}


@pytest.fixture
def spoken(hass: HomeAssistant) -> list[ServiceCall]:
    """What was said."""
    return async_mock_service(hass, "tts", "speak")


@pytest.fixture
def played(hass: HomeAssistant) -> list[ServiceCall]:
    """What was played."""
    return async_mock_service(hass, "media_player", "play_media")


async def goes_in(living: Living) -> None:
    await living.moves("hall")
    await living.moves("bathroom")


async def test_lamps_light_up_before_the_alarm_and_are_put_back(living: Living) -> None:
    await living.use("bathroom_stay.yaml", **BATHROOM)
    await goes_in(living)
    await living.wait(minutes=19)
    assert living.lamp("path") == ("off", None)
    await living.wait(minutes=2)
    assert living.lamp("path") == ("on", 128)
    assert living.lamp("lit") == ("on", 128)
    assert living.hass.states.get("scene.kvarbo_bathroom_stay_1")
    await living.alarms()
    await living.moves("hall")
    assert living.lamp("path") == ("off", None)
    assert living.lamp("lit") == ("on", 200)
    assert living.hass.states.get("scene.kvarbo_bathroom_stay_1") is None
    await living.wait(hours=1)
    await living.alarms()


async def test_the_light_stays_for_who_comes_to_help(living: Living) -> None:
    await living.use("bathroom_stay.yaml", **BATHROOM)
    await goes_in(living)
    await living.wait(minutes=31)
    await living.alarms("bathroom_stay")
    assert living.lamp("path") == ("on", 128)
    await living.moves("hall")
    assert living.lamp("path") == ("off", None)


async def test_at_night_it_is_dark_and_silent_but_alarms(
    living: Living, spoken: list[ServiceCall]
) -> None:
    """R17."""
    await living.use("bathroom_stay.yaml", **BATHROOM, **SPOKEN, night_limit={"minutes": 30})
    await living.until_clock(2)
    await goes_in(living)
    await living.wait(minutes=31)
    await living.alarms("bathroom_stay")
    assert living.lamp("path") == ("off", None)
    assert spoken == []


async def test_at_night_too_when_the_coordinator_says_so(living: Living) -> None:
    await living.use(
        "bathroom_stay.yaml", **BATHROOM, night_limit={"minutes": 30}, warn_at_night=True
    )
    await living.until_clock(2)
    await goes_in(living)
    await living.wait(minutes=21)
    assert living.lamp("path") == ("on", 128)


@pytest.mark.parametrize(("repeats", "times"), [(0, 1), (1, 2), (3, 4)])
async def test_it_is_said_so_often_and_no_more(
    repeats: int, times: int, living: Living, spoken: list[ServiceCall]
) -> None:
    """R15."""
    inputs = BATHROOM | SPOKEN | {"warning_repeats": repeats, "warning_pause": SOON}
    await living.use("bathroom_stay.yaml", **inputs)
    await goes_in(living)
    await living.wait(minutes=21)
    assert len(spoken) == times
    assert spoken[0].data == {
        "entity_id": ["tts.voice"],
        "media_player_entity_id": ["media_player.kitchen"],
        "message": "Are you well?",
    }
    await living.wait(minutes=60)
    assert len(spoken) == times


async def test_it_is_not_said_again_once_it_is_over(
    living: Living, spoken: list[ServiceCall]
) -> None:
    """R15."""
    inputs = BATHROOM | SPOKEN | {"warning_repeats": 3, "warning_pause": LONG}
    await living.use("bathroom_stay.yaml", **inputs)
    await goes_in(living)
    await living.wait(minutes=21)
    await until(lambda: len(spoken) == 1, what="the message")
    automation = living.hass.states.get("automation.one")
    assert automation is not None
    assert automation.attributes["current"] == 1
    await living.moves("hall")
    await until(lambda: runs(living) == 0, what="the end of the run")
    assert len(spoken) == 1


def runs(living: Living) -> int:
    automation = living.hass.states.get("automation.one")
    assert automation is not None
    current: int = automation.attributes["current"]
    return current


async def test_an_alarm_is_not_held_back_by_a_warning_that_goes_on(
    living: Living, spoken: list[ServiceCall]
) -> None:
    inputs = BATHROOM | SPOKEN | {"warning_pause": LONG}
    await living.use("bathroom_stay.yaml", **inputs)
    await goes_in(living)
    await living.wait(minutes=31)
    await living.alarms("bathroom_stay")
    assert len(spoken) == 1
    await living.moves("hall")
    await until(lambda: runs(living) == 0, what="the end of the run")


async def test_a_sound_is_played(living: Living, played: list[ServiceCall]) -> None:
    sound = {"media_content_id": "media-source://x/bell.mp3", "media_content_type": "audio/mpeg"}
    await living.use(
        "bathroom_stay.yaml",
        **BATHROOM,
        warning_players=["media_player.kitchen"],
        warning_sound=sound,
        warning_pause=SOON,
    )
    await goes_in(living)
    await living.wait(minutes=21)
    assert len(played) == 2
    assert played[0].data == {"entity_id": ["media_player.kitchen"], **sound}


async def test_a_reminder_lights_up_comes_again_and_ends_when_it_is_done(
    living: Living, spoken: list[ServiceCall]
) -> None:
    """R15."""
    await living.use(
        "medicine.yaml",
        times=["20:30"],
        limit=LONG,
        warning=LONG,
        repeats=1,
        interval={"minutes": 10},
        warning_lights=["light.path"],
        **SPOKEN,
    )
    await living.until_clock(20, 31)
    assert living.lamp("path") == ("on", 153)
    await living.until_clock(20, 39)
    assert len(spoken) == 1
    await living.until_clock(20, 59)
    assert len(spoken) == 2
    await living.say(dispenser="on")
    await until(lambda: living.lamp("path")[0] == "off", what="the lamp to go out")
    await until(lambda: runs(living) == 0, what="the end of the runs")
    await living.until_clock(22, 30)
    await living.alarms()
    assert len(spoken) == 2


async def test_a_reminders_light_goes_out_by_itself(living: Living, lamps: dict[str, Lamp]) -> None:
    await living.use(
        "medicine.yaml",
        times=["20:30"],
        limit=LONG,
        warning=LONG,
        repeats=0,
        warning_lights=["light.path"],
        warning_light_for={"seconds": 1},
    )
    await living.until_clock(20, 31)
    # Once lit, once put out.
    await until(lambda: len(lamps["path"].transitions) == 2, what="the lamp to go out")
    assert living.lamp("path")[0] == "off"


async def test_the_path_lights_up_at_the_exit_and_goes_out_at_the_return(
    living: Living, lamps: dict[str, Lamp]
) -> None:
    await living.use("path_light.yaml", path_lights=["light.path", "light.lit"], path_rise=3)
    await living.say(bed="on")
    await living.until_clock(1)
    assert living.lamp("path") == ("off", None)
    await living.say(bed="off")
    assert living.lamp("path") == ("on", 51)
    # A lamp that was lit is left alone.
    assert living.lamp("lit") == ("on", 200)
    await living.wait(minutes=6)
    assert living.lamp("path") == ("on", 51)
    await living.say(bed="on")
    assert living.lamp("path") == ("off", None)
    assert living.lamp("lit") == ("on", 200)
    await living.alarms()
    assert lamps["lit"].transitions == []


async def test_the_path_goes_dark_when_a_restart_has_forgotten_how_it_was(living: Living) -> None:
    await living.use("path_light.yaml", path_lights=["light.path", "light.lit"])
    await living.say(bed="on")
    await living.until_clock(1)
    await living.say(bed="off")
    await living.hass.services.async_call(
        "scene", "delete", {"entity_id": "scene.kvarbo_bed_exit_1"}, blocking=True
    )
    await living.say(bed="on")
    assert living.lamp("path") == ("off", None)
    assert living.lamp("lit") == ("on", 200)


async def test_what_the_coordinator_added_is_done(living: Living) -> None:
    done = async_mock_service(living.hass, "test", "note")

    def note(what: str) -> list[dict[str, Any]]:
        return [{"action": "test.note", "data": {"what": what}}]

    await living.use(
        "bathroom_stay.yaml",
        **BATHROOM,
        on_warning=note("warned"),
        after_alarm=note("alarmed"),
        on_recovered=note("over"),
    )
    await goes_in(living)
    await living.wait(minutes=31)
    await living.alarms("bathroom_stay")
    await living.moves("hall")
    assert [call.data["what"] for call in done] == ["warned", "alarmed", "over"]
