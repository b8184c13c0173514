"""What a run has seen: what was asked of the home, what it has promised, and how often it died."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from .plan import Act, Burst, Verb


@dataclass
class Record:
    """Filled while the run goes on; `check` judges it."""

    counts: Counter[str] = field(default_factory=Counter)
    #: Names of acts that had an answer, and raises that have had none.
    answered: set[str] = field(default_factory=set)
    asked_raises: dict[str, Act] = field(default_factory=dict)
    pressed: set[str] = field(default_factory=set)
    #: Alarms that the home has said are on disk, with their names, and those that it said are not.
    durable: dict[str, str] = field(default_factory=dict)
    not_durable: dict[str, str] = field(default_factory=dict)
    #: Of those: which died with the process before the disk had taken them.
    died_in_memory: set[str] = field(default_factory=set)
    #: Alarms whose end was promised on disk.
    cancelled: set[str] = field(default_factory=set)
    cleared: set[str] = field(default_factory=set)
    ready: list[dict[str, Any]] = field(default_factory=list)
    waiting_at_start: list[dict[str, Any]] = field(default_factory=list)
    wave: list[dict[str, Any]] = field(default_factory=list)
    wave_at: float = 0.0
    faults_ended: float = 0.0
    audit: dict[str, Any] = field(default_factory=dict)
    flaws: list[str] = field(default_factory=list)
    #: What the way is that is not SCAIP: what comes by it does not say so itself.
    other: str = "rest"
    _in_memory: set[str] = field(default_factory=set)

    def asked(self, burst: Burst) -> None:
        for act in burst.acts:
            if act.verb is Verb.RAISE and act.name not in self.answered:
                self.asked_raises[act.name] = act
            if act.verb is Verb.PRESS:
                self.pressed.add(act.name)

    def unanswered(self) -> tuple[Act, ...]:
        return tuple(self.asked_raises.values())

    def heard(self, said: dict[str, Any]) -> None:
        """The home has told something."""
        match said["said"]:
            case "accepted":
                self.counts["answers"] += 1
                self.answered.add(said["name"])
                self.asked_raises.pop(said["name"], None)
                self._accepted(said["alarm"], said["name"], durable=said["durable"])
                if said["verb"] == Verb.REPEAT:
                    # The cause is back: that it had gone is no news any more.
                    self.cleared.discard(said["alarm"])
            case "ended" if said["durable"]:
                kept = self.cancelled if said["verb"] == Verb.CANCEL else self.cleared
                kept.add(said["alarm"])
            case "trouble" if said["kind"] is None:
                self._in_memory.clear()

    def _accepted(self, alarm: str, name: str, *, durable: bool) -> None:
        if durable:
            self.durable[alarm] = name
            self._in_memory.discard(alarm)
        elif alarm not in self.durable:
            self.not_durable[alarm] = name
            self._in_memory.add(alarm)

    def home_ended(self, how: str) -> None:
        """The home was killed or stopped: what was in memory alone may be gone (A1)."""
        self.counts[f"{how}s"] += 1
        self.died_in_memory |= self._in_memory
        self._in_memory.clear()
        # An answer that said "not on disk" is none to rely on: whoever raised it raises it again.

    def started(self, ready: dict[str, Any]) -> None:
        self.ready.append(ready)
        self.waiting_at_start = ready["waiting"]

    def line(self, seed: int) -> str:
        """The run in one line."""
        names = (
            "alarms", "kills", "cuts", "stops", "freezes", "far kills", "clock steps",
            "disk faults", "refused", "lost with the process", "repeats",
        )  # fmt: skip
        figures = ", ".join(f"{name} {self.counts[name]}" for name in names)
        return f"seed {seed}: {figures}, slowest {self.slowest:.1f} s"

    slowest: float = 0.0
