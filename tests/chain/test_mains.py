"""R36: mains power lost and back, told once each."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from custom_components.kvarbo.alarm.alarm import AlarmState, MessageKind
from custom_components.kvarbo.alarm.kinds import AlarmKind
from custom_components.kvarbo.mains import DIP, Mains
from custom_components.kvarbo.supervision.sensing import Reading
from tests.support.far_end import FarEnd
from tests.support.pure_home import PureHome, live, time_passes

UPS = 7


@asynccontextmanager
async def fed(far: FarEnd) -> AsyncIterator[tuple[PureHome, Mains]]:
    """A home with one sensor of mains power."""
    home = PureHome()
    mains = Mains(home.chain.faults)
    await home.start(far)
    mains.set_sensors({UPS})
    yield home, mains
    mains.stop()
    await home.stop()


def told(far: FarEnd) -> list[MessageKind]:
    return [h.kind for h in far.taken if h.dispatch.alarm.kind is AlarmKind.MAINS_LOST]


def test_a_loss_is_told_after_the_dip_and_its_end_at_once() -> None:
    async def day() -> None:
        far = FarEnd()
        async with fed(far) as (_, mains):
            mains.sense(UPS, Reading.IDLE)
            await time_passes(DIP - 0.5)
            assert told(far) == []
            await time_passes(1)
            assert told(far) == [MessageKind.ALARM]
            mains.sense(UPS, Reading.IDLE)
            await time_passes(3600)
            assert told(far) == [MessageKind.ALARM]
            mains.sense(UPS, Reading.ACTIVE)
            await time_passes(1)
            assert told(far) == [MessageKind.ALARM, MessageKind.ALL_CLEAR]

    live(day())


@pytest.mark.parametrize("back_after", [0.1, DIP - 0.1])
def test_a_dip_is_told_to_nobody(back_after: float) -> None:
    async def day() -> None:
        far = FarEnd()
        async with fed(far) as (_, mains):
            mains.sense(UPS, Reading.IDLE)
            await time_passes(back_after)
            mains.sense(UPS, Reading.ACTIVE)
            await time_passes(60)
            assert told(far) == []

    live(day())


def test_unknown_is_neither_a_loss_nor_a_return() -> None:
    async def day() -> None:
        far = FarEnd()
        async with fed(far) as (_, mains):
            mains.sense(UPS, Reading.UNKNOWN)
            await time_passes(60)
            assert told(far) == []
            mains.sense(UPS, Reading.IDLE)
            mains.sense(UPS, Reading.UNKNOWN)
            await time_passes(60)
            assert told(far) == [MessageKind.ALARM]

    live(day())


def test_what_other_sensors_say_is_not_about_the_mains() -> None:
    async def day() -> None:
        far = FarEnd()
        async with fed(far) as (_, mains):
            mains.sense(UPS + 1, Reading.IDLE)
            await time_passes(60)
            assert told(far) == []

    live(day())


@pytest.mark.parametrize("told_yet", [True, False])
def test_a_sensor_that_is_taken_away_ends_what_it_told(told_yet: bool) -> None:
    async def day() -> None:
        far = FarEnd()
        async with fed(far) as (_, mains):
            mains.sense(UPS, Reading.IDLE)
            await time_passes(60 if told_yet else 1)
            mains.set_sensors(set())
            await time_passes(60)
            assert told(far) == ([MessageKind.ALARM, MessageKind.ALL_CLEAR] if told_yet else [])

    live(day())


def test_a_loss_that_was_over_when_the_home_came_back_ends() -> None:
    far = FarEnd()

    async def before() -> PureHome:
        async with fed(far) as (home, mains):
            mains.sense(UPS, Reading.IDLE)
            await time_passes(60)
            return home

    async def after(gone: PureHome) -> None:
        home = PureHome()
        mains = Mains(home.chain.faults)
        await home.start(far, recovered=gone.memory.recover())
        mains.set_sensors({UPS})
        await time_passes(60)
        (alarm,) = home.of_kind(AlarmKind.MAINS_LOST)
        assert alarm.is_open
        mains.sense(UPS, Reading.ACTIVE)
        await time_passes(60)
        (alarm,) = home.of_kind(AlarmKind.MAINS_LOST)
        assert alarm.state is AlarmState.CLOSED
        await home.stop()

    live(after(live(before())))
