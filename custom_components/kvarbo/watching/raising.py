"""From a watcher's verdict to an alarm, its all-clear, or a technical alarm about the rule itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
import logging
from typing import Any, Final

from ..alarm.alarm import Alarm, Source
from ..alarm.happening import ENDS, Happening, Raised
from ..alarm.kinds import KINDS, LIFE, AlarmKind, Owner, ReasonCode, Role
from ..alarm.request import AlarmRequest, BadRequestError
from ..chain import Chain
from ..journal.changes import Json, PutWatcher
from ..supervision.ceiling import URGENT, NightCeiling, Ruling
from ..supervision.identity import Identity, watcher_of
from ..supervision.sensing import Pose, Sensor
from ..supervision.stages import FaultKind, Verdict
from ..supervision.supervisor import Heard

_LOGGER = logging.getLogger(__name__)

#: Who raises when nobody has answered, and who tells of faults, in the audit trail.
ACTOR: Final = "watcher"
CEILING_ROW: Final = "~ceiling"
#: A cause that ended before its alarm was raised is remembered for so many.
_REMEMBERED: Final = 100

#: What comes so often within 30 days is no more alarms' business but a review's (F2, R18).
REVIEW_FROM: Final = 3

#: Water on the floor and a stove that is on do not wait for the morning, however many alarms came
#: before.
NEVER_HELD: Final = frozenset({AlarmKind.FLOOD, AlarmKind.HEAT_LEFT_ON})

_FAULTS: Final = {
    FaultKind.BLIND: (AlarmKind.RULE_FAULT, ReasonCode.BLIND),
    FaultKind.MISFIT: (AlarmKind.DEVICE_FAULT, ReasonCode.MISFIT),
    FaultKind.UNPLUGGED: (AlarmKind.DEVICE_FAULT, ReasonCode.UNPLUGGED),
    FaultKind.SILENT: (AlarmKind.DEVICE_SILENT, ReasonCode.SILENT),
    FaultKind.SEES_NOTHING: (AlarmKind.DEVICE_BLIND, ReasonCode.SEES_NOTHING),
    FaultKind.NOT_ANSWERED: (AlarmKind.RULE_FAULT, ReasonCode.NOT_ANSWERED),
    FaultKind.NOT_ATTACHED: (AlarmKind.RULE_FAULT, ReasonCode.NOT_ATTACHED),
    FaultKind.SETTINGS_DIFFER: (AlarmKind.RULE_FAULT, ReasonCode.SETTINGS_DIFFER),
    FaultKind.LACKS_SENSORS: (AlarmKind.RULE_FAULT, ReasonCode.LACKS_SENSORS),
    FaultKind.REFUSED: (AlarmKind.RULE_FAULT, ReasonCode.CANNOT_TELL),
    FaultKind.BROKEN: (AlarmKind.RULE_FAULT, ReasonCode.RULE_BROKEN),
}


#: What a lift's alarm says where it is known how it stood.
_POSES: Final = {
    Pose.RAISED: ReasonCode.LIFT_RAISED,
    Pose.MIDWAY: ReasonCode.LIFT_MIDWAY,
    Pose.STUCK: ReasonCode.LIFT_STUCK,
    Pose.MOVING: ReasonCode.LIFT_MOVING,
}

#: Faults with which a rule sees nothing. With the others the home raises its alarm all the same.
_DISABLES: Final = frozenset({FaultKind.BLIND, FaultKind.LACKS_SENSORS, FaultKind.REFUSED})


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of a rule's alarm: raised or merged, or held back over the ceiling (None)."""

    raised: Raised | None
    ruling: Ruling


class Raising:
    """Turns what watchers tell into alarms."""

    def __init__(
        self,
        chain: Chain,
        ceiling: NightCeiling,
        sensor: Callable[[int], Sensor | None],
        is_night: Callable[[float], bool],
    ) -> None:
        """Raise through this desk; `sensor` finds a sensor by its short number.

        `is_night` tells whether an instant lies in the home's night hours: only then is anything
        held back.
        """
        self.ceiling = ceiling
        self._chain = chain
        self._sensor = sensor
        self._is_night = is_night
        #: Causes whose alarm goes by another episode: a repeat's first, or a new one.
        self._merged: dict[str, str] = {}
        self._gone: dict[str, None] = {}
        #: Causes that fired anew under a name whose alarm was cleared or had ended.
        self._anew: dict[str, None] = {}

    def load(self, raw: object) -> None:
        """Take in what was kept of the night."""
        self.ceiling.load(raw)
        merged = raw.get("merged") if isinstance(raw, Mapping) else None
        if isinstance(merged, Mapping):
            self._merged = {str(k): str(v) for k, v in merged.items()} | self._merged

    # -- alarms ----------------------------------------------------------------------------------

    def request_of(self, heard: Heard) -> AlarmRequest:
        """Return the alarm that a watcher's stage asks for, as its trigger's options say (S5, S8)."""
        watcher, verdict = heard.watcher, heard.verdict
        assert watcher.alarm_kind is not None  # noqa: S101 - only such a stage is ever open
        sensor = self._sensor(verdict.sensor)
        place = sensor.room if sensor is not None else verdict.seen_in
        return AlarmRequest(
            kind=watcher.alarm_kind,
            source=self._source(verdict),
            location=place,
            resident=heard.identity.resident,
            reason=reason_of(verdict.pose),
            episode=verdict.episode,
            priority=heard.options.priority,
            sensed_at=moment(verdict.since),
            owner=heard.options.owner,
            seen_at=None if verdict.seen_at is None else moment(verdict.seen_at),
            seen_in=verdict.seen_in,
        )

    async def raise_alarm(
        self, heard: Heard, request: AlarmRequest, actor: str, at: float
    ) -> Answered:
        """Raise a watcher's alarm, under the night's ceiling (R60).

        Raises `BadRequestError` as the desk does.
        """
        identity, episode = heard.identity, heard.verdict.episode
        # By the more urgent of what the rule is and what the call makes of it: whoever answers may
        # state another kind and priority, but not have an alarm held back by it (A11).
        asked, own = KINDS[request.kind], KINDS[heard.watcher.alarm_kind or request.kind]
        of_call = asked.priority if request.priority is None else request.priority
        of_rule = own.priority if heard.options.priority is None else heard.options.priority
        priority, first = max(of_call, of_rule), asked.first or own.first
        known = self._chain.ledger.episode(self._merged.get(episode, episode))
        if known is not None:
            if self._anew.pop(episode, False) is not None:
                same = replace(request, episode=known.episode)
                answer = await self._chain.raise_alarm(same, actor)
                # Who raised it may have been cut off before it came to this.
                await self._clear_if_gone(episode, known.episode)
                return Answered(answer, Ruling.MERGE)
            if repeated := await self._repeat(known, heard, request, actor):
                await self._clear_if_gone(episode, known.episode)
                return Answered(repeated, Ruling.MERGE)
            # That one has ended; this is a new alarm of a cause whose name is taken.
            request = replace(request, episode=identity.episode(at))
        ruling = Ruling.RAISE if first else self.ceiling.rule(identity, priority, at)
        if ruling is Ruling.MERGE:
            if repeated := await self._repeat(self._of_night(identity), heard, request, actor):
                await self._clear_if_gone(episode, repeated.alarm.episode)
                return Answered(repeated, ruling)
            self.ceiling.ended(identity)
        if ruling is Ruling.HOLD:
            if self._is_night(at) and request.kind not in NEVER_HELD:
                await self._hold(heard, at)
                return Answered(None, ruling)
            ruling = Ruling.RAISE
        if request.episode != episode:
            self._merged[episode] = request.episode
        raised = await self._chain.raise_alarm(request, actor)
        if not first:
            self.ceiling.raised(identity, raised.alarm.id, urgent=priority >= URGENT)
            self._keep_ceiling()
        await self._clear_if_gone(episode, request.episode)
        return Answered(raised, Ruling.RAISE)

    async def _clear_if_gone(self, episode: str, of_alarm: str) -> None:
        """Let the all-clear follow at once where the cause had ended before its alarm was raised."""
        if self._gone.pop(episode, False) is None:
            await self._chain.clear(of_alarm, ACTOR)

    def fired(self, episode: str) -> None:
        """A cause has come to its alarm, which is not raised yet.

        One cause may fire twice: a stove that was minded for a while, a bed that is occupied still
        when a pause ends. What became of it the first time says nothing of the second.
        """
        self._gone.pop(episode, None)
        known = self._chain.ledger.episode(self._merged.get(episode, episode))
        if known is not None and (not known.is_open or known.cleared_at is not None):
            self._anew[episode] = None
            _bound(self._anew)

    def went(self, episode: str) -> None:
        """A cause has gone whose alarm is not raised yet: then both go, and in this order (A11)."""
        self._gone[episode] = None
        _bound(self._gone)

    async def recovered(self, heard: Heard) -> None:
        """The cause has gone: the home queues the all-clear, whoever raised the alarm."""
        episode = heard.verdict.episode
        of_alarm = self._merged.pop(episode, episode)
        if of_alarm != episode:
            self._keep_ceiling()
        if self._chain.ledger.episode(of_alarm) is None or episode in self._anew:
            self.went(episode)
            return
        await self._chain.clear(of_alarm, ACTOR)

    def happened(self, happening: Happening) -> None:
        """Follow what becomes of alarms: after the end of one, the same cause is a new alarm."""
        if happening.what not in ENDS:
            return
        identity = watcher_of(happening.alarm.episode)
        if identity is not None and self.ceiling.alarm_of(identity) == happening.alarm.id:
            self.ceiling.ended(identity)
            self._keep_ceiling()

    # -- faults ----------------------------------------------------------------------------------

    async def fault(self, identity: Identity, verdict: Verdict) -> None:
        """Tell the receivers that a rule or a device cannot be leaned on, once (S4, S9, A8)."""
        assert verdict.fault is not None  # noqa: S101 - told only with a fault
        prefix = fault_prefix(identity, verdict.fault, verdict.sensor)
        if self._open_faults(prefix) or verdict.count >= REVIEW_FROM:
            return
        kind, reason = _FAULTS[verdict.fault]
        by_radio = (kind, str(verdict.sensor)) in self._chain.faults.open
        if by_radio and verdict.fault is FaultKind.SILENT:
            # Its radio has told of it already (R60).
            return
        sensor = self._sensor(verdict.sensor)
        request = AlarmRequest(
            kind=kind,
            reason=reason,
            source=self._source(verdict),
            location=None if sensor is None else sensor.room,
            resident=0,
            episode=f"{prefix}{int(verdict.at)}",
            sensed_at=moment(verdict.since),
            priority=LIFE if _guards_a_life(identity, verdict.fault) else None,
            owner=Owner.OPERATIONS,
        )
        await self._chain.raise_alarm(request, ACTOR)

    async def mended(self, identity: Identity, fault: FaultKind, sensor: int) -> None:
        """Tell that it can be leaned on again."""
        for alarm in self._open_faults(fault_prefix(identity, fault, sensor)):
            await self._chain.clear(alarm.episode, ACTOR)

    async def sweep(self, standing: frozenset[str]) -> None:
        """End technical alarms of rules whose fault is not there any more, as after a restart.

        `standing` are the prefixes of those that are.
        """
        for alarm in self._open_faults("f"):
            if alarm.reason in _REASONS and f"{alarm.episode.rpartition('@')[0]}@" not in standing:
                await self._chain.clear(alarm.episode, ACTOR)

    async def hub_was_off(self, begin: float, end: float) -> None:
        """Tell from when to when nothing was watched (S3); it is over as it is told."""
        request = AlarmRequest(
            kind=AlarmKind.RULE_FAULT,
            reason=ReasonCode.HUB_WAS_OFF,
            episode=f"hoff@{int(begin)}",
            sensed_at=moment(begin),
            until=moment(end),
            owner=Owner.OPERATIONS,
        )
        await self._chain.raise_alarm(request, ACTOR)
        await self._chain.clear(request.episode, ACTOR)

    # -- its own ---------------------------------------------------------------------------------

    async def _repeat(
        self, alarm: Alarm | None, heard: Heard, request: AlarmRequest, actor: str
    ) -> Raised | None:
        """Count the cause on the alarm that is there; None when that has ended."""
        if alarm is None or not alarm.is_open:
            return None
        try:
            raised = await self._chain.repeat(
                alarm.id, actor, seen_at=request.seen_at, seen_in=request.seen_in
            )
        except BadRequestError:
            # It ended in the same moment.
            return None
        if alarm.episode != heard.verdict.episode:
            self._merged[heard.verdict.episode] = alarm.episode
            self._keep_ceiling()
        return replace(raised, merged=True)

    def _of_night(self, identity: Identity) -> Alarm | None:
        alarm_id = self.ceiling.alarm_of(identity)
        return None if alarm_id is None else self._chain.ledger.alarms.get(alarm_id)

    async def _hold(self, heard: Heard, at: float) -> None:
        first = self.ceiling.held(heard.identity, at)
        self._keep_ceiling()
        _LOGGER.warning("An alarm of %s is over the night's ceiling", heard.identity)
        if first:
            request = AlarmRequest(
                kind=AlarmKind.RULE_FAULT,
                reason=ReasonCode.CEILING,
                episode=f"hceiling@{int(at)}",
                sensed_at=moment(at),
                owner=Owner.OPERATIONS,
            )
            await self._chain.raise_alarm(request, ACTOR)
            await self._chain.clear(request.episode, ACTOR)

    def _keep_ceiling(self) -> None:
        _bound(self._merged)
        row: dict[str, Json] = {**self.ceiling.to_json(), "merged": {**self._merged}}
        self._chain.ledger.post(PutWatcher(CEILING_ROW, None, row))

    def _open_faults(self, prefix: str) -> list[Alarm]:
        return [a for a in self._chain.ledger.open_alarms() if a.episode.startswith(prefix)]

    def _source(self, verdict: Verdict) -> Source:
        sensor = self._sensor(verdict.sensor)
        return Source(0, Role.RULE) if sensor is None else Source(sensor.number, sensor.role)


def reason_of(pose: Pose | None) -> ReasonCode:
    """Return why a watcher's alarm is raised, by how the lift stood that it is about; None: about no lift."""
    return ReasonCode.WATCHED if pose is None else _POSES.get(pose, ReasonCode.WATCHED)


def _guards_a_life(identity: Identity, fault: FaultKind) -> bool:
    """Tell whether a rule that guards a life cannot do so now: it must not wait for the morning."""
    if fault not in _DISABLES or identity.kind not in AlarmKind:
        return False
    return KINDS[AlarmKind(identity.kind)].priority >= URGENT


def _bound(episodes: dict[str, Any]) -> None:
    while len(episodes) > _REMEMBERED:
        del episodes[next(iter(episodes))]


_REASONS: Final = frozenset(reason for _, reason in _FAULTS.values())


def fault_prefix(identity: Identity, fault: FaultKind, sensor: int) -> str:
    """Return how the episodes of a rule's fault begin: it is found again after a restart by it."""
    return f"f{identity}:{fault}:{sensor}@"


def moment(at: float) -> datetime:
    """Return home time as the alarm chain has it (aware, UTC)."""
    return datetime.fromtimestamp(at, UTC)
