"""One door with a lock: when it is locked again, when its code works, and what is wrong with it.

What must hold, and is held by tests/access/test_door.py under these numbers:

- D1 A door that was opened by a grant is wished locked at its time, also after a restart in the middle.
- D2 The bolt is never wished out while the door is known to be open, nor sooner than five seconds after.
- D3 The code is wished open only while the home says that somebody may come in, else it is wished shut,
  and again until the lock has said so.
- D4 Nothing is known of a code at start: it is shut first, whatever was kept.
- D5 What cannot be done is told and tried on; nothing here gives up.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, Self

from ..supervision.sensing import Reading
from .settings import EntrySettings

#: So long a door must have been shut before the bolt goes out, seconds.
SETTLE: Final = 5.0
#: How long a bolt has to move before it is tried again, seconds: so often at first, then each five minutes.
BOLT_TIME: Final = 15.0
QUICK_TRIES: Final = 3
SLOW_TIME: Final = 300.0
#: A bolt that is out with the door open, or neither in nor out, is told of after this, seconds.
AJAR_AFTER: Final = 60.0
#: A door that should have been locked is told of after this, seconds.
OVERDUE: Final = 600.0
#: Seconds until a lock is asked once more to take or forget a code.
CODE_PAUSES: Final = (10.0, 30.0, 60.0, 300.0)
#: A lock that does not answer about its code is told of after so many tries.
CODE_TRIES: Final = 3
#: How many requests of receivers are remembered.
_REMEMBERED: Final = 50


class Bolt(StrEnum):
    """What the lock says of its bolt."""

    LOCKED = "locked"
    UNLOCKED = "unlocked"
    #: Neither in nor out: Zigbee's "not fully locked", which Home Assistant shows as unlocked.
    AJAR = "ajar"
    MOVING = "moving"
    JAMMED = "jammed"
    UNKNOWN = "unknown"


class Code(StrEnum):
    """What is known of the code at the lock."""

    SHUT = "shut"
    OPEN = "open"
    UNSURE = "unsure"


class Wish(StrEnum):
    """What should be done at the lock now."""

    LOCK = "lock"
    OPEN_CODE = "open_code"
    SHUT_CODE = "shut_code"


class Trouble(StrEnum):
    """What is wrong with a door."""

    JAMMED = "jammed"
    AJAR = "ajar"
    LEFT_UNLOCKED = "left_unlocked"
    #: The lock does not say that it has taken the code, or that it has forgotten it.
    CODE_STUCK = "code_stuck"


@dataclass(slots=True)
class Kept:
    """What must survive a restart. Times are home time, seconds of the epoch.

    `given` are the alarms for which the door was unlocked by command, and when; `asked` the requests
    that were answered, newest last. `slot` is the place of the code that may be open.
    """

    relock_at: float | None = None
    code: Code = Code.UNSURE
    slot: int = 0
    given: dict[str, float] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Return it for the journal."""
        return {
            "relock_at": self.relock_at,
            "code": self.code.value,
            "slot": self.slot,
            "given": dict(self.given),
            "asked": list(self.asked),
        }

    @classmethod
    def from_json(cls, raw: object) -> Self:
        """Return what was kept. What cannot be read is taken as nothing, but for a code: it may be open."""
        kept = cls()
        if not isinstance(raw, dict):
            return kept
        at = raw.get("relock_at")
        kept.relock_at = float(at) if isinstance(at, int | float) else None
        given, asked = raw.get("given"), raw.get("asked")
        if isinstance(given, dict):
            kept.given = {str(k): float(v) for k, v in given.items() if isinstance(v, int | float)}
        if isinstance(asked, list):
            kept.asked = [str(one) for one in asked]
        slot = raw.get("slot")
        kept.slot = slot if isinstance(slot, int) else 0
        if raw.get("code") in tuple(Code):
            kept.code = Code(raw["code"])
        return kept


class Door:
    """One door, from look to look. It holds no clock and moves nothing."""

    def __init__(self, settings: EntrySettings, kept: Kept, at: float) -> None:
        """Begin at home time `at` with what was kept."""
        self.settings = settings
        self.kept = kept
        self.troubles: frozenset[Trouble] = frozenset()
        #: What must be written before anything is done.
        self.has_news = False
        #: D4. Also where it was shut: others may have let it work, and a journal may be an old copy.
        self._code_to_shut = settings.by_code or kept.code is Code.OPEN
        if kept.relock_at is not None:
            # A clock that was set meanwhile makes the door wait no longer than it would have.
            kept.relock_at = min(kept.relock_at, at + settings.relock_after)
        #: A lock that is said to be locked may be said so from before the hub died: nothing has been heard of it.
        self._is_in_doubt = kept.relock_at is not None
        self._was_open = False
        self._shut_since = at
        self._open_since: float | None = None
        self._ajar_since: float | None = None
        self._tries = 0
        self._try_at = 0.0
        self._code_tries = 0
        self._code_at = 0.0
        self._code_wanted = False

    # -- what happens --------------------------------------------------------------------------

    def opened_for(self, alarm_id: str, at: float) -> None:
        """A grant: the door is unlocked by command for this alarm, and locked again in its time (D1)."""
        self.kept.given[alarm_id] = at
        self._relock(at + self.settings.relock_after)

    def was_asked(self, request: str) -> bool:
        """Tell whether this very request was answered already, and remember it."""
        if request in self.kept.asked:
            return True
        self.kept.asked = [*self.kept.asked, request][-_REMEMBERED:]
        self.has_news = True
        return False

    def entered(self, at: float) -> None:
        """The code was used, while it was open: the door is locked again in its time."""
        self._relock(at + self.settings.relock_after)

    def forget(self, alarms: frozenset[str]) -> None:
        """Only these alarms are known any more: what was given for others need not be remembered."""
        if gone := self.kept.given.keys() - alarms:
            for alarm_id in gone:
                del self.kept.given[alarm_id]
            self.has_news = True

    def code_told(self, at: float, *, is_open: bool, done: bool) -> None:
        """Take what the lock made of a wish about the code."""
        if not done:
            self._code_at = at + CODE_PAUSES[min(self._code_tries, len(CODE_PAUSES) - 1)]
            self._code_tries += 1
            return
        self._code_tries, self._code_at, self._code_to_shut = 0, 0.0, False
        self._set_code(Code.OPEN if is_open else Code.SHUT)

    def code_opens(self) -> None:
        """The lock is about to be told to take the code: it may work from now on, whatever it answers."""
        self.kept.slot = self.settings.slot
        self._set_code(Code.OPEN)
        self._code_to_shut = True

    @property
    def is_in_doubt(self) -> bool:
        """Whether the lock's *locked* is worth nothing: it waits to be locked since before this start (D1)."""
        return self._is_in_doubt

    def locked_for_sure(self) -> None:
        """The lock has been told to lock, and then asked, and has said that it is."""
        self._is_in_doubt = False

    def open_for(self, at: float) -> float:
        """Return for how many seconds the bolt has not been out, as far as was seen."""
        return 0.0 if self._open_since is None else max(0.0, at - self._open_since)

    @property
    def slot_to_shut(self) -> int:
        """The place of the code that is to be shut: the one that was opened, also when another is set by now."""
        return (
            self.kept.slot if self.kept.code is Code.OPEN and self.kept.slot else self.settings.slot
        )

    @property
    def is_granted(self) -> bool:
        """Whether the door still waits to be locked after a command, and not after somebody at the knob."""
        newest = max(self.kept.given.values(), default=float("-inf"))
        until = self.kept.relock_at
        return until is not None and newest + self.settings.relock_after >= until

    # -- looking -------------------------------------------------------------------------------

    def look(self, at: float, bolt: Bolt, contact: Reading, *, may_enter: bool) -> frozenset[Wish]:
        """Return what should be done now. `contact` is active while the door is open."""
        if contact is Reading.ACTIVE:
            self._shut_since = at
        wishes = {*self._about_bolt(at, bolt, contact), *self._about_code(at, may_enter=may_enter)}
        self.troubles = frozenset(self._find(at, bolt, contact))
        return frozenset(wishes)

    @property
    def is_waiting(self) -> bool:
        """Whether something will have to be done without anything happening at the door."""
        return self.kept.relock_at is not None or self._code_tries > 0 or self._code_to_shut

    def _about_bolt(self, at: float, bolt: Bolt, contact: Reading) -> set[Wish]:
        kept = self.kept
        if bolt is Bolt.LOCKED and not self._is_in_doubt:
            is_over = self._was_open or (kept.relock_at is not None and at >= kept.relock_at)
            if is_over and kept.relock_at is not None:
                self._relock(None)
            self._was_open, self._tries, self._open_since = False, 0, None
            return set()
        if bolt is Bolt.UNKNOWN:
            return set()
        if bolt is not Bolt.LOCKED:
            # It says something that it cannot have said when the door was last known to be locked.
            self._was_open, self._is_in_doubt = True, False
            if self._open_since is None:
                self._open_since = at
        if kept.relock_at is None and self.settings.relock_always:
            self._relock(at + self.settings.relock_after)
        if kept.relock_at is None or at < max(kept.relock_at, self._try_at):
            return set()
        if contact is Reading.ACTIVE or at < self._shut_since + self._settle(contact):
            return set()
        self._tries += 1
        self._try_at = at + (BOLT_TIME if self._tries < QUICK_TRIES else SLOW_TIME)
        return {Wish.LOCK}

    def _settle(self, contact: Reading) -> float:
        # Without a contact, or with one that says nothing, nobody can tell: the time alone must do.
        return SETTLE if contact is Reading.IDLE else 0.0

    def _about_code(self, at: float, *, may_enter: bool) -> set[Wish]:
        # One that was opened in another place is shut there first.
        wanted = may_enter and self.settings.by_code and self.slot_to_shut == self.settings.slot
        if wanted is not self._code_wanted:
            self._code_wanted, self._code_tries, self._code_at = wanted, 0, 0.0
        if wanted and self.kept.code is Code.OPEN and not self._code_tries:
            return set()
        if at < self._code_at:
            return set()
        if wanted:
            return {Wish.OPEN_CODE}
        return {Wish.SHUT_CODE} if self._code_to_shut or self.kept.code is Code.OPEN else set()

    def _find(self, at: float, bolt: Bolt, contact: Reading) -> set[Trouble]:
        found: set[Trouble] = set()
        if bolt is Bolt.JAMMED or self._tries >= QUICK_TRIES:
            found.add(Trouble.JAMMED)
        is_ajar = bolt is Bolt.AJAR or (bolt is Bolt.LOCKED and contact is Reading.ACTIVE)
        if not is_ajar:
            self._ajar_since = None
        elif self._ajar_since is None:
            self._ajar_since = at
        if self._ajar_since is not None and at - self._ajar_since >= AJAR_AFTER:
            found.add(Trouble.AJAR)
        if self._open_since is not None:
            left, due = self.settings.left_after, self.kept.relock_at
            is_left = left > 0 and at - self._open_since >= left
            if is_left or (due is not None and at >= due + OVERDUE):
                found.add(Trouble.LEFT_UNLOCKED)
        if self._code_tries >= CODE_TRIES:
            found.add(Trouble.CODE_STUCK)
        return found

    def _relock(self, at: float | None) -> None:
        self.kept.relock_at = at
        self.has_news = True
        self._is_in_doubt = self._is_in_doubt and at is not None
        self._tries, self._try_at = 0, 0.0

    def _set_code(self, code: Code) -> None:
        if self.kept.code is not code:
            self.kept.code = code
            self.has_news = True
