"""What is said of an alarm and of the hub: numbers from one table, words from another (R07, S5).

No name of Home Assistant's can get in: only codes, the device's short number, and the words that
belong to role, place, kind and reason.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, tzinfo
import secrets
import string
from typing import Final

from ...alarm.alarm import AlarmState, MessageKind, Note
from ...alarm.kinds import AlarmClass
from ...alarm.reason import Language, kind_text, location_text, mark_text, reason_text, role_text
from ..receiver import Dispatch, Heartbeat
from .codes import CONTROLLER, NORMAL, Codes, codes_of
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


def alarm_request(
    dispatch: Dispatch,
    *,
    cid: str,
    profile: ScaipProfile,
    language: Language,
    crd: tuple[str, ...],
    zone: tzinfo = UTC,
) -> ScaipRequest:
    """Return one message about an alarm. `zone` is the home's: people read its clock there.

    The alarm itself is a message of its own (ME). News about it goes under the same session (IN);
    where the receiver has not had the last word about it, it is given up (RE).
    """
    alarm, message = dispatch.alarm, dispatch.message
    codes = _by_profile(dispatch, profile)
    mark = mark_text(language, test=alarm.test, demo=dispatch.demo)
    ref = ref_of(dispatch.session or dispatch.delivery.reference)
    number = str(alarm.source.number) if alarm.source.number else None
    if dispatch.delivery.minimal:
        return ScaipRequest(
            ref=ref,
            cid=cid,
            dty=codes.device,
            mty=_type(dispatch),
            ver=profile.version,
            did=number,
            stc=codes.status,
            pri=_priority(dispatch, profile),
            stt=mark or None,
        )
    return ScaipRequest(
        ref=ref,
        cid=cid,
        dty=codes.device,
        mty=_type(dispatch),
        ver=profile.version,
        hbo=message.kind is MessageKind.ALARM,
        did=number,
        dco=codes.component,
        dte=_device(dispatch, language),
        crd=crd,
        stc=codes.status,
        stt=_marked(mark, kind_text(alarm.kind, language)),
        pri=_priority(dispatch, profile),
        lco=codes.location,
        tim=alarm.sensed_at.astimezone(zone),
        lte=None if alarm.location is None else _titled(location_text(alarm.location, language)),
        ite=_marked(mark, _told(dispatch, language, zone)),
    )


def reset_request(
    dispatch: Dispatch,
    *,
    cid: str,
    profile: ScaipProfile,
    language: Language,
    crd: tuple[str, ...],
    zone: tzinfo = UTC,
) -> ScaipRequest:
    """Return the word that a session is given up, as when it has been held for too long."""
    request = alarm_request(
        dispatch, cid=cid, profile=profile, language=language, crd=crd, zone=zone
    )
    return replace(request, mty=MessageType.RESET, hbo=False)


def heartbeat_request(
    beat: Heartbeat,
    *,
    cid: str,
    profile: ScaipProfile,
    language: Language,
    crd: tuple[str, ...],
    ref: Callable[[], str] = new_ref,
) -> ScaipRequest:
    """Return a sign of life: that the hub is there, what is undelivered, and once a day the head of its audit."""
    told = [say(Said.UNDELIVERED, language, beat.undelivered)] if beat.undelivered else []
    if beat.audit_head is not None:
        told.append(f"audit {beat.audit_head}")
    return ScaipRequest(
        ref=ref(),
        cid=cid,
        dty=CONTROLLER,
        mty=MessageType.PING,
        ver=profile.version,
        hbo=True,
        crd=crd,
        stc=NORMAL,
        pri=_LOWEST,
        ite=", ".join(told) or None,
    )


def _type(dispatch: Dispatch) -> MessageType:
    message = dispatch.message
    if message.kind is MessageKind.ALARM:
        return MessageType.MESSAGE
    ends = message.kind is MessageKind.CANCEL or message.note is Note.TAKEN_ELSEWHERE
    return MessageType.RESET if ends and dispatch.session_open else MessageType.INFORMATION


def _by_profile(dispatch: Dispatch, profile: ScaipProfile) -> Codes:
    """Return the numbers, those of the receiver's own before ours."""
    alarm, message, own = dispatch.alarm, dispatch.message, profile.overrides
    codes = codes_of(alarm, message, is_test=alarm.test)
    kind = own.kinds.get(alarm.kind, {})
    device = kind.get("device", own.roles.get(alarm.source.role, codes.device))
    status = codes.status
    if alarm.test:
        status = status if own.test_status is None else own.test_status
    elif message.kind is MessageKind.ALARM:
        status = kind.get("status", status)
    elif message.kind is MessageKind.ALL_CLEAR:
        status = kind.get("cleared", status)
    location = codes.location
    if alarm.location is not None:
        location = own.locations.get(alarm.location, location)
    return Codes(
        device=device,
        component=kind.get("component", codes.component),
        status=status,
        location=location,
    )


def _priority(dispatch: Dispatch, profile: ScaipProfile) -> int:
    if dispatch.alarm.test:
        return _LOWEST
    priority = dispatch.alarm.priority
    return profile.overrides.priorities.get(priority, priority)


def _device(dispatch: Dispatch, language: Language) -> str:
    """Return what raised it, and whose it is where persons can be told apart: by number alone."""
    alarm = dispatch.alarm
    role = _titled(role_text(alarm.source.role, language))
    is_personal = alarm.alarm_class is AlarmClass.PERSONAL
    if not (alarm.resident and is_personal):
        return role
    return f"{role}, {say(Said.PERSON, language, alarm.resident)}"


def _told(dispatch: Dispatch, language: Language, zone: tzinfo) -> str:
    """Return why, with what has become of it since."""
    alarm, message = dispatch.alarm, dispatch.message
    reason = reason_text(alarm, language, zone)
    clock = f"{alarm.sensed_at.astimezone(zone):%Y-%m-%d %H:%M}"
    match message.kind:
        case MessageKind.ALARM if alarm.state is AlarmState.CANCELLED:
            return f"{say(Said.CANCELLED, language)}: {reason}"
        case MessageKind.ALARM if alarm.cleared_at is not None:
            return f"{say(Said.CLEARED, language)}: {reason}"
        case MessageKind.ALARM if dispatch.delayed:
            return f"{say(Said.DELAYED, language, clock)}: {reason}"
        case MessageKind.ALARM:
            return reason
        case MessageKind.ALL_CLEAR:
            return f"{say(Said.CLEARED, language)}: {reason}"
        case MessageKind.CANCEL:
            return f"{say(Said.CANCELLED, language)}: {reason}"
        case MessageKind.UPDATE:
            note = message.note
            said = Said.UPDATED if note is None else Said(f"note_{note}")
            return f"{say(said, language)}: {reason}"


def _titled(text: str) -> str:
    """Begin with a capital: the text stands alone in its element."""
    return text[:1].upper() + text[1:]


def _marked(mark: str, text: str) -> str:
    return f"{mark} {text}" if mark else text
