"""A line holds whatever goes wrong inside: an alarm has its next turn, the others go on."""

import asyncio

import pytest

from custom_components.kvarbo.alarm.alarm import DeliveryState
from custom_components.kvarbo.alarm.kinds import AlarmKind
from custom_components.kvarbo.transmission.reach import ReachWatch
from tests.support.far_end import FarEnd, Mode
from tests.support.pure_home import PureHome, live, now, time_passes
from tests.support.samples import sample_delivery


def test_a_row_that_cannot_be_read_does_not_silence_the_line() -> None:
    async def day() -> None:
        far, home = FarEnd(), PureHome()
        await home.start(far)
        await time_passes(1)
        home.ledger.touch(sample_delivery("D1", "no such alarm", message_id="no such message"))
        raised = await home.press()
        await time_passes(5)
        assert far.alarms() == []
        del home.ledger.deliveries["D1"]
        await time_passes(2)
        assert far.alarms() == [raised.alarm.id]
        await home.stop()

    live(day())


def test_a_message_that_cannot_be_made_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async def day() -> None:
        far, home = FarEnd(), PureHome()
        await home.start(far)
        await time_passes(1)
        lane = home.transmitter.lines[0].lane
        with monkeypatch.context() as broken:
            broken.setattr(lane, "_make_dispatch", lambda _delivery: 1 / 0)
            raised = await home.press()
            await time_passes(5)
        assert home.delivery(raised.alarm.id).state is DeliveryState.QUEUED
        await time_passes(10)
        assert far.alarms() == [raised.alarm.id]
        await home.stop()

    live(day())


def test_a_verdict_that_cannot_be_taken_in_is_asked_for_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def day() -> None:
        far, home = FarEnd(), PureHome()
        await home.start(far)
        await time_passes(1)
        lane = home.transmitter.lines[0].lane
        with monkeypatch.context() as broken:
            broken.setattr(lane, "_settle", lambda *_: 1 / 0)
            raised = await home.press()
            await time_passes(5)
        assert len(far.heard) == 1  # and not over and over again
        await time_passes(30)
        assert home.delivery(raised.alarm.id).state is DeliveryState.RECEIVED
        assert len(far.alarms()) == 1
        await home.stop()

    live(day())


def test_a_watch_that_fails_inside_goes_on_watching(monkeypatch: pytest.MonkeyPatch) -> None:
    async def day() -> None:
        far, home = FarEnd(), PureHome()
        await home.start(far)
        with monkeypatch.context() as broken:
            broken.setattr(ReachWatch, "contact", lambda *_, **__: 1 / 0)
            await time_passes(100)
        far.mode = Mode.DOWN
        await time_passes(60)
        assert len(home.of_kind(AlarmKind.RECEIVER_LOST)) == 1
        await home.stop()

    live(day())


def test_a_hearer_that_fails_stops_nothing() -> None:
    async def day() -> None:
        far, home = FarEnd(), PureHome()
        home.chain.hear(lambda _: 1 / 0)  # type: ignore[arg-type]
        home.chain.faults.hear(lambda *_: 1 / 0)  # type: ignore[arg-type]
        home.answers.hear(lambda *_: 1 / 0)  # type: ignore[arg-type]
        heard: list[object] = []
        home.chain.hear(heard.append)
        await home.start(far)
        raised = await home.press()
        await time_passes(1)
        far.mode = Mode.DOWN
        await time_passes(100)
        assert far.alarms() == [raised.alarm.id]
        assert len(heard) >= 2
        assert len(home.of_kind(AlarmKind.RECEIVER_LOST)) == 1
        assert home.answers.now(3).answer == "arrived"
        await home.stop()

    live(day())


def test_a_line_stops_at_once() -> None:
    async def day() -> None:
        far, home = FarEnd(mode=Mode.STUCK), PureHome()
        await home.start(far)
        await home.press()
        await time_passes(1)
        began = now()
        await home.stop()
        assert now() == began
        assert far.closed == 1
        assert len(asyncio.all_tasks()) == 1

    live(day())


def test_an_answer_for_what_is_forgotten_is_nobody_s() -> None:
    async def day() -> None:
        far, home = FarEnd(work=5), PureHome()
        await home.start(far)
        raised = await home.press()
        await time_passes(1)
        reference = home.delivery(raised.alarm.id).reference
        del home.ledger.deliveries[reference]
        home.ledger._deliveries_of.clear()
        await time_passes(10)
        assert len(far.alarms()) == 1
        await home.stop()

    live(day())
