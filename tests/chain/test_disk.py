"""A1: on disk before it is told as safe and before it is on the wire; else from memory, said so."""

import asyncio

import pytest

from custom_components.kvarbo.alarm.alarm import DeliveryState
from custom_components.kvarbo.alarm.kinds import AlarmKind
from custom_components.kvarbo.chain import AlarmRequest, What
from custom_components.kvarbo.journal.changes import Audit, PutAlarm, PutDelivery, PutMessage
from tests.support.far_end import FarEnd, Mode
from tests.support.pure_home import PureHome, live, now, time_passes


def test_a1_an_alarm_is_told_and_sent_only_when_it_is_on_disk() -> None:
    async def day() -> None:
        far, home = FarEnd(), PureHome()
        home.memory.latency = 0.8
        await home.start(far)
        await time_passes(3)
        began = now()
        raised = await home.press()
        assert raised.durable
        assert now() - began == pytest.approx(0.8)
        assert home.when(raised.alarm.id, What.RAISED) == pytest.approx(began + 0.8)
        await time_passes(1)
        assert far.tried[0][0] >= began + 0.8
        await home.stop()

    live(day())


def test_a1_not_even_a_sign_that_the_receiver_is_back_lets_it_go_before() -> None:
    async def day() -> None:
        far, home = FarEnd(), PureHome()
        await home.start(far)
        await time_passes(3)
        home.memory.latency = 0.8
        began = now()
        pressing = asyncio.create_task(home.press())
        await time_passes(0.2)
        home.transmitter.release_all()
        await time_passes(0.2)
        assert far.tried == []
        await pressing
        await time_passes(0.1)
        assert far.tried[0][0] >= began + 0.8
        await home.stop()

    live(day())


def test_a1_the_raise_is_one_commit() -> None:
    async def day() -> None:
        home = PureHome()
        await home.start(FarEnd("r1"), FarEnd("r2"))
        await home.alarm()
        (batch,) = [b for b in home.memory.batches if any(isinstance(c, PutAlarm) for c in b)]
        assert [type(change) for change in batch] == [PutAlarm, PutMessage, PutDelivery, Audit]
        await home.stop()

    live(day())


@pytest.mark.parametrize("way", ["refuses", "stalls", "fails"])
def test_a1_what_the_disk_will_not_take_goes_from_memory_within_a_second(way: str) -> None:
    async def day() -> None:
        far, home = FarEnd(), PureHome()
        await home.start(far)
        setattr(home.memory, way, True)
        began = now()
        raised = await home.press()
        assert not raised.durable
        assert now() - began <= 1
        await time_passes(0.2)
        (heard,) = far.taken
        assert heard.at - began <= 1.2
        assert not heard.dispatch.durable
        told = next(h for h in home.happened if h.happening.what is What.RAISED)
        assert not told.happening.durable
        assert not home.answers.now(3).durable
        assert home.delivery(raised.alarm.id).state is DeliveryState.RECEIVED
        await home.stop()

    live(day())


def test_a1_it_is_committed_when_the_disk_answers() -> None:
    async def day() -> None:
        far, home = FarEnd(mode=Mode.DOWN), PureHome()
        await home.start(far)
        home.memory.refuses = True
        raised = await home.press()
        await time_passes(30)
        home.memory.mend()
        assert home.ledger.not_durable == set()
        assert any(
            isinstance(row, PutAlarm) and row.alarm.id == raised.alarm.id
            for row in home.memory.rows
        )
        far.mode = Mode.UP
        await time_passes(30)
        (heard,) = far.taken_of(raised.alarm.id)
        assert heard.dispatch.durable
        await home.stop()

    live(day())


@pytest.mark.parametrize("doing", ["press again", "cancel", "clear"])
def test_a1_what_is_said_later_goes_from_memory_too(doing: str) -> None:
    async def day() -> None:
        far, home = FarEnd(), PureHome()
        await home.start(far)
        raised = await home.press()
        await time_passes(10)
        home.memory.stalls = True
        began = now()
        if doing == "press again":
            assert not (await home.press()).durable
        elif doing == "cancel":
            await home.chain.cancel(raised.alarm.id, "admin")
        else:
            await home.chain.clear(raised.alarm.episode, "rule")
        assert now() - began <= 1
        await time_passes(1)
        assert len(far.taken_of(raised.alarm.id)) == 2
        assert not far.taken[-1].dispatch.durable
        await home.stop()

    live(day())


@pytest.mark.parametrize("doing", ["raise", "press"])
def test_a7_whoever_asks_may_be_cut_off_and_the_alarm_goes_all_the_same(doing: str) -> None:
    """An automation is stopped between the disk and the wire: the alarm must not go with it."""

    async def day() -> None:
        far, home = FarEnd(mode=Mode.DOWN), PureHome()
        standby = FarEnd("r2")
        home.memory.latency = 0.5
        await home.start(far, standby)
        await time_passes(2)
        work = home.press() if doing == "press" else home.alarm()
        asking = asyncio.create_task(work)
        await time_passes(0.1)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await time_passes(1)
        (alarm,) = [a for a in home.ledger.alarms.values() if a.kind is not AlarmKind.RECEIVER_LOST]
        assert home.whats(alarm.id)[0] is What.RAISED
        await time_passes(25)  # fail-over runs for it too
        assert alarm.id in standby.alarms()
        await home.stop()

    live(day())


def test_a5_a_further_receiver_hears_of_it_only_when_that_is_on_disk() -> None:
    """Else a crash would have it engaged anew, under a second reference."""

    async def day() -> None:
        first, second = FarEnd("r1", Mode.SILENT, patience=60), FarEnd("r2")
        home = PureHome()
        await home.start(first, second)
        raised = await home.press()
        await time_passes(10)
        home.memory.latency = 0.9
        await time_passes(12)
        reference = home.delivery(raised.alarm.id, "r2").reference
        assert second.tried[0][0] >= 20.9
        assert any(
            isinstance(row, PutDelivery) and row.delivery.reference == reference
            for row in home.memory.rows
        )
        await home.stop()

    live(day())


def test_a1_a_further_receiver_gets_it_from_memory_where_the_disk_refuses() -> None:
    async def day() -> None:
        first, second = FarEnd("r1", Mode.SILENT, patience=60), FarEnd("r2")
        home = PureHome()
        await home.start(first, second)
        raised = await home.press()
        home.memory.stalls = True
        await time_passes(22)
        assert raised.alarm.id in second.alarms()
        await home.stop()

    live(day())


def test_delayed_alarms_say_so_and_keep_their_time() -> None:
    async def day() -> None:
        far, home = FarEnd(), PureHome()
        await home.start(far)
        sensed = home.clock.now()
        await time_passes(61)
        await home.chain.raise_alarm(AlarmRequest(kind=AlarmKind.NOT_UP, sensed_at=sensed), "rule")
        await home.alarm()
        await time_passes(1)
        late, prompt = far.taken
        assert (late.dispatch.delayed, prompt.dispatch.delayed) == (True, False)
        assert late.dispatch.alarm.sensed_at == sensed
        assert late.dispatch.alarm.raised_at > sensed
        await home.stop()

    live(day())
