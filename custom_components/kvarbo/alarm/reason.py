"""Say in plain words what an alarm is and why (S5), from tables alone.

No name of Home Assistant's can get in (R07).
"""

from enum import StrEnum
import json
from pathlib import Path
from typing import Any, Final

from .alarm import Alarm
from .kinds import AlarmKind, Location, ReasonCode, Role


class Language(StrEnum):
    """Languages that a receiver can be written to in."""

    EN = "en"
    SV = "sv"


def _read(language: Language) -> dict[str, Any]:
    path = Path(__file__).parent / "texts" / f"{language}.json"
    table: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return table


# Read when the module is imported, which Home Assistant does off its event loop.
_TEXTS: Final = {language: _read(language) for language in Language}


def kind_text(kind: AlarmKind, language: Language) -> str:
    """Return the kind in words."""
    return str(_TEXTS[language]["kind"][kind])


def role_text(role: Role, language: Language) -> str:
    """Return the role in words."""
    return str(_TEXTS[language]["role"][role])


def location_text(location: Location, language: Language) -> str:
    """Return the location in words."""
    return str(_TEXTS[language]["location"][location])


def reason_text(alarm: Alarm, language: Language) -> str:
    """Return why the alarm was raised, in one line without a name."""
    code = str(alarm.reason)
    if alarm.reason is ReasonCode.PRESSED and alarm.presses > 1:
        code = "pressed_times"
    template = str(_TEXTS[language]["reason"][code])
    return template.format(
        role=role_text(alarm.source.role, language),
        number=alarm.source.number,
        location=location_text(alarm.location or Location.HOME, language),
        presses=alarm.presses,
    )


def mark_text(language: Language, *, test: bool, demo: bool) -> str:
    """Return the mark that nobody can mistake for a real alarm, or an empty string (A9, R32)."""
    marks = [str(_TEXTS[language][key]) for key, on in (("test", test), ("demo", demo)) if on]
    return " ".join(marks)
