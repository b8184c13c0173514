"""Receivers that come, go and change while alarms wait (A4, A5)."""

import asyncio

import pytest

from custom_components.kvarbo.alarm.alarm import AlarmState, DeliveryState
from custom_components.kvarbo.alarm.answer import ResidentAnswer
from custom_components.kvarbo.chain import What
from custom_components.kvarbo.transmission.receiver import Answer, Verdict
from tests.support.far_end import FarEnd, Mode
from tests.support.pure_home import PureHome, live, now, outlet, time_passes


def test_a_home_without_a_receiver_says_so_and_sends_when_one_comes() -> None:
    async def day() -> None:
        far, home = FarEnd(), PureHome()
        await home.start()
        raised = await home.press()
        assert home.answers.now().answer is ResidentAnswer.NOT_GETTING_THROUGH
        assert home.ledger.undelivered() == [raised.alarm]
        await time_passes(600)
        await home.set_outlets(far)
        await time_passes(1)
        (heard,) = far.taken
        assert heard.alarm_id == raised.alarm.id
        assert heard.dispatch.delayed
        assert heard.dispatch.alarm.sensed_at == raised.alarm.sensed_at
        assert home.answers.now().answer is ResidentAnswer.ARRIVED
        await home.stop()

    live(day())


def test_what_waited_without_a_receiver_waits_over_a_restart() -> None:
    async def day() -> None:
        far, home = FarEnd(), PureHome()
        await home.start()
        raised = await home.press()
        await time_passes(60)
        await home.stop()
        again = PureHome()
        await again.start(recovered=home.memory.recover())
        assert again.whats(raised.alarm.id) == [What.NOT_GETTING_THROUGH]
        await again.set_outlets(far)
        await time_passes(1)
        assert far.alarms() == [raised.alarm.id]
        await again.stop()

    live(day())


@pytest.mark.parametrize("mode", [Mode.DOWN, Mode.SILENT, Mode.HOLD, Mode.BUSY])
def test_what_waits_for_a_receiver_that_is_removed_goes_to_the_one_that_stays(mode: Mode) -> None:
    async def day() -> None:
        first, second = FarEnd("r1", mode), FarEnd("r2")
        home = PureHome()
        await home.start(first)
        raised = await home.press()
        await time_passes(30)
        await home.set_outlets(second)
        await time_passes(1)
        assert raised.alarm.id in second.alarms()
        assert home.delivery(raised.alarm.id, "r1").state is DeliveryState.WITHDRAWN
        tried = len(first.tried)
        await time_passes(3600)
        assert len(first.tried) == tried
        assert first.closed == 1
        await home.stop()

    live(day())


def test_a11_also_when_it_was_cancelled_meanwhile() -> None:
    async def day() -> None:
        first, second = FarEnd("r1", Mode.DOWN), FarEnd("r2")
        home = PureHome()
        await home.start(first)
        raised = await home.press()
        await time_passes(30)
        await home.chain.cancel(raised.alarm.id, "admin")
        await home.set_outlets(second)
        await time_passes(1)
        (heard,) = second.taken_of(raised.alarm.id)
        assert heard.dispatch.alarm.state is AlarmState.CANCELLED
        await home.stop()

    live(day())


def test_a5_a_receiver_that_was_away_goes_on_under_the_same_references() -> None:
    """Such as one whose settings could not be read for a while."""

    async def day() -> None:
        far, home = FarEnd(mode=Mode.ANSWER_LOST), PureHome()
        await home.start(far)
        raised = await home.press()
        await time_passes(5)
        await home.set_outlets()
        await time_passes(60)
        far.mode = Mode.UP
        await home.set_outlets(outlet(far))
        await time_passes(1)
        references = {h.reference for h in far.heard if h.alarm_id == raised.alarm.id}
        assert len(references) == 1
        assert home.delivery(raised.alarm.id).state is DeliveryState.RECEIVED
        assert len(far.taken_of(raised.alarm.id)) == 1
        await home.stop()

    live(day())


def test_a5_new_settings_for_a_receiver_while_its_answer_is_awaited() -> None:
    async def day() -> None:
        far = FarEnd(mode=Mode.ANSWER_LOST)
        home = PureHome()
        await home.start(far)
        raised = await home.press()
        await time_passes(1)
        far.mode = Mode.UP
        await home.set_outlets(outlet(far, answer_limit=10.0))
        await time_passes(1)
        assert len({h.reference for h in far.heard if h.alarm_id == raised.alarm.id}) == 1
        assert home.delivery(raised.alarm.id).maybe_heard
        assert home.delivery(raised.alarm.id).state is DeliveryState.RECEIVED
        await home.stop()

    live(day())


def test_news_of_an_alarm_reaches_a_receiver_that_was_away_when_it_was_told() -> None:
    async def day() -> None:
        far, home = FarEnd(), PureHome()
        await home.start(far)
        raised = await home.press()
        await time_passes(10)
        far.mode = Mode.DOWN
        await home.press()
        await time_passes(10)
        await home.set_outlets()
        far.mode = Mode.UP
        await home.set_outlets(outlet(far))
        await time_passes(1)
        assert [h.note for h in far.taken_of(raised.alarm.id)] == [None, "pressed_again"]
        await home.stop()

    live(day())


def test_receivers_that_stay_are_left_alone_and_their_order_can_change() -> None:
    async def day() -> None:
        first, second = FarEnd("r1"), FarEnd("r2")
        home = PureHome()
        await home.start(first, second)
        await time_passes(1)
        await home.set_outlets(second, first)
        raised = await home.press()
        await time_passes(1)
        assert second.alarms() == [raised.alarm.id]
        assert first.closed == second.closed == 0
        assert [line.outlet.key for line in home.transmitter.lines] == ["r2", "r1"]
        await home.stop()

    live(day())


class Hanging(FarEnd):
    """A receiver that cannot let go of its connections."""

    async def close(self) -> None:  # type: ignore[explicit-override]
        await asyncio.get_running_loop().create_future()


class Failing(FarEnd):
    """A receiver with a fault of its own at the end."""

    async def close(self) -> None:  # type: ignore[explicit-override]
        raise ValueError("a fault of the receiver's own")


@pytest.mark.parametrize("kind", [Hanging, Failing])
def test_a_receiver_that_cannot_let_go_does_not_keep_the_next_from_starting(
    kind: type[FarEnd],
) -> None:
    async def day() -> None:
        home = PureHome()
        await home.start(kind("r1", Mode.DOWN))
        raised = await home.press()
        await time_passes(1)
        far = FarEnd("r2")
        began = now()
        await home.set_outlets(far)
        await time_passes(1)
        assert now() - began <= 6.1
        assert raised.alarm.id in far.alarms()
        await home.stop()

    live(day())


def test_changes_that_come_at_the_same_time_are_made_one_after_the_other() -> None:
    async def day() -> None:
        home = PureHome()
        await home.start(Hanging("r1"))
        second, third = FarEnd("r2"), FarEnd("r3")
        await asyncio.gather(home.set_outlets(second), home.set_outlets(outlet(third)))
        await time_passes(100)
        assert [line.outlet.key for line in home.transmitter.lines] == ["r3"]
        probes = [sign for sign in third.signs if sign.is_probe]
        assert len(probes) <= 4  # one watch, not two
        asked = len(second.signs)
        await time_passes(200)
        assert len(second.signs) == asked
        await home.stop()

    live(day())


def test_an_alarm_that_is_taken_while_receivers_change_goes_to_no_other() -> None:
    async def day() -> None:
        first, second = FarEnd("r1", work=3), Hanging("r2")
        home = PureHome()
        await home.start(first, second)
        raised = await home.press()
        third = FarEnd("r3")
        await home.set_outlets(first, third)
        await time_passes(60)
        assert first.alarms() == [raised.alarm.id]
        assert third.alarms() == []
        await home.stop()

    live(day())


def test_an_answer_of_a_receiver_that_is_gone_starts_nothing() -> None:
    """It may come in the very turn of the event loop in which the receiver is removed."""

    async def day() -> None:
        far, home = FarEnd(), PureHome()
        await home.start(far)
        raised = await home.press()
        await time_passes(1)
        (line,) = home.transmitter.lines
        await home.set_outlets()
        happened, written = len(home.happened), len(home.memory.rows)
        lost = Verdict(answer=Answer.UNREACHABLE)
        for verdict in (lost, lost, Verdict(answer=Answer.CREDENTIALS_REFUSED)):
            line.watch.contact(verdict, now(), asked=True)
            home.transmitter._asked(line.outlet, verdict)
        home.transmitter._settle(home.delivery(raised.alarm.id), lost, now())
        await time_passes(10)
        assert (len(home.happened), len(home.memory.rows)) == (happened, written)
        await home.stop()

    live(day())
