"""Alarms, receipts and homes, apart from any network."""

from datetime import UTC, datetime, timedelta
import json
from typing import Any

import pytest

from simulator.municipality import ledger as ledger_module
from simulator.municipality.contract import Event, parse
from simulator.municipality.ledger import (
    Accepted,
    ClosedAlarmError,
    FullError,
    Ledger,
    UnknownAlarmError,
)
from tests.simulator.municipality import events


class Clock:
    """Time that goes by when told to."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def on(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ledger(clock: Clock) -> Ledger:
    return Ledger(clock)


def read(value: dict[str, Any]) -> Event:
    return parse(json.dumps(value).encode())


def take(ledger: Ledger, value: dict[str, Any]) -> Accepted:
    event = read(value)
    return ledger.accept(event, ledger.attempt(event))


def alarm(ledger: Ledger, number: int = 1) -> dict[str, Any]:
    return ledger.alarms[events.ulid(number)].shown()


def test_a_repeat_gets_the_same_receipt_and_is_no_second_alarm(ledger: Ledger) -> None:
    first = take(ledger, events.raised("d1"))
    second = take(ledger, events.raised("d1", attempt=2))

    assert first == Accepted("R-000001", repeat=False)
    assert second == Accepted("R-000001", repeat=True)
    assert len(ledger.alarms) == 1
    assert alarm(ledger)["repeats"] == 1
    assert alarm(ledger)["attempts"] == 2
    assert len(alarm(ledger)["messages"]) == 1


def test_the_same_id_of_another_home_is_another_message(ledger: Ledger) -> None:
    other = events.raised("d1", 2) | {"source": "urn:kvarbo:7"}

    assert take(ledger, events.raised("d1")).receipt != take(ledger, other).receipt
    assert len(ledger.alarms) == 2
    assert alarm(ledger, 2)["home"] == "7"


def test_attempts_before_the_accepted_one_are_counted(ledger: Ledger, clock: Clock) -> None:
    event = read(events.raised("d1"))
    ledger.attempt(event).answer = "hold"
    assert ledger.shown()["not_taken"][0] | {"first_at": 0, "last_at": 0} == {
        "source": events.HOME,
        "id": "d1",
        "type": "org.kvarbo.alarm.raised",
        "alarm": events.ulid(1),
        "attempts": 1,
        "first_at": 0,
        "last_at": 0,
        "answer": "hold",
    }
    clock.on(12.5)
    take(ledger, events.raised("d1"))

    assert ledger.shown()["not_taken"] == []
    message = alarm(ledger)["messages"][0]
    assert message["attempts"] == 2
    assert message["repeats"] == 0
    assert message["first_attempt_at"] == "2026-11-22T10:00:00.000000Z"
    assert message["received_at"] == "2026-11-22T10:00:12.500000Z"


def test_updates_stand_under_their_alarm_and_the_newest_word_counts(ledger: Ledger) -> None:
    take(ledger, events.raised("d1"))
    update = events.full(presses=3, note="pressed_again")
    receipt = take(ledger, events.event("d2", "alarm.updated", update)).receipt

    assert len(ledger.alarms) == 1
    assert alarm(ledger)["presses"] == 3
    assert [message["id"] for message in alarm(ledger)["messages"]] == ["d1", "d2"]
    assert ledger.receipt(receipt) == {"state": "received", "by": None, "at": None}


def test_an_update_that_comes_first_makes_its_alarm(ledger: Ledger) -> None:
    take(ledger, events.event("d2", "alarm.cleared", events.full(cleared_at=events.TIME)))

    assert alarm(ledger)["cleared_at"] == events.TIME


def test_a_mark_holds_only_while_all_messages_bear_it(ledger: Ledger) -> None:
    take(ledger, events.raised("d1", test=True, demo=True))
    assert alarm(ledger)["test"] is alarm(ledger)["demo"] is True

    take(ledger, events.event("d2", "alarm.updated", events.full(test=False, demo=False)))
    assert alarm(ledger)["test"] is alarm(ledger)["demo"] is False
    take(ledger, events.event("d3", "alarm.updated", events.full(test=True, demo=True)))
    assert alarm(ledger)["test"] is alarm(ledger)["demo"] is False


def test_an_unknown_field_cannot_pose_as_the_municipality(ledger: Ledger) -> None:
    take(ledger, events.raised("d1", state="closed", home="1", repeats=9, by="person"))

    assert alarm(ledger)["state"] == "received"
    assert alarm(ledger)["home"] == "48151623"
    assert alarm(ledger)["repeats"] == 0
    assert alarm(ledger)["by"] is None


def test_the_receipt_tells_what_became_of_the_alarm(ledger: Ledger, clock: Clock) -> None:
    receipt = take(ledger, events.raised("d1")).receipt
    assert ledger.receipt(receipt) == {"state": "received", "by": None, "at": None}

    clock.on(60)
    ledger.acknowledge(events.ulid(1))
    acknowledged = {
        "state": "acknowledged",
        "by": "person",
        "at": "2026-11-22T10:01:00.000000Z",
    }
    assert ledger.receipt(receipt) == acknowledged
    clock.on(60)
    ledger.acknowledge(events.ulid(1))
    ledger.acknowledge(events.ulid(1), "system")
    assert ledger.receipt(receipt) == acknowledged

    ledger.close(events.ulid(1))
    closed = {"state": "closed", "by": "person", "at": "2026-11-22T10:02:00.000000Z"}
    assert ledger.receipt(receipt) == closed
    clock.on(60)
    ledger.close(events.ulid(1))
    assert ledger.receipt(receipt) == closed
    assert ledger.receipt("R-999999") is None


def test_a_person_outranks_the_system(ledger: Ledger) -> None:
    receipt = take(ledger, events.raised("d1")).receipt
    ledger.acknowledge(events.ulid(1), "system")
    fate = ledger.receipt(receipt)
    assert fate is not None
    assert fate["by"] == "system"

    ledger.acknowledge(events.ulid(1), "person")
    fate = ledger.receipt(receipt)
    assert fate is not None
    assert fate["by"] == "person"


def test_operators_cannot_touch_what_is_not_there_or_over(ledger: Ledger) -> None:
    with pytest.raises(UnknownAlarmError):
        ledger.acknowledge(events.ulid(1))
    with pytest.raises(UnknownAlarmError):
        ledger.close(events.ulid(1))
    take(ledger, events.raised("d1"))
    ledger.close(events.ulid(1))
    with pytest.raises(ClosedAlarmError):
        ledger.acknowledge(events.ulid(1))


@pytest.mark.parametrize("note", ["pressed_again", "repeated"])
def test_what_comes_again_opens_a_closed_alarm_again_and_a_clearing_does_not(
    ledger: Ledger, note: str
) -> None:
    take(ledger, events.raised("d1"))
    ledger.close(events.ulid(1))
    take(ledger, events.event("d2", "alarm.cleared", events.full(cleared_at=events.TIME)))
    assert alarm(ledger)["state"] == "closed"

    take(ledger, events.event("d3", "alarm.updated", events.full(note=note)))
    assert alarm(ledger)["state"] == "received"
    assert alarm(ledger)["closed_at"] is None


def test_how_often_the_cause_came_is_not_how_often_a_message_came(ledger: Ledger) -> None:
    take(ledger, events.raised("d1"))
    again = events.event("d2", "alarm.updated", events.full(note="repeated", occurrences=5))
    take(ledger, again)
    take(ledger, again)
    take(ledger, again)
    assert alarm(ledger)["occurrences"] == 5
    assert alarm(ledger)["repeats"] == 2
    assert alarm(ledger)["messages"][1]["repeats"] == 2


def test_a_full_ledger_takes_no_more_and_forgets_nothing(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_module, "MAX_ALARMS", 2)
    monkeypatch.setattr(ledger_module, "MAX_MESSAGES", 3)
    take(ledger, events.raised("d1", 1))
    take(ledger, events.raised("d2", 2))
    with pytest.raises(FullError):
        take(ledger, events.raised("d3", 3))
    take(ledger, events.event("d4", "alarm.updated", events.full(2)))
    with pytest.raises(FullError):
        take(ledger, events.event("d5", "alarm.updated", events.full(2)))

    assert take(ledger, events.raised("d1", 1)).repeat
    assert list(ledger.alarms) == [events.ulid(1), events.ulid(2)]


def test_signs_of_life_are_remembered_up_to_a_bound(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_module, "MAX_SIGNS", 2)
    receipts = [take(ledger, events.beat(f"h{number}")).receipt for number in range(3)]

    assert ledger.receipt(receipts[0]) is None
    assert ledger.receipt(receipts[1]) == {"state": "received", "by": None, "at": None}
    assert take(ledger, events.beat("h2")) == Accepted(receipts[2], repeat=True, conflict=False)


def test_messages_never_taken_are_remembered_up_to_a_bound(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_module, "MAX_SIGNS", 2)
    for number in range(3):
        ledger.attempt(read(events.raised(f"d{number}", number)))

    assert [one["id"] for one in ledger.shown()["not_taken"]] == ["d1", "d2"]


def test_the_newest_alarms_alone_are_shown_when_asked(ledger: Ledger) -> None:
    for number in (1, 2, 3):
        take(ledger, events.raised(f"d{number}", number))

    shown = ledger.shown(last=2)
    assert [one["alarm"] for one in shown["alarms"]] == [events.ulid(2), events.ulid(3)]
    assert shown["counts"]["alarms"] == 3


# Homes


def heard(ledger: Ledger, clock: Clock, hubs: str, apart: float) -> list[bool | None]:
    conflicts = []
    for number, hub in enumerate(hubs):
        clock.on(apart)
        sign = events.beat if number % 2 else events.probe
        conflicts.append(take(ledger, sign(f"h{clock.now}", hub)).conflict)
    return conflicts


def test_two_hubs_that_alternate_are_a_conflict(ledger: Ledger, clock: Clock) -> None:
    assert heard(ledger, clock, "AABAB", 60) == [False, False, False, True, True]


def test_a_hub_that_was_replaced_is_none(ledger: Ledger, clock: Clock) -> None:
    assert heard(ledger, clock, "AAABBBB", 60) == [False] * 7


def test_a_conflict_of_more_than_ten_minutes_ago_is_over(ledger: Ledger, clock: Clock) -> None:
    assert heard(ledger, clock, "ABA", 60)[-1] is True
    clock.on(541)
    assert ledger.shown()["homes"][0]["conflict"] is False
    assert heard(ledger, clock, "A", 1) == [False]


def test_hubs_that_alternate_slower_than_that_are_none(ledger: Ledger, clock: Clock) -> None:
    assert heard(ledger, clock, "ABA", 301) == [False, False, False]


def test_another_home_s_hub_is_no_conflict(ledger: Ledger) -> None:
    for number, home in enumerate(("1", "2", "1", "2")):
        sign = events.beat(f"h{number}", "A" if home == "1" else "B", source=f"urn:kvarbo:{home}")
        assert take(ledger, sign).conflict is False


def test_a_home_is_silent_after_two_of_its_own_intervals(ledger: Ledger, clock: Clock) -> None:
    take(ledger, events.beat("h1", interval=60))
    clock.on(120)
    assert ledger.shown()["homes"][0]["silent"] is False
    clock.on(1)
    take(ledger, events.probe("h2"))
    home = ledger.shown()["homes"][0]
    assert home["silent"] is True
    assert home["last_heartbeat"] == "2026-11-22T10:00:00.000000Z"
    assert home["last_probe"] == "2026-11-22T10:02:01.000000Z"

    take(ledger, events.beat("h3", interval=60))
    assert ledger.shown()["homes"][0]["silent"] is False


def test_a_home_that_only_probes_has_no_heartbeat_to_miss(ledger: Ledger, clock: Clock) -> None:
    take(ledger, events.probe("p1"))
    clock.on(100_000)

    home = ledger.shown()["homes"][0]
    assert (home["silent"], home["last_heartbeat"], home["interval"]) == (False, None, None)


def test_the_hubs_of_a_home_are_bounded(ledger: Ledger, clock: Clock) -> None:
    heard(ledger, clock, "ABCDEFGHJKMNPQRSTVW", 1)

    hubs = [hub["hub"][-1] for hub in ledger.shown()["homes"][0]["hubs"]]
    assert "".join(hubs) == "DEFGHJKMNPQRSTVW"


def test_a_home_shows_what_its_heartbeat_says(ledger: Ledger) -> None:
    sign = events.beat("h1")
    sign["data"] |= {"undelivered": 4, "audit_head": "0aff"}
    take(ledger, sign)

    home = ledger.shown()["homes"][0]
    assert home["home"] == "48151623"
    assert home["undelivered"] == 4
    assert home["audit_head"] == "0aff"
    assert home["version"] == "0.1.0"
    assert [hub["hub"] for hub in home["hubs"]] == [sign["data"]["hub"]]


def test_the_number_of_homes_is_bounded(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.municipality.homes.MAX_HOMES", 2)
    for home in ("1", "2", "3"):
        take(ledger, events.beat(f"h{home}", source=f"urn:kvarbo:{home}"))

    assert [home["home"] for home in ledger.shown()["homes"]] == ["2", "3"]
