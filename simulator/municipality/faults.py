"""Faults on command: what a receiver can do wrong, one at a time.

A fault meets events that are otherwise right (token, type, form), so that its `count` is a count of
messages.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final, Self

from .contract import Event
from .fields import Check, FieldError, number, one_of, or_null, seconds


class Mode(StrEnum):
    """What goes wrong. Those in `TAKES` keep the message all the same."""

    NONE = "none"
    #: Takes the message at once and answers after `seconds`.
    SLOW = "slow"
    #: HTTP `status`, nothing taken.
    ERROR = "error"
    #: `form_refused`, whatever the form.
    REFUSE = "refuse"
    #: `form_refused` unless an alarm's data is the minimal version; signs of life pass.
    REFUSE_FULL = "refuse_full"
    #: `hold` with `retry_after`.
    HOLD = "hold"
    #: `busy`.
    BUSY = "busy"
    #: `not_treated`.
    NOT_TREATED = "not_treated"
    #: HTTP 401.
    CREDENTIALS = "credentials"
    #: Nothing listens on the alarm port and open connections are cut.
    DOWN = "down"
    #: Takes the message and cuts the connection without a word.
    ACCEPT_AND_DIE = "accept_and_die"
    #: Reads the message and never answers.
    SILENT = "silent"
    #: Takes the message and answers with 5 MiB.
    HUGE = "huge"
    #: Takes the message and answers one octet a second.
    TRICKLE = "trickle"
    #: HTTP 307 to another path.
    REDIRECT = "redirect"
    #: HTTP 200 without a body.
    EMPTY200 = "empty200"
    #: HTTP 200 with something that is no JSON.
    GARBAGE = "garbage"
    # Of SCAIP alone; REST knows none of them.
    #: Takes the message and says SIP 202; the answer never comes.
    TAKEN_AND_MUTE = "taken_and_mute"
    #: Takes the message and answers twice.
    TWICE = "twice"
    #: Takes the message and answers before the SIP answer goes out.
    EARLY = "early"
    #: Takes the message and answers without a reference.
    NO_REFERENCE = "no_reference"
    #: Takes the message and wants to speak: `minutes` of callback, a heartbeat each `minutes`.
    CALLBACK = "callback"


#: The modes in which the message is taken before anything goes wrong.
TAKES: Final = frozenset(
    {Mode.SLOW, Mode.ACCEPT_AND_DIE, Mode.HUGE, Mode.TRICKLE}
    | {Mode.TAKEN_AND_MUTE, Mode.TWICE, Mode.EARLY, Mode.NO_REFERENCE, Mode.CALLBACK}
)
#: What only one of the two ways knows; the other goes on as if nothing were wrong.
SCAIP_ONLY: Final = frozenset(
    {Mode.TAKEN_AND_MUTE, Mode.TWICE, Mode.EARLY, Mode.NO_REFERENCE, Mode.CALLBACK}
)
REST_ONLY: Final = frozenset({Mode.HUGE, Mode.TRICKLE, Mode.REDIRECT})


class Only(StrEnum):
    """Which events a fault meets. Heartbeats and probes are both signs of life."""

    ALARM = "alarm"
    HEARTBEAT = "heartbeat"


class By(StrEnum):
    """Which way into the municipality a fault is on."""

    REST = "rest"
    SCAIP = "scaip"
    MQTT = "mqtt"


_CHECKS: Final[Mapping[str, Check]] = {
    "mode": one_of(*Mode),
    "seconds": seconds(3600),
    "status": number(400, 699),
    "snu": number(0, 99),
    "minutes": number(1, 60),
    "by": or_null(one_of(*By)),
    "retry_after": seconds(86_400),
    "count": or_null(number(1, 1_000_000)),
    "only": or_null(one_of(*Only)),
}
_BELONGS: Final = {
    "seconds": {Mode.SLOW},
    "status": {Mode.ERROR},
    "retry_after": {Mode.HOLD, Mode.BUSY},
    "snu": {Mode.REFUSE, Mode.REFUSE_FULL},
    "minutes": {Mode.CALLBACK},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault. `count` is how many more events it meets; None: until another is set.

    `by` is the way it is on, None for both.
    """

    mode: Mode = Mode.NONE
    seconds: float = 5.0
    status: int = 500
    retry_after: float | None = None
    count: int | None = None
    only: Only | None = None
    by: By | None = None
    snu: int = 2
    minutes: int = 5

    @classmethod
    def read(cls, value: object) -> Self:
        """Read a fault from parsed JSON.

        Raises:
            FieldError: no object, or a field is unknown, wrong or foreign to the mode.
        """
        if not isinstance(value, dict):
            raise FieldError("body", "a JSON object was expected")
        if "mode" not in value:
            raise FieldError("mode", "it is missing")
        for name, entry in value.items():
            if (check := _CHECKS.get(name)) is None:
                raise FieldError(str(name)[:64], f"only {', '.join(_CHECKS)} are known")
            if (words := check(entry)) is not None:
                raise FieldError(name, words)
        mode = Mode(value["mode"])
        for name, modes in _BELONGS.items():
            if value.get(name) is not None and mode not in modes:
                raise FieldError(name, f"it does not belong to {mode}")
        for name in ("count", "only"):
            if value.get(name) is not None and mode in {Mode.NONE, Mode.DOWN}:
                raise FieldError(name, f"{mode} knows no single events")
        only, by = value.get("only"), value.get("by")
        return cls(
            **{
                **value,
                "mode": mode,
                "only": None if only is None else Only(only),
                "by": None if by is None else By(by),
            }
        )

    def is_on(self, by: By) -> bool:
        """Whether this fault is on one of the two ways."""
        foreign = {
            By.REST: SCAIP_ONLY,
            By.SCAIP: REST_ONLY,
            By.MQTT: REST_ONLY | {Mode.CALLBACK, Mode.EARLY},
        }[by]
        return self.by in (None, by) and self.mode not in foreign

    def meets(self, event: Event, by: By = By.REST) -> bool:
        """Whether this fault is for such an event."""
        if not self.is_on(by):
            return False
        match self.only:
            case None:
                return True
            case Only.ALARM:
                return event.type.about_alarm
            case Only.HEARTBEAT:
                return not event.type.about_alarm

    def shown(self) -> dict[str, Any]:
        """The fault in JSON's types; only what belongs to its mode."""
        return {
            "mode": self.mode.value,
            "count": self.count,
            "only": self.only,
            "by": self.by,
            **{name: getattr(self, name) for name, modes in _BELONGS.items() if self.mode in modes},
        }


class Desk:
    """The fault in force."""

    def __init__(self) -> None:
        self.fault = Fault()

    def next_for(self, event: Event, by: By = By.REST) -> Fault:
        """The fault that meets this event, and one less of it; a fault of mode none otherwise."""
        fault = self.fault
        if fault.mode is Mode.NONE or not fault.meets(event, by):
            return Fault()
        if fault.mode is Mode.REFUSE_FULL and (event.minimal or not event.type.about_alarm):
            return Fault()
        if fault.count is not None:
            self.fault = replace(fault, count=fault.count - 1) if fault.count > 1 else Fault()
        return fault
