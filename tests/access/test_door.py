"""The rules D1 to D5 of a door that locks itself again, over whatever happens to it."""

from datetime import time, timedelta
import json
from typing import Any

from hypothesis import given, settings as hypothesis_settings, strategies as st
import pytest

from custom_components.kvarbo.access.door import (
    AJAR_AFTER,
    BOLT_TIME,
    CODE_TRIES,
    OVERDUE,
    QUICK_TRIES,
    SETTLE,
    SLOW_TIME,
    Bolt,
    Code,
    Door,
    Kept,
    Trouble,
    Wish,
)
from custom_components.kvarbo.access.settings import (
    EntrySettings,
    Visit,
    read_entry,
    read_visits,
)
from custom_components.kvarbo.supervision.sensing import Reading

SHUT, OPEN, NOT_KNOWN = Reading.IDLE, Reading.ACTIVE, Reading.UNKNOWN
PLAIN = EntrySettings(relock_after=300.0, by_command=True)
BY_CODE = EntrySettings(by_code=True, slot=3)


def door(settings: EntrySettings = PLAIN, at: float = 0.0, **kept: Any) -> Door:
    return Door(settings, Kept(**{"code": Code.SHUT, **kept}), at)


def begun(at: float = 0.0) -> Door:
    """A door with a code whose lock has said that it is shut (D4)."""
    it = door(BY_CODE, at)
    it.code_told(at, is_open=False, done=True)
    return it


def looks(
    it: Door, at: float, bolt: Bolt, contact: Reading = NOT_KNOWN, *, may_enter: bool = False
) -> frozenset[Wish]:
    return it.look(at, bolt, contact, may_enter=may_enter)


def test_d1_a_granted_door_is_locked_in_its_time_and_then_it_is_over() -> None:
    it = door()
    assert not looks(it, 0, Bolt.LOCKED)
    it.opened_for("A", 10)
    assert not looks(it, 11, Bolt.LOCKED)
    assert not looks(it, 12, Bolt.UNLOCKED)
    assert not looks(it, 309, Bolt.UNLOCKED)
    assert looks(it, 310, Bolt.UNLOCKED) == {Wish.LOCK}
    assert not looks(it, 312, Bolt.LOCKED)
    assert it.kept.relock_at is None
    assert not it.is_waiting
    # Whoever unlocks it by hand after that is let be.
    assert not looks(it, 9000, Bolt.UNLOCKED)


def test_d1_a_restart_in_the_middle_takes_nothing_from_it() -> None:
    it = door()
    it.opened_for("A", 10)
    looks(it, 12, Bolt.UNLOCKED)
    kept = Kept.from_json(json.loads(json.dumps(it.kept.to_json())))
    again = Door(PLAIN, kept, 200)
    assert not looks(again, 200, Bolt.UNKNOWN)
    assert not looks(again, 201, Bolt.UNLOCKED)
    assert looks(again, 310, Bolt.UNLOCKED) == {Wish.LOCK}


@pytest.mark.parametrize("woke", [5.0, 100000.0])
def test_d1_no_clock_makes_the_door_wait_longer_than_its_time(woke: float) -> None:
    again = door(at=woke, relock_at=90000.0)
    assert not looks(again, woke, Bolt.UNKNOWN)
    assert looks(again, woke + PLAIN.relock_after, Bolt.UNLOCKED) == {Wish.LOCK}


def test_d1_after_a_restart_a_lock_that_is_said_to_be_locked_is_locked_all_the_same() -> None:
    """It may be said so from before the hub died, with the bolt drawn since."""
    it = door(at=50, relock_at=310.0, given={"A": 10.0})
    assert it.is_in_doubt
    assert not looks(it, 60, Bolt.LOCKED)
    assert not looks(it, 309, Bolt.LOCKED)
    assert looks(it, 310, Bolt.LOCKED) == {Wish.LOCK}
    # It did not answer: once more, in a while.
    assert not looks(it, 310 + BOLT_TIME - 1, Bolt.LOCKED)
    assert looks(it, 310 + BOLT_TIME, Bolt.LOCKED) == {Wish.LOCK}
    it.locked_for_sure()
    assert not looks(it, 311 + BOLT_TIME, Bolt.LOCKED)
    assert it.kept.relock_at is None
    assert not it.is_in_doubt


def test_d1_after_a_restart_a_lock_that_speaks_is_believed() -> None:
    it = door(at=50, relock_at=310.0, given={"A": 10.0})
    looks(it, 60, Bolt.UNLOCKED)
    assert not it.is_in_doubt
    looks(it, 70, Bolt.LOCKED)
    assert it.kept.relock_at is None
    assert not looks(it, 310, Bolt.LOCKED)
    assert not door(at=50).is_in_doubt, "nothing waits"


def test_a_door_that_somebody_else_has_locked_meanwhile_is_let_be() -> None:
    it = door()
    it.opened_for("A", 10)
    looks(it, 12, Bolt.UNLOCKED)
    looks(it, 60, Bolt.LOCKED)
    assert it.kept.relock_at is None
    # The resident unlocks for the daughter: nothing of the grant is left.
    assert not looks(it, 310, Bolt.UNLOCKED)


def test_a_grant_that_moved_no_bolt_is_over_with_its_time() -> None:
    it = door()
    it.opened_for("A", 10)
    assert not looks(it, 310, Bolt.LOCKED)
    assert it.kept.relock_at is None


def test_d2_the_bolt_waits_for_the_door_and_five_seconds_more() -> None:
    it = door()
    it.opened_for("A", 0)
    assert not looks(it, 299, Bolt.UNLOCKED, SHUT)
    assert not looks(it, 300, Bolt.UNLOCKED, OPEN)
    assert not looks(it, 400, Bolt.UNLOCKED, OPEN)
    assert not looks(it, 401, Bolt.UNLOCKED, SHUT)
    assert looks(it, 400 + SETTLE, Bolt.UNLOCKED, SHUT) == {Wish.LOCK}


def test_d5_a_bolt_that_does_not_move_is_told_and_tried_on() -> None:
    it = door()
    it.opened_for("A", 0)
    at, tries = 300.0, 0
    while tries < QUICK_TRIES:
        tries += Wish.LOCK in looks(it, at, Bolt.UNLOCKED)
        at += BOLT_TIME
    looks(it, at, Bolt.UNLOCKED)
    assert it.troubles == {Trouble.JAMMED}
    assert looks(it, at + SLOW_TIME, Bolt.UNLOCKED) == {Wish.LOCK}
    looks(it, at + SLOW_TIME + 1, Bolt.LOCKED)
    assert not it.troubles


def test_a_lock_may_be_set_to_lock_whoever_unlocked_it() -> None:
    it = door(EntrySettings(relock_after=60.0, relock_always=True))
    looks(it, 0, Bolt.LOCKED)
    assert not looks(it, 100, Bolt.UNLOCKED)
    assert it.kept.relock_at == 160
    assert looks(it, 160, Bolt.UNLOCKED) == {Wish.LOCK}


@pytest.mark.parametrize(
    ("bolt", "contact", "after", "trouble"),
    [
        (Bolt.JAMMED, SHUT, 0.0, Trouble.JAMMED),
        (Bolt.AJAR, NOT_KNOWN, AJAR_AFTER, Trouble.AJAR),
        (Bolt.LOCKED, OPEN, AJAR_AFTER, Trouble.AJAR),
    ],
)
def test_what_is_wrong_with_a_door_is_told_in_its_time_and_ends(
    bolt: Bolt, contact: Reading, after: float, trouble: Trouble
) -> None:
    it = door()
    looks(it, 0, bolt, contact)
    if after:
        assert not it.troubles
        looks(it, after - 1, bolt, contact)
        assert not it.troubles
    looks(it, after, bolt, contact)
    assert it.troubles == {trouble}
    looks(it, after + 1, Bolt.LOCKED, SHUT)
    assert not it.troubles


def test_a_door_left_unlocked_is_told_where_that_is_asked_for() -> None:
    silent, asked = door(), door(EntrySettings(left_after=1800.0))
    for it in (silent, asked):
        looks(it, 0, Bolt.UNLOCKED)
        looks(it, 1799, Bolt.UNLOCKED)
        assert not it.troubles
        looks(it, 1800, Bolt.UNLOCKED)
    assert asked.troubles == {Trouble.LEFT_UNLOCKED}
    assert not silent.troubles


def test_a_granted_door_that_stays_open_is_told_in_any_case() -> None:
    it = door()
    it.opened_for("A", 0)
    looks(it, 300 + OVERDUE - 1, Bolt.UNLOCKED, OPEN)
    assert not it.troubles
    looks(it, 300 + OVERDUE, Bolt.UNLOCKED, OPEN)
    assert it.troubles == {Trouble.LEFT_UNLOCKED}


def test_d3_the_code_is_open_while_somebody_may_come_in() -> None:
    it = begun()
    assert not looks(it, 0, Bolt.LOCKED)
    assert looks(it, 1, Bolt.LOCKED, may_enter=True) == {Wish.OPEN_CODE}
    it.code_opens()
    it.code_told(2, is_open=True, done=True)
    assert not looks(it, 3, Bolt.LOCKED, may_enter=True)
    assert looks(it, 4, Bolt.LOCKED) == {Wish.SHUT_CODE}
    for _ in range(CODE_TRIES):
        it.code_told(4, is_open=False, done=False)
    assert not looks(it, 5, Bolt.LOCKED)
    assert it.troubles == {Trouble.CODE_STUCK}
    assert it.is_waiting
    assert looks(it, 4 + 60, Bolt.LOCKED) == {Wish.SHUT_CODE}
    it.code_told(65, is_open=False, done=True)
    assert not looks(it, 66, Bolt.LOCKED)
    assert not it.troubles
    assert not it.is_waiting


def test_d3_a_code_whose_opening_was_never_answered_is_shut_all_the_same() -> None:
    it = begun()
    looks(it, 1, Bolt.LOCKED, may_enter=True)
    it.code_opens()
    it.code_told(2, is_open=True, done=False)
    # The lock may have heard it; nothing of the pause before the next try delays the shutting.
    assert looks(it, 3, Bolt.LOCKED) == {Wish.SHUT_CODE}


@pytest.mark.parametrize("kept", list(Code))
def test_d4_a_code_is_shut_first_of_all(kept: Code) -> None:
    assert looks(door(BY_CODE, code=kept), 0, Bolt.UNKNOWN) == {Wish.SHUT_CODE}


def test_a_code_that_was_opened_in_another_place_is_shut_there_before_the_new_one_works() -> None:
    it = door(BY_CODE, code=Code.OPEN, slot=9)
    assert looks(it, 0, Bolt.LOCKED, may_enter=True) == {Wish.SHUT_CODE}
    assert it.slot_to_shut == 9
    it.code_told(1, is_open=False, done=True)
    assert looks(it, 2, Bolt.LOCKED, may_enter=True) == {Wish.OPEN_CODE}
    it.code_opens()
    assert (it.slot_to_shut, it.kept.slot) == (BY_CODE.slot, BY_CODE.slot)


def test_who_unlocks_by_hand_has_not_been_granted_anything() -> None:
    it = door(EntrySettings(relock_after=60.0, relock_always=True, by_command=True))
    looks(it, 0, Bolt.UNLOCKED)
    assert it.kept.relock_at == 60
    granted = [it.is_granted]
    it.opened_for("A", 5)
    granted.append(it.is_granted)
    looks(it, 6, Bolt.UNLOCKED)
    looks(it, 30, Bolt.LOCKED)
    looks(it, 40, Bolt.UNLOCKED)
    granted.append(it.is_granted)
    assert granted == [False, True, False]


def test_d4_also_where_the_code_is_no_longer_wanted_at_all() -> None:
    assert looks(door(code=Code.OPEN), 0, Bolt.LOCKED, may_enter=True) == {Wish.SHUT_CODE}
    assert not looks(door(code=Code.UNSURE), 0, Bolt.LOCKED, may_enter=True)


def test_a_request_is_answered_once_and_few_are_remembered() -> None:
    it = door()
    assert not it.was_asked("A:1")
    assert it.was_asked("A:1")
    for n in range(60):
        it.was_asked(f"B:{n}")
    assert len(it.kept.asked) == 50
    it.opened_for("A", 1)
    it.forget(frozenset({"B"}))
    assert not it.kept.given


@pytest.mark.parametrize(
    "raw",
    [None, 3, [], {}, {"relock_at": "x", "code": 4, "given": [], "asked": {}}, {"code": "ajar"}],
)
def test_what_cannot_be_read_leaves_a_code_unsure(raw: object) -> None:
    kept = Kept.from_json(raw)
    assert kept == Kept()
    assert kept.code is Code.UNSURE


events = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "grant",
                "enter",
                "hand",
                "door",
                "restart",
                "killed",
                "silent",
                "jam",
                "alarm",
                "wait",
            ]
        ),
        st.floats(0.5, 400.0),
    ),
    min_size=1,
    max_size=40,
)


class World:
    """A lock that does as it is wished, unless it jams, and a door that people use."""

    def __init__(self) -> None:
        self.at, self.bolt, self.contact = 0.0, Bolt.LOCKED, SHUT
        self.shut_since, self.jams, self.silent, self.open_alarm = -100.0, False, False, False
        self.code_open = False
        self.settings = EntrySettings(relock_after=120.0, by_code=True, by_command=True)
        self.door = Door(self.settings, Kept(), 0.0)
        self.granted_at: float | None = None
        #: After a kill what is shown may be what was said long before, until the lock says something.
        self.is_stale = False

    def happen(self, what: str) -> None:
        match what:
            case "grant" | "enter":
                if what == "grant":
                    self.door.opened_for(f"A{self.at}", self.at)
                else:
                    self.door.entered(self.at)
                if not self.jams and not self.silent:
                    self.bolt, self.granted_at, self.is_stale = Bolt.UNLOCKED, self.at, False
            case "hand":
                self.is_stale = False
                self.bolt = Bolt.UNLOCKED if self.bolt is Bolt.LOCKED else Bolt.LOCKED
            case "door" if self.bolt is Bolt.UNLOCKED or self.contact is OPEN:
                self.contact = OPEN if self.contact is SHUT else SHUT
                self.shut_since = self.at
            case "restart" | "killed":
                self.is_stale = self.is_stale or what == "killed"
                kept = Kept.from_json(json.loads(json.dumps(self.door.kept.to_json())))
                self.door = Door(self.settings, kept, self.at)
            case "silent":
                self.silent = not self.silent
            case "jam":
                self.jams = not self.jams
            case "alarm":
                self.open_alarm = not self.open_alarm

    def turn(self) -> None:
        said = Bolt.UNKNOWN if self.silent else self.bolt
        if self.is_stale:
            said = Bolt.LOCKED
        wishes = self.door.look(self.at, said, self.contact, may_enter=self.open_alarm)
        if Wish.LOCK in wishes:
            assert self.contact is SHUT, "D2"
            assert self.at - self.shut_since >= SETTLE - 0.001, "D2"
            if not self.jams and not self.silent:
                self.bolt, self.is_stale = Bolt.LOCKED, False
                self.door.locked_for_sure()
        if Wish.OPEN_CODE in wishes:
            assert self.open_alarm, "D3"
            self.door.code_opens()
            self.code_open = not self.silent or self.code_open
            self.door.code_told(self.at, is_open=True, done=not self.silent)
        if Wish.SHUT_CODE in wishes:
            assert not self.open_alarm, "D3"
            self.code_open = self.code_open and self.silent
            self.door.code_told(self.at, is_open=False, done=not self.silent)
        if self.bolt is Bolt.LOCKED:
            self.granted_at = None

    def pass_time(self, seconds: float) -> None:
        end = self.at + seconds
        while self.at < end:
            self.at = min(end, self.at + 5.0)
            self.turn()


@given(events)
@hypothesis_settings(max_examples=300, deadline=None)
def test_whatever_happens_the_rules_hold_and_in_the_end_the_door_is_locked(
    happened: list[tuple[str, float]],
) -> None:
    world = World()
    for what, seconds in happened:
        world.happen(what)
        world.turn()
        world.pass_time(seconds)
    world.silent = world.jams = world.open_alarm = False
    world.contact, world.shut_since = SHUT, world.at
    was_granted = world.granted_at is not None
    world.pass_time(world.settings.relock_after + 2 * SLOW_TIME)
    assert not world.code_open
    assert world.door.kept.code is Code.SHUT
    if was_granted:
        assert world.bolt is Bolt.LOCKED
    assert not world.door.is_waiting


# -- the settings ----------------------------------------------------------------------------------


def test_by_default_nobody_is_let_in() -> None:
    settings = read_entry({})
    assert settings == EntrySettings()
    assert (settings.by_code, settings.by_command, settings.visits) == (False, False, ())
    assert settings.oldest == timedelta(minutes=60)


def test_visits_are_read_as_people_write_them() -> None:
    visits = read_visits(" 8.00-8.30, 20:00 \N{EN DASH} 20:45; 22:30-00:30 ")
    assert [str(v) for v in visits] == ["08:00-08:30", "20:00-20:45", "22:30-00:30"]
    assert visits[2].holds(time(0, 10))
    assert not visits[2].holds(time(0, 30))
    assert visits[0] == Visit(time(8), time(8, 30))
    assert not visits[0].holds(time(8, 30))
    assert read_visits("") == ()


@pytest.mark.parametrize(
    "text", ["8", "08:00", "08:00-08:00", "25:00-26:00", "08:00-08:61", "x" * 9]
)
def test_what_is_no_visit_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read_visits(text)
    with pytest.raises(ValueError, match="visits"):
        read_visits(", ".join(["08:00-08:10"] * 9))


@pytest.mark.parametrize(
    "data",
    [
        {"relock_minutes": 0},
        {"relock_minutes": 61},
        {"unlocked_minutes": -1},
        {"alarm_minutes": 1},
        {"code_slot": 0},
        {"code_slot": 999},
        {"relock_minutes": float("nan")},
    ],
)
def test_settings_out_of_bounds_are_refused(data: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(data))):
        read_entry(data)
