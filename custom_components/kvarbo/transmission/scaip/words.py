"""Words about a failure and about an alarm's fate, in the receiver's language."""

from enum import StrEnum
import json
from pathlib import Path
from typing import Any, Final

from ...alarm.reason import Language
from ..rest.words import printable

__all__ = ["Said", "printable", "say"]


class Said(StrEnum):
    """What we say where the far end says nothing, and what an alarm's message says besides its reason."""

    # Why there is no answer: the same names as in `sip.wire.Fault`.
    NO_NAME = "no_name"
    NO_ROUTE = "no_route"
    REFUSED = "refused"
    CERTIFICATE = "certificate"
    WRONG_NAME = "wrong_name"
    OWN_CERTIFICATE = "own_certificate"
    OWN_CERTIFICATE_REFUSED = "own_certificate_refused"
    AUTHORITIES = "authorities"
    TLS = "tls"
    SILENT = "silent"
    CUT_OFF = "cut_off"
    TOO_LARGE = "too_large"
    NOT_SIP = "not_sip"
    CLOSED = "closed"
    # What a SIP answer says.
    WRONG_PASSWORD = "wrong_password"  # noqa: S105 - a name, not a password
    FORBIDDEN = "forbidden"
    UNKNOWN_UNIT = "unknown_unit"
    SIP_STATUS = "sip_status"
    NOT_ANSWERED = "not_answered"
    # What a SCAIP answer says.
    SNU_0 = "snu_0"
    SNU_1 = "snu_1"
    SNU_2 = "snu_2"
    SNU_3 = "snu_3"
    SNU_4 = "snu_4"
    SNU_5 = "snu_5"
    SNU_6 = "snu_6"
    SNU_7 = "snu_7"
    SNU_10 = "snu_10"
    SNU_99 = "snu_99"
    SNU_OTHER = "snu_other"
    HELD_TOO_LONG = "held_too_long"
    FAULT = "fault"
    # Of an alarm, to whoever reads it at the receiver.
    DELAYED = "delayed"
    CLEARED = "cleared"
    CANCELLED = "cancelled"
    UPDATED = "updated"
    NOTE_PRESSED_AGAIN = "note_pressed_again"
    NOTE_TAKEN_ELSEWHERE = "note_taken_elsewhere"
    NOTE_REPEATED = "note_repeated"
    PERSON = "person"
    UNDELIVERED = "undelivered"
    ALSO_SENT_TO = "also_sent_to"
    DEVICES = "devices"
    DEVICES_MISSING = "devices_missing"
    DEVICES_SILENT = "devices_silent"
    LOW_BATTERIES = "low_batteries"
    WEAK_LINKS = "weak_links"
    OPEN_ITEMS = "open_items"


def _read(language: Language) -> dict[str, str]:
    path = Path(__file__).parent / "texts" / f"{language}.json"
    table: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return {key: str(text) for key, text in table.items()}


# Read when the module is imported, which Home Assistant does off its event loop.
_TEXTS: Final = {language: _read(language) for language in Language}


def say(said: Said, language: Language, detail: object = "") -> str:
    """Return it in words, on one line of at most 200 characters."""
    return printable(_TEXTS[language][said].replace("{detail}", str(detail)))
