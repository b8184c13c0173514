"""A fired alarm stage stays open until it is answered (S8).

An answer is `raise_alarm` or `decline_alarm` for its episode. That an automation ran to its end
answers nothing: it may have failed, met a false condition or been blocked. What nobody answers the
home raises by itself.
"""

from dataclasses import dataclass
from typing import Final

from .stages import Verdict

#: Seconds after the end of its last runner in which an answer is waited for.
AFTER_RUNNERS: Final = 30.0
#: Seconds in which a runner that goes on may answer: one that waits for ever must not keep an alarm.
FOR_AN_ANSWER: Final = 900.0
#: Seconds in which a runner is waited for, once Home Assistant has started.
FOR_A_RUNNER: Final = 60.0


@dataclass(slots=True)
class OpenStage:
    """One alarm stage that waits for its answer. Instants are home time, seconds.

    `verdict` is what was told; None after a restart.
    """

    episode: str
    fired_at: float
    verdict: Verdict | None = None
    running: int = 0
    ended_at: float | None = None

    def due(self, started_at: float | None) -> float | None:
        """Return when the home raises the alarm itself; None while that cannot be said.

        `started_at` is when Home Assistant had started, None before.
        """
        if self.running:
            return self.fired_at + FOR_AN_ANSWER
        if self.ended_at is not None:
            return self.ended_at + AFTER_RUNNERS
        if started_at is None:
            return None
        return max(self.fired_at, started_at) + FOR_A_RUNNER


class OpenStages:
    """All alarm stages that wait for an answer, by episode."""

    def __init__(self) -> None:
        """Start with none."""
        self._open: dict[str, OpenStage] = {}
        self.started_at: float | None = None

    def __contains__(self, episode: str) -> bool:
        return episode in self._open

    def opened(self, episode: str, fired_at: float, verdict: Verdict | None = None) -> None:
        """Wait for an answer to a stage that has fired, or had before a restart."""
        self._open.setdefault(episode, OpenStage(episode, fired_at, verdict))

    def of(self, episode: str) -> OpenStage | None:
        """Return a stage that waits."""
        return self._open.get(episode)

    def waiting(self) -> list[str]:
        """Return the episodes that wait."""
        return list(self._open)

    def runner_started(self, episode: str) -> None:
        """Note that an automation runs for it."""
        if (stage := self._open.get(episode)) is not None:
            stage.running += 1

    def runner_ended(self, episode: str, at: float) -> None:
        """Note that an automation has ended, however."""
        if (stage := self._open.get(episode)) is not None and stage.running:
            stage.running -= 1
            stage.ended_at = at

    def answered(self, episode: str) -> bool:
        """Take the answer; False when nothing waited for it."""
        return self._open.pop(episode, None) is not None

    def next_due(self) -> float | None:
        """Return when the first of them runs out of patience."""
        dues = [due for stage in self._open.values() if (due := stage.due(self.started_at))]
        return min(dues, default=None)

    def overdue(self, at: float) -> list[str]:
        """Return the episodes that nobody has answered in time."""
        return [
            stage.episode
            for stage in self._open.values()
            if (due := stage.due(self.started_at)) is not None and due <= at
        ]
