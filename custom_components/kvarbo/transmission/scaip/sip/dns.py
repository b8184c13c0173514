"""Names by DNS, off the event loop and bounded in time."""

import asyncio
from collections.abc import Sequence
import logging
import socket
from typing import Any, Final, override

import aiodns
import pycares

from .resolve import Lookup, Naptr, Srv

_LOGGER: Final = logging.getLogger(__name__)

#: So long one question may take, in seconds.
LIMIT: Final = 3.0


class Dns(Lookup):
    """Asks the host's own name servers, or others for a test. Make it in the event loop."""

    def __init__(self, nameservers: Sequence[str] | None = None, *, limit: float = LIMIT) -> None:
        """Ask nothing yet."""
        self._nameservers = nameservers
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
        """Ask as every other program of the host does, so that its own list of hosts counts."""
        if self._nameservers is not None:
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

    async def _query(self, name: str, kind: str) -> list[Any]:
        resolver = aiodns.DNSResolver(self._nameservers, timeout=self._limit, tries=1)
        try:
            async with asyncio.timeout(self._limit):
                result = await resolver.query_dns(name, kind)
        except (aiodns.error.DNSError, TimeoutError, UnicodeError) as err:
            _LOGGER.debug("A name was asked for in vain: %s", type(err).__name__)
            return []
        finally:
            await resolver.close()
        return [record.data for record in result.answer]


def _text(value: str | bytes) -> str:
    return value.decode("ascii", "replace") if isinstance(value, bytes) else value
