"""Foreign SIP stacks, started for a test and stopped after it: Kamailio, PJSIP, SIPp."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
import os
from pathlib import Path
import shutil
import socket
from typing import Any

from custom_components.kvarbo.alarm.clock import SystemClock
from custom_components.kvarbo.alarm.reason import Language
from custom_components.kvarbo.transmission.rest.settings import Trust
from custom_components.kvarbo.transmission.scaip.profile import ScaipProfile
from custom_components.kvarbo.transmission.scaip.scaip import ScaipReceiver
from custom_components.kvarbo.transmission.scaip.settings import (
    ScaipSettings,
    instance_of,
    read_credentials,
)
from custom_components.kvarbo.transmission.scaip.sip.values import SipUri
from custom_components.kvarbo.transmission.scaip.values import Dialect
from simulator.municipality.certificates import Authority
from simulator.testing import until

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PJSIP = ROOT / ".python" / "pjsip" / "bin" / "python"


def free_port(kind: int = socket.SOCK_STREAM) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Process:
    """A running program and the lines it has said."""

    program: asyncio.subprocess.Process
    lines: list[str] = field(default_factory=list)

    async def listen(self) -> None:
        assert self.program.stdout is not None
        while line := await self.program.stdout.readline():
            self.lines.append(line.decode("utf-8", "replace").rstrip())

    def has_said(self, words: str) -> bool:
        return any(words in line for line in self.lines)


@asynccontextmanager
async def running(*command: str | Path, cwd: Path | None = None) -> AsyncIterator[Process]:
    """Run a program while the block runs; it is killed with all its children."""
    program = await asyncio.create_subprocess_exec(
        *map(str, command),
        cwd=cwd,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    process = Process(program)
    listening = asyncio.create_task(process.listen())
    try:
        yield process
    finally:
        if program.returncode is None:
            os.killpg(program.pid, 9)
        await program.wait()
        await listening


@dataclass
class Kamailio:
    """One proxy: its ports, and the certificate to trust."""

    port: int
    tls_port: int
    ca: Path
    command: list[str]

    def route(self, transport: str) -> SipUri:
        host = "localhost" if transport == "tls" else "127.0.0.1"
        port = self.tls_port if transport == "tls" else self.port
        return SipUri(host=host, port=port, params={"transport": transport})

    @asynccontextmanager
    async def up(self) -> AsyncIterator[Process]:
        """Run it while the block runs; all it knew is forgotten afterwards."""
        async with running(*self.command) as process:

            def answers() -> bool:
                with socket.socket() as probe:
                    return probe.connect_ex(("127.0.0.1", self.tls_port)) == 0

            await until(answers, 15, what=f"Kamailio to listen: {process.lines[-5:]}")
            yield process


def lay_kamailio(place: Path, algorithm: str = "MD5", nonce_life: int = 60) -> Kamailio:
    """Write a proxy's configuration; nothing runs yet."""
    folder = place / "kamailio"
    (folder / "dbtext").mkdir(parents=True, exist_ok=True)
    for name in ("subscriber", "version"):
        shutil.copy(HERE / "kamailio" / name, folder / "dbtext" / name)
    authority = Authority.in_folder(place / "authority")
    pair = authority.server()
    (folder / "tls.cfg").write_text(
        "[server:default]\nmethod = TLSv1.2+\nverify_certificate = no\n"
        f"require_certificate = no\nprivate_key = {pair.key}\ncertificate = {pair.certificate}\n",
        encoding="utf-8",
    )
    modules = next(Path("/usr/lib").glob("*/kamailio/modules"))
    port, tls_port = free_port(), free_port()
    given = {
        "FOLDER": folder,
        "MODULES": f"{modules}/",
        "TLSPORT": tls_port,
        "ALGORITHM": algorithm,
        "NONCELIFE": nonce_life,
    }
    text = (HERE / "kamailio" / "kamailio.cfg").read_text(encoding="utf-8")
    for name, value in given.items():
        text = text.replace(name, str(value))
    config = folder / "kamailio.cfg"
    config.write_text(text.replace("PORT", str(port)), encoding="utf-8")
    return Kamailio(
        port,
        tls_port,
        authority.file,
        ["kamailio", "-f", str(config), "-DD", "-E", "-m", "32", "-M", "4", "-Y", str(folder)],
    )


@asynccontextmanager
async def home(
    kamailio: Kamailio,
    transport: str,
    *,
    to: str = "direct",
    user: str = "4711",
    password: str = "s3cret",
    registers: bool = True,
    **changes: Any,
) -> AsyncIterator[ScaipReceiver]:
    """A home's receiver that speaks through the proxy."""
    address = SipUri(host="care.test", user=to)
    receiver = ScaipReceiver(
        settings=ScaipSettings(
            receiver=address,
            own=SipUri(host="care.test", user=user),
            route=kamailio.route(transport),
            credentials=read_credentials(user, password),
            registers=registers,
            instance=instance_of(user, address),
            trust=Trust(ca_certificate=kamailio.ca.read_text(encoding="utf-8"), public=False),
            **changes,
        ),
        profile=ScaipProfile(name="mrq", dialect=Dialect.MRQ),
        language=Language.EN,
        controller="4711",
        clock=SystemClock(),
    )
    try:
        yield receiver
    finally:
        await receiver.close()
