"""What a receiver asks of the home with its answers, and what an answer says of who we are."""

from dataclasses import dataclass, replace
import itertools
from typing import override

from custom_components.kvarbo.alarm.alarm import DeliveryState, MessageKind
from custom_components.kvarbo.alarm.callback import Callback, Voice
from custom_components.kvarbo.alarm.kinds import AlarmKind
from custom_components.kvarbo.transmission.receiver import (
    Answer,
    Dispatch,
    Heartbeat,
    Verdict,
    WrittenHook,
)
from tests.support.far_end import FarEnd, Mode
from tests.support.pure_home import PureHome, live, time_passes


@dataclass(eq=False)
class AskingFarEnd(FarEnd):
    """Says how often it wants a heartbeat, and that a proof of life proves nothing more."""

    interval: int | None = None
    wish: Callback | None = None

    @override
    async def heartbeat(self, beat: Heartbeat) -> Verdict:
        return replace(await super().heartbeat(beat), interval=self.interval)

    @override
    async def probe(self, beat: Heartbeat) -> Verdict:
        await super().probe(beat)
        return Verdict(answer=Answer.ACCEPTED, identified=False)

    @override
    async def send(self, dispatch: Dispatch, *, written: WrittenHook | None = None) -> Verdict:
        verdict = await super().send(dispatch, written=written)
        return replace(verdict, callback=self.wish) if verdict.receipt else verdict

    def beats(self) -> list[float]:
        return [sign.at for sign in self.signs if not sign.is_probe]


def test_r35_the_pace_that_a_receiver_asks_for_is_kept_and_said() -> None:
    async def day() -> None:
        far, home = AskingFarEnd(interval=60), PureHome()
        await home.start(far)
        await time_passes(190)
        beats = far.beats()
        assert len(beats) == 4
        assert all(59 < later - earlier < 62 for earlier, later in itertools.pairwise(beats))
        assert home.transmitter.interval("r1") == 60
        assert [sign.beat.interval for sign in far.signs][-1] == 60
        far.interval = 600  # it may want them less often again
        await time_passes(700)
        beats = far.beats()
        assert len(beats) == 6
        assert home.transmitter.interval("r1") == 600
        await home.set_outlets()
        assert home.transmitter.interval("r1") is None
        await home.stop()

    live(day())


def test_a_pace_that_grows_quicker_is_kept_at_once() -> None:
    async def day() -> None:
        far, home = AskingFarEnd(), PureHome()
        await home.start(far)
        await time_passes(100)
        assert len(far.beats()) == 1
        line = home.transmitter.lines[0]
        line.watch.contact(Verdict(answer=Answer.ACCEPTED, interval=60), 0.0)
        await time_passes(1)
        assert len(far.beats()) == 2
        await home.stop()

    live(day())


def test_a_proof_of_life_does_not_take_back_a_refusal_of_credentials() -> None:
    """Heartbeats are refused, probes are answered: one fault, not one every minute."""

    async def day() -> None:
        far, home = AskingFarEnd(mode=Mode.CREDENTIALS_REFUSED), PureHome()
        await home.start(far)
        await time_passes(3600)
        (fault,) = home.of_kind(AlarmKind.CREDENTIALS_REFUSED)
        assert fault.cleared_at is None
        assert home.transmitter.reach("r1").reached is True
        far.mode = Mode.UP
        await time_passes(400)
        (fault,) = home.of_kind(AlarmKind.CREDENTIALS_REFUSED)
        assert fault.cleared_at is not None
        await home.stop()

    live(day())


def test_r23_a_wish_to_speak_comes_with_the_receipt_and_is_kept() -> None:
    async def day() -> None:
        wish = Callback(voice=Voice.DUPLEX, minutes=5)
        far, home = AskingFarEnd(wish=wish), PureHome()
        await home.start(far)
        raised = await home.press()
        await time_passes(5)
        window = home.transmitter.callbacks.newest()
        assert window is not None
        assert (window.alarm_id, window.callback) == (raised.alarm.id, wish)
        await time_passes(300)
        assert home.transmitter.callbacks.newest() is None
        await home.stop()

    live(day())


def test_news_is_told_the_alarms_own_session_and_whether_it_is_over() -> None:
    async def day() -> None:
        first, second = FarEnd("r1", Mode.HOLD), FarEnd("r2")
        home = PureHome()
        await home.start(first, second)
        raised = await home.press()
        await time_passes(30)
        first.mode = Mode.BUSY
        await time_passes(60)
        first.mode = Mode.UP
        await time_passes(60)
        assert second.alarms() == [raised.alarm.id]
        (alarm,) = [h for h in second.heard if h.kind is MessageKind.ALARM]
        assert alarm.dispatch.session == alarm.reference
        told = [h for h in first.heard if h.kind is MessageKind.UPDATE][-1]
        own = home.ledger.alarm_delivery(raised.alarm.id, "r1")
        assert own is not None
        assert own.state is DeliveryState.WITHDRAWN
        assert told.dispatch.session == own.reference
        # It held the alarm and has not had the last word: its session is still open there.
        assert told.dispatch.session_open
        await home.stop()

    live(day())


def test_after_a_no_the_next_hold_begins_anew() -> None:
    async def day() -> None:
        far, home = FarEnd(mode=Mode.HOLD), PureHome()
        await home.start(far)
        raised = await home.press()
        await time_passes(60)
        own = home.ledger.alarm_delivery(raised.alarm.id, "r1")
        assert own is not None
        assert own.held_since is not None
        far.mode = Mode.BUSY
        await time_passes(30)
        own = home.ledger.alarm_delivery(raised.alarm.id, "r1")
        assert own is not None
        assert own.held_since is None
        await home.stop()

    live(day())
