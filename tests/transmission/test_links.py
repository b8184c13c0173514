"""The kernel's word on interfaces: looked at again, whatever it says, and without it nothing fails."""

import socket
from typing import Any

import pytest

from custom_components.kvarbo.transmission.links import LinkEvents

pytestmark = pytest.mark.usefixtures("socket_enabled")


class Kernel:
    """A netlink socket that says what it is told to."""

    def __init__(self, *said: bytes | OSError) -> None:
        self.said = list(said)

    def recv(self, _most: int) -> bytes:
        if not self.said:
            raise BlockingIOError
        word = self.said.pop(0)
        if isinstance(word, OSError):
            raise word
        return word


@pytest.mark.parametrize(
    "said", [(), (b"x",), (b"x", b"y"), (OSError(105, "no room"),), (b"x",) * 40]
)
async def test_whatever_is_said_we_look(said: tuple[Any, ...]) -> None:
    looked: list[bool] = []
    events = LinkEvents(lambda: looked.append(True))
    events._read()
    assert looked == []
    events._socket = Kernel(*said)  # type: ignore[assignment] # no kernel says this on command
    events._read()
    assert looked == [True]
    events._socket = None


async def test_it_begins_and_ends() -> None:
    events = LinkEvents(lambda: None)
    events.start()
    assert events._socket is not None
    events.stop()
    events.stop()


async def test_without_netlink_it_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refused(*_: object) -> socket.socket:
        raise OSError(97, "not supported")

    monkeypatch.setattr("custom_components.kvarbo.transmission.links.socket.socket", refused)
    LinkEvents(lambda: None).start()
    assert "does not tell" in caplog.text
