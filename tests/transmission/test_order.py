"""A3: what goes first on the wire among what waits for one receiver."""

import asyncio
from itertools import pairwise
import random

from hypothesis import given, strategies as st

from custom_components.kvarbo.alarm.alarm import Alarm, DeliveryState, MessageKind
from custom_components.kvarbo.alarm.kinds import KINDS, AlarmClass, AlarmKind
from custom_components.kvarbo.transmission.order import SortKey, sort_key
from tests.support.far_end import FarEnd, Mode
from tests.support.pure_home import PureHome, live, now, time_passes
from tests.support.samples import SCENARIO, alarms, sample_alarm, sample_delivery, sample_message

messages = st.sampled_from(MessageKind)


def key_of(alarm: Alarm, kind: MessageKind = MessageKind.ALARM, attempts: int = 0) -> SortKey:
    message = sample_message(f"M{alarm.id}", alarm.id, kind=kind)
    return sort_key(alarm, message, sample_delivery(alarm_id=alarm.id, attempts=attempts))


def rank(alarm: Alarm) -> tuple[int, int]:
    """A3 in its own words: help calls and falls, then personal by priority, then technical."""
    if alarm.test or alarm.alarm_class is AlarmClass.TECHNICAL:
        return (2, -alarm.priority)
    if KINDS[alarm.kind].first:
        return (0, 0)
    return (1, -alarm.priority)


@given(st.lists(alarms, max_size=40, unique_by=lambda alarm: alarm.id), st.randoms())
def test_a3_the_order_is_total_stable_and_by_rank_then_age(
    waiting: list[Alarm], shuffler: random.Random
) -> None:
    ordered = sorted(waiting, key=key_of)
    again = list(waiting)
    shuffler.shuffle(again)
    assert sorted(again, key=key_of) == ordered
    keys = [key_of(alarm) for alarm in ordered]
    assert len(set(keys)) == len(keys)
    for before, after in pairwise(ordered):
        assert rank(before) <= rank(after)
        if rank(before) == rank(after):
            assert before.id < after.id


@given(alarms, alarms, messages, st.integers(0, 30))
def test_a3_a_new_help_call_goes_before_all_but_help_calls(
    new: Alarm, other: Alarm, kind: MessageKind, attempts: int
) -> None:
    new = sample_alarm(f"Z{new.id}")
    urgent = rank(other)[0] == 0 and kind is MessageKind.ALARM
    if not urgent or attempts:
        assert key_of(new) < key_of(other, kind, attempts)


def test_a3_what_was_sent_in_vain_stands_behind_what_was_not() -> None:
    old, new = sample_alarm("A1"), sample_alarm("A2")
    assert key_of(new) < key_of(old, attempts=1)
    assert key_of(old) < key_of(new)


KINDS_AT_LARGE = [
    AlarmKind.HELP_CALL,
    AlarmKind.FALL,
    AlarmKind.NIGHT_ABSENCE,
    AlarmKind.NOT_UP,
    AlarmKind.DEVICE_BATTERY,
    AlarmKind.RADIO_LOST,
]


@SCENARIO
@given(
    kinds=st.lists(st.sampled_from(KINDS_AT_LARGE), min_size=40, max_size=40),
    says_written=st.booleans(),
)
def test_a3_after_an_outage_all_that_waits_goes_in_order(
    kinds: list[AlarmKind], says_written: bool
) -> None:
    async def day() -> None:
        home, far = PureHome(), FarEnd(mode=Mode.DOWN, says_written=says_written)
        await home.start(far)
        await time_passes(60)
        raised = []
        for kind in kinds:
            raised.append((await home.alarm(kind)).alarm)
            await time_passes(1.5)
        await time_passes(600 - now())
        far.mode = Mode.UP
        returned = now()
        await time_passes(30)
        ours = {alarm.id: alarm for alarm in raised}
        arrived = [h for h in far.taken if h.alarm_id in ours]
        # Scouts: their retries fell due between the return and its being noticed, and found it out.
        noticed = min(
            arrived[0].at + far.work,
            *(sign.at + far.way + far.work for sign in far.signs if sign.at >= returned),
        )
        begun = {h.alarm_id: max(at for at, r in far.tried if r == h.reference) for h in arrived}
        scouts = [h.alarm_id for h in arrived if begun[h.alarm_id] < noticed]
        assert len(scouts) <= 3
        rest = sorted((ours[i] for i in ours if i not in scouts), key=key_of)
        assert [h.alarm_id for h in arrived if h.alarm_id not in scouts] == [a.id for a in rest]
        assert far.taken[-1].at - returned < 20
        assert all(
            h.dispatch.alarm.sensed_at == ours[h.alarm_id].sensed_at
            for h in far.taken
            if h.alarm_id in ours
        )
        assert all(h.dispatch.delayed for h in far.taken if h.alarm_id in ours)
        await home.stop()

    live(day())


@SCENARIO
@given(
    mode=st.sampled_from(
        [Mode.HOLD, Mode.BUSY, Mode.SILENT, Mode.ANSWER_LOST, Mode.STUCK, Mode.NOT_TREATED]
    ),
    kind=st.sampled_from([AlarmKind.FALL, AlarmKind.NOT_UP, AlarmKind.RADIO_LOST]),
    older=st.integers(1, 60),
    says_written=st.booleans(),
    moment=st.floats(0, 45),
)
def test_a3_a_new_help_call_waits_for_nothing_older(
    mode: Mode, kind: AlarmKind, older: int, says_written: bool, moment: float
) -> None:
    """Whatever the receiver does with the older ones: 0.25 s after the disk it is on its way."""

    async def day() -> None:
        far = FarEnd(mode=mode, signs_mode=Mode.UP, says_written=says_written)
        home = PureHome()
        await home.start(far)
        await time_passes(1)
        for _ in range(older):
            await home.alarm(kind)
        if kind is AlarmKind.FALL:
            # A fall signal has the same right to its first transmission, and was there before.
            await time_passes(older * 0.25)
        await time_passes(moment)
        far.script = lambda d: Mode.UP if d.alarm.kind is AlarmKind.HELP_CALL else None
        pressed = now()
        raised = await home.press()
        await time_passes(5)
        on_disk = home.when(raised.alarm.id, home.whats(raised.alarm.id)[0])
        begun = min(at for at, ref in far.tried if ref == home.delivery(raised.alarm.id).reference)
        assert begun - on_disk <= 0.25 + 1e-9
        assert begun - pressed <= 0.25 + home.memory.latency + 1e-9
        assert home.delivery(raised.alarm.id).state is DeliveryState.RECEIVED
        await home.stop()

    live(day())


def test_a3_only_help_calls_pass_when_too_many_answers_are_outstanding() -> None:
    async def day() -> None:
        far = FarEnd(mode=Mode.STUCK, signs_mode=Mode.UP)
        home = PureHome()
        await home.start(far)
        await time_passes(1)
        for _ in range(40):
            await home.alarm()
        await time_passes(12)
        assert len(far.tried) == 32
        far.script = lambda d: Mode.UP if d.alarm.kind is AlarmKind.HELP_CALL else None
        await home.press()
        await time_passes(1)
        assert len(far.alarms()) == 1
        # What is stuck inside is given up in the end, and the rest gets its turn.
        await time_passes(120)
        assert len({reference for _, reference in far.tried}) == 41
        await home.stop()

    live(day())


def test_a3_none_waits_for_another_s_answer() -> None:
    async def day() -> None:
        far = FarEnd(work=10)
        home = PureHome()
        await home.start(far)
        await asyncio.gather(*(home.alarm() for _ in range(10)))
        await time_passes(1)
        assert len(far.alarms()) == 10
        await home.stop()

    live(day())
