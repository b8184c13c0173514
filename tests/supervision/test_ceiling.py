"""No flood in one night: a ceiling on what is not urgent, and one cause is one alarm (R60)."""

from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st

from custom_components.kvarbo.supervision.ceiling import CEILING, URGENT, NightCeiling, Ruling
from custom_components.kvarbo.supervision.identity import Identity, WatcherKind
from custom_components.kvarbo.supervision.wall import DAY, HOUR, WallTime

#: 2026-11-25 21:00 UTC.
EVENING = 1795640400.0
DOOR = Identity(WatcherKind.DOOR_OPEN)
KINDS = [Identity(kind) for kind in WatcherKind]


def ceiling() -> NightCeiling:
    return NightCeiling(WallTime(ZoneInfo("UTC")))


def fill(night: NightCeiling, count: int, at: float = EVENING) -> None:
    for number in range(count):
        assert night.rule(KINDS[number], 5, at) is Ruling.RAISE
        night.raised(KINDS[number], f"a{number}", urgent=False)


def test_what_comes_over_the_ceiling_is_held_and_told_once() -> None:
    night = ceiling()
    fill(night, CEILING)
    assert night.rule(KINDS[-1], 5, EVENING) is Ruling.HOLD
    assert night.held(KINDS[-1], EVENING) is True
    assert night.held(KINDS[-1], EVENING + HOUR) is False
    assert night.held_back() == {str(KINDS[-1]): 2}


def test_urgent_alarms_pass_and_do_not_count() -> None:
    night = ceiling()
    for number in range(10):
        assert night.rule(KINDS[number], URGENT, EVENING) is Ruling.RAISE
        night.raised(KINDS[number], f"u{number}", urgent=True)
    assert night.rule(KINDS[-1], 5, EVENING) is Ruling.RAISE


def test_the_same_cause_merges_until_its_alarm_has_ended() -> None:
    night = ceiling()
    night.raised(DOOR, "a1", urgent=False)
    night.rule(DOOR, 5, EVENING)
    night.raised(DOOR, "a1", urgent=False)
    assert night.rule(DOOR, 5, EVENING + HOUR) is Ruling.MERGE
    assert night.alarm_of(DOOR) == "a1"
    night.ended(DOOR)
    assert night.alarm_of(DOOR) is None
    assert night.rule(DOOR, 5, EVENING + HOUR) is Ruling.RAISE


def test_an_ended_alarm_still_counts_in_its_night() -> None:
    night = ceiling()
    for number in range(CEILING):
        assert night.rule(DOOR, 5, EVENING) is Ruling.RAISE
        night.raised(DOOR, f"a{number}", urgent=False)
        night.ended(DOOR)
    assert night.rule(DOOR, 5, EVENING) is Ruling.HOLD


def test_the_next_night_begins_at_noon() -> None:
    night = ceiling()
    fill(night, CEILING)
    assert night.rule(DOOR, 5, EVENING + 14 * HOUR) is Ruling.HOLD
    assert night.rule(DOOR, 5, EVENING + 15 * HOUR) is Ruling.RAISE
    assert night.held_back() == {}


def test_a_restart_knows_the_night() -> None:
    night = ceiling()
    fill(night, CEILING)
    night.held(DOOR, EVENING)
    again = ceiling()
    again.load(night.to_json())
    assert again.rule(DOOR, 5, EVENING) is Ruling.HOLD
    assert again.held(DOOR, EVENING) is False
    assert again.alarm_of(KINDS[0]) == "a0"


RAW = st.recursive(
    st.none() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from(["night", "raised", "held"]), inner)
    ),
)


@given(RAW)
def test_what_cannot_be_read_is_an_empty_night(raw: object) -> None:
    night = ceiling()
    night.load(raw)
    assert night.rule(DOOR, 5, EVENING + 300 * DAY) is Ruling.RAISE
