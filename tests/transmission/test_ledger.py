"""What the home knows of its alarms: in memory at once, told as safe only when it is (A1, A5)."""

import asyncio
from datetime import timedelta

import pytest

from custom_components.kvarbo.alarm.alarm import (
    AlarmState,
    DeliveryState,
    MessageKind,
)
from custom_components.kvarbo.journal.changes import (
    PutAlarm,
    PutDelivery,
    PutMarker,
    PutMessage,
    Recovered,
)
from custom_components.kvarbo.transmission import ledger as ledger_module
from custom_components.kvarbo.transmission.ledger import Ledger
from tests.support.pure_home import live
from tests.support.samples import NOON, sample_alarm, sample_delivery, sample_message
from tests.support.writer import MemoryWriter


def known(ledger: Ledger, alarm_id: str, **alarm: object) -> None:
    """Let the ledger know an alarm with its message."""
    ledger.load(
        Recovered(
            "01J",
            alarms=(sample_alarm(alarm_id, **alarm),),
            messages=(sample_message(f"M{alarm_id}", alarm_id),),
        )
    )


def deliver(ledger: Ledger, alarm_id: str, reference: str, **delivery: object) -> None:
    ledger.touch(sample_delivery(reference, alarm_id, message_id=f"M{alarm_id}", **delivery))


def test_a5_what_a_restart_finds_waiting_may_have_been_heard() -> None:
    ledger = Ledger(MemoryWriter())
    states = list(DeliveryState)
    ledger.load(
        Recovered(
            "01J",
            alarms=(sample_alarm(),),
            messages=(sample_message(),),
            deliveries=tuple(sample_delivery(f"D{s}", state=s) for s in states),
        )
    )
    for delivery in ledger.deliveries.values():
        assert delivery.maybe_heard == delivery.is_waiting


def test_deliveries_come_back_in_the_order_in_which_receivers_were_engaged() -> None:
    ledger = Ledger(MemoryWriter())
    ledger.load(
        Recovered(
            "01J",
            alarms=(sample_alarm(),),
            messages=(sample_message(),),
            deliveries=tuple(
                sample_delivery(f"D{n}", queued_at=NOON + timedelta(seconds=n)) for n in (3, 1, 2)
            ),
        )
    )
    assert [d.reference for d in ledger.deliveries_of("M1")] == ["D1", "D2", "D3"]


def test_a5_an_alarm_that_lost_its_message_gets_one_and_always_the_same() -> None:
    async def day() -> None:
        writer = MemoryWriter()
        for _ in range(2):
            ledger = Ledger(writer)
            ledger.load(Recovered("01J", alarms=(sample_alarm(),)))
            assert ledger.alarm_message("A1").kind is MessageKind.ALARM
            assert ledger.undelivered() == [sample_alarm()]
            await asyncio.sleep(1)
        assert len({row.message.id for row in writer.rows if isinstance(row, PutMessage)}) == 1

    live(day())


def test_a1_nothing_new_may_be_sent_while_the_disk_has_not_answered() -> None:
    async def day() -> None:
        writer = MemoryWriter(latency=0.5)
        ledger = Ledger(writer)
        known(ledger, "A1")
        deliver(ledger, "A1", "D1")
        changes = [PutDelivery(sample_delivery(r, message_id="MA1")) for r in ("D1", "D2")]
        writing = asyncio.create_task(ledger.commit(*changes))
        await asyncio.sleep(0.1)
        assert ledger.deliveries["D2"].is_waiting
        assert ledger.being_written == {"D2"}
        assert await writing
        assert ledger.being_written == set()

    live(day())


def test_a1_a_caller_who_goes_away_leaves_nothing_held_back() -> None:
    async def day() -> None:
        ledger = Ledger(MemoryWriter(latency=0.5))
        known(ledger, "A1")
        writing = asyncio.create_task(
            ledger.commit(PutDelivery(sample_delivery("D2", message_id="MA1")))
        )
        await asyncio.sleep(0.1)
        writing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await writing
        assert ledger.being_written == set()

    live(day())


def test_a1_what_the_disk_refused_is_safe_when_something_later_is() -> None:
    async def day() -> None:
        writer = MemoryWriter()
        ledger = Ledger(writer)
        writer.refuses = True
        assert not await ledger.commit(PutAlarm(sample_alarm("A1")))
        assert not await ledger.commit(PutMarker("x", 1))
        assert ledger.not_durable == {"A1"}
        writer.refuses = False
        assert await ledger.commit(PutAlarm(sample_alarm("A2")))
        assert ledger.not_durable == set()

    live(day())


def test_a1_what_came_after_is_not_safe_because_something_before_is() -> None:
    async def day() -> None:
        writer = MemoryWriter(latency=0.5)
        ledger = Ledger(writer)
        first = asyncio.create_task(ledger.commit(PutAlarm(sample_alarm("A1"))))
        await asyncio.sleep(0.1)
        writer.refuses = True
        writer.latency = 0.0
        assert not await ledger.commit(PutAlarm(sample_alarm("A2")))
        writer.refuses = False
        assert await first
        assert "A2" in ledger.not_durable
        ledger.all_durable()
        assert ledger.not_durable == set()

    live(day())


def test_a1_a_journal_that_fails_inside_is_a_disk_that_refuses() -> None:
    async def day() -> None:
        writer = MemoryWriter()
        writer.fails = True
        ledger = Ledger(writer)
        assert not await ledger.commit(PutAlarm(sample_alarm("A1")))
        assert ledger.not_durable == {"A1"}

    live(day())


def test_markers_come_and_go() -> None:
    async def day() -> None:
        ledger = Ledger(MemoryWriter())
        ledger.load(Recovered("01J", markers={"a": 1, "b": None}))
        ledger.post(PutMarker("c", "on"), PutMarker("a", None), PutMarker("never", None))
        assert ledger.markers == {"b": None, "c": "on"}

    live(day())


@pytest.mark.parametrize(
    ("alarm", "delivery", "kept"),
    [
        (AlarmState.RAISED, DeliveryState.RECEIVED, True),
        (AlarmState.ACKNOWLEDGED, DeliveryState.RECEIVED, True),
        (AlarmState.CLOSED, DeliveryState.RECEIVED, True),  # not followed to its end yet
        (AlarmState.CLOSED, DeliveryState.QUEUED, True),
        (AlarmState.CANCELLED, DeliveryState.HELD, True),
        (AlarmState.CANCELLED, DeliveryState.SENDING, True),
        (AlarmState.CLOSED, DeliveryState.REFUSED, False),
        (AlarmState.CANCELLED, DeliveryState.WITHDRAWN, False),
        (AlarmState.LAPSED, DeliveryState.WITHDRAWN, False),
    ],
)
def test_only_what_nobody_has_anything_to_do_about_is_forgotten(
    alarm: AlarmState, delivery: DeliveryState, kept: bool
) -> None:
    ledger = Ledger(MemoryWriter())
    known(ledger, "A1", state=alarm)
    deliver(ledger, "A1", "D1", state=delivery)
    ledger.forget_settled()
    assert ("A1" in ledger.alarms) == ("D1" in ledger.deliveries) == kept
    assert ("MA1" in ledger.messages) == kept
    # By its episode it is known all the same (A2).
    assert ledger.episode("eA1") == sample_alarm("A1", state=alarm)


def test_a2_so_many_ended_alarms_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_module, "ENDED", 2)
    ledger = Ledger(MemoryWriter())
    for name in ("A1", "A2", "A3"):
        known(ledger, name, state=AlarmState.CLOSED)
        ledger.forget_settled()
    assert ledger.episode("eA1") is None
    assert ledger.episode("eA2") is not None
    assert ledger.episode("eA3") is not None
    assert ledger.episode("never") is None


def test_the_first_receipt_is_the_earliest() -> None:
    ledger = Ledger(MemoryWriter())
    known(ledger, "A1")
    assert ledger.first_receipt("A1") is None
    for reference, seconds in (("D1", 5.0), ("D2", 4.5), ("D3", 5.5)):
        at = NOON + timedelta(seconds=seconds)
        deliver(
            ledger,
            "A1",
            reference,
            receiver=reference,
            state=DeliveryState.RECEIVED,
            received_at=at,
        )
    first = ledger.first_receipt("A1")
    assert first is not None
    assert first.reference == "D2"
    assert ledger.undelivered() == []


def test_an_ended_alarm_is_still_to_send_as_long_as_a_receiver_waits_for_it() -> None:
    ledger = Ledger(MemoryWriter())
    known(ledger, "A1", state=AlarmState.CANCELLED)
    assert ledger.undelivered() == []
    deliver(ledger, "A1", "D1")
    assert [a.id for a in ledger.undelivered()] == ["A1"]
    assert ledger.open_alarms() == []
