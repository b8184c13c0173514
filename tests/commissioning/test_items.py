"""What of an installation is open, and when it may be closed (R27, R43, R57)."""

from dataclasses import replace
import json
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.kvarbo.alarm.kinds import Location, Role
from custom_components.kvarbo.commissioning.items import (
    NEVER_LEFT,
    DeviceFacts,
    HomeFacts,
    Item,
    RuleFacts,
    Signal,
    State,
    Step,
    blocking,
    open_items,
    rooms_to_walk,
    state_of,
)
from custom_components.kvarbo.commissioning.progress import (
    DeviceProgress,
    Gap,
    GapReason,
    Progress,
)

NOW = 1_800_000_000.0
DAY = 86400.0
CORD = DeviceFacts(1, Role.HELP_BUTTON, Location.BATHROOM, "cord", False, Signal.GOOD)
HALL = DeviceFacts(2, Role.MOTION, Location.HALLWAY, "hall", False, Signal.GOOD)
RULE = RuleFacts("inactivity-1", lacks_consent=False)
FACTS = HomeFacts("hub-a", (CORD, HALL), (RULE,), True, True, NOW + 180 * DAY)


def done() -> Progress:
    """An installation of which all is proven, not closed yet."""
    return Progress(
        begun_at=NOW - 3000,
        window_at=NOW - 2900,
        devices={
            1: DeviceProgress("cord", NOW - 2000, NOW - 1900, NOW - 1800),
            2: DeviceProgress("hall", NOW - 2000, NOW - 1900),
        },
        rooms={"hallway": NOW - 1500},
        lamp_at=NOW - 1000,
        address_at=NOW - 900,
        address_hub="hub-a",
        papers_at=NOW - 800,
    )


def keys(facts: HomeFacts = FACTS, progress: Progress | None = None) -> list[str]:
    return [item.key for item in open_items(facts, progress or done(), NOW)]


def test_all_that_is_proven_is_closed_and_nothing_less() -> None:
    progress = done()
    assert keys() == []
    assert state_of(FACTS, progress, NOW) is State.OPEN
    progress.closed_at = NOW
    assert state_of(FACTS, progress, NOW) is State.CLOSED
    assert state_of(FACTS, Progress(), NOW) is State.NOT_BEGUN


def test_a_new_home_has_everything_to_do_in_the_order_in_which_it_is_done() -> None:
    facts = replace(FACTS, is_reached=False, is_proven=False, review_at=None)
    assert keys(facts, Progress()) == [
        "receiver:",
        "chain:",
        "window:",
        "heard:2",
        "tested:1",
        "room:hallway",
        "review:",
        "lamp:",
        "address:",
        "papers:",
    ]


@pytest.mark.parametrize(
    ("change", "item"),
    [
        ({"is_missing": True}, "paired:1"),
        ({"signal": Signal.WEAK}, "signal:1"),
        ({"signal": Signal.UNKNOWN}, "signal:1"),
        ({"room": Location.HOME}, "placed:1"),
    ],
)
def test_what_is_wrong_with_a_device_is_one_item(change: dict[str, Any], item: str) -> None:
    assert keys(replace(FACTS, devices=(replace(CORD, **change), HALL))) == [item]


def test_a_device_of_another_radio_is_not_judged_and_a_worn_one_is_nowhere() -> None:
    worn = DeviceFacts(1, Role.WORN, Location.HOME, "cord", False, Signal.NONE)
    assert keys(replace(FACTS, devices=(worn, HALL))) == []


def test_replacing_or_adding_a_device_opens_its_own_items_and_no_other() -> None:
    progress = done()
    progress.closed_at = NOW
    replaced = replace(FACTS, devices=(replace(CORD, source="new"), HALL))
    assert keys(replaced, progress) == ["tested:1"]
    assert state_of(replaced, progress, NOW) is State.OPEN
    kitchen = DeviceFacts(3, Role.MOTION, Location.KITCHEN, "k", False, Signal.GOOD)
    added = replace(FACTS, devices=(CORD, HALL, kitchen))
    assert keys(added, progress) == ["heard:3", "room:kitchen"]
    gone = replace(FACTS, devices=(HALL,))
    assert keys(gone, progress) == []


def test_another_hub_needs_the_address_read_back_again() -> None:
    assert keys(replace(FACTS, hub="hub-b")) == ["address:"]


def test_a_review_that_is_due_opens_the_home_again() -> None:
    progress, facts = done(), replace(FACTS, review_at=NOW + DAY)
    progress.closed_at = NOW
    assert state_of(facts, progress, NOW) is State.CLOSED
    assert state_of(facts, progress, NOW + DAY) is State.OPEN


def test_a_rule_without_consent_is_open() -> None:
    assert keys(replace(FACTS, rules=(RuleFacts("door-0", lacks_consent=True),))) == [
        "consent:door-0"
    ]


def test_a_gap_lets_close_until_its_day_and_stays_open_to_see() -> None:
    progress = done()
    progress.lamp_at = None
    assert blocking(FACTS, progress, NOW) == (Item(Step.LAMP),)
    progress.gaps["lamp:"] = Gap(GapReason.RESIDENT_ABSENT, NOW + DAY)
    assert blocking(FACTS, progress, NOW) == ()
    progress.closed_at = NOW
    assert state_of(FACTS, progress, NOW) is State.CLOSED_WITH_GAPS
    assert keys(progress=progress) == ["lamp:"]
    assert state_of(FACTS, progress, NOW + DAY) is State.OPEN
    progress.lamp_at = NOW
    assert state_of(FACTS, progress, NOW + DAY) is State.CLOSED


@pytest.mark.parametrize("step", sorted(NEVER_LEFT))
def test_some_things_no_reason_excuses(step: Step) -> None:
    progress = done()
    facts = replace(FACTS, is_reached=step is not Step.RECEIVER)
    if step is Step.WINDOW:
        progress.window_at = None
    progress.gaps[f"{step}:"] = Gap(GapReason.CENTRE_BUSY, NOW + DAY)
    assert blocking(facts, progress, NOW) == (Item(step),)


def test_the_walk_lists_each_room_with_when_it_was_seen() -> None:
    assert rooms_to_walk(FACTS, Progress()) == {"hallway": None}
    assert rooms_to_walk(FACTS, done()) == {"hallway": NOW - 1500}


instants = st.none() | st.floats(0, 2e9)
progresses = st.builds(
    Progress,
    begun_at=instants,
    window_at=instants,
    devices=st.dictionaries(
        st.integers(1, 9),
        st.builds(
            DeviceProgress,
            source=st.text(max_size=5),
            begun_at=st.floats(0, 2e9),
            heard_at=instants,
            tested_at=instants,
        ),
    ),
    rooms=st.dictionaries(st.sampled_from([str(room) for room in Location]), st.floats(0, 2e9)),
    lamp_at=instants,
    lamp_seen=st.booleans(),
    address_at=instants,
    address_hub=st.text(max_size=5),
    papers_at=instants,
    gaps=st.dictionaries(
        st.sampled_from([f"{step}:" for step in Step]),
        st.builds(Gap, reason=st.sampled_from(GapReason), until=st.floats(0, 3e9)),
    ),
    closed_at=instants,
    trial_until=instants,
)


@given(progresses)
def test_what_is_kept_is_what_was_and_closed_is_never_more_than_it_is(progress: Progress) -> None:
    assert Progress.from_json(json.loads(json.dumps(progress.to_json()))) == progress
    opened = set(open_items(FACTS, progress, NOW))
    must = set(blocking(FACTS, progress, NOW))
    assert must <= opened
    state = state_of(FACTS, progress, NOW)
    if state is State.CLOSED:
        assert not opened
    if state is State.CLOSED_WITH_GAPS:
        assert opened
        assert not must


@pytest.mark.parametrize(
    "raw",
    [
        None,
        [],
        {},
        {**done().to_json(), "begun_at": "x"},
        {**done().to_json(), "devices": {"x": []}},
        {**done().to_json(), "devices": {"1": []}},
        {**done().to_json(), "gaps": {"a": ["no_reason", 1]}},
        {**done().to_json(), "rooms": {"hall": float("nan")}},
    ],
)
def test_what_is_none_of_it_is_refused(raw: object) -> None:
    with pytest.raises(ValueError, match=r".*"):
        Progress.from_json(raw)
