"""A watcher's state: copies out, and back in."""

from dataclasses import dataclass, field
import json

from hypothesis import given, strategies as st
import pytest

from custom_components.kvarbo.alarm.kinds import Location
from custom_components.kvarbo.supervision.settings import Json
from custom_components.kvarbo.supervision.stages import Stage, WatcherState


@dataclass(slots=True)
class Wide(WatcherState):
    """One of each."""

    rooms: list[str] = field(default_factory=list)
    counts: dict[str, list[float]] = field(default_factory=dict)
    last: str | None = None
    times: int = 0
    any_kind: list[int] | None = None


numbers = st.floats(allow_nan=False, allow_infinity=False)
states = st.builds(
    Wide,
    stage=st.sampled_from(Stage),
    since=numbers,
    warn_at=st.none() | numbers,
    alarm_at=st.none() | numbers,
    extra_due=st.none() | numbers,
    seen_in=st.none() | st.sampled_from(Location).map(str),
    unanswered=st.lists(st.text(max_size=5), max_size=3),
    answered=st.booleans(),
    rooms=st.lists(st.text(max_size=5), max_size=3),
    counts=st.dictionaries(st.text(max_size=5), st.lists(numbers, max_size=3), max_size=3),
    last=st.none() | st.text(max_size=5),
    times=st.integers(-100, 100),
)


@given(states)
def test_a_state_comes_back_as_it_was(state: Wide) -> None:
    assert Wide.from_json(json.loads(json.dumps(state.to_json()))) == state


def test_what_is_kept_is_a_copy() -> None:
    state = Wide(rooms=["hall"], counts={"a": [1.0]})
    kept = state.to_json()
    state.rooms.append("kitchen")
    state.counts["a"].append(2.0)
    assert kept["rooms"] == ["hall"]
    assert kept["counts"] == {"a": [1.0]}
    back = Wide.from_json(kept)
    back.rooms.append("study")
    assert kept["rooms"] == ["hall"]


@pytest.mark.parametrize(
    "raw",
    [
        None,
        [],
        {"stage": 1},
        {"stage": "asleep"},
        {"since": "now"},
        {"since": True},
        {"since": float("inf")},
        {"warn_at": float("nan")},
        {"warn_at": "soon"},
        {"warn_at": False},
        {"answered": 0},
        {"rooms": {}},
        {"counts": []},
        {"last": 5},
        {"seen_in": "moon"},
    ],
)
def test_what_is_no_state_is_refused(raw: Json) -> None:
    with pytest.raises(ValueError, match=r".*"):
        Wide.from_json(raw)


def test_what_a_later_release_has_kept_is_passed_over() -> None:
    assert Wide.from_json({"mood": "good", "times": 3}) == Wide(times=3)
