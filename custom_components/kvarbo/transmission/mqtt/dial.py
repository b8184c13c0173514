"""How a connection to a broker is made: its name asked for, a socket of the tunnel's, TLS by the typed name."""

import asyncio
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address
import socket
import ssl
from typing import Final

from ..rest.session import UnansweredError
from ..rest.words import Said
from ..scaip.sip.dns import Dns
from ..tls_alert import alert_of, is_about_ours
from ..tunnel import Tunnel
from .settings import MqttSettings
from .wire import Wire

#: So many addresses of a name are tried.
_MOST_ADDRESSES: Final = 8


class Dial:
    """Makes connections to one broker."""

    def __init__(
        self, settings: MqttSettings, tunnel: Tunnel, make_tls: Callable[[], ssl.SSLContext]
    ) -> None:
        """`make_tls` takes time: it is called in a thread, once."""
        self._settings = settings
        self._tunnel = tunnel
        self._make_tls = make_tls
        self._tls: ssl.SSLContext | None = None

    async def connect(self, wire: Wire) -> None:
        """Connect, to the first address of the broker's that takes it.

        Raises:
            UnansweredError: its name is not known.
            OSError: none takes it (TLS's errors are of this kind too).
        """
        settings = self._settings
        if settings.tls and self._tls is None:
            self._tls = await asyncio.to_thread(self._make_tls)
        failure = OSError(None, "no address")
        for address in await self._addresses():
            try:
                await self._to(address, wire)
            except OSError as err:
                failure = err
            else:
                return
        raise failure

    async def _to(self, address: str, wire: Wire) -> None:
        loop, settings = asyncio.get_running_loop(), self._settings
        is_new = isinstance(ip_address(address), IPv6Address)
        family = socket.AF_INET6 if is_new else socket.AF_INET
        made = self._tunnel.open_socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP, address)
        try:
            await loop.sock_connect(made, (address, settings.port))
            await loop.create_connection(
                lambda: wire,
                sock=made,
                ssl=self._tls,
                # The name that was typed, whatever address it has.
                server_hostname=None if self._tls is None else settings.host,
            )
        except BaseException:
            made.close()
            raise

    async def _addresses(self) -> list[str]:
        host = self._settings.host
        try:
            return [str(ip_address(host))]
        except ValueError:
            found = await Dns(tunnel=self._tunnel).addresses(host)
        if not found:
            raise UnansweredError(Said.NO_NAME, maybe_heard=False)
        return list(found)[:_MOST_ADDRESSES]


def why(err: Exception) -> UnansweredError:
    """Return in our words why there is no connection; the order matters, as most are kinds of `OSError`."""
    alert = alert_of(err)
    if is_about_ours(alert):
        return UnansweredError(Said.OWN_CERTIFICATE_REFUSED, alert, maybe_heard=False)
    said: tuple[Said, object]
    match err:
        case UnansweredError():
            return err
        case ssl.SSLCertVerificationError(verify_message=words):
            said = Said.CERTIFICATE, words
        case ssl.SSLError():
            said = Said.TLS, alert or type(err).__name__
        case ConnectionRefusedError():
            said = Said.REFUSED, ""
        case ConnectionError():
            said = Said.CUT_OFF, ""
        case OSError():
            said = Said.UNREACHABLE, err.strerror or type(err).__name__
        case _:
            said = Said.NOT_MQTT, type(err).__name__
    return UnansweredError(*said, maybe_heard=False)
