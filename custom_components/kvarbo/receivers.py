"""From a receiver's settings (a subentry) to a receiver that can be spoken to, or to what is wrong with them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from ipaddress import ip_address
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.const import CONF_TOKEN, CONF_URL
from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util import dt as dt_util
from yarl import URL

from .alarm.clock import Clock, SystemClock
from .alarm.reason import Language
from .const import (
    CONF_CA_CERTIFICATE,
    CONF_CLIENT_CERTIFICATE,
    CONF_CLIENT_KEY,
    CONF_CONTROLLER,
    CONF_DEMO,
    CONF_HEARTBEAT,
    CONF_LANGUAGE,
    CONF_PROFILE,
    CONF_PROTOCOL,
    CONF_TAKES,
    DOMAIN,
    HEARTBEAT_LEAST,
    HEARTBEAT_MOST,
    SUBENTRY_RECEIVER,
    Protocol,
)
from .transmission.outlet import HEARTBEAT, Outlet, Takes
from .transmission.receiver import Receiver
from .transmission.rest.profile import BUILT_IN, ProfileError, RestProfile, built_in
from .transmission.rest.profile_reader import parse_profile
from .transmission.rest.rest import RestReceiver
from .transmission.rest.settings import Credentials, SettingError, Trust, validate_base_url
from .transmission.rest.tls import make_context

#: The profile that a receiver has unless another was given.
DEFAULT_PROFILE: Final = BUILT_IN[0]
DEFAULT_LANGUAGE: Final = Language.SV

# Problems that only Home Assistant's side of the settings can have.
DEMO_NOT_LOCAL: Final = "demo_not_local"
NO_CREDENTIALS: Final = "no_credentials"
HEARTBEAT_RANGE: Final = "heartbeat_range"
UNKNOWN_CHOICE: Final = "unknown_choice"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiverSettings:
    """A REST receiver's settings, checked. `heartbeat` in seconds."""

    url: str
    credentials: Credentials
    trust: Trust
    profile: RestProfile
    language: Language
    takes: Takes
    heartbeat: int


class _Flaws:
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
        except _FlawError as err:
            self.found.append(err.flaw)
        return None


class _FlawError(ValueError):
    """A setting is wrong in a way that the parts below do not know."""

    def __init__(self, flaw: Flaw) -> None:
        self.flaw = flaw
        super().__init__(flaw.problem)


def read_settings(data: Mapping[str, Any], *, demo: bool) -> ReceiverSettings:
    """Check a receiver's settings as they are stored. Reads files and parses keys: not for the event loop.

    Raises:
        ReceiverSettingsError: they cannot be used; it tells everything that is wrong.
    """
    flaws = _Flaws()
    url = flaws.of(lambda: _url(data, demo=demo))
    bearer = flaws.of(lambda: Credentials(token=_text(data, CONF_TOKEN)))
    own = flaws.of(
        lambda: Credentials(
            client_certificate=_text(data, CONF_CLIENT_CERTIFICATE),
            client_key=_text(data, CONF_CLIENT_KEY),
        )
    )
    trust = flaws.of(lambda: Trust(ca_certificate=_text(data, CONF_CA_CERTIFICATE)))
    profile = flaws.of(lambda: _profile(data))
    language = flaws.of(lambda: _one_of(data, CONF_LANGUAGE, Language, DEFAULT_LANGUAGE))
    takes = flaws.of(lambda: _one_of(data, CONF_TAKES, Takes, Takes.ALARMS))
    heartbeat = flaws.of(lambda: _heartbeat(data))
    flaws.of(lambda: _one_of(data, CONF_PROTOCOL, Protocol, Protocol.REST))
    credentials: Credentials | None = None
    if bearer is not None and own is not None:
        credentials = replace(own, token=bearer.token)
        if credentials.token is None and credentials.client_certificate is None:
            flaws.found.append(Flaw(CONF_TOKEN, NO_CREDENTIALS))
        if trust is not None:
            # Only OpenSSL can tell whether certificates and key are of any use.
            flaws.of(lambda: make_context(trust, credentials))
    if flaws.found:
        raise ReceiverSettingsError(tuple(flaws.found))
    return ReceiverSettings(
        url=_there(url),
        credentials=_there(credentials),
        trust=_there(trust),
        profile=_there(profile),
        language=_there(language),
        takes=_there(takes),
        heartbeat=_there(heartbeat),
    )


def host_of(url: str) -> str:
    """Return the host of a receiver's address, and its port where that is not the scheme's own.

    What is no address is returned as it is.
    """
    try:
        address = URL(url)
        host = address.host
    except ValueError:
        return url
    if host is None or address.is_default_port():
        return host or url
    return f"{host}:{address.port}"


async def async_build_receiver(
    hass: HomeAssistant,
    controller: str,
    demo: bool,  # noqa: FBT001 - a setting of the home, not a switch of this function
    data: Mapping[str, Any],
    clock: Clock | None = None,
) -> Receiver:
    """Return the receiver that the settings describe. It opens no connection before it is used.

    Raises:
        ReceiverSettingsError: they cannot be used.
    """
    settings = await hass.async_add_executor_job(lambda: read_settings(data, demo=demo))
    return _receiver(controller, settings, clock)


async def async_outlet(
    hass: HomeAssistant,
    entry: ConfigEntry[Any],
    subentry: ConfigSubentry,
    clock: Clock | None = None,
) -> Outlet:
    """Return a receiver of the home, ready for the transmitter. `clock` is home time.

    Raises:
        ReceiverSettingsError: the settings cannot be used; `field` and `problem` are in the hub's
            language.
    """
    demo = bool(entry.data[CONF_DEMO])
    try:
        settings = await hass.async_add_executor_job(
            lambda: read_settings(subentry.data, demo=demo)
        )
    except ReceiverSettingsError as err:
        raise ReceiverSettingsError(err.flaws, await _in_words(hass, err.flaws[0])) from None
    return Outlet(
        key=subentry.subentry_id,
        receiver=_receiver(entry.data[CONF_CONTROLLER], settings, clock),
        takes=settings.takes,
        heartbeat=settings.heartbeat,
    )


def _receiver(controller: str, settings: ReceiverSettings, clock: Clock | None) -> Receiver:
    return RestReceiver(
        profile=settings.profile,
        url=settings.url,
        credentials=settings.credentials,
        trust=settings.trust,
        language=settings.language,
        controller=controller,
        clock=clock or SystemClock(),
        # The zone of `hass.config.time_zone`, asked for at each message: it may be changed.
        zone=dt_util.get_default_time_zone,
    )


async def _in_words(hass: HomeAssistant, flaw: Flaw) -> tuple[str, str]:
    """Return a setting's label and its problem as the flow of receivers says them."""
    texts = await async_get_translations(hass, hass.config.language, "config_subentries", {DOMAIN})
    section = f"component.{DOMAIN}.config_subentries.{SUBENTRY_RECEIVER}"
    label = next(
        (
            text
            for step in ("user", "advanced")
            if (text := texts.get(f"{section}.step.{step}.data.{flaw.field}"))
        ),
        flaw.field,
    )
    problem = texts.get(f"{section}.error.{flaw.problem}", flaw.problem)
    return label, problem.format(**place_of(flaw))


def place_of(flaw: Flaw | None) -> dict[str, str]:
    """Return where in a profile a flaw is, as placeholders of its text."""
    place = "" if flaw is None else flaw.place
    line = None if flaw is None else flaw.line
    return {"place": place or "/", "line": "-" if line is None else str(line)}


def _there[T](value: T | None) -> T:
    """Return a setting that was read without a flaw."""
    if value is None:  # pragma: no cover - a flaw would have been noted
        raise AssertionError
    return value


def _text(data: Mapping[str, Any], field: str) -> str | None:
    """Return a text, None for none; one that is no text at all is a flaw."""
    value = data.get(field)
    if value is not None and not isinstance(value, str):
        raise _FlawError(Flaw(field, UNKNOWN_CHOICE))
    return value or None


def _url(data: Mapping[str, Any], *, demo: bool) -> str:
    url = validate_base_url(_text(data, CONF_URL) or "", allow_plain=demo)
    if demo and not _is_loopback(URL(url).host or ""):
        # A demo home cannot reach a live receiver (A9, R32).
        raise _FlawError(Flaw(CONF_URL, DEMO_NOT_LOCAL))
    return url


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _profile(data: Mapping[str, Any]) -> RestProfile:
    text = (_text(data, CONF_PROFILE) or DEFAULT_PROFILE).strip()
    return parse_profile(built_in(text) if text in BUILT_IN else text)


def _one_of[C: (Language, Takes, Protocol)](
    data: Mapping[str, Any], field: str, choices: type[C], default: C
) -> C:
    try:
        return choices(data.get(field, default))
    except ValueError:
        raise _FlawError(Flaw(field, UNKNOWN_CHOICE)) from None


def _heartbeat(data: Mapping[str, Any]) -> int:
    seconds = data.get(CONF_HEARTBEAT, HEARTBEAT)
    whole = isinstance(seconds, int) and not isinstance(seconds, bool)
    if not whole or not HEARTBEAT_LEAST <= seconds <= HEARTBEAT_MOST:
        raise _FlawError(Flaw(CONF_HEARTBEAT, HEARTBEAT_RANGE))
    return int(seconds)
