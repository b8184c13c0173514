"""A10: every move leaves an entry: what, when by both clocks, by whom."""

from collections import Counter

from hypothesis import given, strategies as st

from custom_components.kvarbo.alarm.alarm import AlarmState, DeliveryState, MessageKind
from custom_components.kvarbo.journal.changes import Audit, PutAlarm, PutDelivery
from tests.support.far_end import FarEnd, Mode
from tests.support.pure_home import RULE, PureHome, live, time_passes
from tests.support.samples import SCENARIO


def test_a10_the_life_of_an_alarm_stands_in_the_trail() -> None:
    async def day() -> None:
        first, second = FarEnd("r1", Mode.DOWN, signs_mode=Mode.UP), FarEnd("r2")
        home = PureHome()
        await home.start(first, second)
        raised = await home.alarm(episode="n1")
        await time_passes(30)
        second.acknowledge(raised.alarm.id)
        await time_passes(30)
        await home.chain.clear("n1", RULE)
        second.close_alarm(raised.alarm.id)
        await time_passes(30)
        trail = [(e.what, e.actor) for e in home.memory.entries() if e.alarm_id]
        assert trail == [
            ("alarm_raised", RULE),
            ("delivery_unreachable", "transmitter"),
            ("delivery_unreachable", "transmitter"),
            ("delivery_engaged", "transmitter"),
            ("delivery_received", "transmitter"),
            ("delivery_withdrawn", "transmitter"),
            ("alarm_acknowledged", "receiver"),
            ("alarm_cleared", RULE),
            ("delivery_received", "transmitter"),
            ("alarm_closed", "receiver"),
        ]
        entries = home.memory.entries()
        assert all(e.at.tzinfo is not None for e in entries)
        assert [e.at for e in entries] == sorted(e.at for e in entries)
        assert [e.mono for e in entries] == sorted(e.mono for e in entries)
        await home.stop()

    live(day())


#: Which entry tells of a move to each state; "engaged" is where a delivery begins.
TELLS = {
    DeliveryState.RECEIVED: {"delivery_received"},
    DeliveryState.HELD: {"delivery_held"},
    DeliveryState.REFUSED: {"delivery_refused"},
    DeliveryState.WITHDRAWN: {"delivery_withdrawn"},
    DeliveryState.QUEUED: {
        "delivery_engaged",
        "delivery_requeued",
        "delivery_unreachable",
        "delivery_busy",
        "delivery_not_treated",
        "delivery_credentials_refused",
        "delivery_form_refused",
    },
}


@SCENARIO
@given(
    modes=st.lists(st.sampled_from(list(Mode)), min_size=4, max_size=10),
    second=st.sampled_from(list(Mode)),
)
def test_a10_no_move_on_disk_is_without_its_entry(modes: list[Mode], second: Mode) -> None:
    async def day() -> None:
        far, standby = FarEnd("r1"), FarEnd("r2", second)
        home = PureHome()
        await home.start(far, standby)
        for step, mode in enumerate(modes):
            far.mode = mode
            raised = await home.press(step % 2)
            await home.alarm(episode=f"e{step}")
            await time_passes(11)
            far.acknowledge(raised.alarm.id)
            if step % 3 == 2:
                await home.chain.clear(f"e{step}", RULE)
            if step % 4 == 3 and home.ledger.alarms[raised.alarm.id].is_open:
                await home.chain.cancel(raised.alarm.id, "admin")
        far.mode = standby.mode = Mode.UP
        await home.set_outlets(FarEnd("r1"), standby)
        await time_passes(120)
        states: dict[str, tuple[AlarmState | DeliveryState, bool]] = {}
        for batch in home.memory.batches:
            told = Counter(e.what for e in batch if isinstance(e, Audit))
            for change in batch:
                if isinstance(change, PutAlarm):
                    before = states.get(change.alarm.id)
                    states[change.alarm.id] = (change.alarm.state, True)
                    if before is None or before[0] is not change.alarm.state:
                        assert any(what.startswith("alarm_") for what in told)
                elif isinstance(change, PutDelivery):
                    delivery = change.delivery
                    now = (delivery.state, delivery.minimal)
                    before = states.get(delivery.reference)
                    states[delivery.reference] = now
                    kind = home.ledger.messages[delivery.message_id].kind
                    if before is None and kind is not MessageKind.ALARM:
                        assert told
                    elif before is not None and before != now:
                        assert set(told) & TELLS[delivery.state]
        await home.stop()

    live(day())
