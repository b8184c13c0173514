"""What stands in a home file, row by row: the values, their keys and what each is for."""

# ruff: noqa: RUF009 - `key` and `nested` make the fields of a dataclass, as `field` does

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from ..access.settings import LEFT, MOST_VISITS, OLDEST_LIMITS, RELOCK, SLOT
from ..alarm.kinds import Location, Role
from ..alarm.reason import Language
from ..const import HEARTBEAT_LEAST, HEARTBEAT_MOST, RESIDENTS_MOST, Protocol, SourceType
from ..dispensing.fields import Field
from ..rule import Rule
from ..supervision.consent import TakenBy
from ..supervision.house import Dwelling
from ..supervision.identity import Identity, WatcherKind
from ..transmission.outlet import HEARTBEAT, Road, Takes
from ..transmission.tunnel import Enforcement
from .keys import (
    choice,
    day,
    flag,
    key,
    measure,
    moment,
    nested,
    one_of,
    span,
    text,
    texts,
    whole,
)

#: The version of this format: the first key of every file.
VERSION: Final = 1
#: A device's short number, at most.
NUMBER_MOST: Final = 9999
#: A receiver's order, at most.
ORDER_MOST: Final = 9
_ENTITY: Final = r"[a-z0-9_]+"


class PairedBy(StrEnum):
    """What a source may be in a file; one that has none is to be paired."""

    ENTITY = SourceType.ENTITY.value
    ZHA_EVENT = SourceType.ZHA_EVENT.value
    DISPENSER = SourceType.DISPENSER.value


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeRow:
    """The home itself."""

    controller: str = key(
        text("1 to 16 digits", r"[0-9]{1,16}"),
        "The home's number at the municipality. A file is for the home of this number and no other.",
    )
    label: str = key(
        text("1 to 40 characters", most=40),
        "What the home is called in Home Assistant. Never a name or a personal number.",
    )
    review: date | None = key(
        day(),
        "When the coordinator goes through the home again; a repair says when it is due.",
        None,
    )
    next_number: int = key(
        whole(1, NUMBER_MOST),
        "The number that the next device gets at the least: numbers are never used again.",
        1,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiverRow:
    """A receiver, without what is secret: that is typed in Home Assistant and stays there."""

    name: str = key(
        text("1 to 40 of `a-z`, `0-9` and `_`", r"[a-z0-9_]{1,40}"),
        "By this name a receiver is known again, and keeps its credentials.",
    )
    protocol: Protocol = key(choice(Protocol), "How it is spoken to.")
    url: str = key(text("an address", most=500), "Its address.")
    order: int = key(whole(1, ORDER_MOST), "Receivers are tried in this order.", 1)
    takes: Takes = key(choice(Takes), "What it takes.", Takes.ALARMS)
    language: Language = key(choice(Language), "In which language it is told.", Language.SV)
    heartbeat: int = key(
        whole(HEARTBEAT_LEAST, HEARTBEAT_MOST), "Seconds between signs of life.", HEARTBEAT
    )
    reached_by: Road = key(choice(Road), "By which of the home's ways it is reached.", Road.HOME)
    profile: str | None = key(
        text("a name or a profile", most=50_000, lines=True),
        "How it wants to be spoken to: a built-in profile's name, or a profile as JSON.",
        None,
    )
    ca_certificate: str | None = key(
        text("PEM", most=50_000, lines=True), "The authority that its certificate is of.", None
    )
    username: str | None = key(
        text("a name"), "By which name the home signs in; its password is typed.", None
    )
    transport: str | None = key(
        one_of(("profile", "udp", "tcp", "tls")), "Of SCAIP: what carries it.", None
    )
    proxy: str | None = key(text("an address", most=500), "Of SCAIP: the proxy.", None)
    registers: str | None = key(
        one_of(("profile", "yes", "no")), "Of SCAIP: whether the home signs in.", None
    )
    speech: str | None = key(text("an address", most=500), "Of SCAIP: the speech unit.", None)
    local_port: int | None = key(whole(0, 65535), "Of SCAIP: the port in the home.", None)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """What a device listens to, named by what outlives Home Assistant's own ids."""

    type: PairedBy = key(choice(PairedBy), "An entity, a Zigbee remote's commands, or a dispenser.")
    domain: str | None = key(text("a kind of entity", _ENTITY), "Of an entity: its kind.", None)
    platform: str | None = key(text("an integration", _ENTITY), "Of an entity: whose it is.", None)
    unique_id: str | None = key(text("a text"), "Of an entity: its id there.", None)
    ieee: str | None = key(text("a Zigbee address"), "Of a remote.", None)
    address: str | None = key(text("a Bluetooth address"), "Of a dispenser.", None)


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRow(SourceRow):
    """What another entity tells of a dispenser."""

    field: Field = key(choice(Field), "What it tells.")


@dataclass(frozen=True, slots=True, kw_only=True)
class LockRow:
    """How the entry is kept. The code itself is in the lock alone."""

    relock_minutes: int = key(whole(*RELOCK), "Minutes until it locks itself again.", 5)
    relock_always: bool = key(flag(), "Also when it was unlocked in any other way.", default=False)
    door_contact: int = key(
        whole(0, NUMBER_MOST), "The number of the device that says whether the door is shut.", 0
    )
    unlocked_minutes: int = key(whole(*LEFT), "Minutes until it is told as left unlocked.", 0)
    by_code: bool = key(flag(), "A code works while an alarm is open.", default=False)
    code_slot: int = key(whole(*SLOT), "Where the lock keeps the code.", 1)
    visits: str = key(
        text(f"up to {MOST_VISITS} times, such as `08:00-08:30`", least=0),
        "Times of day at which the code works.",
        "",
    )
    by_command: bool = key(flag(), "A receiver may have it unlocked.", default=False)
    alarm_minutes: int = key(whole(*OLDEST_LIMITS), "How old an alarm may be.", 60)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceRow:
    """A device. One that the home has by this number keeps its source; a new one is to be paired."""

    number: int = key(whole(1, NUMBER_MOST), "Its short number: given once, never used again.")
    role: Role = key(
        choice(tuple(role for role in Role if role not in (Role.HUB, Role.RULE))),
        "What it is for. The role of a device that is there cannot be changed.",
    )
    location: Location | None = key(
        choice(Location), "Where it is. Only a help button may be without.", None
    )
    resident: int = key(whole(0, RESIDENTS_MOST), "Whose it is; 0 is the home's.", 0)
    inverted: bool = key(flag(), "It says active where its role means idle.", default=False)
    active_above: float | None = key(measure(), "Of a number: above this it is active.", None)
    raised_from: float | None = key(measure(), "Of a lift: from this height it is raised.", None)
    strains_above: float | None = key(measure(), "Of a lift: above this power it strains.", None)
    lock: LockRow | None = nested(LockRow, "Of an entry lock: how the entry is kept.")
    source: SourceRow | None = nested(
        SourceRow, "What it listens to. It counts for a device that has no source yet."
    )
    fields: tuple[FieldRow, ...] = nested(
        FieldRow, "Of a dispenser: what other entities tell of it.", many=True
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRow:
    """One resident's consent to one function."""

    function: WatcherKind = key(choice(WatcherKind), "To which function.")
    resident: int = key(whole(1, RESIDENTS_MOST), "Whose.")
    basis: str = key(
        text("1 to 40 of `a-z`, `0-9` and `_`", r"[a-z0-9_]{1,40}"),
        "On which ground, of the municipality's table.",
    )
    taken_by: TakenBy = key(choice(TakenBy), "In which role it was taken.")
    given: datetime = key(moment(), "When it was given.")
    until: datetime | None = key(moment(), "When it runs out; without it, when withdrawn.", None)


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseRow:
    """A resident who is not watched for a while. One whose end has passed says nothing."""

    resident: int = key(whole(0, RESIDENTS_MOST), "Whose; 0 is the home.")
    until: datetime = key(moment(), "When it ends: 60 days ahead at most.")


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundRow:
    """A sound to be played."""

    media_content_id: str = key(text("a text", most=500), "Which one.")
    media_content_type: str = key(text("a text"), "Of which type.")


_LIGHT: Final = text("`light.…`", rf"light\.{_ENTITY}")
_PLAYER: Final = text("`media_player.…`", rf"media_player\.{_ENTITY}")


@dataclass(frozen=True, slots=True, kw_only=True)
class InputsRow:
    """How a resident is warned or shown the way: by which lamps, loudspeakers and words."""

    warning_lights: tuple[str, ...] | None = key(texts(_LIGHT, 20), "Lamps that light up.", None)
    warning_brightness: int | None = key(whole(1, 100), "How bright, percent.", None)
    warning_light_for: float | None = key(span(0, 86400), "For how long a reminder's light.", None)
    warning_players: tuple[str, ...] | None = key(texts(_PLAYER, 20), "Loudspeakers.", None)
    warning_voice: str | None = key(text("`tts.…`", rf"tts\.{_ENTITY}"), "The voice.", None)
    warning_message: str | None = key(
        text("a sentence", most=500), "What it says. It is said in the home and never sent.", None
    )
    warning_sound: SoundRow | None = nested(SoundRow, "A sound to be played.")
    warning_repeats: int | None = key(whole(0, 3), "How many more times.", None)
    warning_pause: float | None = key(span(0, 3600), "The time between them.", None)
    path_lights: tuple[str, ...] | None = key(texts(_LIGHT, 20), "Lamps that show the way.", None)
    path_brightness: int | None = key(whole(1, 100), "How bright, percent.", None)
    path_rise: int | None = key(whole(0, 60), "Seconds until they are.", None)
    path_fall: int | None = key(whole(0, 60), "Seconds until they are out.", None)


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule as its trigger would read it, and how the resident is warned."""

    rule: Rule
    inputs: InputsRow = field(default_factory=InputsRow)

    @property
    def identity(self) -> Identity:
        """Which watcher it is of."""
        return self.rule.identity


@dataclass(frozen=True, slots=True, kw_only=True)
class WayRow:
    """How alarms go out."""

    way: Enforcement = key(
        choice((Enforcement.INTERFACE, Enforcement.ROUTER, Enforcement.PRIVATE)),
        "By an interface of the hub, by the home's router, or to a family's own receiver.",
    )
    interface: str | None = key(text("a name", most=15), "Of the first: which.", None)
    nameservers: tuple[str, ...] | None = key(
        texts(text("a number"), 3), "Of the first: who is asked for names.", None
    )
    second: str | None = key(text("a name", most=15), "The interface of a second way.", None)


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeFile:
    """A home file. A section that is None is not in it, and is left as it is in the home."""

    home: HomeRow
    dwelling: Dwelling | None = None
    way_out: WayRow | None = None
    receivers: tuple[ReceiverRow, ...] | None = None
    devices: tuple[DeviceRow, ...] | None = None
    consents: tuple[ConsentRow, ...] | None = None
    pauses: tuple[PauseRow, ...] | None = None
    rules: tuple[RuleRow, ...] | None = None


#: The sections that are lists of rows, with what each row is known by.
LISTS: Final[Mapping[str, tuple[type[Any], tuple[str, ...]]]] = {
    "receivers": (ReceiverRow, ("name",)),
    "devices": (DeviceRow, ("number",)),
    "consents": (ConsentRow, ("function", "resident")),
    "pauses": (PauseRow, ("resident",)),
}
