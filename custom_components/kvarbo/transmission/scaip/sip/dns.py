"""Names by DNS, off the event loop and bounded in time."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
import logging
import socket
from typing import Any, Final, override

import aiodns
import pycares

from ...tunnel import OPEN, Enforcement, Tunnel
from .resolve import Lookup, Naptr, Srv

_LOGGER: Final = logging.getLogger(__name__)

#: So long one question may take, in seconds.
LIMIT: Final = 3.0
#: An address for a socket that is never connected.
_NOWHERE: Final = "0.0.0.0"  # noqa: S104
#: A server has answered: there is no such name, or nothing of that kind.
_SAYS_NO: Final = frozenset({aiodns.error.ARES_ENOTFOUND, aiodns.error.ARES_ENODATA})


class Dns(Lookup):
    """Asks the name servers of the tunnel or of the host, or others for a test.

    With a tunnel no question goes but by its interface (docs/vpn.md). Make it in the event loop.
    """

    def __init__(
        self,
        nameservers: Sequence[str] | None = None,
        *,
        tunnel: Tunnel = OPEN,
        limit: float = LIMIT,
    ) -> None:
        """Ask nothing yet."""
        self._nameservers = nameservers or tunnel.nameservers or None
        self._tunnel = tunnel
        self._limit = limit

    @override
    async def naptr(self, name: str) -> Sequence[Naptr]:
        return [
            Naptr(
                order=data.order,
                preference=data.preference,
                service=_text(data.service),
                replacement=_text(data.replacement),
            )
            for data in await self._query(name, "NAPTR")
            if isinstance(data, pycares.NAPTRRecordData)
        ]

    @override
    async def srv(self, name: str) -> Sequence[Srv]:
        return [
            Srv(
                priority=data.priority,
                weight=data.weight,
                port=data.port,
                host=_text(data.target),
            )
            for data in await self._query(name, "SRV")
            if isinstance(data, pycares.SRVRecordData)
        ]

    @override
    async def addresses(self, name: str) -> Sequence[str]:
        """Ask as every other program of the host does, so that its own list of hosts counts.

        Within a tunnel only its name servers count: what other programs ask may go anywhere.
        """
        if self._nameservers is not None or self._is_confined:
            four = await self._query(name, "A")
            six = await self._query(name, "AAAA")
            return [_text(data.addr) for data in (*four, *six) if hasattr(data, "addr")]
        try:
            async with asyncio.timeout(self._limit):
                found = await asyncio.get_running_loop().getaddrinfo(
                    name, None, type=socket.SOCK_STREAM
                )
        except (OSError, UnicodeError) as err:
            _LOGGER.debug("A name is not known: %s", type(err).__name__)
            return []
        return list(dict.fromkeys(str(entry[4][0]) for entry in found))

    @property
    def _is_confined(self) -> bool:
        return self._tunnel.enforcement is Enforcement.INTERFACE

    async def _query(self, name: str, kind: str) -> list[Any]:
        if not self._is_confined:
            async with _asking(self._nameservers, timeout=self._limit) as resolver:
                return await _ask(resolver, name, kind, self._limit) or []
        servers = self._nameservers or await _servers_of_the_host()
        share = self._limit / max(len(servers), 1)
        for server in servers:
            # The library goes on by any way where it cannot tie its socket. So that is tried right
            # before it makes one, and it is let make one only: one server, one try, no TCP.
            try:
                self._tunnel.open_socket(socket.AF_INET, socket.SOCK_DGRAM, 0, _NOWHERE).close()
            except OSError as err:
                _LOGGER.debug("A name cannot be asked for: %s", err.strerror)
                return []
            async with _asking(
                [server],
                timeout=share,
                local_dev=self._tunnel.interface.encode(),
                flags=pycares.ARES_FLAG_IGNTC,
            ) as resolver:
                found = await _ask(resolver, name, kind, share)
            if found is not None:
                return found
        return []


@asynccontextmanager
async def _asking(
    servers: Sequence[str] | None, **options: Any
) -> AsyncGenerator[aiodns.DNSResolver]:
    resolver = aiodns.DNSResolver(servers, tries=1, **options)
    try:
        yield resolver
    finally:
        await resolver.close()


async def _servers_of_the_host() -> list[str]:
    async with _asking(None) as resolver:
        return list(resolver.nameservers)


async def _ask(
    resolver: aiodns.DNSResolver, name: str, kind: str, limit: float
) -> list[Any] | None:
    """Return what is answered, None where nothing is."""
    try:
        async with asyncio.timeout(limit):
            result = await resolver.query_dns(name, kind)
    except TimeoutError:
        return None
    except UnicodeError as err:
        _LOGGER.debug("A name was asked for in vain: %s", type(err).__name__)
        return []
    except aiodns.error.DNSError as err:
        _LOGGER.debug("A name was asked for in vain: %s", err.args[-1])
        return [] if err.args[0] in _SAYS_NO else None
    return [record.data for record in result.answer]


def _text(value: str | bytes) -> str:
    return value.decode("ascii", "replace") if isinstance(value, bytes) else value
