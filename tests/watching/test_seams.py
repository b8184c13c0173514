"""What a watching home does at its seams: unanswered in shadow, asked late, stopped at work, left alone."""

import asyncio
from dataclasses import replace
from typing import Final

from custom_components.kvarbo.alarm.kinds import AlarmKind, Location, Role
from custom_components.kvarbo.supervision.identity import Identity, WatcherKind
from custom_components.kvarbo.supervision.sensing import Reading, Sensor
from custom_components.kvarbo.supervision.stages import Stage
from tests.watching.watched import BED, HOUR, KITCHEN, OPTIONS, Watched, watched

BED_RULE: Final = Identity(WatcherKind.NO_BED_EXIT, 1)
DOOR: Final = Sensor(9, Role.EXIT_DOOR, Location.HALLWAY)


async def fire(made: Watched) -> None:
    """Let the bed rule fire; nobody has answered yet."""
    made.begin(BED_RULE, longest=HOUR)
    made.watching.sense(5, Reading.IDLE)
    await asyncio.sleep(60)
    made.watching.sense(5, Reading.ACTIVE)
    await asyncio.sleep(HOUR + 2)
    assert made.watching.supervisor.slots[BED_RULE].watcher.state.stage is Stage.ALARMED
    assert made.alarms(AlarmKind.NO_BED_EXIT) == []


def test_rule_that_goes_into_shadow_before_the_answer_is_not_raised() -> None:
    async def day(made: Watched) -> None:
        await fire(made)
        watching = made.watching
        settings = watching.supervisor.slots[BED_RULE].watcher.settings
        shadow = replace(OPTIONS, shadow=True)
        watching.supervisor.enrol(BED_RULE, settings, shadow, watching.now(), listens=False)
        await asyncio.sleep(HOUR)
        assert made.alarms(AlarmKind.NO_BED_EXIT) == []

    watched(day)


def test_episode_that_was_answered_is_found_as_long_as_its_stage_stands() -> None:
    async def day(made: Watched) -> None:
        await fire(made)
        watching = made.watching
        [waiting] = watching.supervisor.waiting()
        episode = waiting.verdict.episode
        assert watching.answer(episode)
        found = watching.heard_of(episode)
        assert found is not None
        assert (found.identity, found.verdict.episode) == (BED_RULE, episode)
        watching.sense(5, Reading.IDLE)
        assert watching.heard_of(episode) is None

    watched(day)


def test_stop_waits_for_what_was_under_way() -> None:
    async def day(made: Watched) -> None:
        done = []

        async def work() -> None:
            await asyncio.sleep(5)
            done.append("told")

        made.watching._do(work())
        made.watching.stop()
        await made.watching.settle()
        assert done == ["told"]

    watched(day)


def test_home_that_was_left_is_shown_at_once_and_so_is_the_return() -> None:
    async def day(made: Watched) -> None:
        watching = made.watching
        made.begin(BED_RULE, longest=HOUR)
        watching.apply((BED, KITCHEN, DOOR), watching.house.dwelling)
        shown: list[bool] = []
        watching._on_changed = lambda: shown.append(
            watching.house.presence.inferred_away_since is not None
        )
        for number in (5, 7, 9):
            watching.sense(number, Reading.IDLE)
        for number, reading in (
            (7, Reading.ACTIVE),
            (9, Reading.ACTIVE),
            (7, Reading.IDLE),
            (9, Reading.IDLE),
        ):
            await asyncio.sleep(20)
            watching.sense(number, reading)
        await asyncio.sleep(3 * HOUR)
        assert shown
        assert shown[-1] is True
        for number in (9, 7):
            watching.sense(number, Reading.ACTIVE)
        assert shown[-1] is False

    watched(day)
