"""A4: never give up. 10 s three times, 30 s sixteen times, then every ten minutes, for ever."""

from itertools import pairwise

from hypothesis import given, strategies as st
import pytest

from custom_components.kvarbo.alarm.kinds import AlarmKind
from custom_components.kvarbo.transmission.schedule import hold_delay, retry_delay
from tests.support.far_end import FarEnd, Mode
from tests.support.pure_home import PureHome, live, time_passes

WHOLE = [10.0] * 3 + [30.0] * 16 + [600.0] * 6


def test_a4_the_schedule_is_exactly_that() -> None:
    assert [retry_delay(n) for n in range(1, len(WHOLE) + 1)] == WHOLE
    assert retry_delay(10**6) == 600


@given(st.integers(0, 10**9))
def test_a4_no_number_of_failures_ends_it(failures: int) -> None:
    assert 10 <= retry_delay(failures) <= retry_delay(failures + 1) <= 600


@given(st.none() | st.floats(allow_nan=False))
def test_a4_a_hold_is_asked_again_within_5_to_20_seconds(asked: float | None) -> None:
    assert 5 <= hold_delay(asked) <= 20
    assert hold_delay(None) == 10
    assert hold_delay(12.5) == 12.5


@pytest.mark.parametrize("mode", [Mode.DOWN, Mode.BUSY, Mode.NOT_TREATED, Mode.BROKEN])
def test_a4_on_the_wire_too(mode: Mode) -> None:
    async def day() -> None:
        far = FarEnd(mode=mode, signs_mode=Mode.UP)
        home = PureHome()
        await home.start(far)
        raised = await home.alarm()
        await time_passes(90 + 480 + 3700)
        reference = home.delivery(raised.alarm.id).reference
        times = [at for at, tried in far.tried if tried == reference]
        pauses = [round(after - before, 1) for before, after in pairwise(times)]
        assert pauses[: len(WHOLE)] == WHOLE
        assert home.delivery(raised.alarm.id).attempts == len(times)
        await home.stop()

    live(day())


def test_a4_a_receiver_that_is_busy_may_ask_to_be_tried_sooner() -> None:
    async def day() -> None:
        far = FarEnd(mode=Mode.BUSY, retry_after=2)
        home = PureHome()
        await home.start(far)
        await home.alarm()
        await time_passes(9)
        assert len(far.heard) == 5
        far.retry_after = 10_000  # and not later than by the schedule
        await time_passes(35)
        assert len(far.heard) == 7
        await home.stop()

    live(day())


def test_a4_a_receiver_that_breaks_off_inside_is_tried_again() -> None:
    """Stuck for ever, or with a fault of its own: an answer never comes, and is not waited for."""

    async def day() -> None:
        far = FarEnd(mode=Mode.STUCK, signs_mode=Mode.UP)
        home = PureHome()
        await home.start(far)
        raised = await home.alarm()
        await time_passes(95)
        far.mode = Mode.BROKEN
        await time_passes(10)
        far.mode = Mode.UP
        await time_passes(30)
        assert raised.alarm.id in far.alarms()
        assert home.delivery(raised.alarm.id).maybe_heard
        await home.stop()

    live(day())


def test_a4_a_sign_that_the_receiver_is_back_starts_all_that_waits() -> None:
    async def day() -> None:
        far = FarEnd(mode=Mode.DOWN)
        home = PureHome()
        await home.start(far)
        for kind in (AlarmKind.NOT_UP, AlarmKind.FALL, AlarmKind.DEVICE_BATTERY):
            await home.alarm(kind)
        await time_passes(3600)
        far.mode = Mode.UP
        await time_passes(6)
        assert len(far.alarms()) == 3 + 1  # and the loss of the receiver itself
        assert home.ledger.undelivered() == []
        await home.stop()

    live(day())


def test_a4_what_was_on_its_way_when_the_receiver_came_back_goes_again_at_once() -> None:
    """It was sent into the void: its failure says nothing about the receiver that is back."""

    async def day() -> None:
        far = FarEnd(mode=Mode.SILENT, patience=40)
        home = PureHome()
        await home.start(far)
        raised = await home.alarm()
        reference = home.delivery(raised.alarm.id).reference
        times: list[float] = []
        while len(times) < 23:  # in the ten-minute part of the schedule
            await time_passes(20)
            times = [at for at, tried in far.tried if tried == reference]
        far.mode = Mode.UP  # the one on its way is lost all the same
        await time_passes(50)
        assert raised.alarm.id in far.alarms()
        await home.stop()

    live(day())


def test_a4_a_path_that_is_back_starts_all_that_waits() -> None:
    async def day() -> None:
        far = FarEnd(mode=Mode.DOWN, signs_mode=Mode.UP)
        home = PureHome()
        await home.start(far)
        raised = await home.alarm()
        await time_passes(1000)
        far.mode = Mode.UP
        home.transmitter.release_all()
        await time_passes(1)
        assert far.alarms() == [raised.alarm.id]
        await home.stop()

    live(day())


def test_a4_a_receiver_that_takes_signs_of_life_again_is_back() -> None:
    async def day() -> None:
        far = FarEnd(mode=Mode.BUSY, signs_mode=Mode.BUSY)
        home = PureHome()
        await home.start(far)
        raised = await home.alarm()
        await time_passes(3000)
        far.mode, far.signs_mode = Mode.UP, Mode.UP
        await time_passes(60)
        assert far.alarms() == [raised.alarm.id]
        await home.stop()

    live(day())
