"""R23: a receiver's wish to speak with the home is kept, shown while it stands, and opens nothing."""

import asyncio
from datetime import timedelta

from hypothesis import given, strategies as st
import pytest

from custom_components.kvarbo.alarm.callback import Callback, Voice
from custom_components.kvarbo.transmission.callbacks import (
    CALLBACKS_MARKER,
    WE_CALL_FOR,
    Callbacks,
)
from custom_components.kvarbo.transmission.ledger import Ledger
from tests.support.virtual_time import VirtualClock, run_virtual
from tests.support.writer import MemoryWriter

WISH = Callback(voice=Voice.DUPLEX, minutes=5, address="sip:operator@larm.example")


def test_a_window_opens_with_the_wish_and_closes_by_itself() -> None:
    async def scene() -> None:
        clock = VirtualClock()
        callbacks = Callbacks(Ledger(MemoryWriter()), clock)
        assert callbacks.newest() is None
        window = callbacks.take("r1", "alarm", WISH)
        assert window.until == clock.now() + timedelta(minutes=5)
        assert callbacks.newest() == window
        await asyncio.sleep(299)
        assert callbacks.open() == {"r1": window}
        await asyncio.sleep(1)
        assert callbacks.newest() is None

    run_virtual(scene())


def test_a_wish_that_the_home_calls_stands_for_an_hour() -> None:
    async def scene() -> None:
        clock = VirtualClock()
        callbacks = Callbacks(Ledger(MemoryWriter()), clock)
        window = callbacks.take("r1", "alarm", Callback(voice=Voice.SPEAKER))
        assert window.until == clock.now() + WE_CALL_FOR

    run_virtual(scene())


def test_each_receiver_has_its_newest_wish_and_the_longest_is_shown() -> None:
    async def scene() -> None:
        callbacks = Callbacks(Ledger(MemoryWriter()), VirtualClock())
        callbacks.take("r1", "a", WISH)
        callbacks.take("r1", "b", WISH)
        long = callbacks.take("r2", "c", Callback(voice=Voice.DUPLEX, minutes=60))
        assert {key: w.alarm_id for key, w in callbacks.open().items()} == {"r1": "b", "r2": "c"}
        assert callbacks.newest() == long

    run_virtual(scene())


def test_it_survives_a_restart_within_its_time() -> None:
    async def scene() -> None:
        clock = VirtualClock()
        ledger = Ledger(MemoryWriter())
        window = Callbacks(ledger, clock).take("r1", "alarm", WISH)
        again = Ledger(MemoryWriter())
        again.markers |= ledger.markers
        assert Callbacks(again, clock).open() == {"r1": window}

    run_virtual(scene())


@pytest.mark.parametrize(
    "kept",
    [
        "open",
        ["r1"],
        {"r1": None},
        {"r1": {"until": "soon", "voice": "duplex"}},
        {"r1": {"until": "2099-01-01T00:00:00", "voice": "duplex"}},
        {"r1": {"until": "2099-01-01T00:00:00+00:00", "voice": "shouting"}},
    ],
)
def test_what_cannot_be_read_opens_nothing(kept: object) -> None:
    async def scene() -> None:
        ledger = Ledger(MemoryWriter())
        ledger.markers[CALLBACKS_MARKER] = kept
        assert Callbacks(ledger, VirtualClock()).open() == {}

    run_virtual(scene())


@given(st.recursive(st.none() | st.text() | st.integers(), lambda x: st.dictionaries(st.text(), x)))
def test_nothing_in_the_journal_raises(kept: object) -> None:
    async def scene() -> None:
        ledger = Ledger(MemoryWriter())
        ledger.markers[CALLBACKS_MARKER] = kept
        Callbacks(ledger, VirtualClock()).newest()

    run_virtual(scene())
