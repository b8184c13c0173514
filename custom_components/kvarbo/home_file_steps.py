"""The steps of a home file's applying, each of which can be done again without harm.

Only automations that a file has made are touched, known by their id; a rule that a person's own
automation runs stays with it.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import SERVICE_RELOAD
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.util.file import write_utf8_file_atomic

from .alarm.reason import Language, role_text, rule_text
from .blueprint_offer import AUTOMATION, async_offer_blueprints
from .const import (
    CONF_DWELLING,
    CONF_LABEL,
    CONF_NEXT_NUMBER,
    CONF_NUMBER,
    CONF_REVIEW,
    CONF_WAY_OUT,
    DOMAIN,
    SUBENTRY_DEVICE,
    SUBENTRY_RECEIVER,
)
from .home import Home
from .home_file.automations import (
    PREFIX,
    Piece,
    UnreadableError,
    automation,
    id_of,
    pieces,
    spliced,
)
from .home_file.keys import keys_of
from .home_file.reader import as_typed
from .home_file.rows import ConsentRow, DeviceRow, HomeFile, LockRow, ReceiverRow
from .home_file.tree import FileFlaw, HomeFileError
from .home_file_present import Present, moment
from .home_file_rows import receiver_names, stored_device, stored_receiver
from .receivers import host_of
from .supervision.consent import Consent
from .supervision.identity import Identity
from .supervision.settings import write_settings
from .way_out import read_way_out

_AUTOMATIONS: Final = "automations.yaml"
#: What a file says of a receiver and a device: what it leaves out is not kept from before.
_RECEIVER: Final = frozenset(keys_of(ReceiverRow))
_DEVICE: Final = frozenset({*keys_of(DeviceRow), *keys_of(LockRow)})


async def async_pieces(hass: HomeAssistant) -> list[Piece]:
    """Return what `automations.yaml` holds; raises `HomeFileError` where it cannot be taken apart."""
    return await hass.async_add_executor_job(_read_pieces, Path(hass.config.path(_AUTOMATIONS)))


def _read_pieces(path: Path) -> list[Piece]:
    try:
        return pieces(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    except UnreadableError, UnicodeDecodeError:
        raise HomeFileError([FileFlaw(1, _AUTOMATIONS, "automations_unreadable")]) from None


async def _settings(home: Home, wanted: HomeFile, now: Present, actor: str) -> None:
    """The home's own settings, its receivers and devices: in one turn of the event loop. None goes yet."""
    entry, entries = home.entry, home.hass.config_entries
    data: dict[str, Any] = {
        **entry.data,
        CONF_LABEL: wanted.home.label,
        CONF_NEXT_NUMBER: wanted.home.next_number,
    }
    data.pop(CONF_REVIEW, None)
    if wanted.home.review is not None:
        data[CONF_REVIEW] = wanted.home.review.isoformat()
    if wanted.dwelling is not None:
        data[CONF_DWELLING] = write_settings(wanted.dwelling)
    if wanted.way_out is not None:
        named = tuple(filter(None, (wanted.way_out.interface, wanted.way_out.second)))
        data[CONF_WAY_OUT] = read_way_out(as_typed(wanted.way_out), named)
    entries.async_update_entry(entry, data=data, title=wanted.home.label)
    if wanted.receivers is not None:
        _receivers(home, wanted)
    if wanted.devices is not None:
        _devices(home, wanted)
    await home.apply()


def _receivers(home: Home, wanted: HomeFile) -> None:
    names = receiver_names(home.receivers())
    kept = {names[r.subentry_id]: r for r in home.receivers()}
    for row in wanted.receivers or ():
        there = kept.pop(row.name, None)
        data = stored_receiver(row)
        if there is None:
            _add(home, SUBENTRY_RECEIVER, data, host_of(row.url), f"{SUBENTRY_RECEIVER}-{row.name}")
            continue
        # What somebody has named it stays.
        named = there.title != host_of(str(there.data.get("url", "")))
        title = there.title if named else host_of(row.url)
        # Its credentials stay, and what of another release stands beside them.
        data = {k: v for k, v in there.data.items() if k not in _RECEIVER} | data
        home.hass.config_entries.async_update_subentry(home.entry, there, data=data, title=title)


def _devices(home: Home, wanted: HomeFile) -> None:
    kept = {int(d.data[CONF_NUMBER]): d for d in home.device_subentries() if CONF_NUMBER in d.data}
    spoken = _language(home.hass)
    for row in wanted.devices or ():
        there = kept.pop(row.number, None)
        data = stored_device(row, None if there is None else there.data)
        if there is not None:
            data = {k: v for k, v in there.data.items() if k not in _DEVICE} | data
            home.hass.config_entries.async_update_subentry(home.entry, there, data=data)
            continue
        kind = role_text(row.role, spoken)
        title = f"{kind[:1].upper()}{kind[1:]} {row.number}"
        _add(home, SUBENTRY_DEVICE, data, title, f"{SUBENTRY_DEVICE}-{row.number}")


def _add(home: Home, kind: str, data: dict[str, Any], title: str, unique_id: str) -> None:
    subentry = ConfigSubentry(
        data=MappingProxyType(data), subentry_type=kind, title=title, unique_id=unique_id
    )
    home.hass.config_entries.async_add_subentry(home.entry, subentry)


async def _word_of_people(home: Home, wanted: HomeFile, now: Present, actor: str) -> None:
    """Consents and pauses."""
    watching = home.watching
    if wanted.consents is not None:
        asked = {(row.function, row.resident): row for row in wanted.consents}
        said = {(row.function, row.resident) for row in now.file.consents or ()}
        for (function, resident), held in watching.consents.held().items():
            if (function, resident) not in asked:
                if (function, resident) in said:
                    watching.drop_consent(function, resident, actor)
            elif _is_same(asked[function, resident], held):
                del asked[function, resident]
        for (function, resident), row in asked.items():
            until = None if row.until is None else row.until.timestamp()
            given = Consent(row.basis, str(row.taken_by), row.given.timestamp(), until)
            watching.give_consent(function, resident, given, actor)
    if wanted.pauses is not None:
        ends = {row.resident: row.until for row in wanted.pauses if row.until > home.clock.now()}
        for number, state in list(watching.house.residents.items()):
            if state.paused_until is not None and number not in ends:
                watching.go_on(number, actor)
        for number, end in ends.items():
            kept = watching.house.resident(number).paused_until
            if kept is None or moment(kept) != end.astimezone(UTC).isoformat():
                watching.pause(number, end.timestamp(), actor)


def _is_same(row: ConsentRow, held: Consent) -> bool:
    until = None if row.until is None else int(row.until.timestamp())
    return (row.basis, row.taken_by, int(row.given.timestamp()), until) == (
        held.basis,
        held.taken_by,
        int(held.given_at),
        None if held.until is None else int(held.until),
    )


async def _automations(home: Home, wanted: HomeFile, now: Present, actor: str) -> None:
    """The automations of the rules, made of our blueprints; everybody else's stay as they are."""
    hass = home.hass
    await async_offer_blueprints(hass)
    device = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, home.entry.entry_id), home.entry.entry_id
    )
    own = "" if device is None else device.id
    there = {part.id: part.value for part in await async_pieces(hass)}
    spoken = _language(hass)
    made = {
        id_of(row.identity): automation(
            row,
            alias=_alias(row.identity, spoken),
            home=own,
            swedish=spoken is Language.SV,
            there=there.get(id_of(row.identity)),
        )
        for row in wanted.rules or ()
        if row.identity not in now.by_hand
    }
    path = Path(hass.config.path(_AUTOMATIONS))
    if await hass.async_add_executor_job(_splice, path, made) and hass.services.has_service(
        AUTOMATION, SERVICE_RELOAD
    ):
        await hass.services.async_call(AUTOMATION, SERVICE_RELOAD, blocking=True)
    registry = er.async_get(hass)
    for gone in there.keys() - made.keys():
        # As Home Assistant's own editor does: else an automation that cannot be found stays in its lists.
        entity_id = registry.async_get_entity_id(AUTOMATION, AUTOMATION, gone)
        if gone.startswith(PREFIX) and entity_id is not None:
            registry.async_remove(entity_id)


def _splice(path: Path, made: dict[str, Any]) -> bool:
    """Replace the file, whole and on the disk; False where it is so already. Blocking."""
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    try:
        new = spliced(text, made)
    except UnreadableError:
        raise HomeFileError([FileFlaw(1, _AUTOMATIONS, "automations_unreadable")]) from None
    if new == text or (not text and not made):
        return False
    write_utf8_file_atomic(str(path), new)
    return True


async def _rules(home: Home, wanted: HomeFile, now: Present, actor: str) -> None:
    """End the rules that are in the file no more, and let none of the others stand on its automation alone.

    A rule whose automation cannot be made or loaded is there all the same, so that it is missed (S9).
    """
    watching = home.watching
    asked = {row.identity: row for row in wanted.rules or ()}
    for row in now.file.rules or ():
        if row.identity not in asked:
            watching.end_rule(row.identity, actor)
    at = watching.now()
    for identity, row in asked.items():
        slot = watching.supervisor.slots.get(identity)
        if slot is None or not slot.listeners:
            watching.supervisor.enrol(
                identity, row.rule.settings, row.rule.options, at, listens=False
            )
    watching.changed()


async def async_settle_rules(home: Home, wanted: HomeFile, now: Present, actor: str) -> None:
    """Once Home Assistant has started: let its automations be those of the file, and the rules with them."""
    hass = home.hass
    await async_offer_blueprints(hass)
    if hass.services.has_service(AUTOMATION, SERVICE_RELOAD):
        await hass.services.async_call(AUTOMATION, SERVICE_RELOAD, blocking=True)
    await _rules(home, wanted, now, actor)


async def _removals(home: Home, wanted: HomeFile, now: Present, actor: str) -> None:
    """What is in the file no more goes last: until here everything can be undone."""
    # What no file can say, as a later release has stored it, does not go for being in none.
    named = {row.name for row in now.file.receivers or ()} - {
        r.name for r in wanted.receivers or ()
    }
    numbers = {row.number for row in now.file.devices or ()}
    numbers -= {row.number for row in wanted.devices or ()}
    names = receiver_names(home.receivers())
    gone = [
        *(r for r in home.receivers() if names[r.subentry_id] in named),
        *(d for d in home.device_subentries() if d.data.get(CONF_NUMBER) in numbers),
    ]
    for subentry in gone:
        home.hass.config_entries.async_remove_subentry(home.entry, subentry.subentry_id)
    await home.apply()


#: In their order. What a step does it does again without harm.
STEPS: Final[list[Callable[[Home, HomeFile, Present, str], Awaitable[None]]]] = [
    _settings,
    _word_of_people,
    _automations,
    _rules,
    _removals,
]


def _language(hass: HomeAssistant) -> Language:
    return Language.SV if hass.config.language == Language.SV else Language.EN


def _alias(identity: Identity, spoken: Language) -> str:
    words = rule_text(identity.kind, spoken)
    parts = ["Kvarbo:", words, str(identity.resident) if identity.resident else "", identity.name]
    return " ".join(filter(None, parts))
