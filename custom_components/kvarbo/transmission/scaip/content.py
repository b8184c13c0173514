"""What is said of an alarm and of the hub: numbers from one table, words from another (R07, S5).

No name of Home Assistant's can get in: only codes, the device's short number, and the words that
belong to role, place, kind and reason.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, tzinfo
import secrets
import string
from typing import Final

from ...alarm.alarm import MessageKind, Note
from ...alarm.kinds import AlarmClass, AlarmKind, Location, Role
from ..alarm_fields import NO_VOICE
from ..catalogue import Field
from ..gate import Passed
from .codes import CONTROLLER, NORMAL, Codes, codes_of
from .elements import on_the_wire
from .profile import ScaipProfile
from .values import MessageType, ScaipRequest
from .words import Said, say

#: So many of a reference's last characters are a session's name: all that is random in it.
REF_LENGTH: Final = 16
_LETTERS: Final = string.ascii_uppercase + string.digits
_LOWEST: Final = 0


def ref_of(session: str) -> str:
    """Return the `ref` of an alarm's session at a receiver, made of the delivery's reference.

    The rest of a reference is its time; these characters are as random as all of it, and the same
    whenever they are made (A5).
    """
    return session[-REF_LENGTH:]


def new_ref() -> str:
    """Return a `ref` for what is said once and never asked for again."""
    return "".join(secrets.choice(_LETTERS) for _ in range(REF_LENGTH))


#: What operations are told of the devices, each with its words.
HEALTH: Final[Mapping[Field, Said]] = {
    Field.DEVICES: Said.DEVICES,
    Field.DEVICES_MISSING: Said.DEVICES_MISSING,
    Field.DEVICES_SILENT: Said.DEVICES_SILENT,
    Field.LOW_BATTERIES: Said.LOW_BATTERIES,
    Field.WEAK_LINKS: Said.WEAK_LINKS,
    Field.OPEN_ITEMS: Said.OPEN_ITEMS,
}
#: Which fields each element of a request is made of. The others are constants of the protocol.
ELEMENTS: Final[Mapping[str, tuple[Field, ...]]] = {
    "ref": (Field.SESSION,),
    "ver": (),
    "mty": (Field.MESSAGE, Field.NOTE),
    "hbo": (),
    "cid": (Field.CONTROLLER,),
    "dty": (Field.KIND, Field.ROLE),
    "did": (Field.DEVICE,),
    "dco": (Field.REASON_CODE,),
    "dte": (Field.ROLE_TEXT, Field.RESIDENT),
    "crd": (Field.SPEECH,),
    "stc": (Field.KIND, Field.TEST),
    "stt": (Field.KIND_TEXT, Field.MARK),
    "pri": (Field.PRIORITY,),
    "lco": (Field.LOCATION,),
    "lge": (Field.SENSED_AT,),
    "lte": (Field.LOCATION_TEXT,),
    "ite": (
        *(Field.REASON, Field.MARK, Field.DELAYED, Field.CLEARED_AT, Field.CANCELLED_AT),
        *(Field.UNDELIVERED, Field.AUDIT_HEAD, Field.ALSO_SENT_TO, *HEALTH),
    ),
}


def fields_said(request: ScaipRequest, passed: Passed) -> frozenset[Field]:
    """Return the fields that a request is made of; raises KeyError for an element that has no place here."""
    told = {field for name, _ in on_the_wire(request) for field in ELEMENTS[name]}
    return frozenset(field for field in told if field in passed)


def alarm_request(
    passed: Passed,
    *,
    profile: ScaipProfile,
    zone: tzinfo = UTC,
    minimal: bool = False,
    session_open: bool = False,
) -> ScaipRequest:
    """Return one message about an alarm. `zone` is the home's: people read its clock there.

    The alarm itself is a message of its own (ME). News about it goes under the same session (IN);
    where the receiver has not had the last word about it (`session_open`), it is given up (RE).
    """
    codes = _by_profile(passed, profile)
    mark = passed.text(Field.MARK)
    sensed_at = passed.moment(Field.SENSED_AT)
    place = passed.text(Field.LOCATION_TEXT)
    number = passed.number(Field.DEVICE)
    least = ScaipRequest(
        ref=ref_of(passed.text(Field.SESSION)),
        cid=passed.text(Field.CONTROLLER),
        dty=codes.device,
        mty=_type(passed, session_open=session_open),
        ver=profile.version,
        did=str(number) if number else None,
        stc=codes.status,
        pri=_priority(passed, profile),
        stt=mark or None,
    )
    # What the gate could not let through whole goes with the least (R02).
    if minimal or passed.refused:
        return least
    return replace(
        least,
        hbo=passed.text(Field.MESSAGE) == MessageKind.ALARM,
        dco=codes.component,
        dte=_device(passed),
        crd=tuple(passed.text(Field.SPEECH).split()),
        stt=_marked(mark, passed.text(Field.KIND_TEXT)),
        lco=codes.location,
        tim=None if sensed_at is None else sensed_at.astimezone(zone),
        lte=_titled(place) or None,
        ite=_marked(mark, _told(passed, zone) + _elsewhere(passed)),
    )


def given_up(request: ScaipRequest) -> ScaipRequest:
    """Return the word that an alarm's session is given up, as when it has been held for too long."""
    crd = (NO_VOICE,) if request.crd else ()
    return replace(request, mty=MessageType.RESET, hbo=False, crd=crd)


def heartbeat_request(passed: Passed, *, profile: ScaipProfile) -> ScaipRequest:
    """Return a sign of life: that the hub is there, what is undelivered, and once a day the head of its audit."""
    undelivered, head = passed.number(Field.UNDELIVERED), passed.text(Field.AUDIT_HEAD)
    told = [say(Said.UNDELIVERED, passed.language, undelivered)] if undelivered else []
    for field, words in HEALTH.items():
        # That none is missing or silent needs no words; how many there are does.
        if (count := passed.number(field)) or (count == 0 and field is Field.DEVICES):
            told.append(say(words, passed.language, count))
    if head:
        told.append(f"audit {head}")
    return ScaipRequest(
        ref=ref_of(passed.text(Field.SESSION)),
        cid=passed.text(Field.CONTROLLER),
        dty=CONTROLLER,
        mty=MessageType.PING,
        ver=profile.version,
        hbo=True,
        crd=(NO_VOICE,),
        stc=NORMAL,
        pri=_LOWEST,
        ite=", ".join(told) or None,
    )


def _type(passed: Passed, *, session_open: bool) -> MessageType:
    message = MessageKind(passed.text(Field.MESSAGE))
    if message is MessageKind.ALARM:
        return MessageType.MESSAGE
    ends = message is MessageKind.CANCEL or passed.text(Field.NOTE) == Note.TAKEN_ELSEWHERE
    return MessageType.RESET if ends and session_open else MessageType.INFORMATION


def _by_profile(passed: Passed, profile: ScaipProfile) -> Codes:
    """Return the numbers, those of the receiver's own before ours."""
    own, codes = profile.overrides, codes_of(passed)
    role, place = passed.code(Field.ROLE, Role), passed.code(Field.LOCATION, Location)
    kind = own.kinds.get(AlarmKind(passed.text(Field.KIND)), {})
    by_role = codes.device if role is None else own.roles.get(role, codes.device)
    status, message = codes.status, passed.text(Field.MESSAGE)
    if passed.flag(Field.TEST):
        status = status if own.test_status is None else own.test_status
    elif message == MessageKind.ALARM:
        status = kind.get("status", status)
    elif message == MessageKind.ALL_CLEAR:
        status = kind.get("cleared", status)
    location = codes.location
    if place is not None:
        location = own.locations.get(place, location)
    return Codes(
        device=kind.get("device", by_role),
        component=kind.get("component", codes.component),
        status=status,
        location=location,
    )


def _priority(passed: Passed, profile: ScaipProfile) -> int | None:
    if passed.flag(Field.TEST):
        return _LOWEST
    priority = passed.number(Field.PRIORITY)
    return None if priority is None else profile.overrides.priorities.get(priority, priority)


def _device(passed: Passed) -> str:
    """Return what raised it, and whose it is where persons can be told apart: by number alone."""
    role = _titled(passed.text(Field.ROLE_TEXT))
    resident = passed.number(Field.RESIDENT)
    if not (resident and passed.text(Field.CLASS) == AlarmClass.PERSONAL):
        return role
    return f"{role}, {say(Said.PERSON, passed.language, resident)}"


def _told(passed: Passed, zone: tzinfo) -> str:
    """Return why, with what has become of it since."""
    reason, language = passed.text(Field.REASON), passed.language
    sensed_at = passed.moment(Field.SENSED_AT)
    said: Said | None = None
    match MessageKind(passed.text(Field.MESSAGE)):
        case MessageKind.ALARM if passed[Field.CANCELLED_AT] is not None:
            said = Said.CANCELLED
        case MessageKind.ALARM if passed[Field.CLEARED_AT] is not None:
            said = Said.CLEARED
        case MessageKind.ALARM if passed.flag(Field.DELAYED) and sensed_at is not None:
            clock = f"{sensed_at.astimezone(zone):%Y-%m-%d %H:%M}"
            return f"{say(Said.DELAYED, language, clock)}: {reason}"
        case MessageKind.ALARM:
            return reason
        case MessageKind.ALL_CLEAR:
            said = Said.CLEARED
        case MessageKind.CANCEL:
            said = Said.CANCELLED
        case MessageKind.UPDATE:
            note = passed.code(Field.NOTE, Note)
            said = Said.UPDATED if note is None else Said(f"note_{note}")
    return f"{say(said, language)}: {reason}"


def _elsewhere(passed: Passed) -> str:
    """Return to whom else it went; a long reason may cut it off."""
    places = passed.text(Field.ALSO_SENT_TO)
    return f"; {say(Said.ALSO_SENT_TO, passed.language, places)}" if places else ""


def _titled(text: str) -> str:
    """Begin with a capital: the text stands alone in its element."""
    return text[:1].upper() + text[1:]


def _marked(mark: str, text: str) -> str:
    return f"{mark} {text}" if mark else text
