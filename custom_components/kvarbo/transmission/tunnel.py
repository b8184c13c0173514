"""The only way out of the home: every socket of a receiver is made here, and nowhere else (R01, R02).

A socket is tied to the tunnel's interface before it is connected. It then goes by that interface or
not at all, whatever the routes say; a source address alone does not hold (docs/vpn.md). The kernel
ties it to the interface as it is now: where the interface is made anew, old sockets are dead and
new ones are made.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
import errno
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
import re
import socket
from typing import Final

#: A connection whose octets are not taken for this long is dead, milliseconds: TCP itself would go
#: on for a quarter of an hour (docs/vpn.md).
USER_TIMEOUT: Final = 5000

#: Addresses that no router of the open internet carries (RFC 1918, RFC 6598, RFC 4193).
PRIVATE: Final[tuple[IPv4Network | IPv6Network, ...]] = tuple(
    ip_network(text)
    for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
)

#: What Linux takes as the name of an interface: 15 octets, no blank, no slash.
_INTERFACE: Final = re.compile(r"(?!\.{1,2}$)[!-.0-9;-~]{1,15}")
_NETWORKS: Final = Path("/sys/class/net")
_ETHERNET, _LOOPBACK = "1", "772"


class Enforcement(StrEnum):
    """What keeps alarms inside the way that the municipality has chosen."""

    #: This hub does: nothing goes but by the tunnel's interface.
    INTERFACE = "interface"
    #: A router holds the VPN. This hub can only refuse addresses that are not private.
    ROUTER = "router"
    #: A demo home reaches nothing but its own machine (A9, R32).
    DEMO = "demo"
    #: No VPN: verified TLS by the open internet, to a family's own receiver and to nobody else.
    PRIVATE = "private"
    #: Nobody has chosen yet: a home from before there was a choice.
    NONE = "none"


class Road(StrEnum):
    """By which of the home's ways one receiver is reached."""

    HOME = "home"
    #: Another interface, for when the first leads nowhere.
    SECOND = "second"
    #: None of the municipality's: a family's own receiver.
    PRIVATE = "private"


class OutsideError(OSError):
    """An address that must not be spoken to this way. Nothing was sent."""

    def __init__(self, words: str) -> None:
        """Say which rule it is against; the address is not in it."""
        super().__init__(errno.ENETUNREACH, words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tunnel:
    """How receivers are reached. `interface` and `nameservers` (numbers) only with INTERFACE.

    Without name servers those of the host are asked, by the tunnel too.
    """

    enforcement: Enforcement = Enforcement.NONE
    interface: str = ""
    nameservers: tuple[str, ...] = ()

    def open_socket(self, family: int, kind: int, proto: int, host: str) -> socket.socket:
        """Return a new socket that does not block, for one numeric address. Not connected yet.

        On TCP it sends at once and notices within seconds that the far end takes nothing.

        Raises:
            OutsideError: the address must not be spoken to.
            OSError: the interface is not there, or the kernel will not tie a socket to it.
        """
        self._check(host)
        made = socket.socket(family, kind, proto)
        try:
            made.settimeout(0)
            if self.enforcement is Enforcement.INTERFACE:
                if not self.interface:
                    # To the kernel an empty name means: untied.
                    raise OutsideError("no interface is chosen for this way")
                made.setsockopt(
                    socket.SOL_SOCKET, socket.SO_BINDTODEVICE, self.interface.encode() + b"\0"
                )
            if kind == socket.SOCK_STREAM:
                made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                made.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, USER_TIMEOUT)
                made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        except BaseException:
            made.close()
            raise
        return made

    def _check(self, host: str) -> None:
        address = ip_address(host)
        match self.enforcement:
            case Enforcement.ROUTER:
                mapped = getattr(address, "ipv4_mapped", None) or address
                if not any(mapped in network for network in PRIVATE):
                    raise OutsideError("address outside the private networks")
            case Enforcement.DEMO:
                if not address.is_loopback:
                    raise OutsideError("a demo home speaks to its own machine alone")
            case Enforcement.INTERFACE | Enforcement.PRIVATE | Enforcement.NONE:
                pass


#: Of a home from before there was a choice, and of what is called by hand.
OPEN: Final = Tunnel()


def is_interface_name(text: str) -> bool:
    """Tell whether Linux could have an interface of this name."""
    return _INTERFACE.fullmatch(text) is not None


def tunnels_present(networks: Path = _NETWORKS) -> tuple[str, ...]:
    """Return the names of the interfaces that can be a tunnel or a modem's. Reads files.

    Left out are the loopback and everything that is a cable, a radio, or a bridge of such: what goes
    there is on the home's own network.
    """
    return tuple(sorted(_tunnels(networks)))


def _tunnels(networks: Path) -> Iterator[str]:
    if not networks.is_dir():
        return
    for folder in networks.iterdir():
        kind = _read(folder / "type")
        is_link = kind not in ("", _ETHERNET, _LOOPBACK)
        is_modem = "DEVTYPE=wwan" in _read(folder / "uevent")
        if is_link or is_modem or (kind == _ETHERNET and (folder / "tun_flags").exists()):
            yield folder.name


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        # It is not there, or the interface has gone in between.
        return ""
