"""What is done to a home in one run, made from a seed alone: the same seed, the same sequence.

Pure. How long a step really takes is the machine's affair; which steps there are and in which order
is told here and nowhere else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, auto
import random
from typing import Any, Final


class Way(StrEnum):
    """The receivers of alarms that a home has, in their order."""

    REST = auto()
    SCAIP = auto()
    REST_THEN_SCAIP = auto()
    SCAIP_THEN_REST = auto()
    MQTT = auto()
    MQTT_THEN_SCAIP = auto()
    SCAIP_THEN_MQTT = auto()

    @property
    def lines(self) -> tuple[str, ...]:
        """Keys of the receivers, in order."""
        return tuple(self.value.split("_then_"))


#: Seeds up to this one have ways without a broker, those above it have one: no seed's run changes by it.
BROKERS_FROM: Final = 101
_WITHOUT: Final = (
    *(Way.REST, Way.REST),
    *(Way.REST, Way.SCAIP, Way.REST_THEN_SCAIP, Way.SCAIP_THEN_REST),
)
_WITH: Final = (Way.MQTT, Way.MQTT, Way.MQTT_THEN_SCAIP, Way.SCAIP_THEN_MQTT)


class Verb(StrEnum):
    """What people and rules do."""

    PRESS = auto()
    RAISE = auto()
    REPEAT = auto()
    CLEAR = auto()
    CANCEL = auto()


@dataclass(frozen=True, slots=True)
class Act:
    """`name` is a help button's number for a press, else a cause; `kind` only in a raise."""

    verb: Verb
    name: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Burst:
    """All of these at once; nobody waits for what becomes of them."""

    acts: tuple[Act, ...]


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing new for so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Kill:
    """kill -9, and again after each of these many seconds of a new life; then a life that lasts."""

    lives: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Stop:
    """A clean stop and a start."""


@dataclass(frozen=True, slots=True)
class Freeze:
    """SIGSTOP for so many seconds, while everything else goes on."""

    seconds: float


@dataclass(frozen=True, slots=True)
class SetClock:
    """Set the host's clock: `off` seconds from the truth, or to a moment in seconds since 1970."""

    off: float = 0.0
    moment: float | None = None


@dataclass(frozen=True, slots=True)
class FarFault:
    """What the municipality does wrong from now on, until something else is set."""

    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FarKill:
    """kill -9 of the municipality, back after so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class FarCloses:
    """The operators deal with all that they have."""


class Trouble(StrEnum):
    """How a link is cut."""

    #: Connections are refused, and open ones are cut.
    REFUSED = auto()
    #: Everything is swallowed; what was swallowed is lost, and so are the connections.
    HOLE = auto()
    #: Everything is held back and comes afterwards, as by a TCP that tries again.
    DELAYED = auto()
    #: What the home says arrives; what is answered is lost.
    DEAF = auto()


@dataclass(frozen=True, slots=True)
class Cut:
    """Cut one line for so many seconds, while everything else goes on."""

    line: str
    how: Trouble
    seconds: float


class DiskTrouble(StrEnum):
    """What the disk does wrong."""

    #: Nothing more fits.
    FULL = auto()
    #: The home is started on a disk that takes no write.
    READ_ONLY = auto()


@dataclass(frozen=True, slots=True)
class DiskFault:
    """For so many seconds, while everything else goes on."""

    how: DiskTrouble
    seconds: float


type Step = (
    Burst
    | Pause
    | Kill
    | Stop
    | Freeze
    | SetClock
    | FarFault
    | FarKill
    | FarCloses
    | Cut
    | DiskFault
)


@dataclass(frozen=True, slots=True)
class Plan:
    """One run. `wave` is what waits together in the end, so that its order can be seen (A3)."""

    seed: int
    way: Way
    steps: tuple[Step, ...]
    wave: Burst


#: What a rule can raise here, by class; a fall goes before all else, as a press does.
PERSONAL: Final = ("fall", "night_absence", "door_open", "medicine_missed")
TECHNICAL: Final = ("device_battery", "device_silent", "mains_lost")

_REST_MODES: Final[tuple[Mapping[str, Any], ...]] = (
    {"mode": "hold", "retry_after": 5},
    {"mode": "busy"},
    {"mode": "busy", "retry_after": 2},
    {"mode": "not_treated"},
    {"mode": "error", "status": 500},
    {"mode": "accept_and_die"},
    {"mode": "accept_and_die"},
    {"mode": "silent"},
    {"mode": "refuse_full"},
    {"mode": "garbage"},
    {"mode": "empty200"},
    {"mode": "slow", "seconds": 1.5},
    {"mode": "credentials"},
    {"mode": "redirect"},
    {"mode": "huge"},
    {"mode": "trickle"},
    {"mode": "down"},
)
_SCAIP_MODES: Final[tuple[Mapping[str, Any], ...]] = (
    *(m for m in _REST_MODES if m["mode"] not in {"redirect", "huge", "trickle"}),
    {"mode": "taken_and_mute"},
    {"mode": "twice"},
    {"mode": "early"},
)
_MQTT_MODES: Final[tuple[Mapping[str, Any], ...]] = (
    {"mode": "hold", "retry_after": 5},
    {"mode": "busy"},
    {"mode": "busy", "retry_after": 2},
    {"mode": "not_treated"},
    {"mode": "accept_and_die"},
    {"mode": "silent"},
    {"mode": "refuse_full"},
    {"mode": "garbage"},
    {"mode": "slow", "seconds": 1.5},
    {"mode": "twice"},
    {"mode": "down"},
)
_MODES: Final = {"rest": _REST_MODES, "scaip": _SCAIP_MODES, "mqtt": _MQTT_MODES}
#: 28 March 2027, two seconds before the clocks of Sweden are set forward.
_BEFORE_DST: Final = 1_806_195_598.0


def make_plan(seed: int, *, kills: int = 16) -> Plan:
    """Make the run of a seed, with about so many kills of the home."""
    return _Maker(random.Random(seed), seed).make(kills)


class _Maker:
    """Draws a plan."""

    def __init__(self, chance: random.Random, seed: int) -> None:
        self._chance = chance
        self._seed = seed
        self._way = chance.choice(_WITHOUT if seed < BROKERS_FROM else _WITH)
        self._buttons = 0
        self._causes: list[tuple[str, str]] = []

    def make(self, kills: int) -> Plan:
        steps: list[Step] = []
        for _ in range(kills):
            for _ in range(self._chance.randint(1, 3)):
                steps += self._something()
            steps += [self._burst(), Pause(self._chance.choice([0.0, 0.005, 0.02, 0.1, 0.6]))]
            steps += [self._kill(), self._burst(), Pause(self._chance.uniform(0.0, 1.5))]
        if self._chance.random() < 0.2:
            line = self._chance.choice(self._way.lines)
            long = Cut(line, self._chance.choice(list(Trouble)), self._chance.uniform(20, 90))
            steps.insert(len(steps) // 2, long)
        return Plan(self._seed, self._way, tuple(steps), self._wave())

    def _something(self) -> list[Step]:
        makers = [
            *[self._far_fault] * 4,
            *[self._cut] * 3,
            self._far_kill,
            self._freeze,
            self._clock,
            self._disk,
            self._stop,
            self._closes,
        ]
        return [*self._chance.choice(makers)(), Pause(self._chance.uniform(0.0, 0.4))]

    def _far_fault(self) -> list[Step]:
        by = self._chance.choice(self._way.lines)
        mode = self._chance.choice(_MODES[by])
        if mode["mode"] == "down" or self._chance.random() < 0.3:
            return [FarFault({**mode, "by": by})]
        return [FarFault({**mode, "by": by, "count": self._chance.randint(1, 30)})]

    def _cut(self) -> list[Step]:
        line = self._chance.choice(self._way.lines)
        seconds = self._chance.choice([0.3, 1.0, 2.0, 4.0, 8.0])
        return [Cut(line, self._chance.choice(list(Trouble)), seconds)]

    def _far_kill(self) -> list[Step]:
        return [self._burst(), FarKill(self._chance.choice([0.0, 0.5, 3.0]))]

    def _freeze(self) -> list[Step]:
        long = self._chance.random() < 0.04
        seconds = self._chance.uniform(20, 60) if long else self._chance.uniform(0.1, 3.0)
        return [self._burst(), Freeze(seconds)]

    def _clock(self) -> list[Step]:
        match self._chance.randrange(8):
            case 0:
                return [SetClock(moment=0.0)]
            case 1:
                return [SetClock(moment=_BEFORE_DST)]
            case 2:
                return [SetClock()]
            case _:
                return [
                    SetClock(off=self._chance.choice([-1, 1]) * self._chance.uniform(2, 20_000))
                ]

    def _disk(self) -> list[Step]:
        how = self._chance.choice([DiskTrouble.FULL, DiskTrouble.FULL, DiskTrouble.READ_ONLY])
        return [DiskFault(how, self._chance.choice([0.2, 1.5, 6.0])), self._burst()]

    def _stop(self) -> list[Step]:
        return [self._burst(), Stop()]

    def _closes(self) -> list[Step]:
        return [FarCloses()]

    def _kill(self) -> Kill:
        # Some die while they are still coming back.
        more = self._chance.choice([0, 0, 0, 1, 2])
        return Kill(tuple(self._chance.uniform(0.2, 1.4) for _ in range(more)))

    def _burst(self) -> Burst:
        size = self._chance.choice([1, 2, 3, 5, 8, 20, 50])
        return Burst(tuple(self._act() for _ in range(size)))

    def _wave(self) -> Burst:
        return Burst(tuple(self._new_act() for _ in range(24)))

    def _act(self) -> Act:
        drawn = self._chance.random()
        if drawn < 0.08 and self._buttons:
            return Act(
                Verb.PRESS, str(self._chance.randint(max(1, self._buttons - 5), self._buttons))
            )
        if drawn < 0.2 and self._causes:
            name, kind = self._chance.choice(self._causes[-12:])
            verb = self._chance.choice([Verb.RAISE, Verb.REPEAT, Verb.CLEAR, Verb.CANCEL])
            return Act(verb, name, kind if verb is Verb.RAISE else "")
        return self._new_act()

    def _new_act(self) -> Act:
        if self._chance.random() < 0.6:
            self._buttons += 1
            return Act(Verb.PRESS, str(self._buttons))
        name, kind = f"e{len(self._causes) + 1}", self._chance.choice(PERSONAL + TECHNICAL)
        self._causes.append((name, kind))
        return Act(Verb.RAISE, name, kind)
