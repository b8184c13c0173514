"""From a verdict to an alarm: one a cause, one a night, an end for each, and faults that end (R60, S9)."""

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from datetime import UTC
from typing import Any, Final

import pytest

from custom_components.kvarbo.alarm.alarm import Alarm, AlarmState, MessageKind, Source
from custom_components.kvarbo.alarm.kinds import LIFE, AlarmKind, Location, Owner, ReasonCode, Role
from custom_components.kvarbo.supervision.catalogue import KINDS
from custom_components.kvarbo.supervision.ceiling import NightCeiling, Ruling
from custom_components.kvarbo.supervision.house import Dwelling, House
from custom_components.kvarbo.supervision.identity import Identity, WatcherKind
from custom_components.kvarbo.supervision.presence import Presence
from custom_components.kvarbo.supervision.sensing import Sensor
from custom_components.kvarbo.supervision.slot import RuleOptions
from custom_components.kvarbo.supervision.stages import FaultKind, Told, Verdict
from custom_components.kvarbo.supervision.supervisor import Heard
from custom_components.kvarbo.supervision.wall import WallTime
from custom_components.kvarbo.transmission.hours import Hour, hour_of
from custom_components.kvarbo.watching.raising import Raising, fault_prefix, moment
from tests.support.far_end import FarEnd
from tests.support.pure_home import PureHome, live

WALL: Final = WallTime(UTC)
DOOR_SENSOR: Final = Sensor(4, Role.EXIT_DOOR, Location.HALLWAY)
OPTIONS: Final = RuleOptions(owner=Owner.NIGHT_PATROL, suitable=True, priority=5)
LIFT: Final = Identity(WatcherKind.LIFT, 1)


class Desk:
    """A chain in virtual time, with what turns verdicts into alarms."""

    def __init__(self) -> None:
        self.far = FarEnd()
        self.dark = True
        self.home = PureHome()
        self.raising = Raising(
            self.home.chain, NightCeiling(WALL), {4: DOOR_SENSOR}.get, self.is_dark
        )
        self.home.chain.hear(self.raising.happened)
        self.at = self.home.clock.now().timestamp()

    def is_dark(self, _at: float) -> bool:
        return self.dark

    def heard(self, kind: WatcherKind, since: float = 0, **options: Any) -> Heard:
        identity = Identity(kind, 1)
        house = House(WALL, Dwelling(), Presence(WALL))
        watcher_kind = KINDS[kind]
        watcher = watcher_kind(
            identity, watcher_kind.settings_type(), house, watcher_kind.state_type()
        )
        verdict = Verdict(
            told=Told.ALARMED,
            at=self.at,
            since=self.at - 600 + since,
            episode=identity.episode(self.at - 600 + since),
            seen_at=self.at - 300,
            seen_in=Location.KITCHEN,
        )
        return Heard(identity, replace(OPTIONS, **options), verdict, watcher)

    async def alarm(self, heard: Heard) -> tuple[Alarm | None, Ruling]:
        request = self.raising.request_of(heard)
        answered = await self.raising.raise_alarm(heard, request, "rule", self.at)
        raised = None if answered.raised is None else answered.raised.alarm
        return raised, answered.ruling

    def whole(self, episode: str) -> Alarm:
        alarm = self.home.ledger.episode(episode)
        assert alarm is not None
        return alarm

    def faults(self) -> list[Alarm]:
        open_alarms = self.home.ledger.open_alarms()
        return [a for a in open_alarms if a.kind is not AlarmKind.LIFT_STOPPED]


def at_the_desk(work: Any) -> None:
    async def day() -> None:
        desk = Desk()
        await desk.home.start(desk.far)
        await work(desk)
        await desk.home.stop()

    coroutine: Coroutine[Any, Any, None] = day()
    live(coroutine)


def test_alarm_says_what_the_watcher_knows() -> None:
    async def day(desk: Desk) -> None:
        heard = desk.heard(WatcherKind.DOOR_OPEN)
        heard = replace(heard, verdict=replace(heard.verdict, sensor=4))
        alarm, ruling = await desk.alarm(heard)
        assert alarm is not None
        assert ruling is Ruling.RAISE
        assert (alarm.source.number, alarm.source.role) == (4, Role.EXIT_DOOR)
        assert (alarm.location, alarm.resident, alarm.priority) == (Location.HALLWAY, 1, 5)
        assert (alarm.owner, alarm.reason) == (Owner.NIGHT_PATROL, ReasonCode.WATCHED)
        assert alarm.sensed_at == moment(heard.verdict.since)
        assert (alarm.seen_at, alarm.seen_in) == (moment(desk.at - 300), Location.KITCHEN)

    at_the_desk(day)


def test_all_clear_of_a_cause_that_ended_first_follows_its_alarm() -> None:
    async def day(desk: Desk) -> None:
        heard = desk.heard(WatcherKind.LIFT)
        await desk.raising.recovered(heard)
        assert desk.home.ledger.open_alarms() == []
        await desk.alarm(heard)
        alarm = desk.whole(heard.verdict.episode)
        assert (alarm.state, alarm.cleared_at is not None) == (AlarmState.RAISED, True)

    at_the_desk(day)


def test_same_cause_again_is_counted_and_cleared_on_the_first_alarm() -> None:
    async def day(desk: Desk) -> None:
        first, _ = await desk.alarm(desk.heard(WatcherKind.LIFT))
        again = desk.heard(WatcherKind.LIFT, since=60)
        merged, ruling = await desk.alarm(again)
        assert first is not None
        assert merged is not None
        assert (ruling, merged.id, merged.repeats) == (Ruling.MERGE, first.id, 2)
        await desk.raising.recovered(again)
        assert desk.whole(first.episode).cleared_at is not None
        third = desk.heard(WatcherKind.LIFT, since=120)
        await desk.raising.recovered(third)
        await desk.alarm(third)
        alarm = desk.whole(first.episode)
        assert (alarm.repeats, alarm.cleared_at is not None) == (3, True)

    at_the_desk(day)


def test_after_the_end_of_the_alarm_the_cause_is_a_new_one() -> None:
    async def day(desk: Desk) -> None:
        first, _ = await desk.alarm(desk.heard(WatcherKind.LIFT))
        assert first is not None
        await desk.home.chain.cancel(first.id, "administrator")
        second, ruling = await desk.alarm(desk.heard(WatcherKind.LIFT, since=60))
        assert second is not None
        assert (ruling, second.id != first.id, second.repeats) == (Ruling.RAISE, True, 1)

    at_the_desk(day)


def test_raising_one_episode_twice_gives_one_alarm() -> None:
    async def day(desk: Desk) -> None:
        heard = desk.heard(WatcherKind.LIFT)
        first, _ = await desk.alarm(heard)
        again, ruling = await desk.alarm(heard)
        assert first is not None
        assert again is not None
        assert (again.id, again.repeats, ruling) == (first.id, 1, Ruling.MERGE)

    at_the_desk(day)


def test_over_the_ceiling_is_held_back_and_told_once() -> None:
    async def day(desk: Desk) -> None:
        kinds = (
            WatcherKind.LIFT,
            WatcherKind.MEDICINE,
            WatcherKind.CHECK_IN,
            WatcherKind.DOOR_OPEN,
            WatcherKind.ROAMING,
        )
        rulings = [(await desk.alarm(desk.heard(kind)))[1] for kind in kinds]
        assert rulings == [Ruling.RAISE] * 3 + [Ruling.HOLD] * 2
        told = desk.home.of_kind(AlarmKind.RULE_FAULT)
        assert [(a.reason, a.state) for a in told] == [(ReasonCode.CEILING, AlarmState.CLOSED)]
        assert desk.home.of_kind(AlarmKind.DOOR_OPEN) == []

    at_the_desk(day)


def test_by_day_and_for_water_and_heat_nothing_is_held() -> None:
    async def day(desk: Desk) -> None:
        for kind in (WatcherKind.LIFT, WatcherKind.MEDICINE, WatcherKind.CHECK_IN):
            await desk.alarm(desk.heard(kind))
        for kind in (WatcherKind.WATER, WatcherKind.HEAT):
            assert (await desk.alarm(desk.heard(kind)))[1] is Ruling.RAISE
        assert (await desk.alarm(desk.heard(WatcherKind.DOOR_OPEN)))[1] is Ruling.HOLD
        desk.dark = False
        assert (await desk.alarm(desk.heard(WatcherKind.ROAMING)))[1] is Ruling.RAISE

    at_the_desk(day)


def test_fall_signals_and_urgent_rules_pass_the_ceiling() -> None:
    async def day(desk: Desk) -> None:
        for kind in (WatcherKind.LIFT, WatcherKind.MEDICINE, WatcherKind.CHECK_IN):
            await desk.alarm(desk.heard(kind))
        _, fall = await desk.alarm(desk.heard(WatcherKind.FALL_SIGNAL, priority=2))
        _, night = await desk.alarm(desk.heard(WatcherKind.NIGHT_ABSENCE, priority=7))
        assert (fall, night) == (Ruling.RAISE, Ruling.RAISE)

    at_the_desk(day)


@pytest.mark.parametrize("kind", [WatcherKind.FALL_SIGNAL, WatcherKind.NIGHT_ABSENCE])
def test_answer_that_states_less_has_no_urgent_alarm_held_back(kind: WatcherKind) -> None:
    async def day(desk: Desk) -> None:
        for other in (WatcherKind.LIFT, WatcherKind.MEDICINE, WatcherKind.CHECK_IN):
            await desk.alarm(desk.heard(other))
        heard = desk.heard(kind, priority=None)
        request = replace(desk.raising.request_of(heard), kind=AlarmKind.LIFT_STOPPED, priority=0)
        answered = await desk.raising.raise_alarm(heard, request, "user", desk.at)
        assert answered.ruling is Ruling.RAISE
        assert desk.whole(heard.verdict.episode).priority == 0

    at_the_desk(day)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (FaultKind.BLIND, AlarmKind.RULE_FAULT),
        (FaultKind.MISFIT, AlarmKind.DEVICE_FAULT),
        (FaultKind.SILENT, AlarmKind.DEVICE_SILENT),
        (FaultKind.SEES_NOTHING, AlarmKind.DEVICE_BLIND),
    ],
)
def test_fault_is_told_once_and_ends(fault: FaultKind, kind: AlarmKind) -> None:
    async def day(desk: Desk) -> None:
        verdict = Verdict(told=Told.FAULT, at=desk.at, since=desk.at - 60, fault=fault, sensor=4)
        await desk.raising.fault(LIFT, verdict)
        await desk.raising.fault(LIFT, replace(verdict, at=desk.at + 60))
        [alarm] = desk.faults()
        assert (alarm.kind, alarm.source.number, alarm.owner) == (kind, 4, Owner.OPERATIONS)
        await desk.raising.mended(LIFT, fault, 4)
        assert desk.faults() == []
        await desk.raising.fault(LIFT, replace(verdict, at=desk.at + 600))
        [again] = desk.faults()
        assert again.id != alarm.id

    at_the_desk(day)


def test_silence_that_the_radio_has_told_of_is_not_told_again_and_another_fault_is() -> None:
    """R60."""

    async def day(desk: Desk) -> None:
        for kind in (AlarmKind.DEVICE_SILENT, AlarmKind.DEVICE_FAULT):
            desk.home.chain.faults.set(kind, "4", is_open=True, source=Source(4, Role.EXIT_DOOR))
        await asyncio.sleep(1)
        assert len(desk.faults()) == 2
        for fault in (FaultKind.SILENT, FaultKind.MISFIT):
            verdict = Verdict(
                told=Told.FAULT, at=desk.at, since=desk.at - 60, fault=fault, sensor=4
            )
            await desk.raising.fault(LIFT, verdict)
        reasons = sorted(alarm.reason for alarm in desk.faults())
        assert reasons == [ReasonCode.MISFIT, ReasonCode.SILENT, ReasonCode.TROUBLE]

    at_the_desk(day)


@pytest.mark.parametrize(
    ("kind", "fault", "guards"),
    [
        (WatcherKind.NIGHT_ABSENCE, FaultKind.BLIND, True),
        (WatcherKind.INACTIVITY, FaultKind.LACKS_SENSORS, True),
        # The home raises its alarm all the same.
        (WatcherKind.NIGHT_ABSENCE, FaultKind.NOT_ATTACHED, False),
        (WatcherKind.LIFT, FaultKind.BLIND, False),
        (WatcherKind.SENSOR_SILENT, FaultKind.SILENT, False),
    ],
)
def test_only_a_rule_that_guards_a_life_and_sees_nothing_is_told_in_the_night(
    kind: WatcherKind, fault: FaultKind, guards: bool
) -> None:
    async def day(desk: Desk) -> None:
        verdict = Verdict(told=Told.FAULT, at=desk.at, since=desk.at - 60, fault=fault)
        await desk.raising.fault(Identity(kind, 1), verdict)
        [alarm] = desk.faults()
        assert (hour_of(alarm) is Hour.NOW) is guards
        assert (alarm.priority == LIFE) is guards

    at_the_desk(day)


def test_each_fault_of_a_rule_has_a_reason_of_its_own() -> None:
    """Nobody is told that an automation failed where the rule did."""

    async def day(desk: Desk) -> None:
        rules = [
            FaultKind.BLIND,
            FaultKind.NOT_ANSWERED,
            FaultKind.NOT_ATTACHED,
            FaultKind.SETTINGS_DIFFER,
            FaultKind.LACKS_SENSORS,
            FaultKind.REFUSED,
            FaultKind.BROKEN,
        ]
        for fault in rules:
            verdict = Verdict(told=Told.FAULT, at=desk.at, since=desk.at, fault=fault)
            await desk.raising.fault(LIFT, verdict)
        told = desk.home.of_kind(AlarmKind.RULE_FAULT)
        assert len({alarm.reason for alarm in told}) == len(told) == len(rules)

    at_the_desk(day)


def test_third_unplugging_is_a_reviews_business() -> None:
    async def day(desk: Desk) -> None:
        verdict = Verdict(
            told=Told.FAULT, at=desk.at, since=desk.at, fault=FaultKind.UNPLUGGED, count=3
        )
        await desk.raising.fault(LIFT, verdict)
        assert desk.faults() == []
        await desk.raising.fault(LIFT, replace(verdict, count=2))
        assert [a.kind for a in desk.faults()] == [AlarmKind.DEVICE_FAULT]

    at_the_desk(day)


def test_fault_that_a_restart_took_away_is_swept() -> None:
    async def day(desk: Desk) -> None:
        for fault in (FaultKind.BLIND, FaultKind.NOT_ATTACHED):
            verdict = Verdict(told=Told.FAULT, at=desk.at, since=desk.at, fault=fault)
            await desk.raising.fault(LIFT, verdict)
        await desk.raising.sweep(frozenset({fault_prefix(LIFT, FaultKind.BLIND, 0)}))
        assert [a.reason for a in desk.faults()] == [ReasonCode.BLIND]

    at_the_desk(day)


def test_time_without_the_hub_is_told_from_when_to_when() -> None:
    async def day(desk: Desk) -> None:
        await desk.raising.hub_was_off(desk.at - 7200, desk.at - 60)
        [alarm] = desk.home.of_kind(AlarmKind.RULE_FAULT)
        assert (alarm.sensed_at, alarm.until) == (moment(desk.at - 7200), moment(desk.at - 60))
        assert alarm.state is AlarmState.CLOSED
        kinds = {m.kind for m in desk.home.messages(alarm.id)}
        assert MessageKind.ALARM in kinds

    at_the_desk(day)
