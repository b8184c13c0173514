"""From the home's settings to the way that its alarms take, and what is wrong with what was typed."""

from collections.abc import Collection, Mapping
from ipaddress import ip_address
from typing import Any, Final

from .const import (
    CONF_DEMO,
    CONF_INTERFACE,
    CONF_NAMESERVERS,
    CONF_REACHED_BY,
    CONF_SECOND,
    CONF_WAY,
    CONF_WAY_OUT,
)
from .transmission.tunnel import Enforcement, Road, Tunnel, is_interface_name

__all__ = [
    "WAYS",
    "BadWayError",
    "Enforcement",
    "Road",
    "Tunnel",
    "has_second",
    "is_private",
    "is_way_unreadable",
    "kept_road",
    "read_way_out",
    "receiver_model",
    "road_problem",
    "tunnel_of",
]

#: What a person can choose between. A demo home has no choice, and no home chooses nothing.
WAYS: Final = (Enforcement.INTERFACE, Enforcement.ROUTER, Enforcement.PRIVATE)
#: So many name servers are asked at most.
NAMESERVERS_MOST: Final = 3


class BadWayError(ValueError):
    """The way that was chosen cannot be used; `problem` is the key of its text for people."""

    def __init__(self, problem: str) -> None:
        """Name the problem, which names the field."""
        super().__init__(problem)
        self.problem = problem


def tunnel_of(home: Mapping[str, Any], road: Road = Road.HOME) -> Tunnel:
    """Return the way out by a home's settings (what `read_way_out` gave, kept), by one of its roads.

    A home from before there was a choice goes on as it did, and says so: an update never stops
    alarms. Whether there is such a road at all is `road_problem`'s to say.
    """
    if home[CONF_DEMO]:
        return Tunnel(enforcement=Enforcement.DEMO)
    if road is Road.PRIVATE:
        return Tunnel(enforcement=Enforcement.PRIVATE)
    kept = home.get(CONF_WAY_OUT)
    if road is Road.SECOND:
        # Without a name, and so to nobody, where there is none.
        second = str(kept.get(CONF_SECOND, "")) if isinstance(kept, Mapping) else ""
        return Tunnel(enforcement=Enforcement.INTERFACE, interface=second)
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


def has_second(home: Mapping[str, Any]) -> bool:
    """Tell whether the home has a second way that can be used."""
    kept = home.get(CONF_WAY_OUT)
    if home[CONF_DEMO] or not isinstance(kept, Mapping):
        return False
    second = kept.get(CONF_SECOND)
    return isinstance(second, str) and is_interface_name(second)


def road_problem(home: Mapping[str, Any], road: Road) -> str | None:
    """Return why a receiver cannot be reached by this road, as the key of its text; None where it can."""
    if home[CONF_DEMO]:
        return None
    if road is Road.SECOND and not has_second(home):
        return "no_second_way"
    if road is Road.HOME and tunnel_of(home).enforcement is Enforcement.PRIVATE:
        return "no_home_way"
    return None


def is_way_unreadable(home: Mapping[str, Any]) -> bool:
    """Tell whether the way that is stored is none that this release knows: a person must choose anew."""
    kept = home.get(CONF_WAY_OUT)
    if not kept or home[CONF_DEMO]:
        return False
    if not isinstance(kept, Mapping) or kept.get(CONF_WAY) not in WAYS:
        return True
    if kept[CONF_WAY] in (Enforcement.ROUTER, Enforcement.PRIVATE):
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


def kept_road(data: Mapping[str, Any]) -> Road:
    """Return by which road a receiver's stored settings say that it is reached."""
    kept = data.get(CONF_REACHED_BY, Road.HOME)
    # What is no road makes a flaw when the settings are read.
    return Road(kept) if kept in list(Road) else Road.HOME


def is_private(data: Mapping[str, Any]) -> bool:
    """Tell whether a receiver's stored settings say that it is a family's own."""
    return kept_road(data) is Road.PRIVATE


def receiver_model(data: Mapping[str, Any]) -> str:
    """Return what a receiver's device is, for all to see."""
    return "Private receiver: not a municipal chain" if is_private(data) else "Receiver"


def read_way_out(typed: Mapping[str, Any], present: Collection[str]) -> dict[str, Any]:
    """Return the way as it is kept; `present` are the interfaces to choose from.

    Raises:
        BadWayError: it cannot be used.
    """
    way = typed.get(CONF_WAY)
    if way not in WAYS:
        raise BadWayError("way_needed")
    second = _second(typed, present)
    if way != Enforcement.INTERFACE:
        return {CONF_WAY: Enforcement(way).value, **second}
    interface = str(typed.get(CONF_INTERFACE) or "").strip()
    if not interface:
        raise BadWayError("interface_needed")
    if not is_interface_name(interface):
        raise BadWayError("interface_name")
    if interface not in present:
        raise BadWayError("interface_absent")
    if second.get(CONF_SECOND) == interface:
        raise BadWayError("second_same")
    return {
        CONF_WAY: Enforcement.INTERFACE.value,
        CONF_INTERFACE: interface,
        CONF_NAMESERVERS: _nameservers(str(typed.get(CONF_NAMESERVERS) or "")),
        **second,
    }


def _second(typed: Mapping[str, Any], present: Collection[str]) -> dict[str, str]:
    second = str(typed.get(CONF_SECOND) or "").strip()
    if not second:
        return {}
    if not is_interface_name(second):
        raise BadWayError("second_name")
    if second not in present:
        raise BadWayError("second_absent")
    return {CONF_SECOND: second}


def _nameservers(text: str) -> list[str]:
    numbers = text.replace(",", " ").split()
    if len(numbers) > NAMESERVERS_MOST:
        raise BadWayError("nameservers_many")
    try:
        return [str(ip_address(number)) for number in numbers]
    except ValueError:
        raise BadWayError("nameservers_numbers") from None
