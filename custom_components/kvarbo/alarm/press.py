"""Whether a press on a help button is a new alarm, a repeat of one, or a test (A2, A9).

Pure decisions over values: the caller keeps the state and the clock.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from .alarm import Alarm

#: Presses this close after another are the same call for help: a shaking hand, a double press (A2).
SAME_CALL: Final = timedelta(seconds=5)
#: Until this long after the receipt a further press is news about the same alarm; later it is a new
#: alarm (A2).
MERGE_AFTER_RECEIPT: Final = timedelta(seconds=60)
#: An announced test waits this long for its one press (A9), seconds.
TEST_WINDOW: Final = 120.0
#: Signals this close after a test press come from the same movement of the finger (press and
#: release), seconds.
SAME_MOVEMENT: Final = 0.3


def newest_press(alarms: Iterable[Alarm], number: int) -> Alarm | None:
    """Return the newest alarm that a press on the device of this number began, None for none."""
    of_device = (a for a in alarms if a.source.number == number and a.last_press_at is not None)
    return max(of_device, key=lambda alarm: alarm.id, default=None)


class PressMeaning(StrEnum):
    """What a press means."""

    NEW = "new"
    #: The same call: counted, nothing more is sent for it.
    SAME_CALL = "same_call"
    #: News about an alarm on its way or just received: counted and sent as an update.
    AGAIN = "again"


def read_press(open_alarm: Alarm | None, receipt_at: datetime | None, at: datetime) -> PressMeaning:
    """Tell what a press at `at` (home time) means.

    `open_alarm` is the device's newest alarm, `receipt_at` when that was first receipted. Repeats
    are counted from the last press that was told of: whoever goes on pressing is heard again. A
    test alarm takes no presses in: whatever follows a test is real (A9).
    """
    if open_alarm is None or open_alarm.test or not open_alarm.is_open:
        return PressMeaning.NEW
    last = open_alarm.last_press_at or open_alarm.sensed_at
    if at - last <= SAME_CALL:
        return PressMeaning.SAME_CALL
    if receipt_at is None or at - receipt_at <= MERGE_AFTER_RECEIPT:
        return PressMeaning.AGAIN
    return PressMeaning.NEW


@dataclass(slots=True)
class AnnouncedTest:
    """One device announced for one test press; `until` and `used_at` in monotonic seconds."""

    until: float
    used_at: float | None = None


class TestWindow:
    """The announced tests, one a device, in memory only: after a restart every press is real."""

    __test__ = False  # not a test case, whatever its name looks like to a collector

    def __init__(self) -> None:
        """Start with nothing announced."""
        self._announced: dict[int, AnnouncedTest] = {}

    def announce(self, number: int, mono: float) -> None:
        """Let the next press of this device within two minutes be a test."""
        self._announced[number] = AnnouncedTest(until=mono + TEST_WINDOW)

    def withdraw(self, number: int) -> None:
        """Forget an announcement."""
        self._announced.pop(number, None)

    def is_announced(self, number: int, mono: float) -> bool:
        """Tell whether this device's next press would be a test."""
        test = self._announced.get(number)
        return test is not None and test.used_at is None and mono <= test.until

    def left(self, number: int, mono: float) -> float | None:
        """Return for how many seconds more this device's press would be a test; None: it would be real."""
        return self._announced[number].until - mono if self.is_announced(number, mono) else None

    def take(self, number: int, mono: float) -> bool:
        """Use up the announcement: True when this press is the test."""
        if not self.is_announced(number, mono):
            return False
        self._announced[number].used_at = mono
        return True

    def is_echo(self, number: int, mono: float) -> bool:
        """Tell whether a signal belongs to the very movement that was the test press."""
        test = self._announced.get(number)
        return (
            test is not None and test.used_at is not None and mono - test.used_at <= SAME_MOVEMENT
        )
