"""A12: what a restored or copied journal holds as undelivered is shown to a person, never sent."""

from dataclasses import replace

from custom_components.kvarbo.alarm.alarm import AlarmState
from custom_components.kvarbo.chain import RESTORED_MARKER
from custom_components.kvarbo.journal.changes import (
    PutAlarm,
    PutDelivery,
    PutMarker,
    PutMessage,
    Settled,
)
from custom_components.kvarbo.transmission.takeover import as_changes
from tests.support.far_end import FarEnd, Mode
from tests.support.pure_home import PureHome, live, time_passes


def test_a12_nothing_of_another_life_is_sent_or_followed() -> None:
    async def day() -> None:
        far, home = FarEnd(), PureHome()
        await home.start(far)
        delivered = await home.press(4)
        await time_passes(60)
        far.mode = Mode.DOWN
        waiting = await home.press()
        assert (await home.press(4)).merged  # news that waits, too
        await time_passes(60)
        await home.stop()

        elsewhere = FarEnd()
        again = PureHome()
        await again.start(elsewhere, recovered=home.memory.recover(restored=True))
        await time_passes(86400 * 2)
        assert elsewhere.heard == []
        assert elsewhere.asked == []
        assert elsewhere.signs != []
        for alarm_id in (delivered.alarm.id, waiting.alarm.id):
            assert again.ledger.alarms[alarm_id].state is AlarmState.LAPSED
        listed = again.ledger.markers[RESTORED_MARKER]
        assert isinstance(listed, list)
        assert waiting.alarm.id in listed
        assert delivered.alarm.id not in listed
        (entry,) = again.memory.entries("journal_restored")
        assert entry.detail == {"undelivered": len(listed)}
        await again.stop()

    live(day())


def test_a12_the_new_life_sends_its_own() -> None:
    async def day() -> None:
        home = PureHome()
        await home.start(FarEnd(mode=Mode.DOWN))
        old = await home.press()
        await home.stop()
        far, again = FarEnd(), PureHome()
        await again.start(far, recovered=home.memory.recover(restored=True))
        new = await again.press()
        assert not new.merged
        assert new.alarm.id > old.alarm.id
        await time_passes(5)
        assert far.alarms() == [new.alarm.id]
        assert again.ledger.undelivered() == []
        await again.stop()

    live(day())


def test_a12_it_stays_held_back_over_restarts_and_changes_of_receivers() -> None:
    async def day() -> None:
        home = PureHome()
        await home.start(FarEnd(mode=Mode.DOWN))
        old = await home.press()
        await home.stop()
        copied = PureHome()
        copied.memory.rows = list(home.memory.rows)
        far = FarEnd()
        await copied.start(far, recovered=home.memory.recover(restored=True))
        await copied.stop()
        later = PureHome()
        recovered = copied.memory.recover(restored=True)
        assert not recovered.restored  # settled in the commit that held it back
        await later.start(far, recovered=recovered)
        await later.set_outlets()
        await later.set_outlets(FarEnd("r1"), far)
        await time_passes(3600)
        assert far.heard == []
        assert old.alarm.id in later.ledger.markers[RESTORED_MARKER]  # type: ignore[operator]
        await later.stop()

    live(day())


def test_a12_holding_back_is_one_commit_with_its_settlement() -> None:
    async def day() -> None:
        home = PureHome()
        await home.start(FarEnd(mode=Mode.DOWN))
        old = await home.press()
        await home.stop()
        again = PureHome()
        again.ledger.markers[RESTORED_MARKER] = ["01BEFORE"]  # a list that nobody has read yet
        await again.start(recovered=home.memory.recover(restored=True))
        (batch,) = [b for b in again.memory.batches if any(isinstance(c, Settled) for c in b)]
        (marker,) = [c for c in batch if isinstance(c, PutMarker)]
        assert marker.value == ["01BEFORE", old.alarm.id]
        assert batch[-1].what == "journal_restored"  # type: ignore[union-attr]

    live(day())


def test_a12_a_list_that_is_no_list_is_no_hindrance() -> None:
    async def day() -> None:
        home = PureHome()
        recovered = replace(
            home.memory.recover(restored=True), markers={RESTORED_MARKER: "not a list"}
        )
        await home.start(recovered=recovered)
        assert home.ledger.markers[RESTORED_MARKER] == []

    live(day())


def test_a12_what_the_home_has_raised_itself_meanwhile_goes_out() -> None:
    """The disk gave the journal up late: the home had begun without it, and it is a copy."""

    async def day() -> None:
        before = PureHome()
        await before.start(FarEnd(mode=Mode.DOWN))
        old = await before.press()
        await before.stop()
        far, home = FarEnd(mode=Mode.DOWN), PureHome()
        await home.start(far)
        own = await home.press()
        await home.take_over(before.memory.recover(restored=True))
        far.mode = Mode.UP
        await home.set_outlets(FarEnd("r1"))
        await home.set_outlets(far)
        await time_passes(60)
        assert own.alarm.id in far.alarms()
        assert old.alarm.id not in far.alarms()
        assert home.ledger.alarms[old.alarm.id].state is AlarmState.LAPSED
        assert home.ledger.alarms[own.alarm.id].is_open
        await home.stop()

    live(day())


def test_a_journal_that_opens_late_brings_what_it_held_and_nothing_twice() -> None:
    async def day() -> None:
        before = PureHome()
        await before.start(FarEnd(mode=Mode.DOWN))
        old = await before.alarm(episode="n1")
        other = await before.alarm(episode="n2")
        await before.stop()
        recovered = before.memory.recover()
        far, home = FarEnd(), PureHome()
        await home.start(far)
        again = await home.alarm(episode="n1")  # raised once more while nothing was known of it
        await home.take_over(recovered)
        await home.set_outlets()
        await home.set_outlets(far)
        await time_passes(60)
        assert other.alarm.id in far.alarms()
        assert again.alarm.id in far.alarms()
        assert old.alarm.id not in far.alarms()
        assert home.ledger.episode("n1") == home.ledger.alarms[again.alarm.id]
        known = as_changes(home.ledger)
        assert {type(c) for c in known} == {PutAlarm, PutMessage, PutDelivery}
        ledger = home.ledger
        held = len(ledger.alarms) + len(ledger.messages) + len(ledger.deliveries)
        assert len(known) == held
        await home.stop()

    live(day())
