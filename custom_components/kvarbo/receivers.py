"""From a receiver's settings (a subentry) to a receiver that can be spoken to, or to what is wrong with them."""

from collections.abc import Mapping
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
    CONF_LANGUAGE,
    CONF_PROFILE,
    CONF_PROTOCOL,
    CONF_REACHED_BY,
    CONF_TAKES,
    CONF_WAY_OUT,
    DOMAIN,
    SUBENTRY_RECEIVER,
    Protocol,
)
from .receiver_flaws import (
    DEFAULT_LANGUAGE,
    DEMO_NOT_LOCAL,
    NO_CREDENTIALS,
    Flaw,
    FlawError,
    Flaws,
    ReceiverSettingsError,
    choice_of,
    heartbeat_of,
    place_of,
    road_of,
    text_of,
    there,
)
from .receivers_mqtt import MqttReceiverSettings, mqtt_receiver, read_mqtt
from .receivers_scaip import (
    ScaipReceiverSettings,
    read_scaip,
    scaip_host_of,
    scaip_receiver,
)
from .transmission.outlet import Outlet, Road, Takes
from .transmission.receiver import Receiver
from .transmission.rest.profile import BUILT_IN, RestProfile, built_in
from .transmission.rest.profile_reader import parse_profile
from .transmission.rest.rest import RestReceiver
from .transmission.rest.settings import Credentials, Trust, validate_base_url
from .transmission.rest.tls import make_context
from .transmission.tunnel import Tunnel
from .way_out import kept_road, road_problem, tunnel_of

__all__ = [
    "DEFAULT_PROFILE",
    "Flaw",
    "MqttReceiverSettings",
    "ReceiverSettings",
    "ReceiverSettingsError",
    "ScaipReceiverSettings",
    "all_settings",
    "async_build_receiver",
    "async_outlet",
    "host_of",
    "place_of",
    "read_settings",
]

#: The profile that a receiver has unless another was given.
DEFAULT_PROFILE: Final = BUILT_IN[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiverSettings:
    """A REST receiver's settings, checked. `heartbeat` in seconds."""

    url: str
    credentials: Credentials
    trust: Trust
    profile: RestProfile
    language: Language
    takes: Takes
    road: Road
    heartbeat: int


type AnySettings = ReceiverSettings | ScaipReceiverSettings | MqttReceiverSettings


def read_rest(data: Mapping[str, Any], *, demo: bool) -> ReceiverSettings:
    """Check a receiver's settings as they are stored. Reads files and parses keys: not for the event loop.

    Raises:
        ReceiverSettingsError: they cannot be used; it tells everything that is wrong.
    """
    flaws = Flaws()
    url = flaws.of(lambda: _url(data, demo=demo))
    bearer = flaws.of(lambda: Credentials(token=text_of(data, CONF_TOKEN)))
    own = flaws.of(
        lambda: Credentials(
            client_certificate=text_of(data, CONF_CLIENT_CERTIFICATE),
            client_key=text_of(data, CONF_CLIENT_KEY),
        )
    )
    trust = flaws.of(lambda: Trust(ca_certificate=text_of(data, CONF_CA_CERTIFICATE)))
    profile = flaws.of(lambda: _profile(data))
    language = flaws.of(lambda: choice_of(data, CONF_LANGUAGE, Language, DEFAULT_LANGUAGE))
    takes = flaws.of(lambda: choice_of(data, CONF_TAKES, Takes, Takes.ALARMS))
    road = flaws.of(lambda: road_of(data))
    heartbeat = flaws.of(lambda: heartbeat_of(data))
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
        url=there(url),
        credentials=there(credentials),
        trust=there(trust),
        profile=there(profile),
        language=there(language),
        takes=there(takes),
        road=there(road),
        heartbeat=there(heartbeat),
    )


def read_settings(data: Mapping[str, Any], *, demo: bool, controller: str = "") -> AnySettings:
    """Check a receiver's settings, of whichever protocol, as they are stored.

    Reads files and parses keys: not for the event loop.

    Raises:
        ReceiverSettingsError: they cannot be used; it tells everything that is wrong.
    """
    flaws = Flaws()
    protocol = flaws.of(lambda: choice_of(data, CONF_PROTOCOL, Protocol, Protocol.REST))
    if protocol is None:
        raise ReceiverSettingsError(tuple(flaws.found))
    if protocol is Protocol.SCAIP:
        return read_scaip(data, demo=demo, controller=controller)
    if protocol is Protocol.MQTT:
        return read_mqtt(data, demo=demo, controller=controller)
    return read_rest(data, demo=demo)


def host_of(url: str) -> str:
    """Return the host of a receiver's address, and its port where that is not the scheme's own.

    What is no address is returned as it is.
    """
    if url.startswith(("sip:", "sips:")):
        return scaip_host_of(url)
    try:
        address = URL(url)
        host = address.host
    except ValueError:
        return url
    if host is None or address.is_default_port():
        return host or url
    return f"{host}:{address.port}"


def all_settings(entry: ConfigEntry[Any], subentry: ConfigSubentry) -> dict[str, object]:
    """Return all that a receiver is made from: where nothing of it has changed, it is the same one."""
    road = kept_road(subentry.data)
    home = {
        CONF_CONTROLLER: entry.data[CONF_CONTROLLER],
        # What may keep it from being used is part of it.
        CONF_WAY_OUT: (tunnel_of(entry.data, road), road_problem(entry.data, road)),
    }
    return {**subentry.data, **home}


async def async_build_receiver(
    hass: HomeAssistant,
    home: Mapping[str, Any],
    data: Mapping[str, Any],
    clock: Clock | None = None,
) -> Receiver:
    """Return the receiver that the settings describe, to be proved beside those in use.

    It opens no connection before it is used. `home` is the home's own settings.

    Raises:
        ReceiverSettingsError: they cannot be used.
    """
    demo, controller = bool(home[CONF_DEMO]), str(home[CONF_CONTROLLER])
    settings = await hass.async_add_executor_job(
        lambda: read_settings(data, demo=demo, controller=controller)
    )
    if isinstance(settings, MqttReceiverSettings):
        # Beside the one in use: under its name it would take that one's session away.
        settings = settings.beside()
    _see_road(home, settings.road)
    return _receiver(controller, settings, clock, tunnel_of(home, settings.road))


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
    demo, controller = bool(entry.data[CONF_DEMO]), str(entry.data[CONF_CONTROLLER])
    try:
        settings = await hass.async_add_executor_job(
            lambda: read_settings(subentry.data, demo=demo, controller=controller)
        )
        _see_road(entry.data, settings.road)
    except ReceiverSettingsError as err:
        raise ReceiverSettingsError(err.flaws, await _in_words(hass, err.flaws[0])) from None
    return Outlet(
        key=subentry.subentry_id,
        receiver=_receiver(controller, settings, clock, tunnel_of(entry.data, settings.road)),
        takes=settings.takes,
        road=settings.road,
        heartbeat=settings.heartbeat,
    )


def _receiver(
    controller: str,
    settings: AnySettings,
    clock: Clock | None,
    tunnel: Tunnel,
) -> Receiver:
    if isinstance(settings, ScaipReceiverSettings):
        return scaip_receiver(
            controller, settings, clock or SystemClock(), dt_util.get_default_time_zone, tunnel
        )
    if isinstance(settings, MqttReceiverSettings):
        return mqtt_receiver(
            controller, settings, clock or SystemClock(), dt_util.get_default_time_zone, tunnel
        )
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
        tunnel=tunnel,
    )


def _see_road(home: Mapping[str, Any], road: Road) -> None:
    if (problem := road_problem(home, road)) is not None:
        raise ReceiverSettingsError((Flaw(CONF_REACHED_BY, problem),))


async def _in_words(hass: HomeAssistant, flaw: Flaw) -> tuple[str, str]:
    """Return a setting's label and its problem as the flow of receivers says them."""
    texts = await async_get_translations(hass, hass.config.language, "config_subentries", {DOMAIN})
    section = f"component.{DOMAIN}.config_subentries.{SUBENTRY_RECEIVER}"
    label = next(
        (
            text
            for step in ("rest", "advanced", "scaip", "scaip_advanced", "mqtt")
            if (text := texts.get(f"{section}.step.{step}.data.{flaw.field}"))
        ),
        flaw.field,
    )
    problem = texts.get(f"{section}.error.{flaw.problem}", flaw.problem)
    return label, problem.format(**place_of(flaw))


def _url(data: Mapping[str, Any], *, demo: bool) -> str:
    url = validate_base_url(text_of(data, CONF_URL) or "", allow_plain=demo)
    if demo and not _is_loopback(URL(url).host or ""):
        # A demo home cannot reach a live receiver (A9, R32).
        raise FlawError(Flaw(CONF_URL, DEMO_NOT_LOCAL))
    return url


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _profile(data: Mapping[str, Any]) -> RestProfile:
    text = (text_of(data, CONF_PROFILE) or DEFAULT_PROFILE).strip()
    return parse_profile(built_in(text) if text in BUILT_IN else text)
