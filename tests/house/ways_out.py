"""Finds every place of the component that could speak to the network past the one way out (R01, R02)."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.house.walls import COMPONENT, imports, parse, python_files

#: The only file that makes sockets, and the few that may ask what only asks through it.
TUNNEL: Final = "transmission/tunnel.py"
_MAY: Final[dict[str, frozenset[str]]] = {
    # The other speaks to the kernel alone, of interfaces.
    "socket.socket": frozenset({TUNNEL, "transmission/links.py"}),
    "aiohttp.ClientSession": frozenset({"transmission/rest/session.py"}),
    "aiohttp.TCPConnector": frozenset({"transmission/rest/session.py"}),
    "aiodns.DNSResolver": frozenset({"transmission/scaip/sip/dns.py"}),
    "getaddrinfo": frozenset({"transmission/scaip/sip/dns.py"}),
}
#: What asyncio connects by itself unless it is handed a socket.
_HANDED: Final = frozenset(
    {"create_connection", "create_datagram_endpoint", "open_connection", "create_unix_connection"}
)
#: Home Assistant's shared sessions, and libraries that connect by themselves.
_NEVER: Final = frozenset(
    {"async_get_clientsession", "async_create_clientsession", "urlopen", "gethostbyname"}
)
#: A library that is only given what the tunnel has made, and the one file that may use it.
_GIVEN: Final = {"paho": "transmission/mqtt/link.py"}
_MODULES: Final = frozenset(
    {"http.client", "urllib.request", "requests", "httpx", "smtplib", "ftplib", "paho", "aiomqtt"}
    | {"homeassistant.helpers.aiohttp_client", "homeassistant.helpers.httpx_client"}
)


def find_other_ways_out(root: Path) -> list[str]:
    """Find calls and imports that reach the network otherwise than by the tunnel's sockets."""
    findings = []
    for path in python_files(root / COMPONENT):
        inner = path.relative_to(root / COMPONENT).as_posix()
        findings += [
            f"{inner}:{module.line}: {module.module} connects by itself"
            for module in imports(root, path)
            if any(
                f"{module.module}.".startswith(f"{known}.") and _GIVEN.get(known) != inner
                for known in _MODULES
            )
        ]
        findings += [f"{inner}:{line}: {what}" for line, what in _calls(path, inner)]
    return sorted(set(findings))


def _calls(path: Path, inner: str) -> Iterator[tuple[int, str]]:
    for node in ast.walk(parse(path)):
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func)
        last = name.rpartition(".")[2]
        allowed = _MAY.get(name, _MAY.get(last))
        if allowed is not None and inner not in allowed:
            yield node.lineno, f"{name} goes past the tunnel"
        if last in _NEVER:
            yield node.lineno, f"{name} goes past the tunnel"
        if last in _HANDED and not any(word.arg == "sock" for word in node.keywords):
            yield node.lineno, f"{name} without a socket of the tunnel's"
        if name == "aiohttp.TCPConnector" and not any(
            word.arg == "socket_factory" for word in node.keywords
        ):
            yield node.lineno, f"{name} without the tunnel's sockets"
        if name == "socket.create_connection":
            yield node.lineno, f"{name} goes past the tunnel"
