"""What docs/scaip.md must say, made from the code: tables and documents."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from custom_components.kvarbo.alarm.alarm import MessageKind
from custom_components.kvarbo.alarm.kinds import AlarmKind, Location, ReasonCode, Role
from custom_components.kvarbo.alarm.reason import Language
from custom_components.kvarbo.transmission.catalogue import Sign
from custom_components.kvarbo.transmission.gate import GATE
from custom_components.kvarbo.transmission.scaip.codes import (
    KIND_CODES,
    LOCATION_CODES,
    ROLE_CODES,
)
from custom_components.kvarbo.transmission.scaip.content import alarm_request, heartbeat_request
from custom_components.kvarbo.transmission.scaip.elements import fit_whole
from custom_components.kvarbo.transmission.scaip.profile import ScaipProfile
from custom_components.kvarbo.transmission.scaip.values import Dialect, ScaipRequest
from custom_components.kvarbo.transmission.scaip.xml_writer import write_request
from tests.transmission.rest.rest_sample import a_beat, a_dispatch, an_alarm

PROFILE = ScaipProfile(name="mrq", dialect=Dialect.MRQ)
HOME = ZoneInfo("Europe/Stockholm")
PRESSED = datetime(2026, 11, 26, 2, 12, 5, tzinfo=UTC)


def kinds() -> list[str]:
    """The table of kinds, each with the bytes that tell it apart."""
    rows = ["| Kind | `dty` | `stc` | all-clear | Why |", "|---|---|---|---|---|"]
    for kind in AlarmKind:
        codes = KIND_CODES[kind]
        device = "by role" if codes.device is None else f"{codes.device:04d}"
        rows.append(
            f"| `{kind}` | {device} | {codes.status:04d} | {codes.cleared:04d} | {codes.why} |"
        )
    return rows


def roles() -> list[str]:
    """The rows of roles."""
    return [f"| `{role}` | {ROLE_CODES[role]:04d} |" for role in Role]


def places() -> list[str]:
    """The rows of places."""
    return [f"| `{place}` | {LOCATION_CODES[place]:03d} |" for place in Location]


def _written(request: ScaipRequest) -> str:
    return write_request(fit_whole(request, Dialect.MRQ), Dialect.MRQ).decode()


def alarm(
    kind: AlarmKind = AlarmKind.HELP_CALL, *, test: bool = False, minimal: bool = False
) -> str:
    """The document of an alarm of a kind, as it goes out."""
    pressed = kind is AlarmKind.HELP_CALL
    value = an_alarm(
        kind=kind,
        test=test,
        sensed_at=PRESSED,
        raised_at=PRESSED,
        reason=ReasonCode.PRESSED if pressed else ReasonCode.WATCHED,
    )
    dispatch = a_dispatch(
        MessageKind.ALARM,
        alarm=value,
        session="01JD8ZQ3N4ABCDEFGHJKMNPQRS",
        delivery={"minimal": minimal},
    )
    return _written(
        alarm_request(
            GATE.alarm(dispatch, "4711", Language.SV, HOME),
            profile=PROFILE,
            zone=HOME,
            minimal=minimal,
        )
    )


def heartbeat() -> str:
    """The document of a heartbeat."""
    return _written(
        heartbeat_request(
            GATE.status(
                a_beat(), Sign.HEARTBEAT, "4711", Language.SV, reference="K3M9Q2X7B5T8W1Z6"
            ),
            profile=PROFILE,
        )
    )


def every_kind() -> list[str]:
    """The document of every kind, byte for byte."""
    rows = []
    for kind in AlarmKind:
        rows += [f"{kind}:", alarm(kind), ""]
    return rows
