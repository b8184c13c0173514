"""From the home's settings to the way that its alarms take, and what is wrong with what was typed."""

from collections.abc import Collection, Mapping
from ipaddress import ip_address
from typing import Any, Final

from .const import CONF_DEMO, CONF_INTERFACE, CONF_NAMESERVERS, CONF_WAY, CONF_WAY_OUT
from .transmission.tunnel import Enforcement, Tunnel, is_interface_name

__all__ = [
    "WAYS",
    "BadWayError",
    "Enforcement",
    "Tunnel",
    "is_way_unreadable",
    "read_way_out",
    "tunnel_of",
]

#: What a person can choose between. A demo home has no choice, and no home chooses nothing.
WAYS: Final = (Enforcement.INTERFACE, Enforcement.ROUTER)
#: So many name servers are asked at most.
NAMESERVERS_MOST: Final = 3


class BadWayError(ValueError):
    """The way that was chosen cannot be used; `problem` is the key of its text for people."""

    def __init__(self, problem: str) -> None:
        """Name the problem, which names the field."""
        super().__init__(problem)
        self.problem = problem


def tunnel_of(home: Mapping[str, Any]) -> Tunnel:
    """Return the way out by a home's settings (what `read_way_out` gave, kept).

    A home from before there was a choice goes on as it did, and says so: an update never stops
    alarms.
    """
    if home[CONF_DEMO]:
        return Tunnel(enforcement=Enforcement.DEMO)
    kept = home.get(CONF_WAY_OUT)
    if not kept:
        return Tunnel(enforcement=Enforcement.NONE)
    if is_way_unreadable(home):
        # Of a later release, or broken. Where an interface is named it is kept to; nothing is slid from.
        interface = kept.get(CONF_INTERFACE) if isinstance(kept, Mapping) else None
        if isinstance(interface, str) and is_interface_name(interface):
            return Tunnel(enforcement=Enforcement.INTERFACE, interface=interface)
        return Tunnel(enforcement=Enforcement.NONE)
    return Tunnel(
        enforcement=Enforcement(kept[CONF_WAY]),
        interface=str(kept.get(CONF_INTERFACE, "")),
        nameservers=tuple(kept.get(CONF_NAMESERVERS, ())),
    )


def is_way_unreadable(home: Mapping[str, Any]) -> bool:
    """Tell whether the way that is stored is none that this release knows: a person must choose anew."""
    kept = home.get(CONF_WAY_OUT)
    if not kept or home[CONF_DEMO]:
        return False
    if not isinstance(kept, Mapping) or kept.get(CONF_WAY) not in WAYS:
        return True
    if kept[CONF_WAY] == Enforcement.ROUTER:
        return False
    interface, servers = kept.get(CONF_INTERFACE), kept.get(CONF_NAMESERVERS, [])
    if not isinstance(interface, str) or not is_interface_name(interface):
        return True
    return not isinstance(servers, (list, tuple)) or not all(map(_is_number, servers))


def _is_number(text: object) -> bool:
    try:
        ip_address(str(text))
    except ValueError:
        return False
    return True


def read_way_out(typed: Mapping[str, Any], present: Collection[str]) -> dict[str, Any]:
    """Return the way as it is kept; `present` are the interfaces to choose from.

    Raises:
        BadWayError: it cannot be used.
    """
    way = typed.get(CONF_WAY)
    if way not in WAYS:
        raise BadWayError("way_needed")
    if way == Enforcement.ROUTER:
        return {CONF_WAY: Enforcement.ROUTER.value}
    interface = str(typed.get(CONF_INTERFACE) or "").strip()
    if not interface:
        raise BadWayError("interface_needed")
    if not is_interface_name(interface):
        raise BadWayError("interface_name")
    if interface not in present:
        raise BadWayError("interface_absent")
    return {
        CONF_WAY: Enforcement.INTERFACE.value,
        CONF_INTERFACE: interface,
        CONF_NAMESERVERS: _nameservers(str(typed.get(CONF_NAMESERVERS) or "")),
    }


def _nameservers(text: str) -> list[str]:
    numbers = text.replace(",", " ").split()
    if len(numbers) > NAMESERVERS_MOST:
        raise BadWayError("nameservers_many")
    try:
        return [str(ip_address(number)) for number in numbers]
    except ValueError:
        raise BadWayError("nameservers_numbers") from None
