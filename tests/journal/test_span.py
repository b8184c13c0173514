"""A span is read from the disk as it was written, with what was said of its alarms later (R40)."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
import sqlite3

import pytest

from custom_components.kvarbo.alarm.alarm import AlarmState, DeliveryState, MessageKind
from custom_components.kvarbo.alarm.kinds import AlarmKind, ReasonCode
from custom_components.kvarbo.journal import span as span_module
from custom_components.kvarbo.journal.changes import PutAlarm, PutDelivery, PutMessage
from custom_components.kvarbo.journal.span import alarm_by_id, span_of

from .making import (
    START,
    a_delivery,
    a_message,
    a_raise,
    an_alarm,
    an_ended_raise,
    an_entry,
    open_journal,
)

HOUR = timedelta(hours=1)
RATED = frozenset({"alarm_rated"})


def test_a_span_holds_what_was_raised_in_it(tmp_path: Path) -> None:
    file, _ = open_journal(tmp_path)
    before = an_alarm(1, raised_at=START - timedelta(microseconds=1))
    first = an_alarm(2, raised_at=START)
    last = an_alarm(3, raised_at=START + HOUR - timedelta(microseconds=1))
    after = an_alarm(4, raised_at=START + HOUR)
    file.write([PutAlarm(alarm) for alarm in (after, last, first, before)])
    found = file.read(span_of(START, START + HOUR, RATED))
    assert [kept.alarm for kept in found.alarms] == [first, last]
    assert found.unread == 0
    file.close()


def test_a_time_without_watching_reaches_into_the_span(tmp_path: Path) -> None:
    file, _ = open_journal(tmp_path)
    off = an_alarm(
        1,
        kind=AlarmKind.RULE_FAULT,
        reason=ReasonCode.HUB_WAS_OFF,
        sensed_at=START + HOUR / 2,
        until=START + 3 * HOUR,
        raised_at=START + 3 * HOUR,
    )
    # It began as the span ended: none of it is of the span.
    later = replace(off, id="01LATER", episode="later", sensed_at=START + HOUR)
    file.write(
        [
            PutAlarm(off),
            PutAlarm(later),
            PutAlarm(an_alarm(3, raised_at=START + 3 * HOUR)),
            PutAlarm(an_alarm(4, sensed_at=START, raised_at=START + 3 * HOUR)),
        ]
    )
    found = file.read(span_of(START, START + HOUR, RATED))
    assert [kept.alarm for kept in found.alarms] == [off]
    file.close()


def test_the_first_receipt_of_the_alarm_itself_counts(tmp_path: Path) -> None:
    file, _ = open_journal(tmp_path)
    at = [START + timedelta(seconds=n) for n in range(100)]
    received = DeliveryState.RECEIVED
    other = a_message(2, alarm_id=an_alarm(1).id, kind=MessageKind.UPDATE)
    file.write(
        [
            *an_ended_raise(1),
            PutDelivery(a_delivery(5, **_of(1), state=received, received_at=at[30])),
            PutDelivery(a_delivery(6, **_of(1), state=DeliveryState.HELD)),
            # Of an update, earlier than the alarm's own receipt can be.
            PutMessage(other),
            PutDelivery(
                a_delivery(
                    7,
                    alarm_id=an_alarm(1).id,
                    message_id=other.id,
                    state=received,
                    received_at=at[2],
                )
            ),
            *a_raise(8),
        ]
    )
    found = file.read(span_of(START, START + HOUR, RATED))
    receipts = {kept.alarm.id: kept.received_at for kept in found.alarms}
    assert receipts == {an_alarm(1).id: at[30], an_alarm(8).id: None}
    file.close()


def _of(number: int) -> dict[str, str]:
    return {"alarm_id": an_alarm(number).id, "message_id": a_message(number).id}


@pytest.mark.parametrize("step", [1, 3, 500])
def test_entries_from_the_span_on_in_their_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    monkeypatch.setattr(span_module, "_STEP", step)
    file, _ = open_journal(tmp_path)
    what, alarm_id = "alarm_rated", an_alarm(1).id
    file.write([an_entry(n, what="alarm_raised") for n in range(-20, 0)])
    file.write([an_entry(-1, what=what, alarm_id=alarm_id, detail={"outcome": "old"})])
    file.write(
        [
            an_entry(n, what=said, alarm_id=alarm_id, detail={"outcome": str(n)})
            for n, said in enumerate((what, "alarm-rated", "alarmXrated", "other", what, what))
        ]
    )
    file.write([an_entry(7, what="other", detail={"x": '"what":"alarm_rated"}'})])
    pauses: list[int] = []
    found = file.read(span_of(START, START + HOUR, RATED), lambda: pauses.append(1))
    assert [(n.what, n.alarm_id, n.detail["outcome"]) for n in found.noted] == [
        (what, alarm_id, "0"),
        (what, alarm_id, "4"),
        (what, alarm_id, "5"),
    ]
    # An alarm passes between the steps, and what is older than the span is not read to its end.
    assert len(pauses) == {1: 7, 3: 3, 500: 1}[step]
    assert found.oldest is not None
    file.close()


def test_nothing_asked_for_is_nothing_noted(tmp_path: Path) -> None:
    file, _ = open_journal(tmp_path)
    file.write(a_raise(1))
    assert file.read(span_of(START, START + HOUR, frozenset())).noted == ()
    file.close()


def test_an_alarm_that_ended_long_ago_is_found(tmp_path: Path) -> None:
    file, _ = open_journal(tmp_path)
    file.write(an_ended_raise(1))
    found = file.read(alarm_by_id(an_alarm(1).id))
    assert found is not None
    assert found.state is AlarmState.CLOSED
    assert file.read(alarm_by_id("nobody's")) is None
    file.close()


def test_a_row_that_cannot_be_read_costs_itself_and_is_counted(tmp_path: Path) -> None:
    file, _ = open_journal(tmp_path)
    good, bad = an_alarm(1, raised_at=START), an_alarm(2, raised_at=START)
    rated = [an_entry(number, what="alarm_rated") for number in (1, 2)]
    file.write([PutAlarm(good), PutAlarm(bad), *rated])
    file.close()
    with sqlite3.connect(tmp_path / "journal.db") as journal:
        journal.execute("UPDATE alarm SET kind = 'of_tomorrow' WHERE id = ?", (bad.id,))
        newest = journal.execute("SELECT max(seq) FROM audit").fetchone()[0]
        broken = 'no object, "what":"alarm_rated"}'
        journal.execute("UPDATE audit SET body = ? WHERE seq = ?", (broken, newest))
    connection = sqlite3.connect(tmp_path / "journal.db")
    connection.row_factory = sqlite3.Row
    found = span_of(START, START + HOUR, RATED)(connection, lambda: None)
    assert [kept.alarm for kept in found.alarms] == [good]
    assert found.unread == 1
    assert len(found.noted) == 1
    assert alarm_by_id(bad.id)(connection, lambda: None) is None
    assert alarm_by_id(good.id)(connection, lambda: None) == good
    connection.close()
