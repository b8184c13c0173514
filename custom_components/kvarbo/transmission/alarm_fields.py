"""What of an alarm's message each field of it is made of, for the gate alone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, Final

from ..alarm.alarm import Alarm, AlarmState, Delivery, Message, MessageKind
from ..alarm.kinds import AlarmClass
from ..alarm.reason import (
    Language,
    kind_text,
    location_text,
    mark_text,
    owner_text,
    reason_text,
    role_text,
)
from .catalogue import Field
from .receiver import Dispatch

#: SCAIP's word for nobody to call.
NO_VOICE: Final = "no-voice:"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmSaid:
    """An alarm's message on its way through."""

    alarm: Alarm
    message: Message
    delivery: Delivery
    dispatch: Dispatch
    language: Language
    zone: tzinfo
    controller: str
    speech: tuple[str, ...]

    @property
    def is_personal(self) -> bool:
        """Whether it is about a person."""
        return self.alarm.alarm_class is AlarmClass.PERSONAL

    def seen(self, value: Any) -> Any:
        """The last sign of life goes with a personal alarm alone."""
        return value if self.is_personal else None

    def cleared_at(self) -> datetime | None:
        """An all-clear always says when, even of an alarm that does not know."""
        if self.alarm.cleared_at is None and self.message.kind is MessageKind.ALL_CLEAR:
            return self.message.created_at
        return self.alarm.cleared_at

    def cancelled_at(self) -> datetime | None:
        """When it was called off."""
        if self.alarm.state is AlarmState.CANCELLED:
            return self.alarm.ended_at or self.message.created_at
        return self.message.created_at if self.message.kind is MessageKind.CANCEL else None

    def who_may_call(self) -> str:
        """The speech unit for a person's live alarm, else nobody."""
        earnest = not (self.alarm.test or self.dispatch.demo)
        if self.is_personal and self.alarm.is_open and earnest:
            return " ".join(self.speech)
        return NO_VOICE


#: How each field of an alarm's message is made; the gate judges what comes of it.
FIELDS_OF_ALARM: Final[Mapping[Field, Callable[[AlarmSaid], object]]] = {
    Field.REFERENCE: lambda s: s.delivery.reference,
    Field.SESSION: lambda s: s.dispatch.session or s.delivery.reference,
    Field.CONTROLLER: lambda s: s.controller,
    Field.SOURCE: lambda s: f"urn:kvarbo:{s.controller}",
    Field.LANGUAGE: lambda s: s.language,
    Field.MESSAGE: lambda s: s.message.kind,
    Field.CREATED_AT: lambda s: s.message.created_at,
    Field.SENT_AT: lambda s: s.dispatch.sent_at,
    Field.ALARM: lambda s: s.alarm.id,
    Field.KIND: lambda s: s.alarm.kind,
    Field.KIND_TEXT: lambda s: kind_text(s.alarm.kind, s.language),
    Field.CLASS: lambda s: s.alarm.alarm_class,
    Field.PRIORITY: lambda s: s.alarm.priority,
    Field.TEST: lambda s: s.alarm.test,
    Field.DEMO: lambda s: s.dispatch.demo,
    Field.MARK: lambda s: mark_text(s.language, test=s.alarm.test, demo=s.dispatch.demo),
    Field.RESIDENT: lambda s: s.alarm.resident,
    Field.DEVICE: lambda s: s.alarm.source.number,
    Field.ROLE: lambda s: s.alarm.source.role,
    Field.ROLE_TEXT: lambda s: role_text(s.alarm.source.role, s.language),
    Field.LOCATION: lambda s: s.alarm.location,
    Field.LOCATION_TEXT: lambda s: s.alarm.location and location_text(s.alarm.location, s.language),
    Field.REASON_CODE: lambda s: s.alarm.reason,
    Field.REASON: lambda s: reason_text(s.alarm, s.language, s.zone),
    Field.OWNER: lambda s: s.alarm.owner,
    Field.OWNER_TEXT: lambda s: s.alarm.owner and owner_text(s.alarm.owner, s.language),
    Field.SENSED_AT: lambda s: s.alarm.sensed_at,
    Field.RAISED_AT: lambda s: s.alarm.raised_at,
    Field.SEEN_AT: lambda s: s.seen(s.alarm.seen_at),
    Field.SEEN_IN: lambda s: s.seen(s.alarm.seen_in),
    Field.SEEN_IN_TEXT: lambda s: s.seen(
        s.alarm.seen_in and location_text(s.alarm.seen_in, s.language)
    ),
    Field.UNTIL: lambda s: s.alarm.until,
    Field.DELAYED: lambda s: s.dispatch.delayed,
    Field.ATTEMPT: lambda s: max(1, s.delivery.attempts),
    Field.CLOCK_TROUBLE: lambda s: s.alarm.clock_trouble,
    Field.DURABLE: lambda s: s.dispatch.durable,
    Field.PRESSES: lambda s: s.alarm.presses,
    Field.OCCURRENCES: lambda s: s.alarm.repeats,
    Field.CLEARED_AT: AlarmSaid.cleared_at,
    Field.CANCELLED_AT: AlarmSaid.cancelled_at,
    Field.NOTE: lambda s: s.message.note,
    Field.ALSO_SENT_TO: lambda s: ", ".join(map(str, s.dispatch.also_sent_to)) or None,
    Field.SPEECH: AlarmSaid.who_may_call,
}
