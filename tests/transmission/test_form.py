"""A6: what is refused for its form is not repeated unchanged; a minimal version goes, once."""

import pytest

from custom_components.kvarbo.alarm.alarm import AlarmState, DeliveryState, MessageKind
from custom_components.kvarbo.alarm.kinds import AlarmKind
from custom_components.kvarbo.chain import What
from tests.support.far_end import FarEnd, Mode
from tests.support.pure_home import PureHome, live, outlet, time_passes


def test_a6_a_minimal_version_goes_at_once_under_the_same_reference() -> None:
    async def day() -> None:
        far, home = FarEnd(mode=Mode.FULL_REFUSED), PureHome()
        await home.start(far)
        raised = await home.press()
        await time_passes(0.2)
        of_it = [h for h in far.heard if h.alarm_id == raised.alarm.id]
        assert [h.dispatch.delivery.minimal for h in of_it] == [False, True]
        assert len({h.reference for h in of_it}) == 1
        assert home.delivery(raised.alarm.id).state is DeliveryState.RECEIVED
        await home.stop()

    live(day())


def test_a6_a_fault_is_raised_once_and_tells_of_no_further_one() -> None:
    """The fault's own alarm is refused for its form too: that must not raise another."""

    async def day() -> None:
        far, home = FarEnd(mode=Mode.FORM_REFUSED), PureHome()
        await home.start(far)
        raised = await home.press()
        await home.alarm(AlarmKind.FALL)
        await time_passes(86400)
        faults = home.of_kind(AlarmKind.FORM_REFUSED)
        assert len(faults) == 1
        # Each in full and in its minimal form, and not once more.
        assert len(far.heard) == 2 * 3
        assert home.delivery(raised.alarm.id).state is DeliveryState.REFUSED
        assert home.whats(raised.alarm.id).count(What.NOT_GETTING_THROUGH) == 1
        assert raised.alarm in home.ledger.undelivered()
        await home.stop()

    live(day())


def test_a6_a_full_alarm_taken_is_the_end_of_the_fault() -> None:
    async def day() -> None:
        far, home = FarEnd(), PureHome()
        far.script = lambda d: Mode.FULL_REFUSED if d.alarm.kind is AlarmKind.HELP_CALL else None
        await home.start(far)
        await home.press()
        await time_passes(60)
        (fault,) = home.of_kind(AlarmKind.FORM_REFUSED)
        # That the fault's own alarm was taken in full says nothing about the one refused.
        assert home.delivery(fault.id).state is DeliveryState.RECEIVED
        assert fault.state is AlarmState.RAISED
        assert (AlarmKind.FORM_REFUSED, "r1") in home.chain.faults.open
        far.script = lambda _: None
        await home.press(number=4)
        await time_passes(1)
        assert home.ledger.alarms[fault.id].state is AlarmState.CLOSED
        assert home.chain.faults.open == {}
        assert [h.kind for h in far.taken_of(fault.id)] == [
            MessageKind.ALARM,
            MessageKind.ALL_CLEAR,
        ]
        await home.stop()

    live(day())


def test_a6_the_fault_ends_also_when_the_home_has_been_started_anew() -> None:
    async def day() -> None:
        far, home = FarEnd(mode=Mode.FULL_REFUSED), PureHome()
        await home.start(far)
        await home.press()
        await time_passes(60)
        await home.stop()
        (fault,) = home.of_kind(AlarmKind.FORM_REFUSED)
        far.mode = Mode.UP
        again = PureHome()
        await again.start(far, recovered=home.memory.recover())
        await again.press(number=4)
        await time_passes(1)
        assert again.ledger.alarms[fault.id].state is AlarmState.CLOSED
        await again.stop()

    live(day())


@pytest.mark.parametrize("way", ["restart", "settings"])
def test_a6_a_receiver_that_was_changed_gets_what_it_refused_in_full_again(way: str) -> None:
    async def day() -> None:
        far, home = FarEnd(mode=Mode.FORM_REFUSED), PureHome()
        await home.start(far)
        raised = await home.press()
        await time_passes(60)
        reference = home.delivery(raised.alarm.id).reference
        changed = FarEnd()
        if way == "restart":
            await home.stop()
            recovered = home.memory.recover()
            home = PureHome()
            await home.start(changed, recovered=recovered)
        else:
            await home.set_outlets(changed)
        await time_passes(1)
        (taken,) = [h for h in changed.taken if h.alarm_id == raised.alarm.id]
        assert taken.reference == reference
        assert not taken.dispatch.delivery.minimal
        await home.stop()

    live(day())


def test_a6_what_another_has_taken_is_not_sent_again_to_whoever_refused_it() -> None:
    async def day() -> None:
        first, second = FarEnd("r1", Mode.FORM_REFUSED), FarEnd("r2")
        home = PureHome()
        await home.start(first, second)
        raised = await home.press()
        await time_passes(60)
        assert raised.alarm.id in second.alarms()
        changed = FarEnd("r1")
        await home.set_outlets(changed, second)
        await time_passes(60)
        assert raised.alarm.id not in changed.alarms()
        await home.stop()

    live(day())


def test_a6_an_update_that_is_refused_holds_nothing_up() -> None:
    async def day() -> None:
        far, home = FarEnd(), PureHome()
        far.script = lambda d: Mode.FORM_REFUSED if d.message.note else None
        await home.start(far)
        raised = await home.press()
        await time_passes(10)
        await home.press()
        await time_passes(10)
        await home.chain.cancel(raised.alarm.id, "admin")
        await time_passes(10)
        kinds = [h.kind for h in far.taken_of(raised.alarm.id)]
        assert kinds == [MessageKind.ALARM, MessageKind.CANCEL]
        assert What.NOT_GETTING_THROUGH not in home.whats(raised.alarm.id)
        await home.stop()

    live(day())


def test_a6_refused_by_the_last_of_several_while_others_are_tried() -> None:
    async def day() -> None:
        first, second = FarEnd("r1", Mode.BUSY), FarEnd("r2", Mode.FORM_REFUSED)
        home = PureHome()
        await home.start(outlet(first), outlet(second))
        raised = await home.press()
        await time_passes(1)
        assert home.whats(raised.alarm.id).count(What.NOT_GETTING_THROUGH) == 1
        first.mode = Mode.UP
        await time_passes(15)
        assert raised.alarm.id in first.alarms()
        await home.stop()

    live(day())
