"""What needs a person: each cause once, worst first, with the next thing to do, to those who may know (R35, R60)."""

from typing import Any

import pytest

from custom_components.kvarbo.alarm.kinds import AlarmKind
from custom_components.kvarbo.devices.vitals import Ailment
from custom_components.kvarbo.pages.concerns import (
    NEXT,
    ConcernKind,
    Next,
    concerns_of,
    worst_first,
)
from custom_components.kvarbo.pages.facts import FaultFacts, HomeFacts, Sight
from custom_components.kvarbo.supervision.slot import Standing
from custom_components.kvarbo.supervision.stages import FaultKind
from custom_components.kvarbo.watching.raising import REVIEW_FROM
from tests.pages.sample import SINCE, chain, device, home, receiver, rule

ALL = frozenset(Sight)
INSTALLS = frozenset({Sight.COUNTS, Sight.DEVICES})


def kinds(facts: HomeFacts, sights: frozenset[Sight] = ALL) -> list[str]:
    return [str(concern.kind) for concern in concerns_of(facts, sights)]


def test_a_home_in_which_all_is_well_needs_nobody() -> None:
    assert kinds(home()) == []


def test_every_concern_has_its_next_thing_to_do_and_no_text_is_idle() -> None:
    assert set(NEXT) == set(ConcernKind)
    assert set(NEXT.values()) == set(Next)


def test_what_comes_first_is_that_nobody_might_hear_an_alarm() -> None:
    facts = home(
        chain=chain(proven=False, undelivered=2, undelivered_since=SINCE),
        devices=(device(4, ailments=frozenset({Ailment.BATTERY})), device(2, is_untried=True)),
        rules=(rule(often=3), rule("not_up", warnings={FaultKind.BLIND: SINCE})),
        faults=(FaultFacts(kind=AlarmKind.RECEIVER_LOST, receiver=1, since=SINCE),),
    )
    assert kinds(facts) == [
        "undelivered",
        "receiver_lost",
        "chain_unproven",
        "device_battery",
        "device_untried",
        "rule_blind",
        "rule_noisy",
    ]
    first, lost = concerns_of(facts, ALL)[:2]
    assert (first.count, first.since, first.next) == (2, SINCE, Next.USE_RESERVE)
    assert (lost.receiver, lost.since) == (1, SINCE)


def test_without_a_receiver_that_is_said_and_not_that_nothing_is_proven() -> None:
    assert kinds(home(receivers=(), chain=chain(proven=False))) == ["no_receiver"]


@pytest.mark.parametrize(
    ("about", "kind"),
    [
        ({"ailments": frozenset({ailment})}, kind)
        for ailment, kind in (
            (Ailment.SILENT, "device_silent"),
            (Ailment.BATTERY, "device_battery"),
            (Ailment.WEAK, "device_weak"),
            (Ailment.TAMPER, "device_tamper"),
            (Ailment.TROUBLE, "device_trouble"),
            (Ailment.DARK, "device_unplugged"),
        )
    ]
    + [
        ({"found": frozenset({FaultKind.SEES_NOTHING})}, "device_blind"),
        ({"found": frozenset({FaultKind.MISFIT})}, "device_misfit"),
        ({"is_untried": True}, "device_untried"),
        ({"is_fading": True}, "device_fading"),
        ({"is_missing": True}, "device_missing"),
        ({"is_unusable": True}, "device_missing"),
    ],
)
def test_each_thing_that_ails_a_device_is_told(about: dict[str, Any], kind: str) -> None:
    [concern] = concerns_of(home(devices=(device(7, since=SINCE, **about),)), INSTALLS)
    assert (str(concern.kind), concern.device) == (kind, 7)


def test_what_two_parts_have_found_of_a_device_is_one_concern() -> None:
    silent = device(ailments=frozenset({Ailment.SILENT}), found=frozenset({FaultKind.SILENT}))
    assert kinds(home(devices=(silent,))) == ["device_silent"]


def test_of_a_device_that_is_gone_nothing_older_is_told() -> None:
    gone = device(is_missing=True, ailments=frozenset(Ailment), is_untried=True, is_fading=True)
    assert kinds(home(devices=(gone,))) == ["device_missing"]


def test_every_fault_of_a_rule_itself_has_its_concern() -> None:
    own = set(FaultKind) - {
        FaultKind.SILENT,
        FaultKind.SEES_NOTHING,
        FaultKind.UNPLUGGED,
        FaultKind.MISFIT,
    }
    told = kinds(home(rules=(rule(warnings=dict.fromkeys(own, SINCE)),)))
    assert set(told) == {f"rule_{fault}" for fault in own}


def test_a_rule_waits_for_consent_only_where_an_automation_asks_for_it() -> None:
    waits = rule(standing=Standing.NO_CONSENT)
    assert kinds(home(rules=(waits,))) == ["rule_no_consent"]
    assert kinds(home(rules=(rule(standing=Standing.NO_CONSENT, is_listened_to=False),))) == []


def test_a_pause_an_absence_and_a_visit_need_nobody() -> None:
    for standing in (Standing.PAUSED, Standing.AWAY, Standing.VISITOR):
        assert kinds(home(rules=(rule(standing=standing),))) == []


def test_a_rule_is_noisy_from_the_time_at_which_the_review_is_asked_for() -> None:
    assert kinds(home(rules=(rule(often=REVIEW_FROM - 1),))) == []
    [noisy] = concerns_of(home(rules=(rule(often=REVIEW_FROM),)), ALL)
    assert (noisy.kind, noisy.count, noisy.rule) == ("rule_noisy", REVIEW_FROM, "inactivity")
    assert kinds(home(rules=(rule(held_back=1),))) == ["rule_held_back"]


def test_what_a_rule_about_sensors_has_found_is_the_sensors_and_no_rule_is_named() -> None:
    facts = home(
        rules=(rule("sensor_silent", 0, technical=True, warnings={FaultKind.BLIND: None}),)
    )
    assert kinds(facts) == []
    broken = {FaultKind.BROKEN: None}
    facts = home(rules=(rule("sensor_silent", 0, technical=True, warnings=broken),))
    assert kinds(facts) == ["rule_broken"]


def test_who_installs_hears_of_no_rule_and_who_reads_figures_of_nothing() -> None:
    facts = home(
        devices=(device(is_untried=True),),
        rules=(rule(often=9, held_back=1, warnings={FaultKind.BLIND: SINCE}),),
    )
    assert kinds(facts, INSTALLS) == ["device_untried"]
    assert kinds(facts, frozenset({Sight.COUNTS})) == []


def test_every_kind_of_fault_of_the_chain_is_either_here_or_read_from_its_device() -> None:
    from custom_components.kvarbo.faults import _TELLS  # noqa: PLC0415

    of_devices = {
        AlarmKind.DEVICE_SILENT,
        AlarmKind.DEVICE_BATTERY,
        AlarmKind.DEVICE_TAMPER,
        AlarmKind.DEVICE_FAULT,
    }
    for kind in _TELLS:
        told = kinds(home(faults=(FaultFacts(kind=kind, since=SINCE),)))
        assert told == ([] if kind in of_devices else [str(kind)])


def test_a_receiver_whose_settings_cannot_be_used_is_told_by_its_place() -> None:
    facts = home(receivers=(receiver(1), receiver(2, problem="url")))
    [concern] = concerns_of(facts, INSTALLS)
    assert (concern.kind, concern.receiver) == (ConcernKind.RECEIVER_SETTINGS, 2)


def test_devices_come_by_what_ails_them_and_then_by_how_they_are_reached() -> None:
    devices = [
        device(1, signal=200),
        device(2, signal_dbm=-90),
        device(3),
        device(4, is_fading=True, signal=250),
        device(5, ailments=frozenset({Ailment.SILENT}), signal=255),
        device(6, signal=30),
        device(7, is_missing=True),
    ]
    assert [one.number for one in worst_first(devices)] == [7, 5, 4, 6, 2, 1, 3]
