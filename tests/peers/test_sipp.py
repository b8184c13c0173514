"""SIPp, a SIP tester of others: what its scenarios do to a sender."""

from pathlib import Path
import socket

import pytest

from custom_components.kvarbo.alarm.clock import SystemClock
from custom_components.kvarbo.alarm.reason import Language
from custom_components.kvarbo.transmission.receiver import Answer, Verdict
from custom_components.kvarbo.transmission.rest.settings import Trust
from custom_components.kvarbo.transmission.scaip.profile import ScaipProfile
from custom_components.kvarbo.transmission.scaip.scaip import ScaipReceiver
from custom_components.kvarbo.transmission.scaip.settings import ScaipSettings, read_credentials
from custom_components.kvarbo.transmission.scaip.sip.values import SipUri
from custom_components.kvarbo.transmission.scaip.values import Dialect
from simulator.testing import until
from tests.transmission.rest.rest_sample import a_dispatch

from .proxy import HERE, free_port, running

pytestmark = [pytest.mark.peers, pytest.mark.timeout(60)]


def is_taken(port: int, transport: str) -> bool:
    """Whether somebody listens: the port cannot be had any more."""
    kind = socket.SOCK_DGRAM if transport == "udp" else socket.SOCK_STREAM
    with socket.socket(socket.AF_INET, kind) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


async def called(scenario: str, transport: str, folder: Path, password: str = "s3cret") -> Verdict:
    """Send one alarm to a scenario; it must end as SIPp's own success."""
    port = free_port(socket.SOCK_DGRAM if transport == "udp" else socket.SOCK_STREAM)
    mode = "u1" if transport == "udp" else "t1"
    command = (
        *("sipp", "-sf", HERE / "sipp" / f"{scenario}.xml", "-i", "127.0.0.1", "-p", str(port)),
        *("-t", mode, "-m", "1", "-nostdin", "-timeout", "30s", "-trace_err"),
    )
    here = SipUri(host="127.0.0.1", user="larm")
    receiver = ScaipReceiver(
        settings=ScaipSettings(
            receiver=here,
            own=SipUri(host="127.0.0.1", user="4711"),
            route=SipUri(host="127.0.0.1", port=port, params={"transport": transport}),
            credentials=read_credentials("4711", password),
            registers=False,
            instance="urn:uuid:1",
            trust=Trust(),
        ),
        profile=ScaipProfile(name="mrq", dialect=Dialect.MRQ),
        language=Language.EN,
        controller="4711",
        clock=SystemClock(),
    )
    async with running(*command, cwd=folder) as sipp:
        await until(lambda: is_taken(port, transport), 10, what="SIPp to listen")
        try:
            verdict = await receiver.send(a_dispatch(session="01JD8ZQ3N4ABCDEFGHJKMNPQRS"))
        finally:
            await until(
                lambda: sipp.program.returncode is not None, 20, what=f"SIPp: {sipp.lines[-20:]}"
            )
            await receiver.close()
        assert sipp.program.returncode == 0, sipp.lines[-40:]
    return verdict


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_its_own_sums_of_our_digest(tmp_path: Path, transport: str) -> None:
    verdict = await called("challenge", transport, tmp_path)
    assert (verdict.answer, verdict.receipt) == (Answer.ACCEPTED, "ABCDEFGHJKMNPQRS")


async def test_a_wrong_password_fails_by_its_sums(tmp_path: Path) -> None:
    """The check above can fail."""
    verdict = await called("challenge", "udp", tmp_path, password="wrong")
    assert verdict.answer is Answer.CREDENTIALS_REFUSED


async def test_deaf_then_slow(tmp_path: Path) -> None:
    verdict = await called("slow", "udp", tmp_path)
    assert verdict.answer is Answer.ACCEPTED
    assert verdict.took == pytest.approx(4.2, abs=0.5)


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_an_answer_in_a_message_of_its_own(tmp_path: Path, transport: str) -> None:
    verdict = await called("separate", transport, tmp_path)
    assert verdict.answer is Answer.ACCEPTED
    assert verdict.took == pytest.approx(1.0, abs=0.4)
