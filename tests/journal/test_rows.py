"""What is put is recovered, to the microsecond; what does not fit is refused by the field's name."""

from dataclasses import fields
from datetime import UTC, datetime, timedelta, timezone
import json
import sqlite3
from typing import Any

from hypothesis import given
import pytest

from custom_components.kvarbo.alarm.alarm import Alarm, Delivery, Message
from custom_components.kvarbo.journal.changes import (
    Audit,
    Change,
    Finding,
    PutAlarm,
    PutDelivery,
    PutMarker,
    PutMessage,
    PutWatcher,
    Settled,
)
from custom_components.kvarbo.journal.reading import (
    alarm_of,
    delivery_of,
    marker_of,
    message_of,
    watcher_of,
)
from custom_components.kvarbo.journal.rows import (
    COLUMNS,
    JSON_LENGTH,
    KEY_LENGTH,
    TEXT_LENGTH,
    Row,
    Table,
    UnfitChangeError,
    from_micros,
    iso,
    micros,
    name_of,
    rows_of,
)
from custom_components.kvarbo.journal.schema import migrate
from custom_components.kvarbo.journal.statements import put_row
from tests.journal.making import (
    START,
    a_delivery,
    a_message,
    alarms,
    an_alarm,
    an_entry,
    deliveries,
    markers,
    messages,
    moments,
    watchers,
)


def through_sqlite(change: Change) -> sqlite3.Row:
    """Return the change's row as sqlite gives it back."""
    connection = sqlite3.connect(":memory:", autocommit=True)
    try:
        connection.row_factory = sqlite3.Row
        migrate(connection)
        (row,) = rows_of(change)
        put_row(connection, row)
        put_row(connection, row)
        columns = ", ".join(COLUMNS[row.table])
        (found,) = connection.execute(f"SELECT {columns} FROM {row.table}").fetchall()
        assert isinstance(found, sqlite3.Row)
        return found
    finally:
        connection.close()


@given(alarms)
def test_an_alarm_comes_back_as_it_was(alarm: Alarm) -> None:
    assert alarm_of(through_sqlite(PutAlarm(alarm))) == alarm


@given(messages)
def test_a_message_comes_back_as_it_was(message: Message) -> None:
    assert message_of(through_sqlite(PutMessage(message))) == message


@given(deliveries)
def test_a_delivery_comes_back_as_it_was(delivery: Delivery) -> None:
    assert delivery_of(through_sqlite(PutDelivery(delivery))) == delivery


@given(watchers)
def test_a_watcher_comes_back_as_it_was(watcher: PutWatcher) -> None:
    assert watcher_of(through_sqlite(watcher)) == watcher


@given(markers)
def test_a_marker_comes_back_as_it_was(marker: PutMarker) -> None:
    assert marker_of(through_sqlite(marker)) == (marker.key, marker.value)


@given(moments)
def test_a_time_survives_to_the_microsecond(at: datetime) -> None:
    assert from_micros(micros("at", at)) == at
    assert datetime.fromisoformat(iso(at)) == at
    assert len(iso(at)) == len("2026-11-20T03:04:05.678901Z")


@pytest.mark.parametrize(
    ("value", "table", "renamed"),
    [
        (an_alarm(), Table.ALARM, {"source": {"source_number", "source_role"}}),
        (a_message(), Table.MESSAGE, {}),
        (a_delivery(), Table.DELIVERY, {}),
    ],
)
def test_no_field_is_forgotten(value: Any, table: Table, renamed: dict[str, set[str]]) -> None:
    expected: set[str] = set()
    for field in fields(value):
        expected |= renamed.get(field.name, {field.name})
    assert set(COLUMNS[table]) == expected


def test_a_time_in_another_zone_is_the_same_moment() -> None:
    stockholm = timezone(timedelta(hours=1))
    alarm = an_alarm(raised_at=START.astimezone(stockholm))
    found = alarm_of(through_sqlite(PutAlarm(alarm)))
    assert found.raised_at == START
    assert found.raised_at.tzinfo is UTC


def test_an_entry_is_canonical_json() -> None:
    (row,) = rows_of(an_entry(detail={"b": 1, "a": "å"}))
    at, body = row.values
    assert at == micros("at", START + timedelta(seconds=1, milliseconds=3))
    assert body == (
        '{"actor":"help_button","alarm_id":"01ALARM0000000000000000001",'
        '"at":"2026-11-20T03:04:06.681901Z","detail":{"a":"\\u00e5","b":1},'
        '"mono":101.0,"what":"alarm_raised"}'
    )


def test_an_entry_leaves_out_what_it_does_not_have() -> None:
    (row,) = rows_of(an_entry(alarm_id=None, detail=None))
    assert set(json.loads(str(row.values[1]))) == {"what", "at", "mono", "actor"}


@pytest.mark.parametrize("change", [PutMarker("cord", None), PutWatcher("night/1", START, None)])
def test_none_removes(change: Change) -> None:
    (row,) = rows_of(change)
    assert row.values == ()


def test_settling_removes_the_finding() -> None:
    assert rows_of(Settled(Finding.RESTORED)) == (Row(Table.META, "unsettled_restore"),)
    assert rows_of(Settled(Finding.SET_ASIDE)) == (Row(Table.META, "unsettled_aside"),)
    assert name_of(Settled()) == (Table.META, "unsettled_restore")


NAIVE = datetime(2026, 11, 20)  # noqa: DTZ001 - naive on purpose
LONG = "x" * (TEXT_LENGTH + 1)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (PutAlarm(an_alarm(sensed_at=NAIVE)), "alarm.sensed_at"),
        (PutAlarm(an_alarm(raised_at="2026-11-20")), "alarm.raised_at"),
        (PutAlarm(an_alarm(id=None)), "alarm.id"),
        (PutAlarm(an_alarm(episode="x" * (KEY_LENGTH + 1))), "alarm.episode"),
        (PutAlarm(an_alarm(priority="9")), "alarm.priority"),
        (PutAlarm(an_alarm(presses=2**63)), "alarm.presses"),
        (PutAlarm(an_alarm(resident=-(2**63) - 1)), "alarm.resident"),
        (PutAlarm(an_alarm(raised_by=LONG)), "alarm.raised_by"),
        (PutMessage(a_message(created_at=NAIVE)), "message.created_at"),
        (PutMessage(a_message(note=7)), "message.note"),
        (PutDelivery(a_delivery(received_at=NAIVE)), "delivery.received_at"),
        (PutDelivery(a_delivery(words="\ud800")), "delivery.words"),
        (PutDelivery(a_delivery(receipt=LONG)), "delivery.receipt"),
        (PutMarker("x" * (KEY_LENGTH + 1), 1), "marker.key"),
        (PutMarker("x", float("nan")), "marker.value"),
        (PutMarker("x", "y" * JSON_LENGTH), "marker.value"),
        (PutMarker("x", object()), "marker.value"),  # type: ignore[arg-type] # on purpose
        (PutWatcher("night/1", NAIVE, {}), "watcher.deadline"),
        (PutWatcher("night/1", None, {"x": {1, 2}}), "watcher.state"),  # type: ignore[dict-item] # on purpose
        (an_entry(at=NAIVE), "audit.at"),
        (an_entry(mono=float("inf")), "audit"),
        (an_entry(detail={"x": object()}), "audit"),
        (an_entry(what=None), "audit.what"),
        (an_entry(actor=LONG), "audit.actor"),
        (an_entry(alarm_id=5), "audit.alarm_id"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(change: Change, field: str) -> None:
    with pytest.raises(UnfitChangeError) as caught:
        rows_of(change)
    assert caught.value.field.startswith(field)
    assert str(caught.value).startswith(field)
    assert len(str(caught.value)) < 200


def test_a_depth_without_end_is_refused() -> None:
    deep: list[Any] = []
    deep.append(deep)
    with pytest.raises(UnfitChangeError, match=r"marker\.value: is not JSON"):
        rows_of(PutMarker("x", deep))


def test_every_change_has_a_name() -> None:
    changes: list[Change] = [
        PutAlarm(an_alarm()),
        PutMessage(a_message()),
        PutDelivery(a_delivery()),
        PutMarker("cord", 1),
        PutWatcher("night/1", None, 1),
        an_entry(),
        Settled(Finding.SET_ASIDE),
    ]
    assert [name_of(change) for change in changes] == [
        (Table.ALARM, "01ALARM0000000000000000001"),
        (Table.MESSAGE, "01MESSAGE00000000000000001"),
        (Table.DELIVERY, "01REFERENCE000000000000001"),
        (Table.MARKER, "cord"),
        (Table.WATCHER, "night/1"),
        (Table.AUDIT, "alarm_raised"),
        (Table.META, "unsettled_aside"),
    ]
    assert {type(change) for change in changes} == {
        PutAlarm, PutMessage, PutDelivery, PutMarker, PutWatcher, Audit, Settled,
    }  # fmt: skip
