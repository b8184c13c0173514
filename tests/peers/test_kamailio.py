"""Kamailio as the edge of an alarm centre, PJSIP behind it: stacks of others, held to the same protocol."""

import asyncio
from collections.abc import Callable
import re

import pytest

from custom_components.kvarbo.transmission.receiver import Answer, Verdict
from custom_components.kvarbo.transmission.scaip.scaip import ScaipReceiver
from simulator.testing import until
from tests.transmission.rest.rest_sample import a_beat, a_dispatch

from .proxy import HERE, PJSIP, Kamailio, home, running

pytestmark = [pytest.mark.peers, pytest.mark.timeout(180)]
SESSION = "01JD8ZQ3N4ABCDEFGHJKMNPQRS"
REF = SESSION[-16:]


async def send(receiver: ScaipReceiver, session: str = SESSION) -> Verdict:
    return await receiver.send(a_dispatch(session=session))


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
async def test_every_transport_and_digest(
    make_kamailio: Callable[..., Kamailio], transport: str, algorithm: str
) -> None:
    kamailio = make_kamailio(algorithm)
    async with kamailio.up(), home(kamailio, transport) as receiver:
        verdicts = [await receiver.heartbeat(a_beat()), await send(receiver)]
        assert [v.answer for v in verdicts] == [Answer.ACCEPTED] * 2, verdicts
        assert verdicts[1].receipt == REF
        assert (await receiver.probe(a_beat())).answer is Answer.ACCEPTED
        agent = receiver._agent
        assert agent is not None
        await until(lambda: agent.registration is not None, what="the registration")
        assert agent.registration is not None
        assert agent.registration.status == 200


async def test_a_wrong_password_is_told(make_kamailio: Callable[..., Kamailio]) -> None:
    kamailio = make_kamailio()
    async with kamailio.up(), home(kamailio, "tcp", password="wrong") as receiver:
        verdict = await send(receiver)
        assert verdict.answer is Answer.CREDENTIALS_REFUSED
        assert verdict.words.startswith("User name or password is wrong")


async def test_a_nonce_that_has_grown_old_is_renewed(
    make_kamailio: Callable[..., Kamailio],
) -> None:
    """Kamailio says nothing of stale."""
    kamailio = make_kamailio(nonce_life=1)
    async with kamailio.up(), home(kamailio, "udp", registers=False) as receiver:
        assert (await send(receiver)).answer is Answer.ACCEPTED
        # Kamailio's own clock decides, in whole seconds: real time has to pass.
        await asyncio.sleep(2.5)
        assert (await send(receiver)).answer is Answer.ACCEPTED


@pytest.mark.parametrize(("lost", "after"), [(0, 0), (1, 0.5), (2, 1.5), (3, 3.5), (4, 7.5)])
async def test_lost_copies_cost_what_the_timers_say(
    make_kamailio: Callable[..., Kamailio], lost: int, after: float
) -> None:
    kamailio = make_kamailio()
    async with (
        kamailio.up(),
        home(kamailio, "udp", user=f"drop{lost}", registers=False) as receiver,
    ):
        verdict = await send(receiver)
        assert verdict.answer is Answer.ACCEPTED
        assert verdict.took == pytest.approx(after, abs=0.3)


async def test_nobody_behind_the_proxy_is_a_no(make_kamailio: Callable[..., Kamailio]) -> None:
    kamailio = make_kamailio()
    async with kamailio.up(), home(kamailio, "tcp", to="arc1") as receiver:
        verdict = await send(receiver)
        assert verdict.answer is Answer.NOT_TREATED
        assert "404" in verdict.words


@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
async def test_pjsip_holds_twice_and_accepts_in_messages_of_its_own(
    make_kamailio: Callable[..., Kamailio], transport: str
) -> None:
    kamailio = make_kamailio()
    theirs = "tcp" if transport == "tls" else transport
    script = HERE / "pjsip_receiver.py"
    async with (
        kamailio.up(),
        running(PJSIP, script, theirs, f"127.0.0.1:{kamailio.port}", "2") as pjsip,
        home(kamailio, transport, to="arc1") as receiver,
    ):
        await until(
            lambda: pjsip.has_said("SIGNED IN"), 15, what=f"PJSIP to sign in: {pjsip.lines}"
        )
        await receiver.probe(a_beat())
        await asyncio.wait_for(_registered(receiver), 5)
        answers = [(await send(receiver)).answer for _ in range(3)]
        assert answers == [Answer.HOLD, Answer.HOLD, Answer.ACCEPTED]
        # Its last word may still be in the pipe when its answer is here.
        await until(lambda: pjsip.has_said(f"HEARD {REF} ME 3"), 5, what=f"it: {pjsip.lines}")
        heard = [line for line in pjsip.lines if line.startswith("HEARD")]
        assert heard == [f"HEARD {REF} ME {n}" for n in (1, 2, 3)]


async def test_a_proxy_that_was_started_anew_costs_less_than_the_next_receiver(
    make_kamailio: Callable[..., Kamailio],
) -> None:
    """All registrations are forgotten, PJSIP's and ours: the next alarm arrives within 20 s."""
    kamailio = make_kamailio()
    script = HERE / "pjsip_receiver.py"
    async with home(kamailio, "tcp", to="arc1") as receiver:
        async with (
            kamailio.up(),
            running(PJSIP, script, "tcp", f"127.0.0.1:{kamailio.port}", "0") as pjsip,
        ):
            await until(
                lambda: pjsip.has_said("SIGNED IN"), 15, what=f"PJSIP to sign in: {pjsip.lines}"
            )
            await receiver.probe(a_beat())
            await asyncio.wait_for(_registered(receiver), 5)
            assert (await send(receiver)).answer is Answer.ACCEPTED
        async with (
            kamailio.up(),
            running(PJSIP, script, "tcp", f"127.0.0.1:{kamailio.port}", "0") as pjsip,
        ):
            await until(lambda: pjsip.has_said("SIGNED IN"), 15, what="PJSIP to register anew")
            verdict = await asyncio.wait_for(send(receiver, "01JD8ZQ3N4ZZZZZZZZZZZZZZZZ"), 20)
            assert verdict.answer is Answer.ACCEPTED, verdict


async def _registered(receiver: ScaipReceiver) -> None:
    agent = receiver._agent
    assert agent is not None
    await until(
        lambda: (state := agent.registration) is not None and state.expires is not None,
        what="our registration",
    )


def test_the_proxy_is_one_of_others() -> None:
    """Not ours in disguise: the configuration loads Kamailio's own modules alone."""
    text = (HERE / "kamailio" / "kamailio.cfg").read_text(encoding="utf-8")
    assert re.findall(r'loadmodule "(\w+)\.so"', text)[:3] == ["tm", "sl", "pv"]
