"""From the settings of an MQTT receiver (a subentry) to one that can be spoken to, or to what is wrong."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import tzinfo
from ipaddress import ip_address
from typing import Any, Final, Self

from homeassistant.const import CONF_PASSWORD, CONF_URL, CONF_USERNAME

from .alarm.clock import Clock
from .alarm.reason import Language
from .const import (
    CONF_CA_CERTIFICATE,
    CONF_CLIENT_CERTIFICATE,
    CONF_CLIENT_KEY,
    CONF_LANGUAGE,
    CONF_PROFILE,
    CONF_TAKES,
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
    road_of,
    text_of,
    there,
)
from .transmission.mqtt.mqtt import MqttReceiver
from .transmission.mqtt.profile import BUILT_IN, MqttProfile, built_in, parse_profile
from .transmission.mqtt.settings import (
    MqttSettings,
    client_id_of,
    parts_of,
    read_broker,
    read_password,
    read_user,
)
from .transmission.outlet import Road, Takes
from .transmission.receiver import Receiver
from .transmission.rest.settings import Credentials, Trust
from .transmission.rest.tls import make_context
from .transmission.tunnel import Tunnel

#: The profile that an MQTT receiver has unless another was given.
DEFAULT_MQTT_PROFILE: Final = BUILT_IN[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class MqttReceiverSettings:
    """An MQTT receiver's settings, checked. `heartbeat` in seconds; `url` is its broker in one form."""

    url: str
    settings: MqttSettings
    profile: MqttProfile
    language: Language
    takes: Takes
    road: Road
    heartbeat: int

    def beside(self) -> Self:
        """Return the same under another name at the broker."""
        return replace(
            self, settings=replace(self.settings, client_id=f"{self.settings.client_id}-proof")
        )


def read_mqtt(data: Mapping[str, Any], *, demo: bool, controller: str) -> MqttReceiverSettings:
    """Check the settings as they are stored. Reads files and parses keys: not for the event loop.

    Raises:
        ReceiverSettingsError: they cannot be used; it tells everything that is wrong.
    """
    flaws = Flaws()
    url = flaws.of(lambda: _broker(data, demo=demo))
    # In a tuple: none is a value here.
    user = flaws.of(lambda: (read_user(text_of(data, CONF_USERNAME)),))
    password = flaws.of(lambda: (read_password(text_of(data, CONF_PASSWORD)),))
    trust = flaws.of(lambda: Trust(ca_certificate=text_of(data, CONF_CA_CERTIFICATE)))
    certificate = flaws.of(
        lambda: Credentials(
            client_certificate=text_of(data, CONF_CLIENT_CERTIFICATE),
            client_key=text_of(data, CONF_CLIENT_KEY),
        )
    )
    profile = flaws.of(lambda: _profile(data))
    language = flaws.of(lambda: choice_of(data, CONF_LANGUAGE, Language, DEFAULT_LANGUAGE))
    takes = flaws.of(lambda: choice_of(data, CONF_TAKES, Takes, Takes.ALARMS))
    road = flaws.of(lambda: road_of(data))
    heartbeat = flaws.of(lambda: heartbeat_of(data))
    if trust is not None and certificate is not None:
        flaws.of(lambda: make_context(trust, certificate))
        if password == (None,) and certificate.client_certificate is None:
            flaws.found.append(Flaw(CONF_PASSWORD, NO_CREDENTIALS))
    if flaws.found:
        raise ReceiverSettingsError(tuple(flaws.found))
    address = there(url)
    host, port, tls = parts_of(address)
    return MqttReceiverSettings(
        url=address,
        settings=MqttSettings(
            host=host,
            port=port,
            tls=tls,
            # A second road to one broker is a second session: one would take the other's away.
            client_id=client_id_of(controller, _session_at(address, there(road))),
            username=there(user)[0],
            password=there(password)[0],
            certificate=there(certificate),
            trust=there(trust),
        ),
        profile=there(profile),
        language=there(language),
        takes=there(takes),
        road=there(road),
        heartbeat=there(heartbeat),
    )


def mqtt_receiver(
    controller: str,
    settings: MqttReceiverSettings,
    clock: Clock,
    zone: Callable[[], tzinfo],
    tunnel: Tunnel,
) -> Receiver:
    """Return the receiver that the settings describe. It opens nothing before it is used."""
    return MqttReceiver(
        profile=settings.profile,
        settings=settings.settings,
        language=settings.language,
        controller=controller,
        clock=clock,
        zone=zone,
        tunnel=tunnel,
    )


def _session_at(address: str, road: Road) -> str:
    return address if road is Road.HOME else f"{address}#{road}"


def _broker(data: Mapping[str, Any], *, demo: bool) -> str:
    address = read_broker(text_of(data, CONF_URL) or "", allow_plain=demo)
    if demo and not _is_loopback(parts_of(address)[0]):
        # A demo home cannot reach a live receiver (A9, R32).
        raise FlawError(Flaw(CONF_URL, DEMO_NOT_LOCAL))
    return address


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _profile(data: Mapping[str, Any]) -> MqttProfile:
    text = (text_of(data, CONF_PROFILE) or DEFAULT_MQTT_PROFILE).strip()
    return parse_profile(built_in(text) if text in BUILT_IN else text)
