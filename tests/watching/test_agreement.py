"""What a home told while it lived, its replay tells of what the recorder kept (S12).

One day of a simulated life is lived through by a real home in a real Home Assistant, whose own
recorder keeps it; then every rule is replayed over that day. Both must have told the same, each at
the same instant but for the seconds that a stamp takes.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, override

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er, recorder as recorder_helper
from homeassistant.setup import async_setup_component
import pytest
import pytest_asyncio
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)

from custom_components.kvarbo.alarm.clock import Clock
from custom_components.kvarbo.history import async_replay
from custom_components.kvarbo.home import Home
from custom_components.kvarbo.rule import Rule
from custom_components.kvarbo.supervision.consent import Consent
from custom_components.kvarbo.supervision.identity import Identity, WatcherKind
from custom_components.kvarbo.supervision.recording import Event
from custom_components.kvarbo.supervision.sensing import Reading
from custom_components.kvarbo.supervision.stages import Told, Verdict
from custom_components.kvarbo.supervision.supervisor import Heard
from simulator.living import Life, play
from simulator.municipality import Municipality
from tests.home.conftest import StartHome, entity_source, make_entry, receiver
from tests.supervision.lives import events_of, every_rule, sensors_of
from tests.supervision.making import OPTIONS
from tests.watching.conftest import sensor

#: The day that is lived, of a life that has been for one day already.
TODAY: Final = 1
#: A stamp of the recorder and one of the home differ by what lies between them in a turn.
APART: Final = 2.0
#: The scene: a fall in the living room, with much else missed after it.
SCENE: Final = "falls in the living room"


class Stamped(Clock):
    """A clock that shows what the test says, to the home and to Home Assistant's recorder alike."""

    def __init__(self, begin: float) -> None:
        self.at = begin

    @override
    def now(self) -> datetime:
        return datetime.fromtimestamp(self.at, UTC)

    @override
    def monotonic(self) -> float:
        return self.at

    @override
    def in_trouble(self) -> bool:
        return False


STAGES: Final = frozenset({Told.WARNED, Told.ALARMED, Told.RECOVERED, Told.NEAR_MISS})

type Row = tuple[str, str, float, float, str]


def row(who: Identity, verdict: Verdict) -> Row:
    seen_in = "" if verdict.seen_in is None else str(verdict.seen_in)
    return str(who), str(verdict.told), verdict.at, verdict.since, seen_in


@pytest_asyncio.fixture
async def recorder(hass: HomeAssistant, tmp_path: Path) -> None:
    """Home Assistant's own recorder, with a database of its own, before there is a home."""
    config = {"recorder": {"db_url": f"sqlite:///{tmp_path}/recorder.db", "commit_interval": 0}}
    recorder_helper.async_initialize_recorder(hass)
    assert await async_setup_component(hass, "recorder", config)
    await hass.async_block_till_done()
    await async_wait_recording_done(hass)


@pytest.fixture
def life() -> Life:
    """A life whose second day is today's, so that the recorder takes it for yesterday's news."""
    return Life(4, days=3, first_day=datetime.now(UTC).date())


@pytest.fixture
def clock(life: Life, monkeypatch: pytest.MonkeyPatch) -> Stamped:
    clock = Stamped(life.clock(TODAY))
    monkeypatch.setattr("custom_components.kvarbo.home.SystemClock", lambda: clock)
    return clock


async def test_live_and_replay_agree(
    recorder: None,
    hass: HomeAssistant,
    municipality: Municipality,
    start_home: StartHome,
    life: Life,
    clock: Stamped,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await hass.config.async_set_time_zone(str(life.zone))
    scene = play(SCENE, life, TODAY)
    sensors = sensors_of(life)
    names = {s.number: f"binary_sensor.s{s.number}" for s in sensors}
    registry = er.async_get(hass)
    begin, end = life.clock(TODAY), life.clock(TODAY + 1, 2)
    shown, today = split(events_of(scene.life), begin, end)
    for number, entity_id in names.items():
        name = f"s{number}"
        registry.async_get_or_create("binary_sensor", "test", name, suggested_object_id=name)
        say(hass, entity_id, shown.get(number, Reading.IDLE), begin)
    entry = make_entry(
        receiver(municipality.url),
        *(
            sensor(s.number, s.role, s.room, entity_source("binary_sensor", f"s{s.number}"))
            for s in sensors
        ),
    )
    home: Home = await start_home(entry)
    told = listen(home, begin)
    watching = home.watching
    await settle(hass, home)
    for at, number, reading in today:
        await pass_until(hass, home, clock, at)
        say(hass, names[number], reading, at)
        await settle(hass, home)
    await pass_until(hass, home, clock, end)
    await hass.async_block_till_done()
    await async_wait_recording_done(hass)

    monkeypatch.setattr(
        "custom_components.kvarbo.history.dt_util.utcnow",
        lambda: datetime.fromtimestamp(end, UTC),
    )
    replayed: list[Row] = []
    for one in every_rule():
        past = await async_replay(hass, home, Rule(one.identity, one.settings, OPTIONS), 3)
        assert past.standing is watching.supervisor.slots[one.identity].standing
        replayed += [row(p.identity, p.verdict) for p in past.told if p.verdict.told in STAGES]
    live, again = sorted(told), sorted(replayed)
    assert [(r[0], r[1], r[4]) for r in live] == [(r[0], r[1], r[4]) for r in again]
    for one_told, one_again in zip(live, again, strict=True):
        assert one_told[2] == pytest.approx(one_again[2], abs=APART)
        assert one_told[3] == pytest.approx(one_again[3], abs=APART)
    alarmed = {r[0].split("/")[0] for r in live if r[1] == Told.ALARMED}
    # A day in which there was something to agree on.
    assert {"inactivity", "medicine", "bed_empty"} <= alarmed


def split(events: list[Event], begin: float, end: float) -> tuple[dict[int, Reading], list[Event]]:
    """Return what is shown at the beginning, and what is said from then to the end."""
    shown = {number: reading for at, number, reading in events if at <= begin}
    return shown, [event for event in events if begin < event[0] < end]


def listen(home: Home, begin: float) -> list[Row]:
    """Let every rule watch with consent; return the list that all it tells is added to."""
    told: list[Row] = []
    watching = home.watching
    for kind in WatcherKind:
        watching.give_consent(kind, 1, Consent("own", "coordinator", begin), "admin")

    def hear(heard: Heard) -> None:
        if heard.verdict.told in STAGES:
            told.append(row(heard.identity, heard.verdict))
        if heard.verdict.told is Told.ALARMED:
            watching.answer(heard.verdict.episode)

    watching.supervisor.hear(hear)
    for rule in every_rule():
        watching.supervisor.enrol(rule.identity, rule.settings, OPTIONS, begin)
    return told


def say(hass: HomeAssistant, entity_id: str, reading: Reading, at: float) -> None:
    state = "on" if reading is Reading.ACTIVE else "off"
    hass.states.async_set(entity_id, state, timestamp=at)


async def pass_until(hass: HomeAssistant, home: Home, clock: Stamped, until: float) -> None:
    """Let the home's clock run; what is due happens at its own instant."""
    while (due := home.watching.supervisor.next_due) is not None and due < until:
        clock.at = max(clock.at, due)
        home.watching.time_changed()
        await settle(hass, home)
    clock.at = until


async def settle(hass: HomeAssistant, home: Home) -> None:
    """Wait until what begins is on disk: only then it is armed (S3)."""
    slots: Any = home.watching.supervisor.slots
    await home.watching.keeping.settle()
    assert not any(slot.pending for slot in slots.values())
