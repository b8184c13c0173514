"""baresip as the home's speech unit: a callback is answered within its window and at no other time.

Nothing of Kvarbo carries sound. A speech unit is let in by the state that Kvarbo shows: here, it runs
while that state is on. baresip refuses the loopback interface, so a pair of virtual ones is made.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
import re
import subprocess
from typing import override
import wave

import pytest

from custom_components.kvarbo.alarm.clock import Clock, SystemClock
from custom_components.kvarbo.alarm.reason import Language
from custom_components.kvarbo.transmission.callbacks import Callbacks
from custom_components.kvarbo.transmission.ledger import Ledger
from custom_components.kvarbo.transmission.receiver import Answer
from custom_components.kvarbo.transmission.rest.settings import Trust
from custom_components.kvarbo.transmission.scaip.profile import ScaipProfile
from custom_components.kvarbo.transmission.scaip.scaip import ScaipReceiver
from custom_components.kvarbo.transmission.scaip.settings import ScaipSettings, read_credentials
from custom_components.kvarbo.transmission.scaip.sip.values import SipUri
from custom_components.kvarbo.transmission.scaip.values import Dialect
from simulator.municipality import Municipality
from simulator.municipality.faults import Mode
from simulator.municipality.scaip_port import ScaipOptions
from simulator.testing import until
from tests.support.writer import MemoryWriter
from tests.transmission.rest.rest_sample import a_beat, a_dispatch

from .proxy import running

pytestmark = [pytest.mark.peers, pytest.mark.timeout(90)]
HERE = "10.254.77.1"
PORT = 15090
UNIT = f"sip:hem@{HERE}:{PORT}"


@pytest.fixture
def interface() -> Iterator[None]:
    """An address that is not loopback's."""
    subprocess.run(["ip", "link", "del", "kvspeech0"], check=False, capture_output=True)
    for command in (
        "ip link add kvspeech0 type veth peer name kvspeech1",
        f"ip addr add {HERE}/24 dev kvspeech0",
        "ip link set kvspeech0 up",
        "ip link set kvspeech1 up",
    ):
        subprocess.run(command.split(), check=True)
    yield
    subprocess.run(["ip", "link", "del", "kvspeech0"], check=True)


class Shifted(Clock):
    """The host's clock, set forward by a test."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    @override
    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    @override
    def monotonic(self) -> float:
        return SystemClock().monotonic()

    @override
    def in_trouble(self) -> bool:
        return False


def lay_baresip(folder: Path) -> Path:
    """Write baresip's settings: it answers by itself, and says a second of silence."""
    with wave.open(str(folder / "silence.wav"), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(16_000))
    (folder / "accounts").write_text(
        f"<sip:hem@{HERE};transport=udp>;regint=0;answermode=auto;audio_codecs=PCMU\n",
        encoding="utf-8",
    )
    (folder / "config").write_text(
        f"sip_listen {HERE}:{PORT}\n"
        "audio_player aufile,/dev/null\naudio_alert aufile,/dev/null\n"
        f"audio_source aufile,{folder}/silence.wav\n"
        "module_path /usr/lib/baresip/modules\n"
        "module stdio.so\nmodule g711.so\nmodule aufile.so\n"
        "module_app account.so\nmodule_app menu.so\nrtp_ports 20000-20100\n",
        encoding="utf-8",
    )
    return folder


@asynccontextmanager
async def door(callbacks: Callbacks, folder: Path) -> AsyncIterator[None]:
    """The speech unit is there while a window is open, and not otherwise."""
    if callbacks.newest() is None:
        yield
        return
    async with running("baresip", "-f", folder, "-v") as unit:
        await until(lambda: unit.has_said("ready"), 15, what=f"baresip: {unit.lines}")
        yield


async def is_answered(address: str, folder: Path) -> bool:
    """Call an address as an alarm centre would, with SIPp's own caller; tell whether it was taken."""
    found = re.fullmatch(r"sip:(\w+)@([\d.]+):(\d+)", address)
    assert found is not None
    command = (
        *("sipp", "-sn", "uac", f"{found[2]}:{found[3]}", "-s", found[1], "-i", HERE),
        *("-m", "1", "-d", "500", "-nostdin", "-timeout", "6s", "-recv_timeout", "5000"),
    )
    async with running(*command, cwd=folder) as sipp:
        await until(lambda: sipp.program.returncode is not None, 20, what="SIPp to end")
        return sipp.program.returncode == 0


async def test_a_callback_is_answered_in_its_window_alone(interface: None, tmp_path: Path) -> None:
    clock = Shifted()
    callbacks = Callbacks(Ledger(MemoryWriter()), clock)
    folder = lay_baresip(tmp_path)
    options = ScaipOptions(users={"4711": "s3cret"}, domain="127.0.0.1", tls=None)
    async with Municipality(token="t", scaip=options) as municipality:
        assert municipality.scaip is not None
        here = SipUri(host="127.0.0.1", user="larm")
        receiver = ScaipReceiver(
            settings=ScaipSettings(
                receiver=here,
                own=SipUri(host="127.0.0.1", user="4711"),
                route=SipUri(
                    host="127.0.0.1",
                    port=municipality.scaip.ports["tcp"],
                    params={"transport": "tcp"},
                ),
                credentials=read_credentials("4711", "s3cret"),
                registers=True,
                instance="urn:uuid:1",
                trust=Trust(),
                speech=(UNIT,),
            ),
            profile=ScaipProfile(name="mrq", dialect=Dialect.MRQ),
            language=Language.EN,
            controller="4711",
            clock=clock,
        )

        def offered() -> list[str]:
            bodies = [x["body"] for x in municipality.record.shown()["exchanges"] if x["body"]]
            return re.findall("<crd>([^<]*)</crd>", bodies[-1])

        try:
            await receiver.heartbeat(a_beat())
            assert offered() == ["no-voice:"]
            async with door(callbacks, folder):
                assert not await is_answered(UNIT, tmp_path)
            await municipality.set_fault(Mode.CALLBACK, minutes=2)
            verdict = await receiver.send(a_dispatch(session="01JD8ZQ3N4ABCDEFGHJKMNPQRS"))
            assert verdict.answer is Answer.ACCEPTED
            assert verdict.callback is not None
            (address,) = offered()
            callbacks.take("r1", "alarm", verdict.callback)
            async with door(callbacks, folder):
                assert await is_answered(address, tmp_path)
            clock.ahead = timedelta(minutes=2, seconds=1)
            async with door(callbacks, folder):
                assert not await is_answered(address, tmp_path)
            await receiver.heartbeat(a_beat())
            assert offered() == ["no-voice:"]
            assert [c.words for c in municipality.scaip.complaints] == []
        finally:
            await receiver.close()
