"""How a home's facts go to a page: on its own clock, with words in the asked language, and no more than counts."""

from datetime import UTC, datetime
import json
from zoneinfo import ZoneInfo

import pytest

from custom_components.kvarbo.alarm.kinds import Role
from custom_components.kvarbo.alarm.reason import Language
from custom_components.kvarbo.devices.vitals import Ailment
from custom_components.kvarbo.pages.facts import Sight, count, describe_device, morning_after, plain
from custom_components.kvarbo.role import SEES
from tests.pages.sample import NOW, SINCE, device, home, rule

STOCKHOLM = ZoneInfo("Europe/Stockholm")


def test_sights_are_called_what_the_table_of_rights_calls_them() -> None:
    assert set(Sight) == set(SEES)


@pytest.mark.parametrize(
    ("now", "ends"),
    [
        ("2026-11-27T21:15:00+00:00", "2026-11-28T08:00:00+01:00"),
        # Half past midnight is the next day's already.
        ("2026-11-27T23:30:00+00:00", "2026-11-29T08:00:00+01:00"),
        # The night in which summer time ends, and the one in which it begins.
        ("2026-10-24T20:00:00+00:00", "2026-10-25T08:00:00+01:00"),
        ("2026-03-28T20:00:00+00:00", "2026-03-29T08:00:00+02:00"),
    ],
)
def test_the_next_morning_is_eight_on_the_homes_clock(now: str, ends: str) -> None:
    assert morning_after(datetime.fromisoformat(now), STOCKHOLM).isoformat() == ends


def test_times_are_wall_times_of_the_home_to_the_second() -> None:
    at = datetime(2026, 7, 1, 10, 0, 0, 999_999, tzinfo=UTC)
    assert plain({"at": at}, STOCKHOLM) == {"at": "2026-07-01T12:00:00+02:00"}


def test_counts_are_of_devices_and_of_rules_that_somebody_chose() -> None:
    facts = home(
        devices=(device(1), device(2)), rules=(rule(), rule("sensor_silent", technical=True))
    )
    assert count(facts) == {"devices": 2, "rules": 1}


def test_a_device_is_called_what_it_is_in_the_asked_language() -> None:
    bed = device(3, role=Role.BED, ailments=frozenset({Ailment.WEAK, Ailment.BATTERY}), since=SINCE)
    told = describe_device(bed, Language.SV, UTC)
    assert told["called"] == "sängsensor"
    assert told["ailments"] == ["battery", "weak"]
    assert told["since"] == "2026-11-27T20:00:00+00:00"
    assert describe_device(device(role=None, is_unusable=True), Language.EN, UTC)["called"] == ""


def test_a_whole_home_can_be_sent() -> None:
    sent = json.loads(json.dumps(plain(home(), UTC)))
    assert sent["now"] == NOW.isoformat()
    assert sent["rules"][0]["standing"] == "watching"
    assert sent["devices"][0]["role"] == "help_button"
