"""The resident's answer after a press (R13), for the whole home and for each button. Pure.

The newest call of a button speaks for it; the newest call in the home speaks for the home. When
that call has ended the answer falls back to idle, so that a lamp which follows it goes dark.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
import logging
from typing import Final

from .alarm.alarm import Alarm
from .alarm.answer import ResidentAnswer
from .alarm.happening import ENDS, Happening, What
from .alarm.kinds import AlarmKind

_LOGGER = logging.getLogger(__name__)

#: The home as a whole, beside the device numbers, which start at 1.
WHOLE_HOME: Final = 0

_SAID: Final = {
    What.RAISED: ResidentAnswer.HEARD,
    What.RECEIVED: ResidentAnswer.ARRIVED,
    What.NOT_GETTING_THROUGH: ResidentAnswer.NOT_GETTING_THROUGH,
}


@dataclass(frozen=True, slots=True)
class AnswerNow:
    """What is answered now, and to which alarm. `durable` False: it is heard, yet not on disk.

    `times` counts what has been said since the home began: a press that is answered as the last one was is said all
    the same.
    """

    answer: ResidentAnswer = ResidentAnswer.IDLE
    alarm_id: str | None = None
    test: bool = False
    durable: bool = True
    times: int = 0


type AnswerHearer = Callable[[int, AnswerNow, bool], None]


class Answers:
    """The answers that stand now, by device number; `WHOLE_HOME` for the home."""

    def __init__(self) -> None:
        """Start idle."""
        self._now: dict[int, AnswerNow] = {}
        self._hearers: list[AnswerHearer] = []

    def hear(self, hearer: AnswerHearer) -> Callable[[], None]:
        """Call `hearer(number, answer, is_news)`; `is_news` False when only the state fell back."""
        self._hearers.append(hearer)
        return lambda: self._hearers.remove(hearer)

    def now(self, number: int = WHOLE_HOME) -> AnswerNow:
        """Return the answer that stands for a device, or for the home."""
        return self._now.get(number, AnswerNow())

    def take(self, happening: Happening) -> None:
        """Take in what happened to an alarm."""
        alarm = happening.alarm
        if alarm.kind is not AlarmKind.HELP_CALL:
            return
        for number in {WHOLE_HOME, alarm.source.number}:
            self._take(number, happening, alarm)

    def _take(self, number: int, happening: Happening, alarm: Alarm) -> None:
        standing = self.now(number)
        older = standing.alarm_id is not None and alarm.id < standing.alarm_id
        if happening.what in ENDS:
            if standing.alarm_id == alarm.id:
                self._say(number, AnswerNow(), is_news=False)
            return
        if older:
            return
        answer = _SAID.get(happening.what)
        if happening.what is What.ACKNOWLEDGED and happening.by_person:
            answer = ResidentAnswer.HELP_COMING
        if happening.what is What.PRESSED_AGAIN:
            # Each press is answered, yet what has been reached stands: it says so once more.
            answer = standing.answer
            if answer in (ResidentAnswer.IDLE, ResidentAnswer.NOT_GETTING_THROUGH):
                answer = ResidentAnswer.HEARD
        if answer is not None:
            self._say(
                number,
                AnswerNow(answer, alarm.id, test=alarm.test, durable=happening.durable),
                is_news=True,
            )

    def _say(self, number: int, answer: AnswerNow, *, is_news: bool) -> None:
        answer = replace(answer, times=self.now(number).times + is_news)
        self._now[number] = answer
        for hearer in list(self._hearers):
            try:
                hearer(number, answer, is_news)
            except Exception:
                # A lamp that cannot be told must not keep the others from hearing.
                _LOGGER.exception("A hearer failed on %s", answer.answer)
