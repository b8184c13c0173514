"""Kvarbo's blueprints, offered to Home Assistant: written into its folder, an edited copy never touched.

The way in is `automation.helpers.async_get_blueprints`, which is internal to Home Assistant; this is
the one file that uses it, and a canary test tells when it changes. Whatever fails here is logged once
and stops nothing: what is watched already does not depend on it.

A record says what was written of each. A file that still is what was written is brought up to date;
one that differs was edited and stays; one that is gone was deleted on purpose and does not come back,
unless all are gone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
import hashlib
import logging
from pathlib import Path
from typing import Any, Final

from homeassistant.const import SERVICE_RELOAD
from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store

from .const import DOMAIN

_LOGGER = logging.getLogger(__name__)
#: The integration that blueprints of ours are for.
AUTOMATION: Final = "automation"
_VERSION: Final = 1
_WRITTEN: Final = "written"
_FOLDER: Final = Path("blueprints") / AUTOMATION / DOMAIN
#: Where a release carries them, and where they lie while it is developed.
_SOURCES: Final = (
    Path(__file__).parent / _FOLDER,
    Path(__file__).resolve().parents[2] / _FOLDER,
)


@dataclass(frozen=True, slots=True)
class Offered:
    """What was done: files that are new, brought up to date, and left alone as they were edited."""

    new: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


async def async_offer_blueprints(hass: HomeAssistant) -> Offered:
    """Offer the blueprints; to be called once Home Assistant has started. Raises nothing.

    Without the automation integration there is nobody to offer them to.
    """
    if AUTOMATION not in hass.config.components:
        return Offered()
    try:
        return await _offer(hass)
    except Exception:
        # Internal ways may change with any release, and disks refuse.
        _LOGGER.exception("The blueprints could not be offered")
        return Offered()


async def _offer(hass: HomeAssistant) -> Offered:
    # Imported late: should it be gone one day, the home must still start.
    from homeassistant.components.automation.helpers import (  # noqa: PLC0415
        async_get_blueprints,
    )

    blueprints = async_get_blueprints(hass)
    store: Store[dict[str, Any]] = Store(hass, _VERSION, f"{DOMAIN}.blueprints", atomic_writes=True)
    record = (await store.async_load() or {}).get(_WRITTEN, {})
    target = blueprints.blueprint_folder / DOMAIN
    offered, written = await hass.async_add_executor_job(_write, target, record)
    if written != record:
        await store.async_save({_WRITTEN: written})
    if offered.new or offered.updated:
        await blueprints.async_reset_cache()
    if offered.updated:
        # Automations keep the blueprint that they were made from until they are read anew.
        await hass.services.async_call(AUTOMATION, SERVICE_RELOAD)
    if offered.kept:
        _LOGGER.info("These blueprints were edited here and stay: %s", ", ".join(offered.kept))
    return offered


def _write(target: Path, record: Mapping[str, str]) -> tuple[Offered, dict[str, str]]:
    """Write what is new or out of date; return what was done and the new record. Blocking.

    Raises:
        OSError: the disk refuses, or this copy of Kvarbo carries no blueprints.
    """
    source = next((folder for folder in _SOURCES if folder.is_dir()), None)
    if source is None or source == target.resolve():
        raise FileNotFoundError("this copy of Kvarbo carries no blueprints")
    new, updated, kept = [], [], []
    written: dict[str, str] = dict(record)
    none_left = not any((target / name).exists() for name in record)
    for path in sorted(source.glob("*.yaml")):
        name, data = path.name, path.read_bytes()
        digest = _digest(data)
        there = target / name
        found = _digest(there.read_bytes()) if there.is_file() else None
        if found == digest:
            written[name] = digest
            continue
        if found is None:
            if name in record and not none_left:
                continue
            new.append(name)
        elif found != record.get(name):
            kept.append(name)
            continue
        else:
            updated.append(name)
        _replace(there, data)
        written[name] = digest
    return Offered(tuple(new), tuple(updated), tuple(kept)), written


def _replace(path: Path, data: bytes) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    draft.write_bytes(data)
    draft.replace(path)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
