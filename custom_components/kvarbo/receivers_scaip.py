"""From the settings of a SCAIP receiver (a subentry) to one that can be spoken to, or to what is wrong."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Any, Final

from homeassistant.const import CONF_PASSWORD, CONF_URL, CONF_USERNAME

from .alarm.clock import Clock
from .alarm.reason import Language
from .const import (
    CONF_CA_CERTIFICATE,
    CONF_CLIENT_CERTIFICATE,
    CONF_CLIENT_KEY,
    CONF_LANGUAGE,
    CONF_LOCAL_PORT,
    CONF_PROFILE,
    CONF_PROXY,
    CONF_REACHED_BY,
    CONF_REGISTERS,
    CONF_SPEECH,
    CONF_TAKES,
    CONF_TRANSPORT,
)
from .receiver_flaws import (
    DEFAULT_LANGUAGE,
    DEMO_NOT_LOCAL,
    PRIVATE_NEEDS_TLS,
    UNKNOWN_CHOICE,
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
from .transmission.outlet import Road, Takes
from .transmission.receiver import Receiver
from .transmission.rest.settings import Credentials, Trust
from .transmission.rest.tls import make_context
from .transmission.scaip.profile import BUILT_IN, ScaipProfile, built_in
from .transmission.scaip.profile_reader import parse_profile
from .transmission.scaip.scaip import ScaipReceiver
from .transmission.scaip.settings import (
    ScaipSettings,
    instance_of,
    is_loopback,
    is_secure,
    read_address,
    read_credentials,
    read_speech,
    routed,
)
from .transmission.scaip.sip.values import BadMessageError, SipUri
from .transmission.scaip.sip.wire import Transport
from .transmission.tunnel import Tunnel

#: The profile that a SCAIP receiver has unless another was given: what most of them speak.
DEFAULT_SCAIP_PROFILE: Final = BUILT_IN[0]
#: Whom messages are for at a receiver whose address names nobody.
RECEIVER_USER: Final = "larm"
#: What leaves a choice to the profile.
BY_PROFILE: Final = "profile"
REGISTERS: Final = (BY_PROFILE, "yes", "no")
TRANSPORTS: Final = (BY_PROFILE, *(transport.value for transport in Transport))
LAST_PORT: Final = 65535


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaipReceiverSettings:
    """A SCAIP receiver's settings, checked. `heartbeat` in seconds; `url` is its address in one form."""

    url: str
    settings: ScaipSettings
    profile: ScaipProfile
    language: Language
    takes: Takes
    road: Road
    heartbeat: int


def read_scaip(data: Mapping[str, Any], *, demo: bool, controller: str) -> ScaipReceiverSettings:
    """Check the settings as they are stored. Reads files and parses keys: not for the event loop.

    Raises:
        ReceiverSettingsError: they cannot be used; it tells everything that is wrong.
    """
    flaws = Flaws()
    address = flaws.of(lambda: _address(data, demo=demo))
    proxy_text = flaws.of(lambda: text_of(data, CONF_PROXY) or "")
    proxy = None
    if proxy_text:
        proxy = flaws.of(
            lambda: _local(read_address(proxy_text, CONF_PROXY), CONF_PROXY, demo=demo)
        )
    user = flaws.of(lambda: text_of(data, CONF_USERNAME) or controller)
    password = flaws.of(lambda: text_of(data, CONF_PASSWORD) or "")
    credentials = None
    if user is not None and password is not None:
        credentials = flaws.of(lambda: (read_credentials(user, password or None),))
    trust = flaws.of(lambda: Trust(ca_certificate=text_of(data, CONF_CA_CERTIFICATE)))
    certificate = flaws.of(
        lambda: Credentials(
            client_certificate=text_of(data, CONF_CLIENT_CERTIFICATE),
            client_key=text_of(data, CONF_CLIENT_KEY),
        )
    )
    profile = flaws.of(lambda: _profile(data))
    transport = flaws.of(lambda: _choice(data, CONF_TRANSPORT, TRANSPORTS))
    registers = flaws.of(lambda: _choice(data, CONF_REGISTERS, REGISTERS))
    speech = flaws.of(lambda: read_speech(text_of(data, CONF_SPEECH) or ""))
    port = flaws.of(lambda: _port(data))
    language = flaws.of(lambda: choice_of(data, CONF_LANGUAGE, Language, DEFAULT_LANGUAGE))
    takes = flaws.of(lambda: choice_of(data, CONF_TAKES, Takes, Takes.ALARMS))
    road = flaws.of(lambda: road_of(data))
    heartbeat = flaws.of(lambda: heartbeat_of(data))
    if trust is not None and certificate is not None:
        flaws.of(lambda: make_context(trust, certificate))
    if flaws.found:
        raise ReceiverSettingsError(tuple(flaws.found))
    checked, receiver = there(profile), there(address)
    chosen = checked.transport if transport == BY_PROFILE else Transport(there(transport))
    route = routed(receiver, proxy, chosen)
    if road is Road.PRIVATE and not demo and not is_secure(route):
        raise ReceiverSettingsError((Flaw(CONF_REACHED_BY, PRIVATE_NEEDS_TLS),))
    return ScaipReceiverSettings(
        url=str(receiver),
        settings=ScaipSettings(
            receiver=replace(receiver, params={}),
            own=SipUri(host=receiver.host, user=there(user), secure=receiver.secure),
            route=route,
            credentials=there(credentials)[0],
            registers=checked.registers if registers == BY_PROFILE else registers == "yes",
            instance=instance_of(controller, receiver),
            trust=there(trust),
            certificate=there(certificate),
            local_port=there(port),
            speech=there(speech),
        ),
        profile=checked,
        language=there(language),
        takes=there(takes),
        road=there(road),
        heartbeat=there(heartbeat),
    )


def scaip_receiver(
    controller: str,
    settings: ScaipReceiverSettings,
    clock: Clock,
    zone: Callable[[], tzinfo],
    tunnel: Tunnel,
) -> Receiver:
    """Return the receiver that the settings describe. It opens nothing before it is used."""
    return ScaipReceiver(
        settings=settings.settings,
        profile=settings.profile,
        language=settings.language,
        controller=controller,
        clock=clock,
        zone=zone,
        tunnel=tunnel,
    )


def scaip_host_of(url: str) -> str:
    """Return the host of a SIP address, and its port where one is named."""
    try:
        address = SipUri.parse(url)
    except BadMessageError:
        return url
    return address.host if address.port is None else f"{address.host}:{address.port}"


def _address(data: Mapping[str, Any], *, demo: bool) -> SipUri:
    address = read_address(text_of(data, CONF_URL) or "", user=RECEIVER_USER)
    return _local(address, CONF_URL, demo=demo)


def _local(address: SipUri, field: str, *, demo: bool) -> SipUri:
    if demo and not is_loopback(address):
        # A demo home cannot reach a live receiver (A9, R32).
        raise FlawError(Flaw(field, DEMO_NOT_LOCAL))
    return address


def _profile(data: Mapping[str, Any]) -> ScaipProfile:
    text = (text_of(data, CONF_PROFILE) or DEFAULT_SCAIP_PROFILE).strip()
    return parse_profile(built_in(text) if text in BUILT_IN else text)


def _choice(data: Mapping[str, Any], field: str, choices: tuple[str, ...]) -> str:
    value = data.get(field, BY_PROFILE)
    if value not in choices:
        raise FlawError(Flaw(field, UNKNOWN_CHOICE))
    return str(value)


def _port(data: Mapping[str, Any]) -> int:
    port = data.get(CONF_LOCAL_PORT, 0)
    whole = isinstance(port, int) and not isinstance(port, bool)
    if not whole or not 0 <= port <= LAST_PORT:
        raise FlawError(Flaw(CONF_LOCAL_PORT, "port_range"))
    return int(port)
