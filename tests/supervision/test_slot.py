"""A watcher in its place: options, standing and what is kept of it."""

import json

import pytest

from custom_components.kvarbo.alarm.kinds import Owner
from custom_components.kvarbo.supervision.sensing import Reading
from custom_components.kvarbo.supervision.settings import SettingFlaw, SettingsError
from custom_components.kvarbo.supervision.slot import RuleOptions, Standing, settings_of
from tests.supervision.making import (
    DOOR,
    HALL,
    KITCHEN,
    OPTIONS,
    DoorLeft,
    Home,
    LimitSettings,
)

WHOLE = {"owner": "night_patrol", "suitable": True, "priority": 5, "version": "3"}


def test_options_are_read_as_they_were_written() -> None:
    options = RuleOptions.from_json(WHOLE)
    assert options == RuleOptions(Owner.NIGHT_PATROL, suitable=True, priority=5, version="3")
    assert RuleOptions.from_json(json.loads(json.dumps(options.to_json()))) == options


@pytest.mark.parametrize(
    ("change", "flaw"),
    [
        ({"owner": None}, SettingFlaw("owner", "missing")),
        ({"owner": "neighbour"}, SettingFlaw("owner", "unknown_choice")),
        ({"suitable": False}, SettingFlaw("suitable", "not_confirmed")),
        ({"suitable": "yes"}, SettingFlaw("suitable", "not_confirmed")),
        ({"priority": 10}, SettingFlaw("priority", "out_of_range")),
        ({"priority": -1}, SettingFlaw("priority", "out_of_range")),
        ({"priority": True}, SettingFlaw("priority", "out_of_range")),
        ({"priority": 2.5}, SettingFlaw("priority", "out_of_range")),
    ],
)
def test_a_rule_without_owner_or_suitability_is_none(
    change: dict[str, object], flaw: SettingFlaw
) -> None:
    with pytest.raises(SettingsError) as caught:
        RuleOptions.from_json({**WHOLE, **change})
    assert caught.value.flaws == (flaw,)


def test_options_that_are_no_mapping_are_none() -> None:
    with pytest.raises(SettingsError, match="options: not_a_mapping"):
        RuleOptions.from_json("owner")


def test_a_slot_is_blind_when_a_whole_set_is_unknown() -> None:
    home = Home()
    slot = home.enrol()
    assert not slot.is_blind(home.house)
    home.house.readings[HALL.number] = Reading.UNKNOWN
    assert not slot.is_blind(home.house)
    home.house.readings[KITCHEN.number] = Reading.UNKNOWN
    assert slot.is_blind(home.house)
    assert slot.stand(home.house, consented=True) is Standing.BLIND
    assert slot.stand(home.house, consented=False) is Standing.NO_CONSENT


def test_edited_settings_are_taken_only_when_they_differ() -> None:
    home = Home()
    slot = home.enrol(DOOR, limit=600)
    assert not slot.take_settings(LimitSettings(limit=600), OPTIONS)
    assert slot.take_settings(LimitSettings(limit=700), OPTIONS)
    assert slot.take_settings(LimitSettings(limit=700), RuleOptions(Owner.NURSE, suitable=True))


def test_what_is_not_watched_is_not_due() -> None:
    home = Home(consented=False)
    slot = home.enrol(DOOR, limit=600)
    slot.watcher.state.extra_due = home.at + 5
    assert slot.due is None
    home.pass_by(100)
    assert slot.watcher.state.extra_due is not None


def test_what_is_kept_is_plain_and_whole() -> None:
    home = Home()
    slot = home.enrol(DOOR, limit=600)
    kept = json.loads(json.dumps(slot.to_json()))
    assert settings_of(DoorLeft, kept["settings"]) == LimitSettings(limit=600)
    assert RuleOptions.from_json(kept["options"]) == OPTIONS
    assert kept["standing"] == "watching"
    assert kept["begun"] is True
    assert slot.key == str(DOOR)
