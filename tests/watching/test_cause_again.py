"""A cause that fires twice under one name: minded for a while, or standing still when a pause ends.

What became of it the first time says nothing of the second: no alarm is lost and none is cleared.
"""

import asyncio
from dataclasses import replace

import pytest

from custom_components.kvarbo.alarm.alarm import AlarmState
from custom_components.kvarbo.alarm.kinds import AlarmKind, Location
from custom_components.kvarbo.journal.changes import PutWatcher
from custom_components.kvarbo.supervision.ceiling import NightCeiling, Ruling
from custom_components.kvarbo.supervision.identity import Identity, WatcherKind
from custom_components.kvarbo.supervision.sensing import Reading
from custom_components.kvarbo.supervision.stages import Stage
from custom_components.kvarbo.watching.raising import CEILING_ROW, Raising
from tests.watching.test_raising import DOOR_SENSOR, WALL, Desk, at_the_desk
from tests.watching.watched import HOUR, OPTIONS, Watched, watched


def test_alarm_after_a_pause_is_told_though_the_bed_was_occupied_all_along() -> None:
    async def day(made: Watched) -> None:
        watching = made.watching
        made.begin(Identity(WatcherKind.NO_BED_EXIT, 1), longest=2 * HOUR)
        watching.sense(5, Reading.IDLE)
        await asyncio.sleep(60)
        watching.sense(5, Reading.ACTIVE)
        await asyncio.sleep(2 * HOUR + 120)
        [alarm] = made.alarms(AlarmKind.NO_BED_EXIT)
        assert (alarm.source.number, alarm.location) == (5, Location.BEDROOM)
        watching.pause(1, watching.now() + HOUR, "administrator")
        await asyncio.sleep(60)
        [alarm] = made.alarms(AlarmKind.NO_BED_EXIT)
        assert alarm.cleared_at is not None
        await asyncio.sleep(HOUR + 120)
        [alarm] = made.alarms(AlarmKind.NO_BED_EXIT)
        assert (alarm.repeats, alarm.cleared_at) == (2, None)
        watching.sense(5, Reading.IDLE)
        await asyncio.sleep(60)
        [alarm] = made.alarms(AlarmKind.NO_BED_EXIT)
        assert alarm.cleared_at is not None

    watched(day)


def test_stove_that_was_minded_for_a_while_alarms_and_stays_so() -> None:
    async def day(made: Watched) -> None:
        watching = made.watching
        identity = Identity(WatcherKind.HEAT)
        made.begin(identity, limit=1800, unattended=600, warning=300)
        for number in (6, 7):
            watching.sense(number, Reading.IDLE)
        await asyncio.sleep(60)
        watching.sense(6, Reading.ACTIVE)
        await asyncio.sleep(1600)
        assert watching.supervisor.slots[identity].watcher.state.stage is Stage.WARNED
        watching.sense(7, Reading.ACTIVE)
        watching.sense(7, Reading.IDLE)
        await asyncio.sleep(1800)
        [alarm] = made.alarms(AlarmKind.HEAT_LEFT_ON)
        assert (alarm.state, alarm.cleared_at) == (AlarmState.RAISED, None)

    watched(day)


def test_cause_whose_alarm_was_closed_is_a_new_alarm_when_it_fires_again() -> None:
    async def day(desk: Desk) -> None:
        heard = desk.heard(WatcherKind.LIFT)
        first, _ = await desk.alarm(heard)
        assert first is not None
        await desk.home.chain.cancel(first.id, "administrator")
        late, _ = await desk.alarm(heard)
        assert late is not None
        assert late.id == first.id
        desk.raising.fired(heard.verdict.episode)
        second, ruling = await desk.alarm(heard)
        assert second is not None
        assert (ruling, second.id != first.id) == (Ruling.RAISE, True)
        again, _ = await desk.alarm(heard)
        assert again is not None
        assert (again.id, again.repeats) == (second.id, 1)
        await desk.raising.recovered(heard)
        assert desk.whole(second.episode).cleared_at is not None

    at_the_desk(day)


def test_late_answer_to_what_is_over_brings_nothing_back() -> None:
    async def day(desk: Desk) -> None:
        heard = desk.heard(WatcherKind.LIFT)
        desk.raising.fired(heard.verdict.episode)
        await desk.alarm(heard)
        await desk.raising.recovered(heard)
        await desk.alarm(heard)
        alarm = desk.whole(heard.verdict.episode)
        assert (alarm.repeats, alarm.cleared_at is not None) == (1, True)

    at_the_desk(day)


def test_cause_that_fires_again_and_goes_before_it_is_raised_is_told_with_its_end() -> None:
    async def day(desk: Desk) -> None:
        heard = desk.heard(WatcherKind.LIFT)
        await desk.alarm(heard)
        await desk.raising.recovered(heard)
        desk.raising.fired(heard.verdict.episode)
        await desk.raising.recovered(heard)
        await desk.alarm(heard)
        alarm = desk.whole(heard.verdict.episode)
        assert (alarm.repeats, alarm.cleared_at is not None) == (2, True)

    at_the_desk(day)


@pytest.mark.parametrize("restarts", [False, True])
def test_repeat_is_counted_once_however_often_it_is_answered_and_cleared(restarts: bool) -> None:
    async def day(desk: Desk) -> None:
        first, _ = await desk.alarm(desk.heard(WatcherKind.LIFT))
        assert first is not None
        again = desk.heard(WatcherKind.LIFT, since=60)
        await desk.alarm(again)
        await desk.alarm(again)
        assert desk.whole(first.episode).repeats == 2
        if restarts:
            kept = [r for r in desk.home.memory.rows if isinstance(r, PutWatcher)]
            desk.raising = Raising(
                desk.home.chain, NightCeiling(WALL), {4: DOOR_SENSOR}.get, desk.is_dark
            )
            desk.raising.load(next(r.state for r in reversed(kept) if r.identity == CEILING_ROW))
        await desk.raising.recovered(again)
        assert desk.whole(first.episode).cleared_at is not None

    at_the_desk(day)


def test_alarm_of_a_rule_that_went_into_shadow_since_is_cleared_all_the_same() -> None:
    async def day(made: Watched) -> None:
        watching, identity = made.watching, Identity(WatcherKind.NO_BED_EXIT, 1)
        made.begin(identity, longest=HOUR)
        watching.sense(5, Reading.IDLE)
        await asyncio.sleep(60)
        watching.sense(5, Reading.ACTIVE)
        await asyncio.sleep(HOUR + 120)
        settings = watching.supervisor.slots[identity].watcher.settings
        shadow = replace(OPTIONS, shadow=True)
        watching.supervisor.enrol(identity, settings, shadow, watching.now(), listens=False)
        watching.sense(5, Reading.IDLE)
        await asyncio.sleep(5)
        [alarm] = made.alarms(AlarmKind.NO_BED_EXIT)
        assert alarm.cleared_at is not None

    watched(day)
