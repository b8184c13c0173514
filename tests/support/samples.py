"""Values of the alarm chain for tests that need one and do not care which."""

from datetime import UTC, datetime
from typing import Any, Final

from hypothesis import Phase, settings, strategies as st

from custom_components.kvarbo.alarm.alarm import (
    Alarm,
    AlarmState,
    Delivery,
    Message,
    MessageKind,
    Source,
)
from custom_components.kvarbo.alarm.kinds import AlarmKind, Location, ReasonCode, Role
from custom_components.kvarbo.alarm.reason import Language
from custom_components.kvarbo.transmission.gate import Content, Gate

#: For whole days in the life of a home: found again from the seed that is printed, not shrunk for
#: minutes.
SCENARIO: Final = settings(
    max_examples=15, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate)
)

NOON: Final = datetime(2027, 3, 1, 12, tzinfo=UTC)


def sample_alarm(alarm_id: str = "A1", **fields: Any) -> Alarm:
    given: dict[str, Any] = {
        "id": alarm_id,
        "episode": f"e{alarm_id}",
        "kind": AlarmKind.HELP_CALL,
        "priority": 9,
        "source": Source(3, Role.HELP_BUTTON),
        "location": Location.BEDROOM,
        "resident": 1,
        "reason": ReasonCode.PRESSED,
        "sensed_at": NOON,
        "raised_at": NOON,
        "raised_by": "help_button",
        **fields,
    }
    return Alarm(**given)


def sample_message(message_id: str = "M1", alarm_id: str = "A1", **fields: Any) -> Message:
    given: dict[str, Any] = {
        "id": message_id,
        "alarm_id": alarm_id,
        "kind": MessageKind.ALARM,
        "created_at": NOON,
        **fields,
    }
    return Message(**given)


def sample_delivery(reference: str = "D1", alarm_id: str = "A1", **fields: Any) -> Delivery:
    given: dict[str, Any] = {
        "reference": reference,
        "message_id": "M1",
        "alarm_id": alarm_id,
        "receiver": "r1",
        "queued_at": NOON,
        **fields,
    }
    return Delivery(**given)


def sealed(octets: bytes) -> Content:
    """Content with any octets, for a transport that does not care which."""
    gate = Gate()
    return gate.seal(gate.question("4711", Language.SV), octets, ())


#: Any alarm whatever, in any state.
alarms = st.builds(
    sample_alarm,
    alarm_id=st.text("0123456789ABCDEFGHJKMNPQRSTVWXYZ", min_size=26, max_size=26),
    kind=st.sampled_from(AlarmKind),
    priority=st.integers(0, 9),
    state=st.sampled_from(AlarmState),
    test=st.booleans(),
    presses=st.integers(1, 5),
)
