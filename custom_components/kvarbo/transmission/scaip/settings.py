"""What a person types about a SCAIP receiver: addresses, our credentials, whom to trust. Errors name the field."""

from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from ..alarm_fields import NO_VOICE
from ..rest.settings import LONGEST_ADDRESS, Credentials, SettingError, SettingProblem, Trust
from .elements import is_speech_address
from .sip.digest import Credentials as SipCredentials
from .sip.values import BadMessageError, SipUri
from .sip.wire import Transport

#: Most caller addresses; each takes its share of a document's thousand octets.
MOST_SPEECH: Final = 2
LONGEST_USER: Final = 64
LONGEST_PASSWORD: Final = 256
_SCHEMES: Final = ("sip:", "sips:")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaipSettings:
    """A SCAIP receiver's settings, checked.

    `receiver` is whom messages are for, `own` our address there, `route` where all is sent, with the
    transport named. `credentials` None: the receiver asks for none. `speech` are caller addresses of
    the home's speech unit. `instance` never changes for a home and a receiver (RFC 5626).
    """

    receiver: SipUri
    own: SipUri
    route: SipUri
    credentials: SipCredentials | None
    registers: bool
    instance: str
    trust: Trust
    certificate: Credentials = field(default_factory=Credentials)
    local_port: int = 0
    speech: tuple[str, ...] = (NO_VOICE,)


def read_address(text: str, name: str = "url", *, user: str | None = None) -> SipUri:
    """Return an address as people type it: with or without `sip:`, a user, a port, parameters.

    `user` stands where none was typed.

    Raises:
        SettingError: it is of no use; `name` is the setting's.
    """
    text = text.strip()
    if not text:
        raise SettingError(name, SettingProblem.EMPTY)
    if len(text) > LONGEST_ADDRESS:
        raise SettingError(name, SettingProblem.TOO_LONG)
    if not text.isascii() or not text.isprintable() or " " in text or "/" in text:
        raise SettingError(name, SettingProblem.NOT_AN_ADDRESS)
    if "?" in text:
        raise SettingError(name, SettingProblem.HAS_QUERY)
    if not text.lower().startswith(_SCHEMES):
        text = f"sip:{text}"
    try:
        address = SipUri.parse(text)
    except BadMessageError:
        raise SettingError(name, SettingProblem.NOT_AN_ADDRESS) from None
    said = address.params.get("transport")
    if said is not None and said.lower() not in Transport:
        raise SettingError(name, SettingProblem.NOT_AN_ADDRESS)
    return address if address.user is not None or user is None else replace(address, user=user)


def read_speech(text: str) -> tuple[str, ...]:
    """Return caller addresses, one a line; none is `no-voice:`.

    Raises:
        SettingError: one has none of the three forms, or there are too many.
    """
    addresses = tuple(line.strip() for line in text.splitlines() if line.strip())
    if not addresses:
        return (NO_VOICE,)
    if len(addresses) > MOST_SPEECH:
        raise SettingError("speech", SettingProblem.TOO_LONG)
    if not all(is_speech_address(address) for address in addresses):
        raise SettingError("speech", SettingProblem.NOT_AN_ADDRESS)
    return addresses


def read_credentials(user: str, password: str | None) -> SipCredentials | None:
    """Return what proves the home to the receiver, None without a password.

    Raises:
        SettingError: user name or password is of no use.
    """
    if not user.isprintable() or not user.isascii() or any(c in user for c in '@:<>"; '):
        raise SettingError("username", SettingProblem.NOT_PRINTABLE)
    if not 0 < len(user) <= LONGEST_USER:
        raise SettingError("username", SettingProblem.TOO_LONG if user else SettingProblem.EMPTY)
    if password is None:
        return None
    if len(password) > LONGEST_PASSWORD:
        raise SettingError("password", SettingProblem.TOO_LONG)
    if not password.isprintable():
        raise SettingError("password", SettingProblem.NOT_PRINTABLE)
    return SipCredentials(user, password)


def routed(receiver: SipUri, proxy: SipUri | None, transport: Transport) -> SipUri:
    """Return where all is sent: the proxy or the receiver itself, by the transport that was chosen."""
    place = receiver if proxy is None else proxy
    said = place.params.get("transport")
    if place.secure and said is None:
        transport = Transport.TLS
    return SipUri(
        host=place.host,
        port=place.port,
        params={"transport": said.lower() if said else transport.value},
    )


def is_loopback(address: SipUri) -> bool:
    """Tell whether an address is this very machine's."""
    try:
        return ip_address(address.host).is_loopback
    except ValueError:
        return address.host == "localhost"


def is_secure(route: SipUri) -> bool:
    """Tell whether what `routed` gave is spoken to by TLS."""
    return route.params.get("transport") == Transport.TLS.value


def instance_of(controller: str, receiver: SipUri) -> str:
    """Return a name of this home at this receiver, the same at every start."""
    return uuid5(NAMESPACE_URL, f"urn:kvarbo:{controller}:{receiver.host}").urn
