"""The automations' ends: who listens to which watcher, and what is running for which episode (S8)."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from ..supervision.identity import Identity
from ..supervision.stages import Told

#: So many triggers' contexts are remembered, to find an action's episode by its parent (S8).
_REMEMBERED: Final = 500


class Run(Protocol):
    """Runs a trigger's actions with what it passes.

    `begins` is told the id of the run's context before anything runs: a run may be over, and may
    have called an action, by the time its task is given back.
    """

    def __call__(
        self, payload: dict[str, Any], description: str, begins: Callable[[str], None]
    ) -> asyncio.Task[Any]:
        """Start the run; return its task."""


@dataclass(frozen=True, slots=True, eq=False)
class Attached:
    """One attached trigger: whom it listens to, to what, and how it runs or says why it does not."""

    identity: Identity
    told: Told
    run: Run
    did_not: Callable[[str, Mapping[str, Any]], None]


class Listeners:
    """All attached triggers of a home."""

    def __init__(self) -> None:
        """Start with none."""
        self._attached: list[Attached] = []
        self._episodes: dict[str, str] = {}

    def add(self, attached: Attached) -> None:
        """Take up a trigger."""
        self._attached.append(attached)

    def remove(self, attached: Attached) -> None:
        """Let go of a trigger."""
        self._attached.remove(attached)

    def of(self, identity: Identity, told: Told) -> list[Attached]:
        """Return who listens to this."""
        return [a for a in self._attached if a.identity == identity and a.told is told]

    def remember(self, context_id: str, episode: str) -> None:
        """Know a run's episode by the context that its actions descend from."""
        self._episodes[context_id] = episode
        while len(self._episodes) > _REMEMBERED:
            del self._episodes[next(iter(self._episodes))]

    def episode_of(self, *context_ids: str | None) -> str | None:
        """Return the episode of the run that one of these contexts belongs to."""
        for context_id in context_ids:
            if context_id is not None and context_id in self._episodes:
                return self._episodes[context_id]
        return None
