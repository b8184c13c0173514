"""The dispenser's profile octet by octet, and whatever else a radio may carry."""

from contextlib import suppress

from hypothesis import given, strategies as st
import pytest

from custom_components.kvarbo.dispensing.profile import (
    BadOctetsError,
    Dose,
    Event,
    Told,
    Trouble,
    read_acknowledge,
    read_event,
    read_state,
    write_acknowledge,
    write_event,
    write_state,
)

U32 = 2**32 - 1
TOLD = st.builds(
    Told,
    dose=st.sampled_from(Dose),
    troubles=st.frozensets(st.sampled_from(Trouble)),
    battery=st.none() | st.integers(0, 100),
    left=st.none() | st.integers(0, 0xFFFE),
    counter=st.integers(0, U32),
)
EVENTS = st.builds(
    Event,
    what=st.sampled_from([d for d in Dose if d is not Dose.IDLE]),
    is_over=st.just(False),
    counter=st.integers(1, U32),
    ago=st.integers(0, U32),
) | st.builds(
    Event,
    what=st.sampled_from(Trouble),
    is_over=st.booleans(),
    counter=st.integers(1, U32),
    ago=st.integers(0, U32),
)


def test_the_octets_are_those_of_the_document() -> None:
    told = Told(Dose.DISPENSED, frozenset({Trouble.LOW, Trouble.JAMMED}), 80, 12, 258)
    assert write_state(told).hex(" ") == "01 02 05 50 0c 00 02 01 00 00"
    assert write_state(Told(Dose.IDLE, frozenset(), None, None, 0)).hex(" ") == (
        "01 00 00 ff ff ff 00 00 00 00"
    )
    taken = Event(Dose.TAKEN, is_over=False, counter=258, ago=60)
    assert write_event(taken).hex(" ") == "01 03 02 01 00 00 3c 00 00 00"
    over = Event(Trouble.NO_POWER, is_over=True, counter=3, ago=0)
    assert write_event(over).hex(" ") == "01 93 03 00 00 00 00 00 00 00"
    assert write_acknowledge(258).hex(" ") == "02 01 00 00"


@given(TOLD, EVENTS, st.integers(0, U32), st.binary(max_size=20))
def test_what_is_written_is_read_also_with_more_behind_it(
    told: Told, event: Event, counter: int, more: bytes
) -> None:
    assert read_state(write_state(told) + more) == told
    assert read_event(write_event(event) + more) == event
    assert read_acknowledge(write_acknowledge(counter)) == counter


@given(st.binary(max_size=40))
def test_any_octets_are_read_or_refused(octets: bytes) -> None:
    with suppress(BadOctetsError):
        assert octets.startswith(write_state(read_state(octets)))
    with suppress(BadOctetsError):
        assert octets.startswith(write_event(read_event(octets)))


@pytest.mark.parametrize(
    ("octets", "field"),
    [
        ("", "length"),
        ("01 00 00 ff ff ff 00 00 00", "length"),
        ("02 00 00 ff ff ff 00 00 00 00", "version"),
        ("01 06 00 ff ff ff 00 00 00 00", "dose"),
        ("01 00 10 ff ff ff 00 00 00 00", "condition"),
        ("01 00 00 65 ff ff 00 00 00 00", "battery"),
    ],
)
def test_a_bad_state_is_refused_with_its_field(octets: str, field: str) -> None:
    with pytest.raises(BadOctetsError, match=f"^{field}:"):
        read_state(bytes.fromhex(octets))


@pytest.mark.parametrize(
    ("octets", "field"),
    [
        ("01 03 01 00 00 00 00 00 00", "length"),
        ("00 03 01 00 00 00 00 00 00 00", "version"),
        ("01 03 00 00 00 00 00 00 00 00", "counter"),
        ("01 00 01 00 00 00 00 00 00 00", "what"),
        ("01 06 01 00 00 00 00 00 00 00", "what"),
        ("01 83 01 00 00 00 00 00 00 00", "what"),
        ("01 14 01 00 00 00 00 00 00 00", "what"),
    ],
)
def test_a_bad_event_is_refused_with_its_field(octets: str, field: str) -> None:
    with pytest.raises(BadOctetsError, match=f"^{field}:"):
        read_event(bytes.fromhex(octets))
