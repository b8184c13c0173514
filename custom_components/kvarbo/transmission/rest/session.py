"""One request and its answer over a session of our own: bounded in time and size, redirects refused.

Nothing is taken from the environment: no proxy, no stored password. Home Assistant's shared session is never used: it
cannot be confined to a tunnel, and keeps others' cookies and limits.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
import socket
import ssl
from typing import Final, Protocol, override

import aiohttp
from aiohttp import AddrInfoType
from aiohttp.abc import AbstractResolver, AbstractStreamWriter, ResolveResult
from yarl import URL

from ..gate import GATE, Content
from ..receiver import WrittenHook
from ..scaip.sip.dns import Dns
from ..tls_alert import alert_of, is_about_ours
from ..tunnel import OPEN, Enforcement, Tunnel
from .words import Said, printable

#: Longest answer that is read, in octets.
LONGEST_ANSWER: Final = 64 * 1024
#: An idle connection is kept this long, in seconds. Routers forget idle connections without a word, and an alarm must
#: not go into one of those: probes open a new one each time, and only what follows at once uses it again.
KEPT: Final = 15.0


class ConnectorFactory(Protocol):
    """Makes the connector of a session."""

    def __call__(self, tls: ssl.SSLContext, tunnel: Tunnel) -> aiohttp.BaseConnector:
        """Return a new connector that uses this TLS context and way out; called in the event loop."""


class _Names(AbstractResolver):
    """Asks for names by the tunnel alone."""

    def __init__(self, tunnel: Tunnel) -> None:
        self._dns = Dns(tunnel=tunnel)

    @override
    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = [ip_address(address) for address in await self._dns.addresses(host)]
        families = {4: socket.AF_INET, 6: socket.AF_INET6}
        wanted = [a for a in found if family in (socket.AF_UNSPEC, families[a.version])]
        if not wanted:
            raise OSError(None, "no address found by the tunnel")
        return [
            ResolveResult(
                hostname=host,
                host=str(address),
                port=port,
                family=families[address.version],
                proto=socket.IPPROTO_TCP,
                flags=socket.AI_NUMERICHOST,
            )
            for address in wanted
        ]

    @override
    async def close(self) -> None:
        pass


def open_connector(tls: ssl.SSLContext, tunnel: Tunnel = OPEN) -> aiohttp.BaseConnector:
    """Return a connector without a limit of connections: no alarm waits for another's answer (A3)."""

    def open_socket(place: AddrInfoType) -> socket.socket:
        family, kind, proto, _name, address = place
        return tunnel.open_socket(family, kind, proto, str(address[0]))

    return aiohttp.TCPConnector(
        ssl=tls,
        limit=0,
        limit_per_host=0,
        keepalive_timeout=KEPT,
        resolver=_Names(tunnel) if tunnel.enforcement is Enforcement.INTERFACE else None,
        socket_factory=open_socket,
    )


def open_session(connector: aiohttp.BaseConnector) -> aiohttp.ClientSession:
    """Return a session that keeps no cookies and knows no proxy; times are `exchange`'s."""
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        auto_decompress=False,
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A request, ready to go. `url` is encoded already. Content without octets: a request without a body."""

    method: str
    url: str
    headers: Mapping[str, str]
    content: Content


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """An answer. `took` is seconds from the first octet written until its last was read."""

    status: int
    body: bytes
    retry_after: str | None
    took: float


class UnansweredError(Exception):
    """No answer that can be read. `maybe_heard`: some of the message was written before that."""

    def __init__(self, said: Said, detail: object = "", *, maybe_heard: bool) -> None:
        """Say what happened; nothing of the request is in it."""
        super().__init__(said)
        self.said = said
        self.detail = printable(str(detail), 120)
        self.maybe_heard = maybe_heard


class _Body(aiohttp.BytesPayload):
    """A body that notes when it begins to go and calls when it has gone, whole, to the network."""

    def __init__(
        self, content: Content, content_type: str, begun: _Begun, written: _Written
    ) -> None:
        super().__init__(GATE.check(content), content_type=content_type)
        self._begun = begun
        self._written = written

    @override
    async def write_with_length(
        self, writer: AbstractStreamWriter, content_length: int | None
    ) -> None:
        self._begun.now()
        # aiohttp would repeat a PUT by itself on a broken connection; the transmitter counts every sending (A5).
        self._consumed = True
        await super().write_with_length(writer, content_length)
        self._written()


type _Written = Callable[[], None]


class _Begun:
    """When the first octet of the message was written."""

    def __init__(self) -> None:
        self.at: float | None = None

    def now(self) -> None:
        self.at = asyncio.get_running_loop().time()


async def exchange(
    session: aiohttp.ClientSession,
    outgoing: Outgoing,
    *,
    limit: float,
    written: WrittenHook | None = None,
) -> Incoming:
    """Send a request and read the whole answer within `limit` seconds, connecting included.

    `written` is called once, when the request has been handed whole to the network.

    Raises:
        UnansweredError: there is no answer, or none that can be read.
        GateError: the content is none of the gate's; nothing was sent.
    """
    loop = asyncio.get_running_loop()
    begun = _Begun()
    data: _Body | None = None
    if GATE.check(outgoing.content):
        content_type = outgoing.headers["Content-Type"]
        data = _Body(outgoing.content, content_type, begun, written or _nothing)
    asked = loop.time()
    try:
        async with (
            asyncio.timeout(limit),
            session.request(
                outgoing.method,
                URL(outgoing.url, encoded=True),
                data=data,
                headers=outgoing.headers,
                allow_redirects=False,
            ) as response,
        ):
            return Incoming(
                status=response.status,
                body=await _read(response, begun),
                retry_after=response.headers.get("Retry-After"),
                took=loop.time() - (asked if begun.at is None else begun.at),
            )
    except (TimeoutError, aiohttp.ClientError, OSError) as err:
        said, detail = _what_happened(err, limit)
        raise UnansweredError(said, detail, maybe_heard=begun.at is not None) from None


def _nothing() -> None:
    """Take no note."""


async def _read(response: aiohttp.ClientResponse, begun: _Begun) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > LONGEST_ANSWER:
            # Leaving now closes the connection: what else comes is never read.
            raise UnansweredError(Said.TOO_LARGE, maybe_heard=begun.at is not None)
    return bytes(body)


def _what_happened(err: Exception, limit: float) -> tuple[Said, object]:
    """Say in our words why there is no answer; the order matters, as most are kinds of `OSError`."""
    alert = alert_of(err)
    if is_about_ours(alert):
        return Said.OWN_CERTIFICATE_REFUSED, alert
    said: tuple[Said, object]
    match err:
        case aiohttp.ClientConnectorCertificateError(certificate_error=cause):
            said = Said.CERTIFICATE, getattr(cause, "verify_message", "")
        case aiohttp.ClientConnectorDNSError():
            said = Said.NO_NAME, ""
        case aiohttp.ClientSSLError():
            said = Said.TLS, alert or type(err).__name__
        case aiohttp.ClientConnectorError(os_error=ConnectionRefusedError()):
            said = Said.REFUSED, ""
        case aiohttp.ClientConnectorError(os_error=ConnectionError()):
            said = Said.CUT_OFF, ""
        case aiohttp.ClientConnectorError(os_error=cause):
            said = Said.UNREACHABLE, cause.strerror or type(cause).__name__
        case aiohttp.ClientResponseError():
            said = Said.NOT_HTTP, ""
        case TimeoutError() if err.errno is None and not isinstance(err, aiohttp.ClientError):
            said = Said.SILENT, f"{limit:g}"
        case _:
            said = Said.CUT_OFF, ""
    return said
