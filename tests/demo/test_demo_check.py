"""What `--once` asserts would notice every way in which a home could say too much or too little."""

import copy
import json
from typing import Any

import pytest

from simulator.demo.check import faults_of, planted_words
from simulator.demo.home import AREA_NAME, MOTION, RESIDENT_NAME

RAISED, CLEARED = "org.kvarbo.alarm.raised", "org.kvarbo.alarm.cleared"


def alarm(kind: str, *types: str, **more: Any) -> dict[str, Any]:
    told = {"attempts": len(types), "state": "acknowledged", "demo": True, **more}
    return {"kind": kind, "messages": [{"type": each} for each in types], **told}


CALL = alarm("DEMO Help button", RAISED, protocol="SCAIP")
LOST = alarm("receiver_lost", RAISED, CLEARED, state="received")
NIGHT = alarm(
    "night_absence",
    RAISED,
    CLEARED,
    reason="up 02:10, not back",
    owner="night_patrol",
    location="hallway",
    seen_in="hallway",
)
STATE: dict[str, Any] = {"alarms": [CALL, NIGHT, LOST], "complaints": []}


def exchange(order: int, event: object, method: str = "POST") -> dict[str, Any]:
    body = event if isinstance(event, str) else json.dumps(event)
    return {"order": order, "method": method, "path": "/v1/events", "body": body, "headers": []}


def event(of: str | None, /, **data: Any) -> dict[str, Any]:
    return {"type": of, "data": data}


def raw(*exchanges: dict[str, Any], dropped: int = 0) -> dict[str, Any]:
    return {"exchanges": list(exchanges), "dropped": dropped}


GOOD = raw(
    exchange(1, event("org.kvarbo.heartbeat", schema=1, hub="H", undelivered=0)),
    exchange(2, event("org.kvarbo.probe", schema=1, hub="H")),
    exchange(3, "<mrq><ref>A</ref></mrq>", "MESSAGE"),
    exchange(8, event(RAISED, kind="receiver_lost", role="hub")),
    exchange(4, event(RAISED, kind="night_absence", seen_in="hallway")),
    exchange(5, event(CLEARED, kind="night_absence", cleared_at=None)),
    exchange(6, "", "GET"),
)
PLANTED = planted_words(["binary_sensor.hall_motion"])


def with_event(one: object) -> dict[str, Any]:
    more = copy.deepcopy(GOOD)
    more["exchanges"].append(exchange(7, one))
    return more


def test_what_is_right_passes() -> None:
    assert faults_of(GOOD, STATE, PLANTED) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"attempts": 3}, "3 times"),
        ({"state": "received"}, "not acknowledged"),
        ({"demo": False}, "not marked"),
    ],
)
@pytest.mark.parametrize("place", [0, 1])
def test_alarm_that_is_not_as_promised(place: int, change: dict[str, Any], words: str) -> None:
    alarms = [dict(each) for each in STATE["alarms"]]
    alarms[place] |= change
    [fault] = faults_of(GOOD, {"alarms": alarms, "complaints": []}, PLANTED)
    assert words in fault


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"reason": ""}, "no reason"),
        ({"owner": None}, "night_patrol"),
        ({"owner": "relative"}, "relative"),
        ({"location": None}, "where"),
        ({"seen_in": None}, "where"),
    ],
)
def test_night_alarm_that_does_not_say_what_an_operator_needs(
    change: dict[str, Any], words: str
) -> None:
    [fault] = faults_of(
        GOOD, {"alarms": [CALL, {**NIGHT, **change}, LOST], "complaints": []}, PLANTED
    )
    assert words in fault


@pytest.mark.parametrize(
    "types",
    [(RAISED,), (CLEARED, RAISED), (RAISED, CLEARED, CLEARED), (RAISED, CLEARED.replace("d", ""))],
)
def test_night_alarm_without_its_one_all_clear(types: tuple[str, ...]) -> None:
    messages = [{"type": each} for each in types]
    changed = {**NIGHT, "messages": messages, "attempts": len(types)}
    [fault] = faults_of(GOOD, {"alarms": [CALL, changed, LOST], "complaints": []}, PLANTED)
    assert fault.startswith("the alarm night_absence was told by")


@pytest.mark.parametrize(("calls", "nights"), [(0, 1), (2, 1), (1, 0), (1, 2)])
def test_none_or_two_of_a_kind(calls: int, nights: int) -> None:
    [fault] = faults_of(
        GOOD, {"alarms": [CALL] * calls + [NIGHT] * nights + [LOST], "complaints": []}, PLANTED
    )
    assert "exactly one" in fault


def test_sending_that_a_strict_receiver_complains_of() -> None:
    state = {**STATE, "complaints": [{"words": "the branch is old", "home": "4711", "at": ""}]}
    [fault] = faults_of(GOOD, state, PLANTED)
    assert fault == "SCAIP: the branch is old"


def test_loss_of_the_first_receiver_that_nobody_was_told_of() -> None:
    state = {"alarms": [CALL, NIGHT], "complaints": []}
    [fault] = faults_of(GOOD, state, PLANTED)
    assert "receiver_lost" in fault


@pytest.mark.parametrize("kind", ["device_silent", "rule_fault", "inactivity"])
def test_alarm_of_another_kind(kind: str) -> None:
    other = alarm(kind, RAISED)
    [fault] = faults_of(GOOD, {"alarms": [CALL, NIGHT, LOST, other], "complaints": []}, PLANTED)
    assert kind in fault
    [fault] = faults_of(with_event(event(RAISED, kind=kind)), STATE, PLANTED)
    assert kind in fault


@pytest.mark.parametrize("kind", ["org.kvarbo.motion", "org.kvarbo.alarm.updated", None])
def test_anything_but_alarms_and_signs_of_life(kind: str | None) -> None:
    [fault] = faults_of(with_event(event(kind)), STATE, PLANTED)
    assert "exchange 7" in fault


@pytest.mark.parametrize(
    "told",
    [
        event("org.kvarbo.heartbeat", hub="H", bed="off"),
        event("org.kvarbo.probe", hub="H", undelivered=0),
        event(RAISED, kind="night_absence", door="open"),
        event(CLEARED, kind="night_absence", motion=["hallway"]),
    ],
)
def test_message_that_holds_more_than_it_may(told: dict[str, Any]) -> None:
    [fault] = faults_of(with_event(told), STATE, PLANTED)
    assert "more than it may" in fault


@pytest.mark.parametrize(
    "word", [RESIDENT_NAME.split()[0], AREA_NAME.split()[1], MOTION, "binary_sensor.hall_motion"]
)
def test_planted_word_anywhere(word: str) -> None:
    more = copy.deepcopy(GOOD)
    more["exchanges"][0]["headers"].append(["X-Told", word.upper()])
    faults = faults_of(more, STATE, PLANTED)
    assert any(word.lower() in fault.lower() for fault in faults)


def test_incomplete_record_proves_nothing() -> None:
    [fault] = faults_of({**GOOD, "dropped": 1}, STATE, PLANTED)
    assert "incomplete" in fault


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("motion in the hall", "not JSON"),
        ('{"type": "org.kvarbo.probe"}', "no data"),
        ('["org.kvarbo.probe"]', "not an object"),
    ],
)
def test_what_is_no_event(body: str, words: str) -> None:
    [fault] = faults_of(with_event(body), STATE, PLANTED)
    assert words in fault
