"""What `--once` asserts would notice every way in which a home could say too much or too little."""

import copy
import json
from typing import Any

import pytest

from simulator.demo.check import faults_of, planted_words
from simulator.demo.home import AREA_NAME, MOTION, RESIDENT_NAME

ALARM = {"attempts": 1, "state": "acknowledged", "demo": True}
STATE: dict[str, Any] = {"alarms": [ALARM]}


def exchange(order: int, event: object, method: str = "POST") -> dict[str, Any]:
    body = event if isinstance(event, str) else json.dumps(event)
    return {"order": order, "method": method, "path": "/v1/events", "body": body, "headers": []}


def raw(*exchanges: dict[str, Any], dropped: int = 0) -> dict[str, Any]:
    return {"exchanges": list(exchanges), "dropped": dropped}


GOOD = raw(
    exchange(1, {"type": "org.kvarbo.heartbeat"}),
    exchange(2, {"type": "org.kvarbo.probe"}),
    exchange(3, {"type": "org.kvarbo.alarm.raised"}),
    exchange(4, "", "GET"),
)
PLANTED = planted_words(["binary_sensor.hall_motion"])


def test_what_is_right_passes() -> None:
    assert faults_of(GOOD, STATE, PLANTED) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"attempts": 2}, "2 times"),
        ({"state": "received"}, "not acknowledged"),
        ({"demo": False}, "not marked"),
    ],
)
def test_alarm_that_is_not_as_promised(change: dict[str, Any], words: str) -> None:
    [fault] = faults_of(GOOD, {"alarms": [{**ALARM, **change}]}, PLANTED)
    assert words in fault


@pytest.mark.parametrize("count", [0, 2])
def test_none_or_two_alarms(count: int) -> None:
    [fault] = faults_of(GOOD, {"alarms": [ALARM] * count}, PLANTED)
    assert "exactly one" in fault


@pytest.mark.parametrize("kind", ["org.kvarbo.motion", "org.kvarbo.alarm.updated", None])
def test_anything_but_alarm_and_signs_of_life(kind: str | None) -> None:
    more = copy.deepcopy(GOOD)
    more["exchanges"].append(exchange(5, {"type": kind}))
    [fault] = faults_of(more, STATE, PLANTED)
    assert "exchange 5" in fault


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


def test_not_json() -> None:
    more = copy.deepcopy(GOOD)
    more["exchanges"].append(exchange(5, "motion in the hall"))
    [fault] = faults_of(more, STATE, PLANTED)
    assert "not JSON" in fault
