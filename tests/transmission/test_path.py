"""A8: a way out is down, degraded or up; a loss that lasts is told once, and so is its end."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, override

from hypothesis import given, strategies as st
import pytest

from custom_components.kvarbo.alarm.alarm import MessageKind
from custom_components.kvarbo.alarm.kinds import AlarmKind
from custom_components.kvarbo.path_check import PathCheck
from custom_components.kvarbo.paths import Paths
from custom_components.kvarbo.transmission import links
from custom_components.kvarbo.transmission.outlet import Outlet, Road
from custom_components.kvarbo.transmission.path import MISSES, PathState, PathWatch
from custom_components.kvarbo.transmission.sentry import BACK_AFTER, HURRIED, LOST_AFTER, TOUCH
from custom_components.kvarbo.transmission.tunnel import Enforcement, Tunnel
from tests.support.far_end import FarEnd, Mode
from tests.support.pure_home import PureHome, live, outlet, time_passes

ROUTER = Tunnel(enforcement=Enforcement.ROUTER)
#: By the router, and by an interface that is there wherever this runs.
TWO_WAYS: dict[str, Any] = {"demo": False, "way_out": {"way": "router", "second": "lo"}}


@given(st.lists(st.tuples(st.sampled_from("ab"), st.booleans()), max_size=30))
def test_the_state_is_what_the_last_touches_say(touches: list[tuple[str, bool]]) -> None:
    watch = PathWatch()
    watch.set_receivers("ab")
    assert state_of(watch) is None
    last: dict[str, list[bool]] = {}
    for key, reached in touches:
        watch.touched(key, reached=reached)
        last.setdefault(key, []).append(reached)
    lost = {k for k, told in last.items() if not any(told[-MISSES:]) and len(told) >= MISSES}
    missed = {k for k, told in last.items() if not told[-1]}
    if not last:
        assert state_of(watch) is None
    elif lost == last.keys():
        assert state_of(watch) is PathState.DOWN
    else:
        assert state_of(watch) is (PathState.DEGRADED if missed else PathState.UP)


def test_without_its_link_it_is_down_whatever_was_touched() -> None:
    watch = PathWatch()
    watch.set_receivers("a")
    watch.touched("a", reached=True)
    watch.link = False
    assert state_of(watch) is PathState.DOWN
    watch.link = True
    assert state_of(watch) is PathState.UP


def test_a_receiver_that_is_taken_away_is_not_waited_for() -> None:
    watch = PathWatch()
    watch.set_receivers("ab")
    for _ in range(MISSES):
        watch.touched("a", reached=False)
    watch.touched("b", reached=True)
    assert state_of(watch) is PathState.DEGRADED
    watch.set_receivers("b")
    watch.touched("a", reached=False)
    assert state_of(watch) is PathState.UP


def state_of(watched: PathWatch | PathCheck | Paths) -> PathState | None:
    return watched.state


class Touched(FarEnd):
    """A far end by a way that can be cut."""

    way_is_there = True
    touches = 0

    @override
    async def touch(self) -> bool | None:
        self.touches += 1
        if not self.way_is_there:
            raise OSError(None, "no route")
        return True


@asynccontextmanager
async def watched(
    *far: Touched, tunnel: Tunnel = ROUTER
) -> AsyncIterator[tuple[PureHome, PathCheck]]:
    home = PureHome()
    check = PathCheck(home.chain, lambda: None)
    await home.start(*far)
    await check.apply(tunnel)
    await time_passes(2)
    yield home, check
    await check.stop()
    await home.stop()


def cut(far: Touched, *, is_cut: bool) -> None:
    far.way_is_there = not is_cut
    far.mode = Mode.DOWN if is_cut else Mode.UP


def told(far: Touched, kind: AlarmKind) -> list[MessageKind]:
    return [h.kind for h in far.taken if h.dispatch.alarm.kind is kind]


def test_a_loss_is_told_once_and_not_as_a_lost_receiver_too() -> None:
    async def day() -> None:
        far = Touched()
        async with watched(far) as (home, check):
            assert state_of(check) is PathState.UP
            cut(far, is_cut=True)
            await time_passes(TOUCH + MISSES * HURRIED + 1)
            assert state_of(check) is PathState.DOWN
            assert home.of_kind(AlarmKind.PATH_LOST) == []
            await time_passes(LOST_AFTER)
            assert len(home.of_kind(AlarmKind.PATH_LOST)) == 1
            await time_passes(3600)
            assert home.of_kind(AlarmKind.RECEIVER_LOST) == []
            assert len(home.of_kind(AlarmKind.PATH_LOST)) == 1
            cut(far, is_cut=False)
            await time_passes(HURRIED + 1)
            assert state_of(check) is PathState.UP
            # What waited goes at once, not by its schedule.
            assert told(far, AlarmKind.PATH_LOST) == [MessageKind.ALARM]
            await time_passes(BACK_AFTER)
            assert told(far, AlarmKind.PATH_LOST) == [MessageKind.ALARM, MessageKind.ALL_CLEAR]

    live(day())


@pytest.mark.parametrize("cut_for", [1, 20, LOST_AFTER - 2])
def test_a_break_that_is_over_soon_is_told_to_nobody(cut_for: float) -> None:
    async def day() -> None:
        far = Touched()
        async with watched(far) as (home, check):
            cut(far, is_cut=True)
            await time_passes(cut_for)
            cut(far, is_cut=False)
            await time_passes(120)
            assert state_of(check) is PathState.UP
            assert home.of_kind(AlarmKind.PATH_LOST) == []

    live(day())


def test_an_alarm_in_an_outage_goes_as_soon_as_there_is_a_way() -> None:
    async def day() -> None:
        far = Touched()
        async with watched(far) as (home, _):
            cut(far, is_cut=True)
            await time_passes(600)
            raised = await home.press()
            await time_passes(200)
            cut(far, is_cut=False)
            await time_passes(2)
            assert [h.alarm_id for h in far.taken if h.alarm_id == raised.alarm.id]

    live(day())


def test_it_is_tried_at_once_in_every_state() -> None:
    async def day() -> None:
        far = Touched()
        async with watched(far) as (home, check):
            cut(far, is_cut=True)
            await time_passes(600)
            assert state_of(check) is PathState.DOWN
            before = len(far.tried)
            await home.press()
            await time_passes(0.5)
            assert len(far.tried) == before + 1

    live(day())


def test_a_receiver_that_stays_lost_when_the_way_is_back_is_told_then() -> None:
    async def day() -> None:
        far, dead = Touched("r1"), Touched("r2")
        async with watched(far, dead) as (home, check):
            cut(far, is_cut=True)
            cut(dead, is_cut=True)
            await time_passes(300)
            assert home.of_kind(AlarmKind.RECEIVER_LOST) == []
            cut(far, is_cut=False)
            await time_passes(30)
            assert state_of(check) is PathState.DEGRADED
            (lost,) = home.of_kind(AlarmKind.RECEIVER_LOST)
            assert lost.episode.startswith("rr2:")

    live(day())


def test_it_looks_each_five_seconds_and_each_second_while_an_alarm_waits() -> None:
    async def day() -> None:
        far = Touched()
        async with watched(far) as (home, _):
            before = far.touches
            await time_passes(60)
            assert far.touches - before == pytest.approx(12, abs=1)
            far.mode = Mode.SILENT
            await home.press()
            before = far.touches
            await time_passes(60)
            assert far.touches - before == pytest.approx(60, abs=8)

    live(day())


def test_a_start_says_nothing_of_a_way_that_is_up_and_ends_what_was_told_before(
    caplog: pytest.LogCaptureFixture,
) -> None:
    far = Touched()

    async def before() -> PureHome:
        async with watched(far) as (home, _):
            cut(far, is_cut=True)
            await time_passes(120)
            assert [a for a in home.of_kind(AlarmKind.PATH_LOST) if a.is_open]
            return home

    async def after(gone: PureHome) -> None:
        cut(far, is_cut=False)
        caplog.clear()
        home = PureHome()
        check = PathCheck(home.chain, lambda: None)
        await home.start(far, recovered=gone.memory.recover())
        await check.apply(ROUTER)
        await time_passes(60)
        assert not [a for a in home.of_kind(AlarmKind.PATH_LOST) if a.is_open]
        assert "way out" not in caplog.text
        await check.stop()
        await home.stop()

    live(after(live(before())))


def test_another_way_begins_without_the_old_ones_loss() -> None:
    async def day() -> None:
        far = Touched()
        async with watched(far) as (home, check):
            far.way_is_there = False
            await time_passes(120)
            assert [a for a in home.of_kind(AlarmKind.PATH_LOST) if a.is_open]
            far.way_is_there = True
            await check.apply(Tunnel(enforcement=Enforcement.NONE))
            await time_passes(5)
            assert not [a for a in home.of_kind(AlarmKind.PATH_LOST) if a.is_open]
            assert state_of(check) is PathState.UP
            await check.apply(Tunnel(enforcement=Enforcement.DEMO))
            assert state_of(check) is None

    live(day())


@pytest.mark.parametrize(
    ("flags", "is_up"),
    [("0x1003\n", True), ("0x1002\n", False), ("", False), ("x", False), (None, False)],
)
def test_a_link_is_up_when_it_is_there_and_says_so(
    tmp_path: Path, flags: str | None, is_up: bool
) -> None:
    if flags is not None:
        (tmp_path / "wg0").mkdir()
        (tmp_path / "wg0" / "flags").write_text(flags, encoding="ascii")
    assert links.is_link_up("wg0", tmp_path) is is_up


def test_a_fault_inside_a_receiver_says_nothing_of_the_way(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Broken(Touched):
        @override
        async def touch(self) -> bool | None:
            raise ValueError("x")

    async def day() -> None:
        far = Broken()
        async with watched(far) as (_, check):
            await time_passes(60)
            assert check.state is None
        assert "failed inside while being touched" in caplog.text

    live(day())


def by(far: FarEnd, road: Road) -> Outlet:
    return replace(outlet(far), road=road)


def test_loss_of_the_first_way_is_told_over_the_second(socket_enabled: None) -> None:
    async def day() -> None:
        first, second = Touched("r1"), Touched("r2")
        home = PureHome()
        paths = Paths(home.chain, lambda: None)
        await home.start(by(first, Road.HOME), by(second, Road.SECOND))
        await paths.apply(TWO_WAYS)
        await time_passes(2)
        assert (paths.state, paths.second) == (PathState.UP, PathState.UP)
        cut(first, is_cut=True)
        await time_passes(TOUCH + LOST_AFTER + 10)
        assert (paths.state, paths.second) == (PathState.DOWN, PathState.UP)
        [lost] = home.of_kind(AlarmKind.PATH_LOST)
        assert lost.episode.startswith("phub:")
        assert told(second, AlarmKind.PATH_LOST) == [MessageKind.ALARM]
        assert home.of_kind(AlarmKind.RECEIVER_LOST) == []
        # An alarm goes by the second at once.
        raised = await home.press()
        await time_passes(1)
        assert [h.alarm_id for h in second.taken if h.alarm_id == raised.alarm.id]
        cut(first, is_cut=False)
        await time_passes(BACK_AFTER + 5)
        assert not [a for a in home.of_kind(AlarmKind.PATH_LOST) if a.is_open]
        await paths.stop()
        await home.stop()

    live(day())


def test_second_way_is_watched_too_and_its_loss_is_its_own(socket_enabled: None) -> None:
    async def day() -> None:
        first, second = Touched("r1"), Touched("r2")
        home = PureHome()
        paths = Paths(home.chain, lambda: None)
        await home.start(by(first, Road.HOME), by(second, Road.SECOND))
        await paths.apply(TWO_WAYS)
        await time_passes(2)
        cut(second, is_cut=True)
        await time_passes(TOUCH + LOST_AFTER + 10)
        assert (paths.state, paths.second) == (PathState.UP, PathState.DOWN)
        [lost] = home.of_kind(AlarmKind.PATH_LOST)
        assert lost.episode.startswith("psecond:")
        assert home.of_kind(AlarmKind.RECEIVER_LOST) == []
        # A way that is given up is no loss any more.
        await paths.apply({**TWO_WAYS, "way_out": {"way": "router"}})
        await time_passes(5)
        assert paths.second is None
        assert not [a for a in home.of_kind(AlarmKind.PATH_LOST) if a.is_open]
        await paths.stop()
        await home.stop()

    live(day())


def test_a_familys_own_receiver_says_nothing_of_the_way(socket_enabled: None) -> None:
    async def day() -> None:
        far, own = Touched("r1"), Touched("r2")
        home = PureHome()
        paths = Paths(home.chain, lambda: None)
        await home.start(by(far, Road.HOME), by(own, Road.PRIVATE))
        await paths.apply(TWO_WAYS)
        await time_passes(2)
        cut(own, is_cut=True)
        await time_passes(600)
        assert state_of(paths) is PathState.UP
        assert len(home.of_kind(AlarmKind.RECEIVER_LOST)) == 1
        cut(far, is_cut=True)
        cut(own, is_cut=False)
        await time_passes(60)
        assert state_of(paths) is PathState.DOWN
        await paths.apply({**TWO_WAYS, "way_out": {"way": "private"}})
        assert state_of(paths) is None
        await paths.stop()
        await home.stop()

    live(day())


def test_an_alarm_does_not_wait_until_a_receiver_without_a_way_is_called_lost(
    socket_enabled: None,
) -> None:
    """A4: what the way's state tells is known before two probes have failed."""

    async def day() -> None:
        first, second = Touched("r1"), Touched("r2")
        home = PureHome()
        paths = Paths(home.chain, lambda: None)
        await home.start(by(first, Road.HOME), by(second, Road.SECOND))
        await paths.apply(TWO_WAYS)
        await time_passes(2)
        cut(first, is_cut=True)
        while paths.state is not PathState.DOWN:
            await time_passes(0.1)
        assert home.transmitter.reach("r1").reached is True
        raised = await home.press()
        await time_passes(1)
        assert [h.alarm_id for h in second.taken if h.alarm_id == raised.alarm.id]
        await paths.stop()
        await home.stop()

    live(day())
