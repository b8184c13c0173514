"""A9: a test is a mark on one alarm of one announced device, and nothing after it is one."""

import pytest

from custom_components.kvarbo.alarm.alarm import MessageKind
from custom_components.kvarbo.alarm.kinds import ReasonCode
from custom_components.kvarbo.journal.changes import PutMarker
from tests.support.far_end import FarEnd, Mode
from tests.support.pure_home import PureHome, live, time_passes


@pytest.mark.parametrize(("after", "is_test"), [(1, True), (119.9, True), (120.1, False)])
def test_a9_the_first_press_within_two_minutes_is_the_test(after: float, is_test: bool) -> None:
    async def day() -> None:
        far, home = FarEnd(), PureHome()
        await home.start(far)
        home.chain.announce_test(3, "admin")
        await time_passes(after)
        raised = await home.press()
        assert raised.alarm.test == is_test
        assert raised.alarm.reason is (ReasonCode.TEST if is_test else ReasonCode.PRESSED)
        await time_passes(1)
        (heard,) = far.taken
        assert heard.dispatch.alarm.test == is_test
        assert home.answers.now(3).test == is_test
        assert home.memory.entries("test_announced")[0].actor == "admin"
        await home.stop()

    live(day())


@pytest.mark.parametrize("after", [0.31, 5.0, 9.9, 30.0, 119.0])
def test_a9_a_second_press_is_real_however_soon(after: float) -> None:
    async def day() -> None:
        far, home = FarEnd(), PureHome()
        await home.start(far)
        home.chain.announce_test(3, "admin")
        await time_passes(1)
        test = await home.press()
        await time_passes(after - 0.002)
        real = await home.press()
        assert test.alarm.test
        assert not real.alarm.test
        assert not real.merged
        await time_passes(1)
        assert far.alarms() == [test.alarm.id, real.alarm.id]
        await home.stop()

    live(day())


def test_a9_press_and_release_of_one_finger_are_one_movement() -> None:
    async def day() -> None:
        far, home = FarEnd(), PureHome()
        await home.start(far)
        home.chain.announce_test(3, "admin")
        test = await home.press()
        await time_passes(0.2)
        mark = PutMarker("source:3", "off")
        echo = await home.press(marker=mark)
        assert echo.merged
        assert echo.alarm.id == test.alarm.id
        await time_passes(1)
        assert far.alarms() == [test.alarm.id]
        assert home.ledger.markers["source:3"] == "off"
        assert mark in home.memory.rows
        await home.stop()

    live(day())


def test_a9_another_device_is_real() -> None:
    async def day() -> None:
        home = PureHome()
        await home.start(FarEnd())
        home.chain.announce_test(3, "admin")
        assert not (await home.press(4)).alarm.test
        assert (await home.press(3)).alarm.test
        await home.stop()

    live(day())


def test_a9_a_restart_forgets_the_announcement() -> None:
    async def day() -> None:
        home = PureHome()
        await home.start(FarEnd())
        home.chain.announce_test(3, "admin")
        await home.stop()
        again = PureHome()
        await again.start(FarEnd(), recovered=home.memory.recover())
        assert not (await again.press(3)).alarm.test
        await again.stop()

    live(day())


def test_a9_a_test_is_its_own_alarm_also_beside_a_real_one() -> None:
    async def day() -> None:
        far, home = FarEnd(mode=Mode.DOWN), PureHome()
        await home.start(far)
        real = await home.press()
        await time_passes(2)
        home.chain.announce_test(3, "admin")
        await time_passes(2)
        test = await home.press()
        await time_passes(1)
        again = await home.press()
        assert test.alarm.test
        assert test.alarm.id != real.alarm.id
        # Whatever follows a test is real, and is no news about the test.
        assert not again.alarm.test
        assert not again.merged
        await home.stop()

    live(day())


def test_a9_a_test_asked_for_by_a_person_carries_the_mark_through() -> None:
    async def day() -> None:
        far, home = FarEnd(), PureHome()
        await home.start(far)
        raised = await home.alarm(test=True, episode="t1")
        await time_passes(5)
        await home.chain.clear("t1", "admin")
        await home.chain.cancel(raised.alarm.id, "admin")
        await time_passes(5)
        assert [(h.kind, h.dispatch.alarm.test) for h in far.taken] == [
            (MessageKind.ALARM, True),
            (MessageKind.ALL_CLEAR, True),
            (MessageKind.CANCEL, True),
        ]
        await home.stop()

    live(day())


def test_a9_the_mark_of_a_demo_home_is_in_every_message() -> None:
    async def day() -> None:
        far, home = FarEnd(), PureHome()
        home.transmitter.facts = type(home.facts)(hub="x", version="1", demo=True)
        await home.start(far)
        await home.press()
        await time_passes(1)
        assert far.taken[0].dispatch.demo
        await home.stop()

    live(day())
