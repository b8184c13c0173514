"""Two network namespaces with a plain link and a real WireGuard tunnel between them, and a capture.

The platform's address is reached by either way: what is not tied to the tunnel leaks where the
tunnel fails. Run as a program it is the home's side: one order per line, one line of JSON for each.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
import errno
from ipaddress import IPv4Address
import itertools
import json
import os
from pathlib import Path
import signal
import socket
import struct
import sys
from typing import Any, Final, override

ROOT: Final = Path(__file__).parents[2]
#: By the tunnel, and by the plain link too; what asks the last one gets no answer.
HOME, PLATFORM, SILENT = "10.99.0.1", "10.99.0.2", "10.99.0.3"
PLAIN_HOME, PLAIN_PLATFORM = "192.0.2.1", "192.0.2.2"
WIREGUARD, ECHO, NAMES, LAST = 51820, 7000, 53, 9
_UDP, _TCP = 17, 6
_FAR: Final = f"{PLATFORM}/31"
NAME: Final = "a.larm.example"
LIMIT: Final = 2.0
NOBODY: Final = (
    *("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--no-new-privs"),
    *("env", "HOME=/nonexistent", "PYTHONDONTWRITEBYTECODE=1"),
)
_SOCKETS: Final = Path("/var/run/wireguard")
_labs: Final = itertools.count()


async def run(*command: str, given: str = "") -> str:
    """Run a program to its end and return what it said."""
    program = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(program.communicate(given.encode()), 20)
    assert program.returncode == 0, f"{' '.join(command)}: {err.decode().strip()}"
    return out.decode().strip()


async def _becomes(check: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not check():  # noqa: ASYNC110 - nothing tells us
            await asyncio.sleep(0.01)


@dataclass(frozen=True, slots=True)
class Frame:
    """A packet of the plain link, as far as a test asks; protocol 0 is not IPv4."""

    kind: int
    protocol: int = 0
    source: str = ""
    target: str = ""
    source_port: int = 0
    target_port: int = 0
    is_bare_reset: bool = False
    octets: bytes = field(default=b"", repr=False)

    @property
    def is_wireguard(self) -> bool:
        return self.protocol == _UDP and self.source_port == self.target_port == WIREGUARD

    @property
    def is_neighbours(self) -> bool:
        """ARP, or ICMPv6: of the kernel's own, and never with anything of ours in it."""
        return self.kind == 0x0806 or (self.kind == 0x86DD and self.octets[20] in (0, 58))


def _frame(octets: bytes) -> Frame:
    (kind,) = struct.unpack_from("!H", octets, 12)
    if kind != 0x0800:
        return Frame(kind, octets=octets)
    ip = octets[14:]
    size, protocol = (ip[0] & 15) * 4, ip[9]
    source, target = str(IPv4Address(ip[12:16])), str(IPv4Address(ip[16:20]))
    if protocol not in (_UDP, _TCP):
        return Frame(kind, protocol, source, target, octets=octets)
    near, far = struct.unpack_from("!HH", ip, size)
    (whole,) = struct.unpack_from("!H", ip, 2)
    is_reset = protocol == _TCP and bool(ip[size + 13] & 4)
    is_bare = is_reset and whole == size + (ip[size + 12] >> 4) * 4
    return Frame(kind, protocol, source, target, near, far, is_bare, octets)


def _frames(capture: bytes) -> Iterator[Frame]:
    at = 24
    while at + 16 <= len(capture):
        (length,) = struct.unpack_from("=I", capture, at + 8)
        at += 16
        if at + length > len(capture):
            return
        yield _frame(capture[at : at + length])
        at += length


def _made_in(namespace: str, *wanted: tuple[int, str, int]) -> list[socket.socket]:
    """Make bound sockets in a namespace: a thread goes there, the sockets stay."""
    made: list[socket.socket] = []

    def make() -> None:
        with Path("/run/netns", namespace).open("rb") as there:
            os.setns(there.fileno(), os.CLONE_NEWNET)
        for kind, host, port in wanted:
            made.append(socket.socket(socket.AF_INET, kind))
            made[-1].setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            made[-1].bind((host, port))

    # The thread is not used again: it stays in that namespace until it ends.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(make).result()
    return made


class _Echo(asyncio.Protocol, asyncio.DatagramProtocol):
    @override
    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    @override
    def data_received(self, data: bytes) -> None:
        self.transport.write(data)

    @override
    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        self.transport.sendto(data, addr)


@dataclass
class Client:
    """A home's program, run as nobody."""

    program: asyncio.subprocess.Process

    async def do(self, order: str) -> dict[str, Any]:
        """`tcp`, `udp`, `dns [SERVER ...]`, `speak WAY`; `keep` opens both kinds of sockets, `again` uses them."""
        assert self.program.stdin is not None
        assert self.program.stdout is not None
        self.program.stdin.write(order.encode() + b"\n")
        line = await asyncio.wait_for(self.program.stdout.readline(), 30)
        result: dict[str, Any] = json.loads(line or b'{"error": "the client is dead"}')
        return result


@dataclass
class Lab:
    """The two ends; `interface` is the home's end of the tunnel."""

    folder: Path
    names: type[asyncio.DatagramProtocol]
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    def __post_init__(self) -> None:
        own = f"{os.getpid()}{'abcdefghijklmnopqrstuvwxyz'[next(_labs) % 26]}"
        self.home, self.platform = f"kvhome{own}", f"kvplat{own}"
        self.plain, self.plain_there = f"kvp{own}", f"kvq{own}"
        self.interface, self.interface_there = f"kvh{own}", f"kvt{own}"

    async def _start(
        self, namespace: str, *command: str, **more: Any
    ) -> asyncio.subprocess.Process:
        program = await asyncio.create_subprocess_exec(
            "ip", "netns", "exec", namespace, *command, cwd=ROOT, **more
        )
        self.stack.push_async_callback(_end, program)
        return program

    async def lay(self) -> None:
        """Make everything; what was made is removed by `stack`, also after half of it."""
        for namespace in (self.home, self.platform):
            await run("ip", "netns", "add", namespace)
            self.stack.push_async_callback(run, "ip", "netns", "del", namespace)
            await run("ip", "-n", namespace, "link", "set", "lo", "up")
        await run(
            *("ip", "link", "add", self.plain, "netns", self.home, "type", "veth"),
            *("peer", "name", self.plain_there, "netns", self.platform),
        )
        for namespace, plain, address in (
            (self.home, self.plain, PLAIN_HOME),
            (self.platform, self.plain_there, PLAIN_PLATFORM),
        ):
            await run("ip", "-n", namespace, "addr", "add", f"{address}/24", "dev", plain)
            await run("ip", "-n", namespace, "link", "set", plain, "up")
        await run("ip", "-n", self.home, "route", "add", "default", "via", PLAIN_PLATFORM)
        await run("ip", "-n", self.platform, "addr", "add", _FAR, "dev", "lo")
        self.keys = [await run("wg", "genkey") for _ in range(2)]
        self.public = [await run("wg", "pubkey", given=key) for key in self.keys]
        self._far_end = await self._tunnel(self.platform, self.interface_there, 1)
        await self.raise_tunnel()
        await self._serve()

    async def _tunnel(self, namespace: str, name: str, own: int) -> asyncio.subprocess.Process:
        program = await self._start(
            namespace,
            *("env", "WG_PROCESS_FOREGROUND=1", "LOG_LEVEL=error", "wireguard-go", name),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        control = _SOCKETS / f"{name}.sock"
        self.stack.callback(control.unlink, missing_ok=True)
        await _becomes(control.exists)
        key = self.folder / f"{name}.key"
        key.write_text(self.keys[own], encoding="ascii")
        far, end = (f"{HOME}/32", PLAIN_HOME) if own else (_FAR, PLAIN_PLATFORM)
        await run(
            *("ip", "netns", "exec", namespace, "wg", "set", name, "listen-port", str(WIREGUARD)),
            *("private-key", str(key), "peer", self.public[1 - own], "allowed-ips", far),
            *("endpoint", f"{end}:{WIREGUARD}"),
        )
        if not own:
            await run("ip", "-n", namespace, "addr", "add", f"{HOME}/32", "dev", name)
        await run("ip", "-n", namespace, "link", "set", name, "up", "mtu", "1420")
        await run("ip", "-n", namespace, "route", "add", far, "dev", name)
        return program

    async def raise_tunnel(self) -> None:
        """Make the home's end, anew where it was there before."""
        self._home_end = await self._tunnel(self.home, self.interface, 0)

    async def drop_route(self) -> None:
        await run("ip", "-n", self.home, "route", "del", _FAR, "dev", self.interface)

    async def set_down(self) -> None:
        await run("ip", "-n", self.home, "link", "set", self.interface, "down")

    async def remove_tunnel(self) -> None:
        await _end(self._home_end)
        assert self.interface not in await run("ip", "-n", self.home, "-o", "link")
        await _becomes(lambda: not (_SOCKETS / f"{self.interface}.sock").exists())

    async def mend(self, state: str) -> None:
        """Mend a tunnel whose interface is down or gone."""
        if state == "interface gone":
            await self.raise_tunnel()
            return
        await run("ip", "-n", self.home, "link", "set", self.interface, "up")
        await run("ip", "-n", self.home, "route", "add", _FAR, "dev", self.interface)

    async def load_firewall(self, rules: str) -> None:
        """Load rules for nftables in the home."""
        await run("ip", "netns", "exec", self.home, "nft", "-f", "-", given=rules)

    async def cut(self, *, is_cut: bool) -> None:
        """Let the plain link carry nothing, without a word to anybody in the home, or carry again."""
        state = "down" if is_cut else "up"
        await run("ip", "-n", self.platform, "link", "set", self.plain_there, state)

    async def end_far_end(self) -> None:
        """End the platform's end of the tunnel: it forgets every session."""
        await _end(self._far_end)
        await _becomes(lambda: not (_SOCKETS / f"{self.interface_there}.sock").exists())

    async def begin_far_end(self) -> None:
        self._far_end = await self._tunnel(self.platform, self.interface_there, 1)

    async def forward(self, port: int) -> int:
        """Take connections at the platform's address and bring them to a port of this machine's."""
        [listening] = _made_in(self.platform, (socket.SOCK_STREAM, PLATFORM, 0))
        tasks: set[asyncio.Task[None]] = set()

        async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with suppress(OSError):
                while octets := await reader.read(65536):
                    writer.write(octets)
                    await writer.drain()
            writer.close()

        async def taken(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                there, back = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                writer.close()
                return
            for pair in ((reader, back), (there, writer)):
                task = asyncio.create_task(pump(*pair))
                tasks.add(task)
                task.add_done_callback(tasks.discard)

        server = await asyncio.start_server(taken, sock=listening)

        async def end() -> None:
            server.close()
            for task in list(tasks):
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

        self.stack.push_async_callback(end)
        return int(listening.getsockname()[1])

    async def let_in(self, port: int) -> None:
        """Bring connections to a port of this machine's to the same port in the home."""

        async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with suppress(OSError):
                while octets := await reader.read(65536):
                    writer.write(octets)
                    await writer.drain()
            writer.close()

        async def taken(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            [inside] = await asyncio.to_thread(
                _made_in, self.home, (socket.SOCK_STREAM, "127.0.0.1", 0)
            )
            inside.setblocking(False)
            try:
                await asyncio.get_running_loop().sock_connect(inside, ("127.0.0.1", port))
            except OSError:
                inside.close()
                writer.close()
                return
            there, back = await asyncio.open_connection(sock=inside)
            await asyncio.gather(pump(reader, back), pump(there, writer))

        server = await asyncio.start_server(taken, "127.0.0.1", port)
        self.stack.callback(server.abort_clients)
        self.stack.callback(server.close)

    async def chain(self, way: str, port: int, *second: str) -> asyncio.subprocess.Process:
        """Start a home's alarm chain whose receiver is at a port of the platform's."""
        arguments = (way, self.interface, PLATFORM, str(port), *second)
        return await self._start(
            self.home,
            *(*NOBODY, sys.executable, "-m", "tests.peers.recovery_home", *arguments),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )

    async def _serve(self) -> None:
        """Answer at the platform: octets in return, and names."""
        stream, datagram, names, self.silent = _made_in(
            self.platform,
            (socket.SOCK_STREAM, PLATFORM, ECHO),
            (socket.SOCK_DGRAM, PLATFORM, ECHO),
            (socket.SOCK_DGRAM, PLATFORM, NAMES),
            (socket.SOCK_DGRAM, SILENT, NAMES),
        )
        self.silent.setblocking(False)
        self.stack.callback(self.silent.close)
        loop = asyncio.get_running_loop()
        server = await loop.create_server(_Echo, sock=stream)
        self.stack.push_async_callback(server.wait_closed)
        self.stack.callback(server.abort_clients)
        self.stack.callback(server.close)
        for sock, protocol in ((datagram, _Echo), (names, self.names)):
            transport, _ = await loop.create_datagram_endpoint(protocol, sock=sock)
            self.stack.callback(transport.close)

    async def client(self, interface: str = "") -> Client:
        """Start a home's program that is tied to an interface, or without one to nothing."""
        program = await self._start(
            self.home,
            *(*NOBODY, sys.executable, "-m", "tests.peers.tunnel_lab", interface),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        return Client(program)

    @asynccontextmanager
    async def capture(self) -> AsyncIterator[list[Frame]]:
        """Collect what goes by the plain link meanwhile; the list is filled when the block ends."""
        found: list[Frame] = []
        file = self.folder / f"{next(_labs)}.pcap"
        program = await self._start(
            self.home,
            *("tcpdump", "-i", self.plain, "-U", "--immediate-mode", "-Z", "root", "-w", str(file)),
            stderr=asyncio.subprocess.PIPE,
        )
        assert program.stderr is not None
        async with asyncio.timeout(10):
            while b"listening on" not in (line := await program.stderr.readline()):
                assert line, "tcpdump has ended"
        try:
            yield found
            # All that went before it has been written once it is there.
            target = f"/dev/udp/{PLAIN_HOME}/{LAST}"
            await run("ip", "netns", "exec", self.platform, "bash", "-c", f"echo last >{target}")
            frames: list[Frame] = []

            def is_complete() -> bool:
                frames[:] = _frames(file.read_bytes())
                return any(frame.target_port == LAST for frame in frames)

            await _becomes(is_complete)
            found += itertools.takewhile(lambda frame: frame.target_port != LAST, frames)
        finally:
            await _end(program, signal.SIGINT)


async def _end(program: asyncio.subprocess.Process, how: int = signal.SIGTERM) -> None:
    if program.returncode is None:
        program.send_signal(how)
        try:
            await asyncio.wait_for(program.wait(), 5)
        except TimeoutError:
            program.kill()
            await program.wait()


@asynccontextmanager
async def laid(folder: Path, names: type[asyncio.DatagramProtocol]) -> AsyncIterator[Lab]:
    """Lay a lab for a block; nothing of it is left after it."""
    lab = Lab(folder, names)
    async with lab.stack:
        await lab.lay()
        yield lab


# -- the home's program --------------------------------------------------------------------------


@contextmanager
def _told(result: dict[str, Any]) -> Iterator[None]:
    try:
        yield
    except TimeoutError:
        result["error"] = "TIMEOUT"
    except OSError as err:
        result["error"] = errno.errorcode.get(err.errno or 0, str(err))


async def _home(interface: str) -> None:
    # Only the program needs them, and it is the real ones that are tried.
    from custom_components.kvarbo.transmission.scaip.sip.dns import Dns  # noqa: PLC0415
    from custom_components.kvarbo.transmission.tunnel import OPEN, Enforcement, Tunnel  # noqa: PLC0415

    from .tunnel_receivers import speak  # noqa: PLC0415

    loop = asyncio.get_running_loop()
    kinds = {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM}
    tunnel = Tunnel(enforcement=Enforcement.INTERFACE, interface=interface, nameservers=(PLATFORM,))
    kept: dict[str, socket.socket] = {}

    async def opened(kind: int) -> socket.socket:
        if interface:
            made = tunnel.open_socket(socket.AF_INET, kind, 0, PLATFORM)
        else:
            made = socket.socket(socket.AF_INET, kind)
            made.setblocking(False)
        try:
            await loop.sock_connect(made, (PLATFORM, ECHO))
        except BaseException:
            made.close()
            raise
        return made

    async def said(sock: socket.socket) -> str:
        await loop.sock_sendall(sock, mark(interface))
        return (await loop.sock_recv(sock, 1000)).decode()

    async def done(order: str, result: dict[str, Any]) -> None:
        if order.startswith("dns"):
            dns = (
                Dns(order.split()[1:], tunnel=tunnel) if interface else Dns(nameservers=[PLATFORM])
            )
            result["addresses"] = list(await dns.addresses(NAME))
        elif order.startswith("speak "):
            way = tunnel if interface else OPEN
            words = await speak(order[6:], way, PLATFORM, ECHO, mark(interface).decode())
            result["words"] = words
        elif order.startswith("keep "):
            kept[order[5:]] = sock = await opened(kinds[order[5:]])
            result["echo"] = await said(sock)
        elif order.startswith("again "):
            result["echo"] = await said(kept[order[6:]])
        else:
            with await opened(kinds[order]) as sock:
                result["echo"] = await said(sock)

    while line := await loop.run_in_executor(None, sys.stdin.readline):
        result: dict[str, Any] = {}
        began = loop.time()
        with _told(result):
            async with asyncio.timeout(None if line.startswith("dns") else LIMIT):
                await done(line.strip(), result)
        print(json.dumps({**result, "took": loop.time() - began}), flush=True)  # noqa: T201


def mark(interface: str) -> bytes:
    """Return what a client says: no other packet has it in it."""
    return f"KVARBO-MARK-{interface or 'OPEN'}".encode()


if __name__ == "__main__":
    asyncio.run(_home(sys.argv[1]))
