"""What a rule can be told: what is read, what is refused, and that refusals keep nothing."""

from dataclasses import dataclass

from hypothesis import given, strategies as st
import pytest

from custom_components.kvarbo.supervision.settings import (
    SettingFlaw,
    SettingsError,
    clock,
    clocks,
    count,
    default_of,
    duration,
    flag,
    read_settings,
    setting_fields,
    weekdays,
    write_settings,
)
from custom_components.kvarbo.supervision.wall import DAY, HOUR, MINUTE


@dataclass(frozen=True, slots=True)
class All:
    """One of each."""

    span: float = duration(HOUR, least=MINUTE, most=DAY)
    maybe: float | None = duration(None, least=0, most=DAY)
    time: float = clock(7 * HOUR)
    no_time: float | None = clock(None)
    times: tuple[float, ...] = clocks((8 * HOUR,))
    days: tuple[int, ...] = weekdays()
    number: int = count(2, least=0, most=3)
    yes: bool = flag(default=True)


@pytest.mark.parametrize(
    ("name", "raw", "value"),
    [
        ("span", 90, 90.0),
        ("span", 90.5, 90.5),
        ("span", "1:30", 5400.0),
        ("span", " 00:01:30 ", 90.0),
        ("span", {"hours": 1, "minutes": 30}, 5400.0),
        ("span", {"days": 1}, DAY),
        ("maybe", None, None),
        ("maybe", 0, 0.0),
        ("time", "07:30", 7.5 * HOUR),
        ("time", "23:59:59", DAY - 1),
        ("time", 0, 0.0),
        ("no_time", None, None),
        ("no_time", "00:00", 0.0),
        ("times", ["20:00", "08:00", "08:00"], (8 * HOUR, 20 * HOUR)),
        ("times", "08:00, 20:00,", (8 * HOUR, 20 * HOUR)),
        ("times", [], ()),
        ("days", "sun", (6,)),
        ("days", ["sun", "mon", 0], (0, 6)),
        ("days", [], ()),
        ("number", 3, 3),
        ("number", 3.0, 3),
        ("yes", False, False),
    ],
)
def test_what_blueprints_and_files_hand_over_is_read(name: str, raw: object, value: object) -> None:
    made = read_settings(All, {name: raw})
    assert getattr(made, name) == value
    assert type(getattr(made, name)) is type(value)


@pytest.mark.parametrize(
    ("name", "raw", "problem"),
    [
        ("span", None, "missing"),
        ("span", True, "not_a_duration"),
        ("span", "", "not_a_duration"),
        ("span", "1", "not_a_duration"),
        ("span", "1:2:3:4", "not_a_duration"),
        ("span", "one:two", "not_a_duration"),
        ("span", "\u0661:\u0662", "not_a_duration"),
        ("span", {}, "not_a_duration"),
        ("span", {"weeks": 1}, "not_a_duration"),
        ("span", {"hours": "1"}, "not_a_duration"),
        ("span", {"hours": True}, "not_a_duration"),
        ("span", [60], "not_a_duration"),
        ("span", float("nan"), "not_a_duration"),
        ("span", float("inf"), "not_a_duration"),
        ("span", {"hours": float("inf")}, "not_a_duration"),
        ("span", 59, "out_of_range"),
        ("span", "24:00:01", "out_of_range"),
        ("span", -60, "out_of_range"),
        ("time", "24:00", "not_a_time"),
        ("time", "7", "not_a_time"),
        ("time", "07:60", "not_a_time"),
        ("time", "07:00:60", "not_a_time"),
        ("time", True, "not_a_time"),
        ("time", ["07:00"], "not_a_time"),
        ("time", DAY, "out_of_range"),
        ("time", -1, "out_of_range"),
        ("times", 5, "not_times"),
        ("times", [DAY], "not_times"),
        ("times", [-1], "not_times"),
        ("times", ["8"], "not_a_time"),
        ("times", ["08:00"] * 25, "not_times"),
        ("days", 5, "not_weekdays"),
        ("days", ["someday"], "not_weekdays"),
        ("days", [7], "not_weekdays"),
        ("days", [-1], "not_weekdays"),
        ("days", [True], "not_weekdays"),
        ("number", 1.5, "not_a_number"),
        ("number", "1", "not_a_number"),
        ("number", True, "not_a_number"),
        ("number", 4, "out_of_range"),
        ("number", -1, "out_of_range"),
        ("yes", 1, "not_a_flag"),
        ("yes", "yes", "not_a_flag"),
        ("other", 1, "unknown"),
    ],
)
def test_what_cannot_be_is_refused_by_name(name: str, raw: object, problem: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings(All, {name: raw})
    assert caught.value.flaws == (SettingFlaw(name, problem),)


def test_every_flaw_is_named_and_no_value_repeated() -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings(All, {"span": "Astrid 1912", "number": 9, "x" * 99: 1})
    assert {flaw.field for flaw in caught.value.flaws} == {"span", "number", "x" * 40}
    assert "Astrid" not in str(caught.value)


def test_settings_that_are_no_mapping_are_none() -> None:
    with pytest.raises(SettingsError, match="settings: not_a_mapping"):
        read_settings(All, ["span"])


def test_what_is_left_out_is_the_default() -> None:
    assert read_settings(All, {}) == All()
    assert default_of(All, "span") == HOUR
    assert default_of(All, "maybe") is None
    assert list(setting_fields(All)) == [
        "span",
        "maybe",
        "time",
        "no_time",
        "times",
        "days",
        "number",
        "yes",
    ]


@given(
    st.builds(
        All,
        span=st.floats(min_value=60, max_value=DAY),
        maybe=st.none() | st.floats(min_value=0, max_value=DAY),
        times=st.lists(st.integers(0, 86399), max_size=24, unique=True).map(
            lambda times: tuple(float(t) for t in sorted(times))
        ),
        days=st.sets(st.integers(0, 6)).map(lambda days: tuple(sorted(days))),
        number=st.integers(0, 3),
        yes=st.booleans(),
    )
)
def test_written_settings_are_read_as_they_were(made: All) -> None:
    assert read_settings(All, write_settings(made)) == made


@given(
    st.dictionaries(
        st.sampled_from(list(setting_fields(All))),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
            max_leaves=6,
        ),
    )
)
def test_whatever_is_handed_over_is_taken_or_refused(raw: dict[str, object]) -> None:
    made, flaws = All(), set[str]()
    try:
        made = read_settings(All, raw)
    except SettingsError as err:
        flaws = {flaw.field for flaw in err.flaws}
    assert flaws <= set(raw)
    assert MINUTE <= made.span <= DAY
    assert 0 <= made.number <= 3
