"""An automation that cannot run, or ends and says nothing: the home raises by itself, and in time (S8)."""

import asyncio
from collections.abc import Callable
from typing import Any, Final

import pytest

from custom_components.kvarbo.alarm.kinds import AlarmKind
from custom_components.kvarbo.supervision.answering import AFTER_RUNNERS, FOR_A_RUNNER
from custom_components.kvarbo.supervision.identity import Identity, WatcherKind
from custom_components.kvarbo.supervision.sensing import Reading
from custom_components.kvarbo.supervision.stages import Told
from custom_components.kvarbo.supervision.supervisor import BLIND_GRACE
from tests.watching.watched import HOUR, Watched, watched

BED_RULE: Final = Identity(WatcherKind.NO_BED_EXIT, 1)


def no_run(
    payload: dict[str, Any], description: str, begins: Callable[[str], None]
) -> asyncio.Task[Any]:
    raise AssertionError(description)


async def lie_down(made: Watched) -> None:
    made.begin(BED_RULE, longest=HOUR)
    made.watching.sense(5, Reading.IDLE)
    await asyncio.sleep(60)
    made.watching.sense(5, Reading.ACTIVE)


def test_automation_that_cannot_run_keeps_neither_alarm_nor_all_clear_back() -> None:
    ran: list[Told] = []

    def broken(
        payload: dict[str, Any], description: str, begins: Callable[[str], None]
    ) -> asyncio.Task[Any]:
        ran.append(Told(payload["stage"]))
        begins("context")
        raise RuntimeError("no such automation any more")

    async def day(made: Watched) -> None:
        await lie_down(made)
        for told in (Told.ALARMED, Told.RECOVERED):
            made.attach(BED_RULE, told, broken)
        await asyncio.sleep(HOUR + AFTER_RUNNERS + 2)
        [alarm] = made.alarms(AlarmKind.NO_BED_EXIT)
        made.watching.sense(5, Reading.IDLE)
        await asyncio.sleep(1)
        [alarm] = made.alarms(AlarmKind.NO_BED_EXIT)
        assert alarm.cleared_at is not None
        assert ran == [Told.ALARMED, Told.RECOVERED]

    watched(day)


def test_alarm_comes_half_a_minute_after_the_end_of_a_run_that_said_nothing() -> None:
    lasts = 50.0

    def runs(
        payload: dict[str, Any], description: str, begins: Callable[[str], None]
    ) -> asyncio.Task[Any]:
        begins("context")
        return asyncio.get_running_loop().create_task(asyncio.sleep(lasts))

    async def day(made: Watched) -> None:
        await lie_down(made)
        made.attach(BED_RULE, Told.ALARMED, runs)
        await asyncio.sleep(HOUR + lasts + AFTER_RUNNERS - 2)
        assert made.alarms(AlarmKind.NO_BED_EXIT) == []
        await asyncio.sleep(4)
        assert len(made.alarms(AlarmKind.NO_BED_EXIT)) == 1

    watched(day)


def test_without_any_automation_a_minute_is_waited() -> None:
    async def day(made: Watched) -> None:
        await lie_down(made)
        await asyncio.sleep(HOUR + FOR_A_RUNNER - 2)
        assert made.alarms(AlarmKind.NO_BED_EXIT) == []
        await asyncio.sleep(4)
        assert len(made.alarms(AlarmKind.NO_BED_EXIT)) == 1

    watched(day)


def test_home_goes_on_looking_when_what_was_due_could_not_be_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def day(made: Watched) -> None:
        await lie_down(made)
        advance = made.watching.supervisor.advance
        tries: list[float] = []

        def fails(at: float) -> None:
            tries.append(at)
            raise RuntimeError("a fault of its own")

        monkeypatch.setattr(type(made.watching.supervisor), "advance", lambda _, at: fails(at))
        await asyncio.sleep(HOUR)
        assert 50 < len(tries) <= 62
        monkeypatch.setattr(type(made.watching.supervisor), "advance", lambda _, at: advance(at))
        await asyncio.sleep(3 * FOR_A_RUNNER)
        assert len(made.alarms(AlarmKind.NO_BED_EXIT)) == 1

    watched(day)


def test_fault_that_is_yet_to_be_found_again_is_not_told_as_over() -> None:
    async def day(made: Watched) -> None:
        made.begin(BED_RULE, longest=HOUR)
        await asyncio.sleep(BLIND_GRACE + 60)
        open_before = {a.id for a in made.home.ledger.open_alarms()}
        assert {a.kind for a in made.home.ledger.open_alarms()} == {AlarmKind.RULE_FAULT}
        slot = made.watching.supervisor.slots[BED_RULE]
        slot.faults.clear()
        await made.watching.sweep()
        assert {a.id for a in made.home.ledger.open_alarms()} == open_before
        made.watching.sense(5, Reading.IDLE)
        made.attach(BED_RULE, Told.RECOVERED, no_run)
        await made.watching.sweep()
        assert made.home.ledger.open_alarms() == []

    watched(day)
