"""Words about a failure, in the receiver's language, and the far end's own words made fit to show and to keep."""

from enum import StrEnum
import json
from pathlib import Path
from typing import Any, Final

from ...alarm.reason import Language

#: Longest words in a verdict, in characters.
LONGEST: Final = 200
#: What stands where a secret stood.
HIDDEN: Final = "***"


class Said(StrEnum):
    """What we say of a failure when the far end says nothing."""

    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    NO_NAME = "no_name"
    CERTIFICATE = "certificate"
    TLS = "tls"
    OWN_CERTIFICATE = "own_certificate"
    OWN_CERTIFICATE_REFUSED = "own_certificate_refused"
    AUTHORITIES = "authorities"
    SILENT = "silent"
    CUT_OFF = "cut_off"
    NOT_HTTP = "not_http"
    REDIRECTED = "redirected"
    STATUS = "status"
    TOO_LARGE = "too_large"
    NOT_JSON = "not_json"
    NO_VERDICT = "no_verdict"
    NO_RECEIPT = "no_receipt"
    CLOSED = "closed"
    FAULT = "fault"
    # Of MQTT alone.
    NOT_MQTT = "not_mqtt"
    BROKER = "broker"
    NO_RECEIPT_IN_TIME = "no_receipt_in_time"
    NOBODY_LISTENS = "nobody_listens"


def _read(language: Language) -> dict[str, str]:
    path = Path(__file__).parent / "texts" / f"{language}.json"
    table: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return {key: str(text) for key, text in table.items()}


# Read when the module is imported, which Home Assistant does off its event loop.
_TEXTS: Final = {language: _read(language) for language in Language}


def say(said: Said, language: Language, detail: object = "") -> str:
    """Return a failure in words."""
    return printable(_TEXTS[language][said].replace("{detail}", str(detail)))


def printable(text: str, longest: int = LONGEST) -> str:
    """Return one line of at most `longest` printable characters."""
    line = "".join(c if c.isprintable() else " " for c in text[: 8 * longest])
    return " ".join(line.split())[:longest]


def hide(text: str, secret: str | None) -> str:
    """Return the text without the secret: a far end may repeat what we sent it."""
    return text.replace(secret, HIDDEN) if secret else text
