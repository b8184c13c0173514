"""What a scene changes in a life: from an instant on, somebody does something else."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from simulator.living.inhabitants import FOREVER
from simulator.living.plan import Doing
from simulator.living.sensed import Activity
from simulator.living.traces import Signal


@dataclass(frozen=True, slots=True)
class Detour:
    """The first resident leaves the plan."""

    doings: tuple[Doing, ...]
    """Instead of the plan, in order and without a gap; the first begins the detour."""
    resume: float = FOREVER
    """When the plan goes on, epoch seconds: the last doing's end, or never."""

    @property
    def start(self) -> float:
        """When the plan is left, epoch seconds."""
        return self.doings[0].start

    def __post_init__(self) -> None:
        """Refuse a life with gaps.

        Raises:
            ValueError: The doings do not join, or do not last until the plan goes on.

        """
        ends = (*(doing.start for doing in self.doings[1:]), self.resume)
        if not self.doings or any(
            doing.end != end for doing, end in zip(self.doings, ends, strict=True)
        ):
            raise ValueError("a detour's doings must join, until the plan goes on")


@dataclass(frozen=True, slots=True)
class Swap:
    """A habit that is left out: whoever would do it does something else meanwhile."""

    activity: Activity
    instead: Activity
    start: float
    end: float = FOREVER


@dataclass(frozen=True, slots=True)
class Changes:
    """All that differs from the plain life."""

    detour: Detour | None = None
    swaps: tuple[Swap, ...] = ()
    uses: tuple[Signal, ...] = ()
    """Things in use besides: a door left open, water on the floor."""
    unplugged: float = FOREVER
    """When somebody pulls the dispenser's plug, epoch seconds."""

    def doings(self, plan: Iterable[Doing]) -> Iterator[tuple[Doing, float, float]]:
        """What the first resident does.

        Args:
            plan: What was planned, in order.

        Yields:
            (doing, from, to): only what happens of it from `from` to `to` does happen. A doing
            cut short stays whole, so that what it leaves behind until then stays the same.

        """
        detour = self.detour
        for planned in plan:
            doing = self._swapped(planned)
            if detour is None:
                yield doing, doing.start, doing.end
                continue
            if doing.start < detour.start:
                yield doing, doing.start, min(doing.end, detour.start)
            if doing.start <= detour.start < doing.end:
                yield from ((other, other.start, other.end) for other in detour.doings)
            if doing.end > detour.resume:
                yield doing, max(doing.start, detour.resume), doing.end

    def _swapped(self, doing: Doing) -> Doing:
        for swap in self.swaps:
            if doing.activity is swap.activity and swap.start <= doing.start < swap.end:
                return replace(doing, activity=swap.instead)
        return doing
