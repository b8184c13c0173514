"""What a state says of the home: every kind of source, both polarities, and what is not known."""

from datetime import UTC, datetime, timedelta

from homeassistant.util.dt import parse_datetime
from hypothesis import given, strategies as st
import pytest

from custom_components.kvarbo.alarm.kinds import Role
from custom_components.kvarbo.devices.fitting import FITTING, REMOTE_ROLES, SENSOR_ROLES
from custom_components.kvarbo.devices.states import (
    EVENT,
    READABLE,
    STANDING,
    TRACKER,
    is_news,
    read_number,
    read_state,
)
from custom_components.kvarbo.supervision.sensing import Reading

SAYS = [
    ("binary_sensor", "on", Reading.ACTIVE),
    ("binary_sensor", "off", Reading.IDLE),
    ("input_boolean", "on", Reading.ACTIVE),
    ("input_boolean", "off", Reading.IDLE),
    ("switch", "on", Reading.ACTIVE),
    ("switch", "off", Reading.IDLE),
    ("light", "on", Reading.ACTIVE),
    ("light", "off", Reading.IDLE),
    ("lock", "locked", Reading.IDLE),
    ("lock", "unlocked", Reading.ACTIVE),
    ("lock", "unlocking", Reading.ACTIVE),
    ("lock", "locking", Reading.ACTIVE),
    ("lock", "open", Reading.ACTIVE),
    ("lock", "opening", Reading.ACTIVE),
    ("cover", "closed", Reading.IDLE),
    ("cover", "closing", Reading.ACTIVE),
    ("cover", "open", Reading.ACTIVE),
    ("cover", "opening", Reading.ACTIVE),
    ("valve", "closed", Reading.IDLE),
    ("valve", "closing", Reading.ACTIVE),
    ("valve", "open", Reading.ACTIVE),
    ("valve", "opening", Reading.ACTIVE),
    ("vacuum", "cleaning", Reading.ACTIVE),
    ("vacuum", "returning", Reading.ACTIVE),
    ("vacuum", "docked", Reading.IDLE),
    ("vacuum", "idle", Reading.IDLE),
    ("vacuum", "paused", Reading.IDLE),
    ("vacuum", "error", Reading.IDLE),
    ("siren", "on", Reading.ACTIVE),
    ("siren", "off", Reading.IDLE),
    ("media_player", "playing", Reading.ACTIVE),
    ("media_player", "idle", Reading.ACTIVE),
    ("media_player", "off", Reading.IDLE),
    ("media_player", "standby", Reading.IDLE),
    ("device_tracker", "not_home", Reading.ACTIVE),
    ("device_tracker", "home", Reading.IDLE),
    ("sensor", "8.1", Reading.ACTIVE),
    ("sensor", "8", Reading.IDLE),
    ("sensor", "-3", Reading.IDLE),
    ("sensor", "1e3", Reading.ACTIVE),
]
TURNED = {Reading.ACTIVE: Reading.IDLE, Reading.IDLE: Reading.ACTIVE}


@pytest.mark.parametrize(("domain", "state", "reading"), SAYS)
def test_a_state_is_read_and_turned_round(domain: str, state: str, reading: Reading) -> None:
    assert read_state(domain, state, active_above=8) is reading
    assert read_state(domain, state, active_above=8, inverted=True) is TURNED[reading]


def test_every_kind_of_source_is_tried_above() -> None:
    assert {domain for domain, _, _ in SAYS} == STANDING == READABLE - {EVENT}


@pytest.mark.parametrize("inverted", [True, False])
@pytest.mark.parametrize("state", ["unavailable", "unknown", "", "jammed", "ON", "nan", "inf"])
def test_what_is_not_known_is_neither_of_the_two(state: str, *, inverted: bool) -> None:
    """Idea 4: turning a sensor round does not turn unknown into anything."""
    # Any word of a tracker's that it does know may be a place.
    known = STANDING - ({TRACKER} if state not in ("unavailable", "unknown", "") else set())
    for domain in known:
        assert read_state(domain, state, inverted=inverted) is Reading.UNKNOWN, domain


@pytest.mark.parametrize(
    ("state", "reading"),
    [
        ("unavailable", Reading.UNKNOWN),
        ("unknown", Reading.IDLE),
        ("2026-11-25T02:10:00.000+00:00", Reading.IDLE),
    ],
)
def test_an_event_entitys_state_tells_of_the_past(state: str, reading: Reading) -> None:
    assert read_state(EVENT, state) is reading
    assert read_state(EVENT, state, inverted=True) is reading, "a press has no opposite"


@given(st.text(max_size=20))
def test_no_text_breaks_a_reading(text: str) -> None:
    number = read_number(text)
    assert number is None or abs(number) < float("inf")
    for domain in READABLE:
        assert read_state(domain, text) in Reading


NOW = datetime(2026, 11, 25, 2, 10, tzinfo=UTC)
BEFORE = (NOW - timedelta(minutes=1)).isoformat()
AFTER = (NOW + timedelta(minutes=1)).isoformat()


@pytest.mark.parametrize(
    ("last", "state", "news"),
    [
        (None, BEFORE, False),
        (None, AFTER, True),
        (None, NOW.isoformat(), True),
        (None, "unavailable", False),
        (None, "not a time", False),
        (None, "2026-11-26T02:10:00", False),
        ("unknown", AFTER, True),
        (BEFORE, "unknown", False),
        (BEFORE, "unavailable", False),
        (BEFORE, BEFORE, False),
        (BEFORE, AFTER, True),
        (AFTER, BEFORE, True),
    ],
)
def test_an_event_is_news_when_it_has_happened_under_our_eyes(
    last: str | None, state: str, *, news: bool
) -> None:
    """The last line: a clock that was put back takes no press away."""
    assert is_news(last, state, NOW, parse_datetime) is news


@pytest.mark.parametrize(
    ("state", "reading"),
    [
        ("home", Reading.IDLE),
        ("not_home", Reading.ACTIVE),
        ("The daughter's house", Reading.ACTIVE),
        ("unknown", Reading.UNKNOWN),
        ("unavailable", Reading.UNKNOWN),
    ],
)
def test_a_tracker_is_at_home_or_not_and_its_place_is_not_read(
    state: str, reading: Reading
) -> None:
    assert read_state("device_tracker", state) is reading


def test_every_role_of_a_device_has_sources_that_can_be_read() -> None:
    assert set(FITTING) == set(Role) - {Role.HUB, Role.RULE}
    assert set(SENSOR_ROLES) == set(FITTING) - {Role.HELP_BUTTON}
    assert set(FITTING) >= REMOTE_ROLES
    for role, domains in FITTING.items():
        assert domains, role
        assert domains <= READABLE, role


@pytest.mark.parametrize("role", FITTING)
def test_no_picture_fits_any_role(role: Role) -> None:
    """R03."""
    assert not FITTING[role] & {"camera", "image"}
