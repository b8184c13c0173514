"""F8: the chain is called proven while real round trips prove it, and not a second longer."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, override

import pytest

from custom_components.kvarbo.alarm.kinds import AlarmKind
from custom_components.kvarbo.journal.changes import Audit, PutMarker
from custom_components.kvarbo.proven import AGAIN, DAILY, HOLDS, MARGIN, TESTED, ChainProof
from custom_components.kvarbo.transmission.outlet import HEARTBEAT, Road, Takes
from custom_components.kvarbo.transmission.receiver import Answer, Heartbeat, Verdict
from tests.support.far_end import FarEnd, Mode
from tests.support.pure_home import PureHome, live, outlet, time_passes


def proof_of(home: PureHome) -> ChainProof:
    async def head() -> str | None:
        # As the journal's: it changes with each entry that is on the disk.
        count = sum(isinstance(row, Audit) for row in home.memory.rows)
        return f"{count:064x}"

    in_trouble = lambda: (AlarmKind.JOURNAL_FAULT, "hub") in home.chain.faults.open  # noqa: E731
    return ChainProof(home.ledger, home.clock, home.transmitter, head, in_trouble)


def holds(proof: ChainProof) -> bool:
    return proof.is_proven


@asynccontextmanager
async def living(*far: FarEnd) -> AsyncIterator[tuple[PureHome, ChainProof]]:
    home = PureHome()
    proof = proof_of(home)
    await home.start(*far)
    await time_passes(5)
    yield home, proof
    await home.stop()


def test_it_is_proven_by_a_whole_test_and_by_each_heartbeat() -> None:
    async def day() -> None:
        far = FarEnd()
        async with living(far) as (home, proof):
            assert not holds(proof)
            assert proof.is_due()
            assert await proof.test()
            assert holds(proof)
            assert not proof.is_due()
            assert home.memory.entries("chain_tested")[0].detail == {"receivers": ["r1"]}
            heads = [sign.beat.audit_head for sign in far.signs if sign.beat.audit_head]
            assert len(heads) == 1
            await time_passes(20 * 3600)
            assert holds(proof)

    live(day())


def test_a_receiver_that_falls_silent_proves_nothing() -> None:
    async def day() -> None:
        far = FarEnd()
        async with living(far) as (_, proof):
            await proof.test()
            far.mode = Mode.DOWN
            await time_passes(120)
            assert not holds(proof)
            far.mode = Mode.UP
            await time_passes(120)
            assert holds(proof)

    live(day())


@pytest.mark.parametrize(
    "mere", [{"identified": False}, {"answer": Answer.NOT_TREATED}, {"answer": Answer.BUSY}]
)
def test_a_round_trip_counts_for_two_heartbeats(mere: dict[str, Any]) -> None:
    """A receiver that answers, and from a moment on takes no sign of life knowing whose it is."""

    class Deaf(FarEnd):
        takes_us = True

        @override
        async def heartbeat(self, beat: Heartbeat) -> Verdict:
            verdict = await super().heartbeat(beat)
            return verdict if self.takes_us else replace(verdict, **mere)

        @override
        async def probe(self, beat: Heartbeat) -> Verdict:
            return replace(await super().probe(beat), identified=False)

    async def day() -> None:
        far = Deaf()
        async with living(far) as (_, proof):
            assert await proof.test()
            far.takes_us = False
            await time_passes(2 * HEARTBEAT + MARGIN - 1)
            assert holds(proof)
            await time_passes(2)
            assert not holds(proof)

    live(day())


def test_a_test_proves_for_a_day_and_an_hour() -> None:
    async def day() -> None:
        async with living(FarEnd()) as (_, proof):
            await proof.test()
            await time_passes(DAILY - 1)
            assert not proof.is_due()
            await time_passes(2)
            assert proof.is_due()
            assert holds(proof)
            await time_passes(HOLDS - DAILY)
            assert not holds(proof)

    live(day())


@pytest.mark.parametrize("mode", [Mode.DOWN, Mode.SILENT, Mode.CREDENTIALS_REFUSED])
def test_a_test_without_a_receipt_has_failed_and_is_tried_again(mode: Mode) -> None:
    async def day() -> None:
        far = FarEnd(mode=mode)
        async with living(far) as (_, proof):
            assert not await proof.test()
            assert not holds(proof)
            assert not proof.is_due()
            await time_passes(AGAIN + 60)
            assert proof.is_due()
            far.mode = Mode.UP
            assert await proof.test()

    live(day())


def test_a_disk_that_does_not_take_it_fails_the_test() -> None:
    async def day() -> None:
        async with living(FarEnd()) as (home, proof):
            home.memory.refuses = True
            assert not await proof.test()
            home.memory.refuses = False
            assert await proof.test()
            assert holds(proof)
            home.chain.faults.set(AlarmKind.JOURNAL_FAULT, "hub", is_open=True)
            assert not holds(proof)

    live(day())


def test_a_disk_that_says_yes_and_gives_nothing_back_fails_the_test() -> None:
    async def stuck() -> str | None:
        return "0" * 64

    async def day() -> None:
        async with living(FarEnd()) as (home, _):
            proof = ChainProof(home.ledger, home.clock, home.transmitter, stuck, lambda: False)
            assert not await proof.test()

    live(day())


def test_operations_alone_are_no_alarm_chain() -> None:
    async def day() -> None:
        home = PureHome()
        proof = proof_of(home)
        await home.start(outlet(FarEnd(), Takes.OPERATIONS))
        await time_passes(5)
        assert not await proof.test()
        assert not holds(proof)
        await home.stop()

    live(day())


def test_a_restart_keeps_the_days_test_and_wants_a_new_round_trip() -> None:
    far = FarEnd()

    async def before() -> PureHome:
        async with living(far) as (home, proof):
            await proof.test()
            return home

    async def after(gone: PureHome) -> None:
        home = PureHome()
        proof = proof_of(home)
        far.mode = Mode.DOWN
        await home.start(far, recovered=gone.memory.recover())
        proof.load()
        assert not proof.is_due()
        assert not holds(proof)
        far.mode = Mode.UP
        await time_passes(120)
        assert holds(proof)
        await home.stop()

    live(after(live(before())))


@pytest.mark.parametrize(
    "kept", ["2037-01-01T00:00:00+00:00", "yesterday", "2027-03-01T07:00:00", 5]
)
def test_a_mark_from_the_future_or_unreadable_proves_nothing(kept: str | int) -> None:
    async def day() -> None:
        async with living(FarEnd()) as (home, proof):
            home.ledger.post(PutMarker(TESTED, kept))
            proof.load()
            assert proof.is_due()
            assert not holds(proof)

    live(day())


def test_a_familys_own_receiver_proves_nothing_of_the_municipalitys_chain() -> None:
    async def day() -> None:
        far, own = FarEnd("r1"), FarEnd("r2")
        home = PureHome()
        proof = proof_of(home)
        private = replace(outlet(own), road=Road.PRIVATE)
        await home.start(outlet(far), private)
        await time_passes(5)
        far.mode = Mode.DOWN
        assert not await proof.test()
        assert not holds(proof)
        # Where there is nothing else, it is the chain that there is.
        await home.set_outlets(private)
        await time_passes(5)
        assert await proof.test()
        assert holds(proof)
        await home.stop()

    live(day())
