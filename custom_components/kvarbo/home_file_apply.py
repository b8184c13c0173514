"""A home file carried out in this Home Assistant: in whole or not at all, and back again.

The file is noted on the disk before the first setting is touched, and as in force when the last one is
on the disk too; each step can be done again. So after a power cut at any instant the next start finds
the old settings, or carries on to the new ones (`home_file/record.py`). A step that fails is undone
with all that went before it.
"""

import asyncio
from dataclasses import dataclass, replace
import logging
from pathlib import Path
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.start import async_at_started

from .home import Home
from .home_file.differ import Change, changes, outcome
from .home_file.reader import read_home_file
from .home_file.record import Record, digest, is_stored, load, save
from .home_file.rows import HomeFile
from .home_file.signature import parted
from .home_file.tree import HomeFileError
from .home_file.writer import write_home_file
from .home_file_checks import read_for, see_if_fits
from .home_file_present import Present, present
from .home_file_steps import STEPS, async_pieces, async_settle_rules
from .journal.changes import PutMarker
from .supervision.identity import Identity
from .supervision.settings import Json

_LOGGER = logging.getLogger(__name__)

_ENTRIES: Final = ".storage/core.config_entries"
#: In the journal: which file's consents and pauses it holds.
_MARKER: Final = "home_file"
#: How soon and how seldom it is looked whether all is on the disk, seconds.
_SOON, _SELDOM = 0.5, 30.0


@dataclass(frozen=True, slots=True)
class Applied:
    """What a file changes or has changed, what of the home no file says, and what people run by hand."""

    changes: tuple[Change, ...]
    left_out: tuple[str, ...]
    by_hand: tuple[str, ...]


async def async_export(home: Home) -> tuple[str, tuple[str, ...]]:
    """Return the home's file as text, and what of the home is not in it."""
    try:
        now = present(home, await async_pieces(home.hass))
    except HomeFileError as err:
        # How residents are warned is not known then; all else is.
        now = present(home, [])
        return write_home_file(now.file), (*now.left_out, err.flaws[0].field)
    return write_home_file(now.file), now.left_out


async def async_apply(
    home: Home, text: str, actor: str, *, check_only: bool = False, is_own: bool = False
) -> Applied:
    """Apply a file, or only say what it would change. `is_own`: the home has kept it itself.

    Raises:
        HomeFileError: it cannot be used; nothing has been changed.
        OSError, HomeAssistantError: the disk refuses; what was changed has been undone.
    """
    async with home.setting:
        hass = home.hass
        asked = read_for(home, text, is_own=is_own)
        now = present(home, await async_pieces(hass))
        body = parted(text).text
        await hass.async_add_executor_job(see_if_fits, home, body, asked, now)
        wanted = _with_by_hand(outcome(now.file, asked, home.clock.now()), now)
        applied = Applied(
            changes(now.file, wanted), now.left_out, tuple(sorted(map(str, now.by_hand)))
        )
        if check_only:
            return applied
        before = await hass.async_add_executor_job(_load, home.folder)
        record = Record(
            body, write_home_file(now.file), actor, in_force=False, by_hand=applied.by_hand
        )
        await hass.async_add_executor_job(save, home.folder, record)
        settings = home.entry.data
        try:
            await _carry_out(home, wanted, now, actor)
        except Exception:
            # Whatever it was: half a file must not stay in force. It is raised again.
            _LOGGER.exception("A home file could not be applied and is undone")
            await _undo(home, wanted, now, actor)
            # To the letter: what a home has never been asked is not in its file.
            hass.config_entries.async_update_entry(home.entry, data=settings)
            await hass.async_add_executor_job(save, home.folder, before)
            raise
        _note(home, record, {"changes": len(applied.changes)})
    _see_to_it(home, record)
    return applied


async def async_previous(home: Home) -> str:
    """Return what held before the last file was applied; empty where none was.

    Raises:
        OSError: the disk refuses.
        ValueError: what it holds cannot be read.
    """
    return (await home.hass.async_add_executor_job(load, home.folder)).previous


async def async_carry_on(home: Home) -> None:
    """At a start: carry on with a file whose applying was cut off. Raises nothing: the home must start."""
    hass = home.hass
    try:
        record = await hass.async_add_executor_job(load, home.folder)
        if record.in_force:
            return
        async with home.setting:
            # No automation listens yet: whose rules people run by hand was noted before.
            by_hand = frozenset(map(Identity.parse, record.by_hand))
            now = replace(present(home, await async_pieces(hass)), by_hand=by_hand)
            asked = read_home_file(record.current)
            wanted = _with_by_hand(outcome(now.file, asked, home.clock.now()), now)
            await _carry_out(home, wanted, now, record.actor)
            _note(home, record, {"carried_on": True})
    except Exception as err:
        # Whatever it is, alarms go on; the next start tries again.
        _LOGGER.exception("A home file cannot be carried on with: %s", type(err).__name__)
        return
    _LOGGER.warning("A home file whose applying was cut off is carried on with")

    async def started(_: HomeAssistant) -> None:
        # Home Assistant had read its automations before they were written: they are read anew.
        async with home.setting:
            await async_settle_rules(home, wanted, now, record.actor)
        _see_to_it(home, record)

    home.entry.async_on_unload(async_at_started(hass, started))


async def _carry_out(home: Home, wanted: HomeFile, now: Present, actor: str) -> None:
    for step in STEPS:
        await step(home, wanted, now, actor)


async def _undo(home: Home, wanted: HomeFile, now: Present, actor: str) -> None:
    """Go back to how the home was. What is gone goes last, so that credentials are there still."""
    await _carry_out(home, now.file, replace(now, file=wanted), actor)


def _note(home: Home, record: Record, detail: dict[str, Json]) -> None:
    """Keep who has applied which file (A10): what is in it is nobody's business there."""
    told = {"file": digest(record.current), **detail}
    home.ledger.post(home.watching.entry("settings_applied", record.actor, told))


def _with_by_hand(wanted: HomeFile, now: Present) -> HomeFile:
    """Let what a person's automation runs go on, also where the file does not speak of it."""
    said = {row.identity for row in wanted.rules or ()}
    more = [
        row
        for row in now.file.rules or ()
        if row.identity in now.by_hand and row.identity not in said
    ]
    return replace(wanted, rules=(*(wanted.rules or ()), *more))


def _load(folder: Path) -> Record:
    try:
        return load(folder)
    except ValueError:
        # Of another release: it is replaced.
        return Record()


def _in_force(folder: Path, record: Record) -> None:
    """Note that a file is in force, unless another one has been applied meanwhile. Blocking."""
    if load(folder) == record:
        save(folder, replace(record, in_force=True))


def _see_to_it(home: Home, record: Record) -> None:
    home.entry.async_create_background_task(
        home.hass, _see_to_disk(home, record), "kvarbo settings to disk"
    )


async def _see_to_disk(home: Home, record: Record) -> None:
    """Note that the file is in force when all of it is on the disk; until then a start carries on with it."""
    hass, folder = home.hass, home.folder
    path = Path(hass.config.path(_ENTRIES))
    name, wait = digest(record.current), _SOON
    while True:
        await asyncio.sleep(wait)
        wait = min(_SELDOM, wait * 2)
        modified = home.entry.modified_at.isoformat()
        durable = await home.ledger.commit(PutMarker(_MARKER, name))
        try:
            stored = await hass.async_add_executor_job(
                is_stored, path, home.entry.entry_id, modified
            )
            if stored and durable:
                async with home.setting:
                    await hass.async_add_executor_job(_in_force, folder, record)
                return
        except (OSError, ValueError) as err:
            # The journal's own fault tells of a disk that refuses; this is tried again.
            _LOGGER.warning("The home file is not on the disk yet: %s", type(err).__name__)
