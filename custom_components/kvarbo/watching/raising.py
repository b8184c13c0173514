"""From a watcher's verdict to an alarm, its all-clear, or a technical alarm about the rule itself."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
import logging
from typing import Final

from ..alarm.alarm import Alarm, Source
from ..alarm.happening import ENDS, Happening, Raised
from ..alarm.kinds import KINDS, AlarmKind, Owner, ReasonCode, Role
from ..alarm.request import AlarmRequest, BadRequestError
from ..chain import Chain
from ..journal.changes import PutWatcher
from ..supervision.ceiling import URGENT, NightCeiling, Ruling
from ..supervision.identity import Identity, watcher_of
from ..supervision.sensing import Sensor
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
    FaultKind.REFUSED: (AlarmKind.RULE_FAULT, ReasonCode.LACKS_SENSORS),
    FaultKind.BROKEN: (AlarmKind.RULE_FAULT, ReasonCode.NOT_ANSWERED),
}


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of a rule's alarm: raised or merged, or held back over the ceiling (None)."""

    raised: Raised | None
    ruling: Ruling


class Raising:
    """Turns what watchers tell into alarms."""

    def __init__(
        self, chain: Chain, ceiling: NightCeiling, sensor: Callable[[int], Sensor | None]
    ) -> None:
        """Raise through this desk; `sensor` finds a sensor by its short number."""
        self.ceiling = ceiling
        self._chain = chain
        self._sensor = sensor
        self._merged: dict[str, str] = {}
        self._gone: dict[str, None] = {}

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
            reason=ReasonCode.WATCHED,
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
        default = KINDS[request.kind].priority
        priority = default if request.priority is None else request.priority
        first = KINDS[request.kind].first
        if (known := self._chain.ledger.episode(request.episode)) is not None:
            return Answered(Raised(known, durable=True, merged=True), Ruling.MERGE)
        ruling = Ruling.RAISE if first else self.ceiling.rule(identity, priority, at)
        if ruling is Ruling.MERGE and (raised := await self._repeat(heard, request, actor)):
            await self._clear_if_gone(episode, raised.alarm.episode)
            return Answered(raised, ruling)
        if ruling is Ruling.HOLD:
            await self._hold(heard, at)
            return Answered(None, ruling)
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

    async def recovered(self, heard: Heard) -> None:
        """The cause has gone: the home queues the all-clear, whoever raised the alarm."""
        episode = heard.verdict.episode
        of_alarm = self._merged.pop(episode, episode)
        if self._chain.ledger.episode(of_alarm) is None:
            # The alarm may be raised yet: then both go, and in this order (A11).
            self._gone[episode] = None
            while len(self._gone) > _REMEMBERED:
                del self._gone[next(iter(self._gone))]
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
        sensor = self._sensor(verdict.sensor)
        request = AlarmRequest(
            kind=kind,
            reason=reason,
            source=self._source(verdict),
            location=None if sensor is None else sensor.room,
            resident=0,
            episode=f"{prefix}{int(verdict.at)}",
            sensed_at=moment(verdict.since),
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

    async def _repeat(self, heard: Heard, request: AlarmRequest, actor: str) -> Raised | None:
        alarm_id = self.ceiling.alarm_of(heard.identity)
        alarm = None if alarm_id is None else self._chain.ledger.alarms.get(alarm_id)
        if alarm is None or not alarm.is_open:
            self.ceiling.ended(heard.identity)
            return None
        try:
            raised = await self._chain.repeat(
                alarm.id, actor, seen_at=request.seen_at, seen_in=request.seen_in
            )
        except BadRequestError:
            # It ended in the same moment.
            self.ceiling.ended(heard.identity)
            return None
        self._merged[heard.verdict.episode] = alarm.episode
        return replace(raised, merged=True)

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
        self._chain.ledger.post(PutWatcher(CEILING_ROW, None, self.ceiling.to_json()))

    def _open_faults(self, prefix: str) -> list[Alarm]:
        return [a for a in self._chain.ledger.open_alarms() if a.episode.startswith(prefix)]

    def _source(self, verdict: Verdict) -> Source:
        sensor = self._sensor(verdict.sensor)
        return Source(0, Role.RULE) if sensor is None else Source(sensor.number, sensor.role)


_REASONS: Final = frozenset(reason for _, reason in _FAULTS.values())


def fault_prefix(identity: Identity, fault: FaultKind, sensor: int) -> str:
    """Return how the episodes of a rule's fault begin: it is found again after a restart by it."""
    return f"f{identity}:{fault}:{sensor}@"


def moment(at: float) -> datetime:
    """Return home time as the alarm chain has it (aware, UTC)."""
    return datetime.fromtimestamp(at, UTC)
