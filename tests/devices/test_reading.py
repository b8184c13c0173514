"""Whether what a source reports is a press: tables of truth (R12, A2, A7, idea 4)."""

from hypothesis import given, strategies as st
import pytest

from custom_components.kvarbo.devices.reading import (
    NOT_A_PRESS,
    SAYS_NOTHING,
    Reading,
    read_binary,
    read_command,
    read_event,
)

AT = "2027-03-01T12:00:00.000+00:00"
LATER = "2027-03-01T12:00:05.000+00:00"


@pytest.mark.parametrize(
    ("mark", "state", "pressed", "kept"),
    [
        (None, "off", False, "off"),
        (None, "on", True, "on"),  # nothing known before: at start, or new
        ("", "on", True, "on"),
        ("off", "on", True, "on"),
        ("on", "on", False, "on"),  # the cord is still pulled
        ("on", "off", False, "off"),
        ("off", "off", False, "off"),
        ("off", "unavailable", False, "off"),
        ("off", "unknown", False, "off"),
        ("on", "unavailable", False, "on"),
        (None, "unavailable", False, None),
    ],
)
def test_a_binary_sensor(mark: str | None, state: str, pressed: bool, kept: str | None) -> None:
    assert read_binary(mark, state) == Reading(pressed=pressed, mark=kept)


@pytest.mark.parametrize(
    ("mark", "state", "pressed", "kept"),
    [
        (None, AT, False, AT),  # new here: what it last did was before our time
        (None, "unknown", False, ""),
        (None, "unavailable", False, ""),
        ("", AT, True, AT),  # it was here, and had never been pressed
        (AT, AT, False, AT),  # restored after a restart
        (AT, LATER, True, LATER),
        (AT, "unavailable", False, AT),
        (AT, "unknown", False, AT),
        (LATER, AT, True, AT),  # a clock that was set back: unknown is not stillness
    ],
)
def test_an_event_entity(mark: str | None, state: str, pressed: bool, kept: str) -> None:
    assert read_event(mark, state) == Reading(pressed=pressed, mark=kept)


def follow(states: list[str], mark: str | None) -> tuple[int, str | None]:
    """Read states one after the other; return how many presses and the last mark."""
    presses = 0
    for state in states:
        reading = read_binary(mark, state)
        presses += reading.pressed
        mark = reading.mark
    return presses, mark


@given(st.lists(st.sampled_from(["on", "off", "unavailable", "unknown"])))
def test_a2_a_latched_cord_is_one_call_however_often_it_goes_silent(states: list[str]) -> None:
    spoken = [state for state in states if state not in SAYS_NOTHING]
    presses, mark = follow(states, "off")
    assert presses == sum(
        now == "on" and before == "off"
        for before, now in zip(["off", *spoken], spoken, strict=False)
    )
    # A restart in the middle, with nothing but the mark kept, changes nothing.
    for cut in range(len(states)):
        first, kept = follow(states[:cut], "off")
        second, last = follow(states[cut:], kept)
        assert (first + second, last) == (presses, mark)


@pytest.mark.parametrize("command", sorted(NOT_A_PRESS))
def test_known_chatter_is_no_press(command: str) -> None:
    assert not read_command(command)


@pytest.mark.parametrize(
    "command", ["on", "off", "toggle", "emergency", "button_single", "panic", "", "move"]
)
def test_r12_every_other_command_is_one(command: str) -> None:
    assert read_command(command)


@pytest.mark.parametrize("command", [None, 5, [], {}, b"on", True])
def test_what_is_no_command_is_no_press(command: object) -> None:
    assert not read_command(command)
