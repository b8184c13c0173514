"""What an answer means for what to do next: of SCAIP (`snu`) and of SIP alone (A4, A6).

A SIP answer without a SCAIP answer in it is never an acceptance: it says that some element on the
way has taken the message (docs/scaip.md).
"""

from typing import Final

from ...alarm.callback import Callback, Voice
from ...alarm.reason import Language
from ..receiver import Answer, Verdict
from .sip.reply import Reply
from .sip.wire import Fault, UnansweredError
from .values import ScaipAnswer, Snu, Voice as Sound
from .words import Said, printable, say

_MINUTE: Final = 60
#: `cre` up to this is minutes of callback that the receiver takes for itself; 62 names whom to call.
_LAST_MINUTE: Final = 60
_CALL_TNU: Final = 62

_ANSWERS: Final = {
    Snu.HANDLED: Answer.ACCEPTED,
    Snu.HOLD: Answer.HOLD,
    Snu.NOT_TREATED: Answer.NOT_TREATED,
    Snu.BUSY: Answer.BUSY,
    Snu.TOO_LONG: Answer.FORM_REFUSED,
    Snu.BAD_FORMAT: Answer.FORM_REFUSED,
    Snu.WRONG_DATA: Answer.FORM_REFUSED,
    Snu.TAG_MISSING: Answer.FORM_REFUSED,
    Snu.REFERENCE_MISSING: Answer.FORM_REFUSED,
    # It does not say what is wrong: the next receiver at once, and this one again by the schedule.
    Snu.UNDEFINED: Answer.NOT_TREATED,
}
_SOUNDS: Final = {
    Sound.DUPLEX: Voice.DUPLEX,
    Sound.MICROPHONE: Voice.MICROPHONE,
    Sound.SPEAKER: Voice.SPEAKER,
}

#: What a SIP status means.
_STATUSES: Final = (
    (frozenset({401, 407}), Answer.CREDENTIALS_REFUSED, Said.WRONG_PASSWORD),
    (frozenset({403, 603}), Answer.CREDENTIALS_REFUSED, Said.FORBIDDEN),
    (frozenset({404, 410, 484, 485, 604}), Answer.NOT_TREATED, Said.UNKNOWN_UNIT),
    # That the body or its size is wrong; 400 does not say what is.
    (frozenset({413, 415, 488, 493, 513, 606}), Answer.FORM_REFUSED, Said.SIP_STATUS),
    (frozenset({408, 504}), Answer.UNREACHABLE, Said.SIP_STATUS),
    (frozenset({480, 486, 500, 502, 503, 580, 600}), Answer.BUSY, Said.SIP_STATUS),
)


def verdict_of(answer: ScaipAnswer, ref: str, language: Language, took: float) -> Verdict:
    """Return what a receiver's answer to the session `ref` means.

    Its own words are shown where it has any; `took` is in seconds.
    """
    known = answer.snu in Snu
    meaning = _ANSWERS[Snu(answer.snu)] if known else Answer.NOT_TREATED
    ours = say(Said(f"snu_{answer.snu}"), language) if known else ""
    words = printable(answer.ste) or ours or say(Said.SNU_OTHER, language, answer.snu)
    accepted = meaning is Answer.ACCEPTED
    return Verdict(
        answer=meaning,
        words=printable(answer.ste) if accepted else words,
        receipt=ref if accepted else None,
        took=took,
        interval=None if answer.hbi is None else answer.hbi * _MINUTE,
        callback=_callback(answer) if accepted else None,
    )


def _callback(answer: ScaipAnswer) -> Callback | None:
    voice = _SOUNDS.get(answer.mre)
    if voice is None:
        return None
    theirs = answer.cre is not None and 1 <= answer.cre <= _LAST_MINUTE
    return Callback(
        voice=voice,
        minutes=answer.cre if theirs else None,
        address=answer.tnu if answer.cre == _CALL_TNU else None,
    )


def refusal(reply: Reply, language: Language) -> Verdict | None:
    """Return what a SIP answer other than 2xx means; None for a 2xx."""
    status = reply.status
    if 200 <= status < 300:  # noqa: PLR2004 - RFC 3261 section 7.2
        return None
    answer, said = _meaning(status)
    return Verdict(
        answer=answer,
        words=say(said, language, f"{status} {reply.reason}".strip()),
        retry_after=reply.retry_after if answer is Answer.BUSY else None,
        maybe_heard=answer is Answer.UNREACHABLE,
        took=reply.took,
    )


def _meaning(status: int) -> tuple[Answer, Said]:
    for statuses, answer, said in _STATUSES:
        if status in statuses:
            return answer, said
    # Of any other it is not said what is wrong: the next receiver at once, and this one again later.
    return Answer.NOT_TREATED, Said.SIP_STATUS


def silence(error: UnansweredError, language: Language) -> Verdict:
    """Return what it means that there is no answer."""
    words = say(Said(error.fault.value), language, error.detail)
    if error.fault is Fault.OWN_CERTIFICATE_REFUSED:
        return Verdict(answer=Answer.CREDENTIALS_REFUSED, words=words)
    return Verdict(answer=Answer.UNREACHABLE, words=words, maybe_heard=error.maybe_heard)
