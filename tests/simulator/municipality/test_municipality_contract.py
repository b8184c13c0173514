"""What a home may send, field by field."""

from collections.abc import Callable
import json
import threading
from typing import Any

import pytest

from simulator.municipality.contract import MAX_BODY, EventType, MissingError, parse
from simulator.municipality.fields import FieldError
from tests.simulator.municipality import events

ENVELOPE = ("specversion", "id", "source", "type", "time", "data", "subject")
LEAST = ("schema", "alarm", "kind", "class", "priority", "test", "demo", "raised_at")
BEAT = ("schema", "hub", "version", "interval", "undelivered", "sent_at")
PROBE = ("schema", "hub", "sent_at")


def octets(value: Any) -> bytes:
    return json.dumps(value).encode()


def test_a_full_alarm_is_read_whole() -> None:
    event = parse(octets(events.raised("d1", presses=3)))

    assert event.type is EventType.RAISED
    assert event.key == (events.HOME, "d1")
    assert event.controller == "48151623"
    assert event.alarm == events.ulid(1)
    assert event.data["presses"] == 3
    assert not event.minimal


@pytest.mark.parametrize("kind", ["raised", "updated", "cleared", "cancelled"])
def test_the_least_of_an_alarm_is_minimal(kind: str) -> None:
    event = parse(octets(events.event("d1", f"alarm.{kind}", events.least())))

    assert event.minimal
    assert event.type.about_alarm


@pytest.mark.parametrize("value", [events.beat("d1"), events.probe("d1")])
def test_a_sign_of_life_is_about_no_alarm(value: dict[str, Any]) -> None:
    event = parse(octets(value))

    assert event.alarm is None
    assert not event.minimal
    assert not event.type.about_alarm


def test_unknown_fields_pass_and_are_kept() -> None:
    value = events.raised("d1", colour="blue")
    value["traceparent"] = "00-x"

    assert parse(octets(value)).data["colour"] == "blue"


@pytest.mark.parametrize("name", ENVELOPE)
def test_a_missing_envelope_field_is_named(name: str) -> None:
    value = events.raised("d1")
    del value[name]

    with pytest.raises(MissingError) as caught:
        parse(octets(value))
    assert caught.value.field == name


@pytest.mark.parametrize(
    ("make", "name"),
    [
        *((lambda: events.event("d", "alarm.raised", events.least()), name) for name in LEAST),
        *((lambda: events.beat("d"), name) for name in BEAT),
        *((lambda: events.probe("d"), name) for name in PROBE),
    ],
)
def test_a_missing_data_field_is_named(make: Callable[[], dict[str, Any]], name: str) -> None:
    value = make()
    del value["data"][name]

    with pytest.raises(MissingError) as caught:
        parse(octets(value))
    assert caught.value.field == f"data.{name}"


#: Of every field the contract names, values that it is not.
WRONG_DATA: dict[str, list[Any]] = {
    "schema": [2, 0, "1", True, None],
    "alarm": ["", "01j9zzzzzzzzzzzzzzzzzzz001", "x" * 26, 5, None, "91J9ZZZZZZZZZZZZZZZZZZZ001"],
    "kind": ["", "Help call", "x" * 65, 7, None],
    "class": ["other", "", 1, None],
    "priority": [-1, 10, "9", 9.0, True, None],
    "test": [0, "false", None],
    "demo": [1, "true", None],
    "raised_at": ["", "yesterday", "2026-11-22T10:00:00", "2026-11-22T10:00:00+01:00", 1, None],
    "resident": [-1, 10, "1", None],
    "device": [-1, 2**31, "3", None],
    "role": ["", "a b", 1, None],
    "location": ["", "Bad rum", 1],
    "reason": ["x" * 501, "a\nb", "a\x00b", "a\x9bb", "\ud800", 1, None],
    "owner": ["", "Night patrol", 1],
    "language": ["de", "", 1, None],
    "sensed_at": ["2026-02-30T10:00:00Z", "2026-11-22 10:00:00Z", None],
    "seen_at": ["", "02:10", 5],
    "seen_in": ["", "The hall", 1],
    "until": ["later", 5],
    "sent_at": ["2026-11-22T25:00:00Z", None],
    "delayed": ["no", None],
    "attempt": [-1, 1.5, None],
    "clock_trouble": [0, None],
    "durable": ["yes", None],
    "presses": [-1, "3", None],
    "occurrences": [0, -1, "2", None],
    "cleared_at": ["", 5],
    "cancelled_at": ["now", 5],
    "note": ["Pressed Again", 1],
}


def test_the_table_of_wrong_values_leaves_no_field_out() -> None:
    assert WRONG_DATA.keys() == events.full().keys()


@pytest.mark.parametrize(
    ("name", "wrong"), [(name, one) for name, many in WRONG_DATA.items() for one in many]
)
def test_a_wrong_value_of_an_alarm_is_refused_by_its_name(name: str, wrong: Any) -> None:
    value = events.event("d1", "alarm.raised", events.full() | {name: wrong})
    value["subject"] = events.ulid(1)

    with pytest.raises(FieldError) as caught:
        parse(octets(value))
    assert caught.value.field == f"data.{name}"
    assert not isinstance(caught.value, MissingError)
    assert caught.value.words


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("hub", ""),
        ("hub", "x" * 65),
        ("version", 1),
        ("interval", 0),
        ("interval", 86_401),
        ("interval", "300"),
        ("undelivered", -1),
        ("audit_head", "xyz"),
        ("audit_head", 7),
        ("sent_at", "soon"),
    ],
)
def test_a_wrong_value_of_a_heartbeat_is_refused_by_its_name(name: str, wrong: Any) -> None:
    value = events.beat("d1")
    value["data"][name] = wrong

    with pytest.raises(FieldError) as caught:
        parse(octets(value))
    assert caught.value.field == f"data.{name}"


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("specversion", "0.3"),
        ("id", ""),
        ("id", "x" * 201),
        ("id", 5),
        ("source", "urn:other:1"),
        ("source", "urn:kvarbo:"),
        ("source", "urn:kvarbo:a b"),
        ("type", "org.kvarbo.alarm.exploded"),
        ("time", "2026-11-22"),
        ("datacontenttype", "text/plain"),
        ("subject", "other"),
        ("data", []),
        ("data", "text"),
    ],
)
def test_a_wrong_value_of_the_envelope_is_refused_by_its_name(name: str, wrong: Any) -> None:
    with pytest.raises(FieldError) as caught:
        parse(octets(events.raised("d1") | {name: wrong}))
    assert caught.value.field == name


def test_an_alarm_of_another_subject_is_refused() -> None:
    with pytest.raises(FieldError) as caught:
        parse(octets(events.raised("d1") | {"subject": events.ulid(2)}))
    assert caught.value.field == "data.alarm"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b"\xff\xfe\x00",
        b'{"specversion": NaN}',
        b'{"id": ' + b"9" * 5000 + b"}",
    ],
    ids=["empty", "open", "list", "null", "text", "binary", "nan", "long number"],
)
def test_what_is_no_json_object_is_refused_as_such(body: bytes) -> None:
    with pytest.raises(MissingError) as caught:
        parse(body)
    assert caught.value.field == "body"


def test_a_body_deeper_than_the_stack_is_refused_as_such() -> None:
    """The main thread's stack is deep enough for 64 KiB of it; a thread's need not be."""
    caught: list[Exception] = []

    def read() -> None:
        try:
            parse(b"[" * MAX_BODY)
        except Exception as error:  # noqa: BLE001 - whatever it is, it must be the right one
            caught.append(error)

    before = threading.stack_size(256 * 1024)
    try:
        thread = threading.Thread(target=read)
        thread.start()
    finally:
        threading.stack_size(before)
    thread.join()
    assert [type(one) for one in caught] == [MissingError]
