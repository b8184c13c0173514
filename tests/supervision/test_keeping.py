"""What is written, and when (S3)."""

from custom_components.kvarbo.supervision.keeping import ALIVE, PRESENCE, Keeping, NoKeeping, Row
from custom_components.kvarbo.supervision.sensing import Reading
from tests.supervision.making import DOOR, FRONT, STILLNESS, Home


def test_a_disk_of_nothing_arms_at_once() -> None:
    done: list[bool] = []
    Keeping().commit([Row("a", None, None)], lambda: done.append(True))
    Keeping().keep([Row("a", None, None)])
    assert done == [True]


def test_each_commit_that_is_under_way_is_waited_for() -> None:
    home = Home()
    slot = home.enrol(DOOR, limit=600)
    home.paper.slow = True
    home.says(FRONT, Reading.ACTIVE)
    home.says(FRONT, Reading.IDLE, after=400)
    home.says(FRONT, Reading.ACTIVE, after=1)
    assert slot.pending == len(home.paper.waiting) >= 2
    home.paper.waiting.pop(0)()
    held = slot.due
    assert held is None
    home.paper.catch_up()
    assert slot.due == home.at + 600
    assert home.supervisor.next_due == home.at + 600


def test_a_minute_s_rows_go_together_with_the_sign_that_the_home_lives() -> None:
    home = Home()
    home.enrol(limit=3600)
    home.enrol(DOOR)
    home.supervisor.alive()
    home.moves(after=30)
    home.paper.rows.clear()
    home.pass_by(60)
    assert set(home.paper.rows) == {ALIVE, PRESENCE, str(STILLNESS)}
    home.paper.rows.clear()
    home.pass_by(60)
    assert set(home.paper.rows) == {ALIVE, PRESENCE}


def test_a_replay_writes_nothing() -> None:
    home = Home()
    slot = home.enrol(DOOR)
    slot.dirty = True
    keeping = NoKeeping()
    armed: list[bool] = []
    keeping.keep_now(slot, lambda: armed.append(True))
    assert (slot.dirty, slot.pending, armed) == (False, 0, [])
    slot.dirty = True
    keeping.flush(home.at, [slot], home.house.presence)
    assert (slot.dirty, home.paper.waiting) == (False, [])
