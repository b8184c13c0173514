"""How a SCAIP receiver is touched: by TCP and by number, else not at all."""

from ipaddress import ip_address

from ..touching import Touching
from ..tunnel import Tunnel
from .sip.values import PORT, TLS_PORT, SipUri
from .sip.wire import Transport


def touching_of(route: SipUri, tunnel: Tunnel) -> Touching | None:
    """Return what touches a receiver; None where what a name leads to is for SIP's own rules to say (RFC 3263)."""
    transport = route.params.get("transport", Transport.TLS if route.secure else Transport.UDP)
    try:
        address = str(ip_address(route.host.strip("[]")))
    except ValueError:
        return None
    if transport == Transport.UDP:
        return None
    usual = TLS_PORT if transport == Transport.TLS else PORT
    return Touching(tunnel, address, route.port or usual)
