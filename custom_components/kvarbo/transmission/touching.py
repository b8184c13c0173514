"""A touch: is somebody there, by the way that alarms take? Nothing is said to them.

A connection is made and left standing, and the kernel asks by itself whether its other end is still there: so
a far end sees one idle connection now and then, and not one each few seconds.
"""

import asyncio
from contextlib import suppress
from ipaddress import ip_address
import socket
from typing import Final

from .scaip.sip.dns import Dns
from .tunnel import Tunnel

#: The kernel asks after so many idle seconds, so often, and gives up by the tunnel's own time-out.
_IDLE: Final = 4
_EVERY: Final = 1
_SIX: Final = 6


class Touching:
    """Touches one address."""

    def __init__(self, tunnel: Tunnel, host: str, port: int) -> None:
        """Open nothing yet."""
        self._tunnel = tunnel
        self._host = host
        self._port = port
        self._standing: socket.socket | None = None
        self._turn = asyncio.Lock()

    async def touch(self) -> bool:
        """Tell whether somebody is there: takes a connection, or refuses it.

        Raises:
            OSError: nobody is reached, or the name is not known.
        """
        async with self._turn:
            if self._standing is not None:
                return self._still_there(self._standing)
            try:
                self._standing = await self._connect()
            except ConnectionRefusedError:
                # By the far end's own word: the way leads there.
                return True
            return True

    def close(self) -> None:
        """Let go of the connection. Safe to call twice."""
        standing, self._standing = self._standing, None
        if standing is not None:
            standing.close()

    def _still_there(self, standing: socket.socket) -> bool:
        try:
            standing.recv(1)
        except BlockingIOError:
            return True
        except ConnectionResetError:
            self.close()
            return True
        except OSError:
            self.close()
            raise
        # It has hung up, or says something first: it is there, and a new one is made next time.
        self.close()
        return True

    async def _connect(self) -> socket.socket:
        address = await self._address()
        family = socket.AF_INET6 if ip_address(address).version == _SIX else socket.AF_INET
        made = self._tunnel.open_socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP, address)
        try:
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, _IDLE)
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, _EVERY)
            await asyncio.get_running_loop().sock_connect(made, (address, self._port))
        except BaseException:
            made.close()
            raise
        return made

    async def _address(self) -> str:
        with suppress(ValueError):
            return str(ip_address(self._host))
        found = await Dns(tunnel=self._tunnel).addresses(self._host)
        if not found:
            raise OSError(None, "no address found")
        return str(found[0])
