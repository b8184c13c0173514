"""The demo's night: when it is, what ends it, and that its clock and words are right."""

from datetime import date, datetime, time as clock_time, timedelta
import time
from typing import Any
from unittest.mock import AsyncMock, Mock
from zoneinfo import ZoneInfo

import pytest

from simulator.demo import home_time
from simulator.demo.home import BED_MAT, DOOR, MOTION, SENSORS
from simulator.demo.home_time import HomeTime
from simulator.demo.night import ASLEEP, VISIT, Around, Night, coming_night, found
from simulator.demo.rule import LIMIT
from simulator.demo.texts import TEXTS
from simulator.living import Life, Value
from simulator.living.home import BEDS

ZONE = ZoneInfo("Europe/Stockholm")
ENTITIES = {sensor.ieee: f"binary_sensor.{sensor.key}" for sensor in SENSORS}
ALARMS = "event.alarm"
EVENING = clock_time(20)


class Hub:
    """Kvarbo's own action, as Home Assistant answers it."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.asked: list[dict[str, Any]] = []

    async def call(self, method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        assert (method, path) == ("POST", "/api/services/kvarbo/demo_time?return_response")
        self.asked.append(body)
        self.now = datetime.fromisoformat(body.get("skip_to", self.now.isoformat()))
        answer = {"now": self.now.isoformat(), "speed": body["speed"]}
        return {"service_response": answer}


@pytest.fixture
def mono(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Let the clock on the wall stand still; its one value can be changed."""
    at = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: at[0])
    return at


async def clock_at(local: datetime) -> HomeTime:
    hub = Hub(local)
    clock = HomeTime(hub, ZONE)  # type: ignore[arg-type]
    await clock.run(1)
    return clock


# -- home time -------------------------------------------------------------------------------------


async def test_home_time_runs_on_at_the_speed_that_was_told(mono: list[float]) -> None:
    clock = await clock_at(datetime(2026, 11, 25, 20, tzinfo=ZONE))
    leap = datetime(2026, 11, 26, 1, 50, tzinfo=ZONE).timestamp()
    await clock.run(300, skip_to=leap)
    mono[0] += 2
    assert clock.now() == leap + 600
    assert clock.words() == "02:00:00"
    assert clock.words(leap) == "01:50:00"
    assert clock.wait_until(leap + 900) == 1.0
    assert clock.wait_until(leap) == 0.0


@pytest.mark.parametrize(
    ("tz", "linked", "zone"),
    [
        ("Europe/Stockholm", "/usr/share/zoneinfo/Etc/UTC", "Europe/Stockholm"),
        (":Asia/Tokyo", "/usr/share/zoneinfo/Etc/UTC", "Asia/Tokyo"),
        (None, "/usr/share/zoneinfo/America/Lima", "America/Lima"),
        ("EST5EDT,M3.2.0", "/usr/share/zoneinfo/America/Lima", "America/Lima"),
        (None, "/etc/localtime", "UTC"),
        ("", "/usr/share/zoneinfo/Mars/Crater", "UTC"),
    ],
)
def test_zone_of_this_machine(
    monkeypatch: pytest.MonkeyPatch, tz: str | None, linked: str, zone: str
) -> None:
    monkeypatch.delenv("TZ", raising=False)
    if tz is not None:
        monkeypatch.setenv("TZ", tz)
    link = Mock(resolve=Mock(return_value=linked))
    monkeypatch.setattr(home_time, "_LOCALTIME", link)
    assert home_time.local_zone() == zone


# -- which night, and its end ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "morning"),
    [
        (datetime(2026, 11, 25, 0, 5, tzinfo=ZONE), date(2026, 11, 25)),
        (datetime(2026, 11, 25, 1, 49, tzinfo=ZONE), date(2026, 11, 25)),
        (datetime(2026, 11, 25, 1, 50, tzinfo=ZONE), date(2026, 11, 26)),
        (datetime(2026, 11, 25, 14, tzinfo=ZONE), date(2026, 11, 26)),
        (datetime(2026, 12, 31, 23, 59, tzinfo=ZONE), date(2027, 1, 1)),
    ],
)
async def test_it_is_the_next_night(mono: list[float], now: datetime, morning: date) -> None:
    clock = await clock_at(now)
    scene = coming_night(clock)
    up = datetime.fromtimestamp(scene.cause, ZONE)
    assert (up.date(), f"{up:%H:%M}") == (morning, "02:10")
    assert scene.life.start < scene.cause - ASLEEP
    assert scene.cause - ASLEEP > clock.now()


@pytest.mark.parametrize("day", [date(2027, 3, 28), date(2027, 10, 31)])
async def test_nights_in_which_the_clocks_change_can_be_played(
    mono: list[float], day: date
) -> None:
    evening = datetime.combine(day - timedelta(days=1), EVENING, ZONE)
    scene = coming_night(await clock_at(evening))
    life, back = found(scene, scene.cause + LIMIT + 600)
    assert any(event.at > back for event in life.events())


def in_bed(life: Life, at: float) -> bool:
    said = [e.value for e in life.events() if e.device == BEDS[0] and e.at <= at]
    return said[-1] is Value.ON


async def test_who_is_found_lies_in_bed_again(mono: list[float]) -> None:
    scene = coming_night(await clock_at(datetime(2026, 11, 25, 20, tzinfo=ZONE)))
    at = scene.cause + LIMIT + 600
    life, back = found(scene, at)
    assert back == at + VISIT
    assert in_bed(life, scene.cause - 1)
    assert not in_bed(life, back - 1)
    assert in_bed(life, back + 10)
    before = [event for event in scene.life.events() if event.at < at]
    assert [event for event in life.events() if event.at < at] == before


async def test_nobody_is_found_who_does_not_lie_there_or_in_the_morning(
    mono: list[float],
) -> None:
    scene = coming_night(await clock_at(datetime(2026, 11, 25, 20, tzinfo=ZONE)))
    with pytest.raises(ValueError, match="nobody"):
        found(scene, scene.cause)
    with pytest.raises(ValueError, match="morning"):
        found(scene, scene.cause + 6 * 3600)


# -- what is told ----------------------------------------------------------------------------------


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def night(told: list[str]) -> Night:
    around = Around(
        clock=HomeTime(Mock(), ZONE),
        session=Mock(),
        control="",
        entities=ENTITIES,
        alarms=ALARMS,
        ask=AsyncMock(),
        tell=lambda name, more: told.append(name + more),
        watched=lambda look: look,
    )
    return Night(around)


def state(entity_id: str, old: str | None, new: str | None, **attributes: str) -> dict[str, Any]:
    return {
        "data": {
            "entity_id": entity_id,
            "old_state": None if old is None else {"state": old, "attributes": {}},
            "new_state": None if new is None else {"state": new, "attributes": attributes},
        }
    }


def test_the_night_is_told_in_its_words(night: Night, told: list[str]) -> None:
    bed, door, bedroom = ENTITIES[BED_MAT], ENTITIES[DOOR], ENTITIES[MOTION]
    for entity_id, old, new in (
        (bed, "off", "on"),  # put to bed by the demo
        (bed, "on", "off"),
        (bedroom, "off", "on"),
        (bedroom, "on", "off"),
        (bedroom, "off", "on"),  # the same room once more
        (bedroom, "on", "on"),
        (bedroom, "unavailable", "on"),
        (door, "off", "on"),
        (bedroom, "on", "off"),
        (ENTITIES[SENSORS[2].ieee], "off", "on"),  # two are up now
        (door, "on", "off"),
        (door, "off", "on"),
        (bed, "off", "on"),
        ("light.hall", "off", "on"),
        (bed, None, "off"),
        (bed, "on", None),
    ):
        night.heard(state(entity_id, old, new))
    assert told == [
        "night_up",
        "night_in_bedroom",
        "night_comes",
        "night_leaves",
        "night_in_bed",
    ]


def test_what_becomes_of_the_night_alarm_alone_is_told(night: Night, told: list[str]) -> None:
    for number, (kind, what) in enumerate(
        (
            ("help_call", "raised"),
            ("night_absence", "raised"),
            ("night_absence", "received"),
            ("night_absence", "acknowledged"),
            ("help_call", "cleared"),
            ("night_absence", "cleared"),
        )
    ):
        night.heard(state(ALARMS, str(number), str(number + 1), kind=kind, event_type=what))
    assert told == ["night_raised", "night_acknowledged", "night_cleared"]


@pytest.mark.parametrize("language", TEXTS)
def test_all_that_can_be_told_has_words(language: str) -> None:
    rooms = {f"night_in_{sensor.location}" for sensor in SENSORS if sensor.role == "motion"}
    assert rooms < TEXTS[language].keys()
    assert TEXTS[language].keys() == TEXTS["en"].keys()
