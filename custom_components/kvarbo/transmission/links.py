"""What the kernel tells of its interfaces: that one has come, gone, or changed (netlink, rtnetlink(7)).

Nothing of what it tells is believed: it only makes us look again. So a lost or strange message costs nothing.
"""

import asyncio
from collections.abc import Callable
import logging
from pathlib import Path
import socket
from typing import Final

_LOGGER: Final = logging.getLogger(__name__)

_NETWORKS: Final = Path("/sys/class/net")
#: Groups of messages: links, and addresses of both families.
_GROUPS: Final = 0x1 | 0x10 | 0x100
_IFF_UP: Final = 0x1
_MOST: Final = 64 * 1024
#: So many messages are taken at once; what else waits makes the loop come again.
_AT_ONCE: Final = 32


def is_link_up(interface: str, networks: Path = _NETWORKS) -> bool:
    """Tell whether an interface is there and up. Reads one file of the kernel's own, which has no disk."""
    try:
        flags = (networks / interface / "flags").read_text(encoding="ascii")
        return bool(int(flags, 16) & _IFF_UP)
    except OSError, ValueError:
        return False


class LinkEvents:
    """Calls `changed` when something about the interfaces may be different. Needs no privilege."""

    def __init__(self, changed: Callable[[], None]) -> None:
        """Listen to nothing yet."""
        self._changed = changed
        self._socket: socket.socket | None = None

    def start(self) -> None:
        """Begin to listen; without netlink the touches alone must do."""
        try:
            made = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
            made.setblocking(False)  # noqa: FBT003 - the socket's own form
            made.bind((0, _GROUPS))
        except OSError as err:
            _LOGGER.warning("The kernel does not tell of its interfaces: %s", err.strerror)
            return
        self._socket = made
        asyncio.get_running_loop().add_reader(made.fileno(), self._read)

    def stop(self) -> None:
        """Listen no more. Safe to call twice."""
        made, self._socket = self._socket, None
        if made is not None:
            asyncio.get_running_loop().remove_reader(made.fileno())
            made.close()

    def _read(self) -> None:
        if self._socket is None:
            return
        for _ in range(_AT_ONCE):
            try:
                self._socket.recv(_MOST)
            except BlockingIOError:
                break
            except OSError:
                # The kernel had more to tell than there was room for (ENOBUFS): we look anyway.
                break
        self._changed()
