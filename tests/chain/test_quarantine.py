"""A12: what a restored or copied journal holds as undelivered is shown to a person, never sent."""

from dataclasses import replace

from custom_components.kvarbo.alarm.alarm import AlarmState, DeliveryState
from custom_components.kvarbo.alarm.kinds import AlarmKind
from custom_components.kvarbo.chain import RESTORED_MARKER
from custom_components.kvarbo.journal.changes import PutMarker, Settled
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
        await home.press()
        await home.stop()
        again = PureHome()
        recovered = home.memory.recover(restored=True)
        again.ledger.load(recovered)
        again.ledger.markers[RESTORED_MARKER] = ["01BEFORE"]  # a list that nobody has read yet
        held = await again.chain.quarantine("home")
        (batch,) = [b for b in again.memory.batches if any(isinstance(c, Settled) for c in b)]
        (marker,) = [c for c in batch if isinstance(c, PutMarker)]
        assert marker.value == ["01BEFORE", held[0].id]
        assert held[0].kind is AlarmKind.HELP_CALL

    live(day())


def test_a12_a_mark_that_is_no_list_is_no_hindrance() -> None:
    async def day() -> None:
        home = PureHome()
        home.ledger.load(replace(home.memory.recover(), markers={RESTORED_MARKER: "?"}))
        assert await home.chain.quarantine("home") == []
        assert home.ledger.markers[RESTORED_MARKER] == []
        assert all(d.state is DeliveryState.WITHDRAWN for d in home.ledger.deliveries.values())

    live(day())
