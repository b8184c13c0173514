"""A8, R38: where each technical alarm goes, and at which hour."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from custom_components.kvarbo.alarm.alarm import MessageKind, Source
from custom_components.kvarbo.alarm.kinds import KINDS, LIFE, AlarmClass, AlarmKind, Role
from custom_components.kvarbo.chain import What
from custom_components.kvarbo.transmission.hours import (
    CLOSES,
    HOURS,
    OPENS,
    Hour,
    WorkingHours,
    hour_of,
)
from custom_components.kvarbo.transmission.outlet import Takes
from tests.support.far_end import FarEnd, Mode
from tests.support.pure_home import PureHome, live, outlet, time_passes
from tests.support.samples import sample_alarm
from tests.support.virtual_time import BEGINNING, VirtualClock

STOCKHOLM = ZoneInfo("Europe/Stockholm")
WORKING = WorkingHours(lambda: STOCKHOLM)

#: A Monday, eight in the evening in Stockholm.
EVENING = datetime(2027, 3, 1, 19, tzinfo=UTC)
MORNING_AFTER = datetime(2027, 3, 2, 6, tzinfo=UTC)


def test_every_technical_kind_has_its_hour() -> None:
    technical = {k for k, t in KINDS.items() if t.alarm_class is AlarmClass.TECHNICAL}
    assert HOURS.keys() == technical


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1)).map(  # noqa: DTZ001
        lambda at: at.replace(tzinfo=UTC)
    ),
    st.sampled_from(["Europe/Stockholm", "UTC", "Pacific/Auckland", "America/Los_Angeles"]),
)
def test_it_opens_at_the_first_working_moment(at: datetime, zone: str) -> None:
    hours = WorkingHours(lambda: ZoneInfo(zone))
    if hours.is_open(at):
        there = at.astimezone(ZoneInfo(zone))
        assert OPENS <= there.time() < CLOSES
        assert there.weekday() < 5
        return
    opens = hours.opens(at)
    assert at < opens <= at + timedelta(hours=66)
    assert hours.is_open(opens)
    assert not hours.is_open(opens - timedelta(seconds=1))
    step = at
    while (step := step + timedelta(minutes=30)) < opens:
        assert not hours.is_open(step)


@pytest.mark.parametrize(
    ("fields", "hour"),
    [
        ({"kind": AlarmKind.HELP_CALL}, Hour.NOW),
        ({"kind": AlarmKind.DEVICE_SILENT, "source": Source(3, Role.MOTION)}, Hour.WORKING),
        ({"kind": AlarmKind.DEVICE_SILENT, "source": Source(3, Role.HELP_BUTTON)}, Hour.NOW),
        ({"kind": AlarmKind.DEVICE_BATTERY, "source": Source(3, Role.HELP_BUTTON)}, Hour.WORKING),
        ({"kind": AlarmKind.RULE_FAULT, "priority": LIFE}, Hour.NOW),
        ({"kind": AlarmKind.RULE_FAULT, "priority": 3}, Hour.WORKING),
        ({"kind": AlarmKind.DEVICE_TAMPER, "source": Source(1, Role.BED), "test": True}, Hour.NOW),
    ],
)
def test_the_hour_of_an_alarm(fields: dict[str, object], hour: Hour) -> None:
    given_fields: dict[str, Any] = {"priority": 3, "source": Source(0, Role.HUB), **fields}
    assert hour_of(sample_alarm(**given_fields)) is hour


@asynccontextmanager
async def home_at(at: datetime, *far: FarEnd) -> AsyncIterator[PureHome]:
    """A home whose clock shows this when it starts; the last receiver is operations'."""
    host = VirtualClock()
    host.ahead = at - BEGINNING
    home = PureHome(host=host, working=WORKING)
    *alarms, operations = far
    await home.start(*alarms, outlet(operations, Takes.OPERATIONS))
    await time_passes(1)
    yield home
    await home.stop()


def heard_kinds(far: FarEnd) -> list[AlarmKind]:
    return [h.dispatch.alarm.kind for h in far.taken]


def test_what_can_wait_is_told_to_operations_in_the_morning_and_to_nobody_before() -> None:
    async def day() -> None:
        centre, operations = FarEnd("centre"), FarEnd("operations")
        async with home_at(EVENING, centre, operations) as home:
            raised = await home.alarm(AlarmKind.DEVICE_BLIND, "d1")
            await time_passes((MORNING_AFTER - EVENING).total_seconds() - 60)
            assert (centre.taken, operations.taken) == ([], [])
            assert home.transmitter.undelivered() == []
            assert What.NOT_GETTING_THROUGH not in home.whats(raised.alarm.id)
            await time_passes(120)
            assert heard_kinds(operations) == [AlarmKind.DEVICE_BLIND]
            assert operations.taken[0].dispatch.delayed
            assert operations.taken[0].dispatch.alarm.sensed_at < EVENING + timedelta(minutes=1)
            assert centre.taken == []

    live(day())


def test_what_was_over_by_the_morning_is_one_message_with_both_times() -> None:
    async def day() -> None:
        centre, operations = FarEnd("centre"), FarEnd("operations")
        async with home_at(EVENING, centre, operations) as home:
            await home.alarm(AlarmKind.DEVICE_SILENT, "d1", source=Source(4, Role.MOTION))
            await time_passes(3600)
            await home.chain.clear("d1", "home")
            await time_passes(24 * 3600)
            (heard,) = operations.taken
            assert heard.kind is MessageKind.ALARM
            cleared = heard.dispatch.alarm.cleared_at
            assert cleared is not None
            assert cleared < MORNING_AFTER
            assert centre.taken == []

    live(day())


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (AlarmKind.RADIO_LOST, {}),
        (AlarmKind.DEVICE_SILENT, {"source": Source(3, Role.HELP_BUTTON)}),
        (AlarmKind.RULE_FAULT, {"priority": LIFE}),
    ],
)
def test_what_cannot_wait_goes_to_the_alarm_centre_in_the_night(
    kind: AlarmKind, fields: dict[str, object]
) -> None:
    async def day() -> None:
        centre, operations = FarEnd("centre"), FarEnd("operations")
        async with home_at(EVENING, centre, operations) as home:
            await home.alarm(kind, "d1", **fields)
            await time_passes(2)
            assert heard_kinds(centre) == [kind]
            assert operations.taken == []

    live(day())


def test_where_the_centre_does_not_answer_in_the_night_operations_are_told() -> None:
    async def day() -> None:
        centre, operations = FarEnd("centre", mode=Mode.DOWN), FarEnd("operations")
        async with home_at(EVENING, centre, operations) as home:
            await home.alarm(AlarmKind.MAINS_LOST, "d1")
            await time_passes(120)
            assert AlarmKind.MAINS_LOST in heard_kinds(operations)

    live(day())


def test_in_the_day_operations_come_first_and_the_centre_when_they_do_not_answer() -> None:
    async def day() -> None:
        centre, operations = FarEnd("centre"), FarEnd("operations")
        async with home_at(BEGINNING, centre, operations) as home:
            await home.alarm(AlarmKind.RADIO_LOST, "d1")
            await home.alarm(AlarmKind.DEVICE_BLIND, "d2")
            await time_passes(2)
            assert set(heard_kinds(operations)) == {AlarmKind.RADIO_LOST, AlarmKind.DEVICE_BLIND}
            assert centre.taken == []
            operations.mode = Mode.DOWN
            await home.alarm(AlarmKind.DEVICE_TAMPER, "d3")
            await time_passes(120)
            assert AlarmKind.DEVICE_TAMPER in heard_kinds(centre)

    live(day())


def test_what_was_begun_in_the_day_is_not_handed_to_the_centre_in_the_night() -> None:
    async def day() -> None:
        centre = FarEnd("centre")
        operations = FarEnd("operations", mode=Mode.SILENT, signs_mode=Mode.UP, patience=60)
        closing = datetime(2027, 3, 1, 14, 59, 50, tzinfo=UTC)
        async with home_at(closing, centre, operations) as home:
            await home.alarm(AlarmKind.DEVICE_BLIND, "d1")
            await time_passes(600)
            assert operations.tried
            assert centre.taken == []
            operations.mode = Mode.UP
            await time_passes(120)
            assert heard_kinds(operations) == [AlarmKind.DEVICE_BLIND]

    live(day())


def test_a_home_without_operations_tells_the_centre_when_the_day_begins() -> None:
    async def day() -> None:
        centre = FarEnd("centre")
        host = VirtualClock()
        host.ahead = EVENING - BEGINNING
        home = PureHome(host=host, working=WORKING)
        await home.start(centre)
        await home.alarm(AlarmKind.DEVICE_BLIND, "d1")
        await time_passes(3600)
        assert centre.taken == []
        await time_passes(12 * 3600)
        assert heard_kinds(centre) == [AlarmKind.DEVICE_BLIND]
        await home.stop()

    live(day())


def test_a_restart_in_the_night_wakes_nobody_and_loses_nothing() -> None:
    centre, operations = FarEnd("centre"), FarEnd("operations")

    async def evening() -> PureHome:
        async with home_at(EVENING, centre, operations) as home:
            await home.alarm(AlarmKind.DEVICE_BLIND, "d1")
            return home

    async def night(before: PureHome) -> None:
        host = VirtualClock()
        host.ahead = EVENING + timedelta(hours=4) - BEGINNING
        home = PureHome(host=host, working=WORKING)
        await home.start(
            centre, outlet(operations, Takes.OPERATIONS), recovered=before.memory.recover()
        )
        await time_passes(3600)
        assert (centre.taken, operations.taken) == ([], [])
        await time_passes(12 * 3600)
        assert heard_kinds(operations) == [AlarmKind.DEVICE_BLIND]
        assert centre.taken == []
        await home.stop()

    live(night(live(evening())))


def test_personal_alarms_never_wait() -> None:
    async def day() -> None:
        centre, operations = FarEnd("centre"), FarEnd("operations")
        async with home_at(EVENING, centre, operations) as home:
            for kind, traits in KINDS.items():
                if traits.alarm_class is AlarmClass.PERSONAL:
                    await home.alarm(kind, str(kind))
            await time_passes(30)
            assert len(centre.taken) == sum(
                t.alarm_class is AlarmClass.PERSONAL for t in KINDS.values()
            )
            assert operations.taken == []

    live(day())
