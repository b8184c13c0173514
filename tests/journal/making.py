"""Values of the alarm chain to journal, plain ones and drawn ones."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
import time
from typing import Final

from hypothesis import strategies as st

from custom_components.kvarbo.alarm.alarm import (
    Alarm,
    AlarmState,
    Delivery,
    DeliveryState,
    Message,
    MessageKind,
    Note,
    Source,
)
from custom_components.kvarbo.alarm.kinds import AlarmKind, Location, Owner, ReasonCode, Role
from custom_components.kvarbo.journal.changes import (
    Audit,
    Change,
    PutAlarm,
    PutDelivery,
    PutMarker,
    PutMessage,
    PutWatcher,
    Recovered,
)
from custom_components.kvarbo.journal.disk import JournalFile
from custom_components.kvarbo.journal.times import Times

START: Final = datetime(2026, 11, 20, 3, 4, 5, 678901, tzinfo=UTC)

HOST: Final = "a1b2c3"


class Hands:
    """The two clocks, moved by hand."""

    def __init__(self) -> None:
        self.at = START
        self.mono = 1000.0

    def now(self) -> datetime:
        self.at += timedelta(microseconds=1)
        return self.at

    def monotonic(self) -> float:
        return self.mono

    def forward(self, **by: float) -> None:
        self.at += timedelta(**by)


def times_of(hands: Hands) -> Times:
    return Times(hands.now, hands.monotonic)


def open_journal(
    folder: Path, hands: Hands | None = None, host: str = HOST
) -> tuple[JournalFile, Recovered]:
    return JournalFile.open(folder, times=times_of(hands or Hands()), host=host)


def reopen(folder: Path, hands: Hands | None = None, host: str = HOST) -> Recovered:
    """Open, see what is there, close."""
    file, recovered = open_journal(folder, hands, host)
    file.close()
    return recovered


def crash(file: JournalFile) -> None:
    """Let go of the file as a killed process does: no checkpoint, locks dropped, log left behind."""
    file.abandon()


def an_alarm(number: int = 1, **changes: object) -> Alarm:
    alarm = Alarm(
        id=f"01ALARM{number:019d}",
        episode=f"press-{number}",
        kind=AlarmKind.HELP_CALL,
        priority=9,
        source=Source(3, Role.HELP_BUTTON),
        location=Location.BATHROOM,
        resident=1,
        reason=ReasonCode.PRESSED,
        sensed_at=START + timedelta(seconds=number),
        raised_at=START + timedelta(seconds=number, milliseconds=3),
        raised_by="help_button",
    )
    return replace(alarm, **changes)  # type: ignore[arg-type] # a test's own fields


def a_message(number: int = 1, **changes: object) -> Message:
    message = Message(
        id=f"01MESSAGE{number:017d}",
        alarm_id=f"01ALARM{number:019d}",
        kind=MessageKind.ALARM,
        created_at=START + timedelta(seconds=number, milliseconds=3),
    )
    return replace(message, **changes)  # type: ignore[arg-type] # a test's own fields


def a_delivery(number: int = 1, **changes: object) -> Delivery:
    delivery = Delivery(
        reference=f"01REFERENCE{number:015d}",
        message_id=f"01MESSAGE{number:017d}",
        alarm_id=f"01ALARM{number:019d}",
        receiver="receiver-1",
        queued_at=START + timedelta(seconds=number, milliseconds=4),
    )
    return replace(delivery, **changes)  # type: ignore[arg-type] # a test's own fields


def an_entry(number: int = 1, **changes: object) -> Audit:
    entry = Audit(
        what="alarm_raised",
        at=START + timedelta(seconds=number, milliseconds=3),
        mono=100.0 + number,
        actor="help_button",
        alarm_id=f"01ALARM{number:019d}",
        detail={"kind": "help_call"},
    )
    return replace(entry, **changes)  # type: ignore[arg-type] # a test's own fields


def a_raise(number: int = 1) -> tuple[Change, ...]:
    """All that one press writes."""
    return (
        PutAlarm(an_alarm(number)),
        PutMessage(a_message(number)),
        PutDelivery(a_delivery(number)),
        an_entry(number),
    )


def an_ended_raise(number: int = 1) -> tuple[Change, ...]:
    """One press, received and closed."""
    at = START + timedelta(seconds=number + 60)
    ended = an_alarm(number, state=AlarmState.CLOSED, acknowledged_at=at, ended_at=at)
    received = a_delivery(
        number, state=DeliveryState.RECEIVED, received_at=at, attempts=1, followed=True
    )
    return PutAlarm(ended), PutMessage(a_message(number)), PutDelivery(received), an_entry(number)


def alarm_ids(recovered: Recovered) -> list[str]:
    return [alarm.id for alarm in recovered.alarms]


def since(start: float) -> float:
    return time.monotonic() - start


moments = st.datetimes(
    min_value=datetime(1971, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(2200, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
maybe_moments = st.none() | moments
names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
counts = st.integers(min_value=0, max_value=2**40)
json_values = st.recursive(
    st.booleans()
    | st.integers(min_value=-(2**60), max_value=2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: (
        st.lists(inner | st.none(), max_size=4)
        | st.dictionaries(st.text(max_size=8), inner | st.none(), max_size=4)
    ),
    max_leaves=12,
)

alarms = st.builds(
    Alarm,
    id=names,
    episode=names,
    kind=st.sampled_from(AlarmKind),
    priority=st.integers(min_value=0, max_value=9),
    source=st.builds(Source, number=counts, role=st.sampled_from(Role)),
    location=st.none() | st.sampled_from(Location),
    resident=counts,
    reason=st.sampled_from(ReasonCode),
    sensed_at=moments,
    raised_at=moments,
    raised_by=texts,
    clock_trouble=st.booleans(),
    test=st.booleans(),
    presses=counts,
    last_press_at=maybe_moments,
    state=st.sampled_from(AlarmState),
    acknowledged_at=maybe_moments,
    ended_at=maybe_moments,
    cleared_at=maybe_moments,
    owner=st.none() | st.sampled_from(Owner),
    seen_at=maybe_moments,
    seen_in=st.none() | st.sampled_from(Location),
    repeats=counts,
    until=maybe_moments,
)
messages = st.builds(
    Message,
    id=names,
    alarm_id=names,
    kind=st.sampled_from(MessageKind),
    created_at=moments,
    note=st.none() | st.sampled_from(Note),
)
deliveries = st.builds(
    Delivery,
    reference=names,
    message_id=names,
    alarm_id=names,
    receiver=names,
    queued_at=moments,
    state=st.sampled_from(DeliveryState),
    attempts=counts,
    first_sent_at=maybe_moments,
    received_at=maybe_moments,
    held_since=maybe_moments,
    maybe_heard=st.booleans(),
    minimal=st.booleans(),
    receipt=st.none() | texts,
    status_address=st.none() | texts,
    followed=st.booleans(),
    words=texts,
)
watchers = st.builds(PutWatcher, identity=names, deadline=maybe_moments, state=json_values)
markers = st.builds(PutMarker, key=names, value=json_values)
