"""What is wrong with a receiver's settings, told by field; and how settings are read one by one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from .alarm.reason import Language
from .const import (
    CONF_HEARTBEAT,
    CONF_PROFILE,
    CONF_REACHED_BY,
    HEARTBEAT_LEAST,
    HEARTBEAT_MOST,
    Protocol,
)
from .transmission.outlet import HEARTBEAT, Road, Takes
from .transmission.rest.profile import ProfileError
from .transmission.rest.settings import SettingError

DEFAULT_LANGUAGE: Final = Language.SV

# Problems that only Home Assistant's side of the settings can have.
DEMO_NOT_LOCAL: Final = "demo_not_local"
NO_CREDENTIALS: Final = "no_credentials"
HEARTBEAT_RANGE: Final = "heartbeat_range"
UNKNOWN_CHOICE: Final = "unknown_choice"
PRIVATE_NEEDS_TLS: Final = "private_needs_tls"


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with one setting: its name in the settings, and the problem's key in the texts.

    `place` (a JSON pointer) and `line` (from 1) say where in a profile.
    """

    field: str
    problem: str
    place: str = ""
    line: int | None = None


class ReceiverSettingsError(ValueError):
    """A receiver's settings cannot be used; retrying is useless, a person must mend them.

    `flaws` tells all that was found. `field` and `problem` are of the first: keys of the texts, or,
    from `async_outlet`, words in the hub's language. No value is ever in it: it may be a secret.
    """

    def __init__(self, flaws: tuple[Flaw, ...], words: tuple[str, str] | None = None) -> None:
        """Take one flaw or more."""
        self.flaws = flaws
        self.field, self.problem = words or (flaws[0].field, flaws[0].problem)
        super().__init__("; ".join(f"{flaw.field}: {flaw.problem}" for flaw in flaws))


def place_of(flaw: Flaw | None) -> dict[str, str]:
    """Return where in a profile a flaw is, as placeholders of its text."""
    place = "" if flaw is None else flaw.place
    line = None if flaw is None else flaw.line
    return {"place": place or "/", "line": "-" if line is None else str(line)}


class Flaws:
    """Collects what is wrong, so that a person hears of everything at once."""

    def __init__(self) -> None:
        self.found: list[Flaw] = []

    def of[T](self, make: Callable[[], T]) -> T | None:
        """Return what `make` makes, or None after noting what is wrong with it."""
        try:
            return make()
        except SettingError as err:
            self.found.append(Flaw(err.field, err.problem))
        except ProfileError as err:
            self.found.append(Flaw(CONF_PROFILE, err.problem, err.field, err.line))
        except FlawError as err:
            self.found.append(err.flaw)
        return None


class FlawError(ValueError):
    """A setting is wrong in a way that the parts below do not know."""

    def __init__(self, flaw: Flaw) -> None:
        self.flaw = flaw
        super().__init__(flaw.problem)


def there[T](value: T | None) -> T:
    """Return a setting that was read without a flaw."""
    if value is None:  # pragma: no cover - a flaw would have been noted
        raise AssertionError
    return value


def text_of(data: Mapping[str, Any], field: str) -> str | None:
    """Return a text, None for none; one that is no text at all is a flaw."""
    value = data.get(field)
    if value is not None and not isinstance(value, str):
        raise FlawError(Flaw(field, UNKNOWN_CHOICE))
    return value or None


def road_of(data: Mapping[str, Any]) -> Road:
    """Return by which of the home's ways a receiver is reached; what is no such way is a flaw."""
    return choice_of(data, CONF_REACHED_BY, Road, Road.HOME)


def choice_of[C: (Language, Takes, Protocol, Road)](
    data: Mapping[str, Any], field: str, choices: type[C], default: C
) -> C:
    """Return one of a closed set; any other value is a flaw."""
    try:
        return choices(data.get(field, default))
    except ValueError:
        raise FlawError(Flaw(field, UNKNOWN_CHOICE)) from None


def heartbeat_of(data: Mapping[str, Any]) -> int:
    """Return seconds between heartbeats; what is out of range is a flaw."""
    seconds = data.get(CONF_HEARTBEAT, HEARTBEAT)
    whole = isinstance(seconds, int) and not isinstance(seconds, bool)
    if not whole or not HEARTBEAT_LEAST <= seconds <= HEARTBEAT_MOST:
        raise FlawError(Flaw(CONF_HEARTBEAT, HEARTBEAT_RANGE))
    return int(seconds)
