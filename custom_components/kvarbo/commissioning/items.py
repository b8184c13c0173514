"""What of an installation is open still, item by item, and whether it may be closed (R27, R43, R57)."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ..alarm.kinds import Location, Role
from .progress import Progress

#: Roles whose device is nowhere in particular, or is the home's own.
_NOWHERE: Final = frozenset({Role.WORN, Role.MAINS, Role.MOVER})
#: Roles that call by themselves: their test must arrive at a receiver (A9).
CALLS: Final = frozenset({Role.HELP_BUTTON})


class Step(StrEnum):
    """What must be proven, in the order in which it is best done."""

    RECEIVER = "receiver"
    CHAIN = "chain"
    WINDOW = "window"
    PAIRED = "paired"
    SIGNAL = "signal"
    PLACED = "placed"
    HEARD = "heard"
    TESTED = "tested"
    ROOM = "room"
    CONSENT = "consent"
    REVIEW = "review"
    LAMP = "lamp"
    ADDRESS = "address"
    PAPERS = "papers"


#: What no reason excuses: with these open nothing at all is proven.
NEVER_LEFT: Final = frozenset({Step.RECEIVER, Step.WINDOW})


class Signal(StrEnum):
    """How a device is reached by its radio."""

    GOOD = "good"
    WEAK = "weak"
    UNKNOWN = "unknown"
    #: It has no radio of ours.
    NONE = "none"


class State(StrEnum):
    """How an installation stands."""

    NOT_BEGUN = "not_begun"
    OPEN = "open"
    #: Closed, with gaps that have a reason and a date.
    CLOSED_WITH_GAPS = "closed_with_gaps"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class DeviceFacts:
    """One device as it is now; `source` marks what it listens to."""

    number: int
    role: Role
    room: Location
    source: str
    is_missing: bool
    signal: Signal


@dataclass(frozen=True, slots=True)
class RuleFacts:
    """One rule as it is now, by its identity."""

    identity: str
    lacks_consent: bool


@dataclass(frozen=True, slots=True)
class HomeFacts:
    """The home as it is now. `hub` is this hub's own mark, which another hub does not have.

    `review_at`: when the home is gone through again (R43), None where nobody has said so.
    """

    hub: str
    devices: tuple[DeviceFacts, ...]
    rules: tuple[RuleFacts, ...]
    is_reached: bool
    is_proven: bool
    review_at: float | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is open: the step, and the device's number, room or rule that it is about."""

    step: Step
    about: str = ""

    @property
    def key(self) -> str:
        """Its name, under which a gap is kept."""
        return f"{self.step}:{self.about}"


def open_items(facts: HomeFacts, progress: Progress, now: float) -> tuple[Item, ...]:
    """Return all that is not proven, whether or not it was left with a reason, in the order of the steps."""
    found = [*_of_home(facts, progress, now), *_of_devices(facts, progress)]
    found += [
        Item(Step.ROOM, room)
        for room in sorted({d.room for d in facts.devices if d.role is Role.MOTION})
        if room not in progress.rooms
    ]
    found += [Item(Step.CONSENT, rule.identity) for rule in facts.rules if rule.lacks_consent]
    order = list(Step)
    return tuple(sorted(found, key=lambda item: order.index(item.step)))


def blocking(facts: HomeFacts, progress: Progress, now: float) -> tuple[Item, ...]:
    """Return what must be done, or left with a reason, before the installation may be closed."""
    return tuple(
        item for item in open_items(facts, progress, now) if not _is_left(item, progress, now)
    )


def state_of(facts: HomeFacts, progress: Progress, now: float) -> State:
    """Return how it stands now. A device that came later, or a gap whose day has come, opens it again."""
    if progress.begun_at is None:
        return State.NOT_BEGUN
    if progress.closed_at is None or blocking(facts, progress, now):
        return State.OPEN
    return State.CLOSED_WITH_GAPS if open_items(facts, progress, now) else State.CLOSED


def rooms_to_walk(facts: HomeFacts, progress: Progress) -> dict[str, float | None]:
    """Return the rooms of the walk, and when somebody was seen in each."""
    rooms = sorted({d.room for d in facts.devices if d.role is Role.MOTION})
    return {str(room): progress.rooms.get(room) for room in rooms}


def _is_left(item: Item, progress: Progress, now: float) -> bool:
    gap = progress.gaps.get(item.key)
    return gap is not None and gap.until > now and item.step not in NEVER_LEFT


def _of_home(facts: HomeFacts, progress: Progress, now: float) -> Iterator[Item]:
    if not facts.is_reached:
        yield Item(Step.RECEIVER)
    if not facts.is_proven:
        yield Item(Step.CHAIN)
    if progress.window_at is None:
        yield Item(Step.WINDOW)
    if facts.review_at is None or facts.review_at <= now:
        yield Item(Step.REVIEW)
    if progress.lamp_at is None:
        yield Item(Step.LAMP)
    if progress.address_at is None or progress.address_hub != facts.hub:
        yield Item(Step.ADDRESS)
    if progress.papers_at is None:
        yield Item(Step.PAPERS)


def _of_devices(facts: HomeFacts, progress: Progress) -> Iterator[Item]:
    for device in facts.devices:
        about = str(device.number)
        if device.is_missing:
            yield Item(Step.PAIRED, about)
            continue
        if device.signal in (Signal.WEAK, Signal.UNKNOWN):
            yield Item(Step.SIGNAL, about)
        if device.room is Location.HOME and device.role not in _NOWHERE:
            yield Item(Step.PLACED, about)
        one = progress.devices.get(device.number)
        if one is not None and one.source != device.source:
            # Another device behind the same number: what the old one did proves nothing of it.
            one = None
        if device.role in CALLS:
            # Its test shows that it is heard; to press it without one would call for help.
            if one is None or one.tested_at is None:
                yield Item(Step.TESTED, about)
        elif one is None or one.heard_at is None:
            yield Item(Step.HEARD, about)
