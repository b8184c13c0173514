"""From an address to the places that a request may go to, in order (RFC 3263)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
import random
from typing import Final, Protocol

from .values import PORT, TLS_PORT, SipUri
from .wire import Fault, Target, Transport, UnansweredError

#: What NAPTR calls each way (RFC 3263 section 4.1, RFC 3261 section 26.2.2).
_SERVICES: Final = {
    "SIPS+D2T": Transport.TLS,
    "SIP+D2T": Transport.TCP,
    "SIP+D2U": Transport.UDP,
}
_SRV: Final = {
    Transport.TLS: "_sips._tcp.",
    Transport.TCP: "_sip._tcp.",
    Transport.UDP: "_sip._udp.",
}
#: So many places are tried at most.
MOST: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Naptr:
    """One way that a domain offers (RFC 3403)."""

    order: int
    preference: int
    service: str
    replacement: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Srv:
    """One server of a domain (RFC 2782)."""

    priority: int
    weight: int
    port: int
    host: str


class Lookup(Protocol):
    """Asks for names. Nothing found and nothing answered are both empty: what follows is the same."""

    async def naptr(self, name: str) -> Sequence[Naptr]:
        """Return what a domain offers."""

    async def srv(self, name: str) -> Sequence[Srv]:
        """Return the servers of a service."""

    async def addresses(self, name: str) -> Sequence[str]:
        """Return the numeric addresses of a host."""


async def resolve(
    uri: SipUri,
    *,
    lookup: Lookup,
    weigh: Callable[[int], int] = lambda most: random.randint(0, most),  # noqa: S311
) -> tuple[Target, ...]:
    """Return the places behind an address, best first, `MOST` at most.

    A number for a host, and a named port, are taken as they are. `weigh` returns a number from 0 to
    `most`, by which servers of one priority are shared out.

    Raises:
        UnansweredError: nothing is known of the name.
    """
    transport = _stated(uri)
    number = _is_number(uri.host)
    places: list[tuple[Transport, str, int]] = []
    if not number and uri.port is None:
        places = await _servers(uri.host, transport, lookup, weigh)
    if not places:
        chosen = transport or (Transport.TLS if uri.secure else Transport.UDP)
        default = TLS_PORT if chosen is Transport.TLS else PORT
        places = [(chosen, uri.host, uri.port or default)]
    targets: list[Target] = []
    for chosen, host, port in places[:MOST]:
        numbers = [host] if _is_number(host) else await lookup.addresses(host)
        # The certificate is of the name that a person has typed, not of what a server list gave.
        targets += [
            Target(transport=chosen, host=found, port=port, name=uri.host) for found in numbers
        ]
    if not targets:
        raise UnansweredError(Fault.NO_NAME, uri.host)
    return tuple(targets[:MOST])


def _stated(uri: SipUri) -> Transport | None:
    said = (uri.params.get("transport") or "").lower()
    if uri.secure or said == "tls":
        return Transport.TLS
    return Transport(said) if said in Transport else None


def _is_number(host: str) -> bool:
    try:
        return bool(ip_address(host))
    except ValueError:
        return False


async def _servers(
    domain: str, transport: Transport | None, lookup: Lookup, weigh: Callable[[int], int]
) -> list[tuple[Transport, str, int]]:
    services: list[tuple[Transport, str]]
    if transport is not None:
        services = [(transport, _SRV[transport] + domain)]
    else:
        offers = sorted(await lookup.naptr(domain), key=lambda o: (o.order, o.preference))
        services = [
            (_SERVICES[offer.service.upper()], offer.replacement.rstrip("."))
            for offer in offers
            if offer.service.upper() in _SERVICES
        ] or [(known, prefix + domain) for known, prefix in _SRV.items()]
    places = []
    for chosen, name in services:
        for server in _shared_out(await lookup.srv(name), weigh):
            host = server.host.rstrip(".")
            if host:
                places.append((chosen, host, server.port))
    return places


def _shared_out(servers: Sequence[Srv], weigh: Callable[[int], int]) -> list[Srv]:
    """Return servers by priority, within one by lot and weight (RFC 2782)."""
    out: list[Srv] = []
    for priority in sorted({server.priority for server in servers}):
        left = sorted(
            (s for s in servers if s.priority == priority), key=lambda s: (s.weight > 0, s.host)
        )
        while left:
            drawn, run = weigh(sum(s.weight for s in left)), 0
            for server in left:
                run += server.weight
                if run >= drawn:
                    out.append(server)
                    left.remove(server)
                    break
    return out
