"""What every blueprint has: the same in both languages, every limit an input, nothing left out."""

import re
from typing import Any

from homeassistant.components.blueprint.errors import MissingInput
from homeassistant.components.blueprint.models import BlueprintInputs
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import probatio
import pytest

from custom_components.kvarbo.rule import read_rule
from custom_components.kvarbo.supervision.catalogue import KINDS
from custom_components.kvarbo.supervision.identity import WatcherKind
from custom_components.kvarbo.supervision.settings import (
    WEEKDAYS,
    SettingsError,
    read_settings,
    setting_fields,
)
from custom_components.kvarbo.trigger import AlarmedTrigger
from scripts.lib import blueprints as writer
from tests.blueprints import shelf
from tests.house.docs import WRONG_SWEDISH

#: Settings that are no input, and why it makes no difference.
NO_INPUT = {
    "bed_exit": {"warning", "warn_at_night"},  # it is told at once, as a light that was asked for
    "water": {"warning", "warn_at_night"},  # it alarms at once
    "smoke": {"warning", "warn_at_night"},  # it alarms at once
}

each = pytest.mark.parametrize("name", shelf.ALL)
each_english = pytest.mark.parametrize("name", shelf.ENGLISH)


def rule_of(name: str) -> dict[str, Any]:
    """Return what the blueprint's triggers are told."""
    options: dict[str, Any] = shelf.substituted(name)["triggers"][0]["options"]
    return options


def test_there_is_one_for_every_need_in_both_languages() -> None:
    # Those of single sensors are the home's own and need nobody to pick them.
    own = {WatcherKind.SENSOR_SILENT, WatcherKind.SENSOR_BLIND}
    assert {rule_of(name)["rule"] for name in shelf.ENGLISH} == set(WatcherKind) - own
    assert sorted(map(shelf.swedish, shelf.ENGLISH)) == shelf.SWEDISH


def test_what_is_checked_in_is_what_is_written() -> None:
    written = writer.files()
    assert {shelf.FOLDER / name for name in shelf.OFFERED} == {
        shelf.ROOT / path for path in written if path.endswith(".yaml")
    }
    for path, text in written.items():
        assert (shelf.ROOT / path).read_text(encoding="utf-8") == text, path


@each
def test_home_assistant_takes_it(name: str) -> None:
    blueprint = shelf.load(name)
    assert blueprint.validate() is None
    about = blueprint.metadata
    assert about["homeassistant"] == {"min_version": "2026.10.0"}
    assert about["source_url"].endswith(f"/blob/main/blueprints/automation/kvarbo/{name}")
    assert about["author"] == "Kvarbo"


@each_english
def test_both_languages_do_the_same(name: str) -> None:
    english, swedish = shelf.substituted(name), shelf.substituted(shelf.swedish(name))
    assert bare(english) == bare(swedish)
    one, other = shelf.sections(name), shelf.sections(shelf.swedish(name))
    assert bare(one) == bare(other)
    assert shelf.load(name).name != shelf.load(shelf.swedish(name)).name


def bare(part: Any) -> Any:
    """Return a part without what people read."""
    if isinstance(part, dict):
        return {
            key: bare(value)
            for key, value in part.items()
            if key not in ("alias", "name", "label", "description", "message")
            or isinstance(value, dict)
        } | ({"message": bool(part["message"])} if part.get("message") else {})
    if isinstance(part, list):
        return [bare(item) for item in part]
    return part if not (isinstance(part, str) and part in SAID) else "said"


#: What is said aloud differs by language, of course.
SAID = {
    shelf.load(name).inputs["warning_message"]["default"]
    for name in shelf.ALL
    if "warning_message" in shelf.load(name).inputs
}


@each_english
def test_every_setting_is_an_input_with_the_watchers_default(name: str) -> None:
    """R54."""
    rule = rule_of(name)
    kind = KINDS[WatcherKind(rule["rule"])].settings_type
    inputs = shelf.load(name).inputs
    wanted = set(setting_fields(kind)) - NO_INPUT.get(rule["rule"], set())
    assert set(rule["settings"]) == wanted
    assert wanted <= set(inputs)
    assert read_settings(kind, rule["settings"]) == kind()
    for setting in wanted:
        # Each reaches its own setting.
        other = {"days": 300}
        made = shelf.substituted(name, **{setting: other})["triggers"][0]["options"]["settings"]
        assert [key for key, value in made.items() if value == other] == [setting]


@each_english
def test_the_bounds_of_a_number_are_the_settings(name: str) -> None:
    rule = rule_of(name)
    fields = setting_fields(KINDS[WatcherKind(rule["rule"])].settings_type)
    for setting in rule["settings"]:
        selector = shelf.load(name).inputs[setting]["selector"]
        if fields[setting].unit == "count":
            bounds = selector["number"]
            assert (bounds["min"], bounds["max"]) == (fields[setting].least, fields[setting].most)
        if fields[setting].unit == "weekdays":
            days = [option["value"] for option in selector["select"]["options"]]
            assert days == list(WEEKDAYS)


@each
def test_all_triggers_of_a_rule_are_told_the_same(name: str) -> None:
    """S1."""
    made = shelf.substituted(name)
    triggers = [s for s in shelf.steps([made["triggers"], made["actions"]]) if "trigger" in s]
    assert {t["trigger"] for t in triggers} >= {"kvarbo.recovered"}
    assert all(t["options"] == triggers[0]["options"] for t in triggers)
    assert all(t["target"] == {"device_id": "a-device"} for t in triggers)
    assert read_rule(triggers[0]["options"]).options.version.endswith(" 1")


@each
def test_runs_are_never_held_back_and_every_step_is_named(name: str) -> None:
    made = shelf.substituted(name)
    assert made["mode"] in ("parallel", "queued")
    assert made["max"] >= 10
    found = list(shelf.steps([made["triggers"], made["actions"]]))
    assert len(found) > 5
    assert all(step.get("alias") for step in found)


@each
@pytest.mark.parametrize("missing", ["owner", "suitable", "home"])
def test_owner_and_suitability_have_no_default(name: str, missing: str) -> None:
    """R20, R27."""
    assert "default" not in shelf.load(name).inputs[missing]
    given = {"home": "a-device", **shelf.GIVEN, "path_lights": ["light.path"]}
    del given[missing]
    config = {"use_blueprint": {"path": name, "input": given}}
    with pytest.raises(MissingInput, match=missing):
        BlueprintInputs(shelf.load(name), config).validate()


@each_english
async def test_a_rule_that_was_not_judged_suitable_is_refused_in_words(
    name: str, hass: HomeAssistant
) -> None:
    for wrong, said in (
        ({"suitable": False}, "suitable: not_confirmed, judge whether the rule suits"),
        ({"owner": "somebody"}, "owner: unknown_choice, there is no such choice"),
    ):
        config = shelf.substituted(name, **wrong)["triggers"][0]
        with pytest.raises(probatio.Invalid, match=said):
            await AlarmedTrigger.async_validate_config(hass, config)


@each_english
def test_a_limit_that_cannot_be_is_refused_by_its_name(name: str) -> None:
    for setting in rule_of(name)["settings"]:
        options = shelf.substituted(name, **{setting: "many"})["triggers"][0]["options"]
        with pytest.raises(SettingsError, match=setting):
            read_rule(options)


@each
def test_it_says_what_it_does_and_for_whom_it_is_not(name: str) -> None:
    """R05, R20, R22."""
    blueprint = shelf.load(name)
    headings = re.findall(r"\*\*(.+?):\*\*", blueprint.metadata["description"])
    english = name in shelf.ENGLISH
    assert headings == (
        [
            "What it senses",
            "When it alarms",
            "To whom",
            "How to stop it",
            "For whom it is not suited",
        ]
        if english
        else [
            "Vad den känner av",
            "När den larmar",
            "Till vem",
            "Hur den stoppas",
            "För vem den inte passar",
        ]
    )
    assert "\n- " in blueprint.metadata["description"]
    for section in shelf.sections(name).values():
        assert section["name"]
        assert section["icon"].startswith("mdi:")
        for body in section["input"].values():
            assert body["name"]
            assert body["description"].endswith(".")
            assert "selector" in body
    if not english:
        text = (shelf.FOLDER / name).read_text(encoding="utf-8").lower()
        assert [word for word in WRONG_SWEDISH if word in text] == []


@each_english
def test_the_resident_is_warned_by_nothing_unless_chosen_and_seldom(name: str) -> None:
    """R15, R17."""
    inputs = shelf.load(name).inputs
    for silent in ("warning_lights", "warning_players", "warning_voice", "warning_sound"):
        assert not inputs.get(silent, {}).get("default")
    assert inputs.get("warn_at_night", {}).get("default") in (False, None)
    for repeats in ("warning_repeats", "repeats"):
        if repeats in inputs:
            assert inputs[repeats]["default"] == 1
            assert inputs[repeats]["selector"]["number"]["max"] == 3


def test_the_page_lists_the_same_inputs() -> None:
    page = (shelf.ROOT / "docs/blueprints.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL))
    for name in shelf.ENGLISH:
        blueprint = shelf.load(name)
        listed = re.findall(r"^\| `(\w+)` \|", told[blueprint.name], re.MULTILINE)
        assert listed == list(blueprint.inputs), name
        assert blueprint.metadata["source_url"] in told[blueprint.name]


@each_english
async def test_home_assistant_makes_an_automation_of_it(name: str, hass: HomeAssistant) -> None:
    config = shelf.substituted(name) | {"alias": "One", "id": "one"}
    assert await async_setup_component(hass, "automation", {"automation": config})
    await hass.async_block_till_done()
    state = hass.states.get("automation.one")
    assert state is not None
    assert state.state == "on"
