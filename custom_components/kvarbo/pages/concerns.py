"""What needs a person, worst first: what is silent, overdue or noisy, each with the next thing to do (R35, R60). Pure.

A concern is shown, and ends by itself when its cause is gone. It raises nothing: what must be told outside of the home
is a technical alarm already.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from ..alarm.kinds import AlarmKind
from ..devices.vitals import Ailment
from ..supervision.slot import Standing
from ..supervision.stages import FaultKind
from .facts import DeviceFacts, FaultFacts, HomeFacts, ReceiverFacts, RuleFacts, Sight

#: So often within 30 days the same is no chance: the rule is to be looked at (F2).
OFTEN: Final = 3


class ConcernKind(StrEnum):
    """What is wrong, worst first: a list of them is in this order."""

    # Nobody might hear of an alarm.
    UNDELIVERED = "undelivered"
    NO_RECEIVER = "no_receiver"
    JOURNAL_FAULT = "journal_fault"
    PATH_LOST = "path_lost"
    RECEIVER_LOST = "receiver_lost"
    CREDENTIALS_REFUSED = "credentials_refused"
    RECEIVER_SETTINGS = "receiver_settings"
    TWO_HUBS = "two_hubs"
    RADIO_LOST = "radio_lost"
    MAINS_LOST = "mains_lost"
    FORM_REFUSED = "form_refused"
    CLOCK_FAULT = "clock_fault"
    JOURNAL_RESTORED = "journal_restored"
    CHAIN_UNPROVEN = "chain_unproven"
    # A device might not call.
    DEVICE_MISSING = "device_missing"
    DEVICE_SILENT = "device_silent"
    DEVICE_UNPLUGGED = "device_unplugged"
    DEVICE_BATTERY = "device_battery"
    DEVICE_TAMPER = "device_tamper"
    DEVICE_TROUBLE = "device_trouble"
    LOCK_FAULT = "lock_fault"
    DEVICE_BLIND = "device_blind"
    DEVICE_MISFIT = "device_misfit"
    DEVICE_WEAK = "device_weak"
    DEVICE_UNTRIED = "device_untried"
    DEVICE_FADING = "device_fading"
    # A rule cannot alarm, or alarms too much.
    RULE_BROKEN = "rule_broken"
    RULE_NOT_ANSWERED = "rule_not_answered"
    RULE_NOT_ATTACHED = "rule_not_attached"
    RULE_BLIND = "rule_blind"
    RULE_LACKS_SENSORS = "rule_lacks_sensors"
    RULE_REFUSED = "rule_refused"
    RULE_SETTINGS_DIFFER = "rule_settings_differ"
    RULE_NO_CONSENT = "rule_no_consent"
    RULE_HELD_BACK = "rule_held_back"
    RULE_NOISY = "rule_noisy"


class Next(StrEnum):
    """The next thing to do, as the key of its text."""

    USE_RESERVE = "use_reserve"
    ADD_RECEIVER = "add_receiver"
    CHECK_DISK = "check_disk"
    CHECK_NETWORK = "check_network"
    CALL_RECEIVER = "call_receiver"
    RENEW_CREDENTIALS = "renew_credentials"
    MEND_SETTINGS = "mend_settings"
    STOP_OTHER_HUB = "stop_other_hub"
    CHECK_RADIO = "check_radio"
    CHECK_POWER = "check_power"
    MEND_PROFILE = "mend_profile"
    CHECK_CLOCK = "check_clock"
    READ_RESTORED = "read_restored"
    AWAIT_PROOF = "await_proof"
    PAIR_AGAIN = "pair_again"
    TRY_DEVICE = "try_device"
    PLUG_IN = "plug_in"
    CHANGE_BATTERY = "change_battery"
    CLOSE_DEVICE = "close_device"
    REPLACE_DEVICE = "replace_device"
    SEE_LOCK = "see_lock"
    SEE_DEVICE = "see_device"
    SEE_CONTACT = "see_contact"
    MOVE_DEVICE = "move_device"
    TEST_DEVICE = "test_device"
    REPORT_FAULT = "report_fault"
    MEND_AUTOMATION = "mend_automation"
    TURN_ON_AUTOMATION = "turn_on_automation"
    SEE_SENSORS = "see_sensors"
    ADD_SENSORS = "add_sensors"
    STATE_DWELLING = "state_dwelling"
    KEEP_ONE = "keep_one"
    RECORD_CONSENT = "record_consent"
    REVIEW_RULE = "review_rule"


@dataclass(frozen=True, slots=True, kw_only=True)
class Concern:
    """One thing that needs a person.

    It is about a device by its number, a rule by its identity, a receiver by its place or a way by its name; about
    the home itself where all are empty. `since` None is not known. `count` is how many, where it counts.
    """

    kind: ConcernKind
    since: datetime | None = None
    device: int = 0
    rule: str = ""
    resident: int = 0
    name: str = ""
    receiver: int = 0
    way: str = ""
    count: int = 0

    @property
    def next(self) -> Next:
        """The next thing to do."""
        return NEXT[self.kind]

    @property
    def sight(self) -> Sight:
        """What one must be allowed to look at to be told of it."""
        return Sight.HOME if self.rule else Sight.DEVICES


#: What to do about each.
NEXT: Final = {
    ConcernKind.UNDELIVERED: Next.USE_RESERVE,
    ConcernKind.NO_RECEIVER: Next.ADD_RECEIVER,
    ConcernKind.JOURNAL_FAULT: Next.CHECK_DISK,
    ConcernKind.PATH_LOST: Next.CHECK_NETWORK,
    ConcernKind.RECEIVER_LOST: Next.CALL_RECEIVER,
    ConcernKind.CREDENTIALS_REFUSED: Next.RENEW_CREDENTIALS,
    ConcernKind.RECEIVER_SETTINGS: Next.MEND_SETTINGS,
    ConcernKind.TWO_HUBS: Next.STOP_OTHER_HUB,
    ConcernKind.RADIO_LOST: Next.CHECK_RADIO,
    ConcernKind.MAINS_LOST: Next.CHECK_POWER,
    ConcernKind.FORM_REFUSED: Next.MEND_PROFILE,
    ConcernKind.CLOCK_FAULT: Next.CHECK_CLOCK,
    ConcernKind.JOURNAL_RESTORED: Next.READ_RESTORED,
    ConcernKind.CHAIN_UNPROVEN: Next.AWAIT_PROOF,
    ConcernKind.DEVICE_MISSING: Next.PAIR_AGAIN,
    ConcernKind.DEVICE_SILENT: Next.TRY_DEVICE,
    ConcernKind.DEVICE_UNPLUGGED: Next.PLUG_IN,
    ConcernKind.DEVICE_BATTERY: Next.CHANGE_BATTERY,
    ConcernKind.DEVICE_TAMPER: Next.CLOSE_DEVICE,
    ConcernKind.DEVICE_TROUBLE: Next.REPLACE_DEVICE,
    ConcernKind.LOCK_FAULT: Next.SEE_LOCK,
    ConcernKind.DEVICE_BLIND: Next.SEE_DEVICE,
    ConcernKind.DEVICE_MISFIT: Next.SEE_CONTACT,
    ConcernKind.DEVICE_WEAK: Next.MOVE_DEVICE,
    ConcernKind.DEVICE_UNTRIED: Next.TEST_DEVICE,
    ConcernKind.DEVICE_FADING: Next.MOVE_DEVICE,
    ConcernKind.RULE_BROKEN: Next.REPORT_FAULT,
    ConcernKind.RULE_NOT_ANSWERED: Next.MEND_AUTOMATION,
    ConcernKind.RULE_NOT_ATTACHED: Next.TURN_ON_AUTOMATION,
    ConcernKind.RULE_BLIND: Next.SEE_SENSORS,
    ConcernKind.RULE_LACKS_SENSORS: Next.ADD_SENSORS,
    ConcernKind.RULE_REFUSED: Next.STATE_DWELLING,
    ConcernKind.RULE_SETTINGS_DIFFER: Next.KEEP_ONE,
    ConcernKind.RULE_NO_CONSENT: Next.RECORD_CONSENT,
    ConcernKind.RULE_HELD_BACK: Next.REVIEW_RULE,
    ConcernKind.RULE_NOISY: Next.REVIEW_RULE,
}

#: Faults of the chain that are a concern of the same name; what ails a device is read from the device itself.
_OF_CHAIN: Final = frozenset(
    {
        AlarmKind.JOURNAL_FAULT,
        AlarmKind.PATH_LOST,
        AlarmKind.RECEIVER_LOST,
        AlarmKind.CREDENTIALS_REFUSED,
        AlarmKind.TWO_HUBS,
        AlarmKind.RADIO_LOST,
        AlarmKind.MAINS_LOST,
        AlarmKind.FORM_REFUSED,
        AlarmKind.CLOCK_FAULT,
        AlarmKind.JOURNAL_RESTORED,
        AlarmKind.LOCK_FAULT,
    }
)
_OF_AILMENT: Final = {
    Ailment.SILENT: ConcernKind.DEVICE_SILENT,
    Ailment.BATTERY: ConcernKind.DEVICE_BATTERY,
    Ailment.WEAK: ConcernKind.DEVICE_WEAK,
    Ailment.TAMPER: ConcernKind.DEVICE_TAMPER,
    Ailment.TROUBLE: ConcernKind.DEVICE_TROUBLE,
    Ailment.DARK: ConcernKind.DEVICE_UNPLUGGED,
}
#: What a rule has found of one sensor.
_FOUND: Final = {
    FaultKind.SILENT: ConcernKind.DEVICE_SILENT,
    FaultKind.SEES_NOTHING: ConcernKind.DEVICE_BLIND,
    FaultKind.UNPLUGGED: ConcernKind.DEVICE_UNPLUGGED,
    FaultKind.MISFIT: ConcernKind.DEVICE_MISFIT,
}
_OF_RULE: Final = {
    FaultKind.BLIND: ConcernKind.RULE_BLIND,
    FaultKind.NOT_ANSWERED: ConcernKind.RULE_NOT_ANSWERED,
    FaultKind.NOT_ATTACHED: ConcernKind.RULE_NOT_ATTACHED,
    FaultKind.SETTINGS_DIFFER: ConcernKind.RULE_SETTINGS_DIFFER,
    FaultKind.LACKS_SENSORS: ConcernKind.RULE_LACKS_SENSORS,
    FaultKind.REFUSED: ConcernKind.RULE_REFUSED,
    FaultKind.BROKEN: ConcernKind.RULE_BROKEN,
}
_ORDER: Final = {kind: place for place, kind in enumerate(ConcernKind)}
#: A device without any concern comes after all that have one.
_WELL: Final = len(_ORDER)
#: The ends of the scales on which a link is compared: LQI of 255, and dBm.
_BEST_LQI: Final = 255.0
_WORST_DBM, _BEST_DBM = -100.0, -40.0


def concerns_of(home: HomeFacts, sights: Collection[str]) -> list[Concern]:
    """Return what needs a person, worst first, as far as somebody with these sights may know of it."""
    found = [
        *_of_chain(home),
        *(concern for receiver in home.receivers for concern in _of_receiver(receiver)),
        *(concern for fault in home.faults for concern in _of_fault(fault)),
        *(concern for device in home.devices for concern in _of_device(device)),
        *(concern for rule in home.rules for concern in _of_rule(rule)),
    ]
    allowed = [concern for concern in found if concern.sight in sights]
    return sorted(allowed, key=lambda c: (_ORDER[c.kind], c.receiver, c.device, c.rule, c.resident))


def worst_first(devices: Collection[DeviceFacts]) -> list[DeviceFacts]:
    """Return devices by what ails them, then by how well they are reached, the worst first."""
    return sorted(devices, key=lambda device: (_severity(device), _link(device), device.number))


def _severity(device: DeviceFacts) -> int:
    return min((_ORDER[concern.kind] for concern in _of_device(device)), default=_WELL)


def _link(device: DeviceFacts) -> float:
    """Return how well a device is reached, 0 to 1; above that where it is not known."""
    if device.signal is not None:
        return device.signal / _BEST_LQI
    if device.signal_dbm is not None:
        return (device.signal_dbm - _WORST_DBM) / (_BEST_DBM - _WORST_DBM)
    return 2.0


def _of_chain(home: HomeFacts) -> Iterator[Concern]:
    chain = home.chain
    if chain.undelivered:
        yield Concern(
            kind=ConcernKind.UNDELIVERED, since=chain.undelivered_since, count=chain.undelivered
        )
    if not home.receivers:
        yield Concern(kind=ConcernKind.NO_RECEIVER)
    elif not chain.proven:
        yield Concern(kind=ConcernKind.CHAIN_UNPROVEN, since=chain.tested_at)


def _of_receiver(receiver: ReceiverFacts) -> Iterator[Concern]:
    if receiver.problem is not None:
        yield Concern(kind=ConcernKind.RECEIVER_SETTINGS, receiver=receiver.place)


def _of_fault(fault: FaultFacts) -> Iterator[Concern]:
    if fault.kind in _OF_CHAIN:
        yield Concern(
            kind=ConcernKind(fault.kind),
            since=fault.since,
            receiver=fault.receiver,
            device=fault.device,
            way=fault.way,
        )


def _of_device(device: DeviceFacts) -> Iterator[Concern]:
    if device.is_missing or device.is_unusable:
        # Whatever else is known of it is of before.
        yield Concern(kind=ConcernKind.DEVICE_MISSING, device=device.number)
        return
    kinds = {_OF_AILMENT[ailment] for ailment in device.ailments}
    # Two parts may have found the same: it is one concern (R60).
    kinds |= {_FOUND[fault] for fault in device.found if fault in _FOUND}
    for kind in kinds:
        yield Concern(kind=kind, device=device.number, since=device.since)
    if device.is_untried:
        yield Concern(kind=ConcernKind.DEVICE_UNTRIED, device=device.number)
    if device.is_fading:
        yield Concern(kind=ConcernKind.DEVICE_FADING, device=device.number)


def _of_rule(rule: RuleFacts) -> Iterator[Concern]:
    def concern(kind: ConcernKind, since: datetime | None = None, count: int = 0) -> Concern:
        return Concern(
            kind=kind,
            rule=rule.rule,
            resident=rule.resident,
            name=rule.name,
            since=since,
            count=count,
        )

    for fault, since in rule.warnings.items():
        if fault in _OF_RULE and (not rule.technical or fault is FaultKind.BROKEN):
            yield concern(_OF_RULE[fault], since)
    if rule.technical:
        return
    if rule.standing is Standing.NO_CONSENT and rule.is_listened_to:
        yield concern(ConcernKind.RULE_NO_CONSENT, rule.standing_since)
    if rule.held_back:
        yield concern(ConcernKind.RULE_HELD_BACK, count=rule.held_back)
    if rule.often >= OFTEN:
        yield concern(ConcernKind.RULE_NOISY, count=rule.often)
