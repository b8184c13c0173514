"""The actions about the home file: apply one, go back to the one before, write the home as one (R44, R51).

Each takes its actor from `role_of`. A file that cannot be used is refused with a translated error that
names each line and field; nothing of it is applied.
"""

import asyncio
from typing import Final

from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util.json import JsonValueType
import probatio

from .alarm.reason import Language
from .call_fields import flag, home_of, manager_of, refused
from .const import ACTION_APPLY_SETTINGS, ACTION_EXPORT_SETTINGS, DOMAIN, SUBENTRY_RECEIVER
from .home import Home
from .home_file.differ import Change
from .home_file.problems import problem_text
from .home_file.tree import FileFlaw, HomeFileError
from .home_file_apply import Applied, async_apply, async_export, async_previous
from .role import Actor

ATTR_CHECK_ONLY: Final = "check_only"
ATTR_PREVIOUS: Final = "previous"
ATTR_SETTINGS: Final = "settings"

#: So many flaws are told in one error; the check tells all.
_TOLD: Final = 10
_LINE: Final = {Language.EN: "line", Language.SV: "rad"}


@callback
def async_setup_settings_actions(hass: HomeAssistant) -> None:
    """Register the actions."""
    fields = {
        probatio.Optional(ATTR_SETTINGS): object,
        probatio.Optional(ATTR_CHECK_ONLY, default=False): object,
        probatio.Optional(ATTR_PREVIOUS, default=False): object,
    }
    hass.services.async_register(
        DOMAIN,
        ACTION_APPLY_SETTINGS,
        _apply_settings,
        schema=probatio.Schema(fields),
        supports_response=SupportsResponse.OPTIONAL,
    )
    hass.services.async_register(
        DOMAIN,
        ACTION_EXPORT_SETTINGS,
        _export_settings,
        schema=probatio.Schema({}),
        supports_response=SupportsResponse.ONLY,
    )


async def _apply_settings(call: ServiceCall) -> ServiceResponse:
    home, actor = home_of(call), await manager_of(call)
    check_only = flag(call, ATTR_CHECK_ONLY, "bad_check_only")
    is_own = flag(call, ATTR_PREVIOUS, "bad_previous")
    text = call.data.get(ATTR_SETTINGS)
    if is_own:
        text = await _previous(home)
    elif not isinstance(text, str):
        raise refused("no_settings", "value", text)
    # A caller that is cut off must not leave the home between two files.
    work = call.hass.async_create_task(
        _applied(home, text, actor, check_only=check_only, is_own=is_own), "kvarbo settings"
    )
    try:
        applied = await asyncio.shield(work)
    except HomeFileError as err:
        flaws = [await _flaw(call.hass, flaw) for flaw in err.flaws]
        if check_only:
            return {"applied": False, "flaws": [*flaws], "changes": []}
        told = "; ".join(
            f"{_LINE[_language(call.hass)]} {f['line']}, {f['field']}: {f['words']}"
            for f in flaws[:_TOLD]
        )
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="bad_settings",
            translation_placeholders={"flaws": told, "count": str(len(flaws))},
        ) from err
    return {
        "applied": not check_only,
        "flaws": [],
        "changes": [_change(change) for change in applied.changes],
        "left_out": list(applied.left_out),
        "by_hand": list(applied.by_hand),
    }


async def _applied(
    home: Home, text: str, actor: Actor, *, check_only: bool, is_own: bool
) -> Applied:
    try:
        return await async_apply(home, text, actor, check_only=check_only, is_own=is_own)
    except OSError as err:
        raise _disk_refuses(err) from err


async def _previous(home: Home) -> str:
    try:
        previous = await async_previous(home)
    except OSError as err:
        raise _disk_refuses(err) from err
    except ValueError:
        previous = ""
    if not previous:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="no_previous_settings"
        )
    return previous


def _disk_refuses(err: OSError) -> HomeAssistantError:
    return HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key="settings_disk",
        translation_placeholders={"problem": str(err.strerror)},
    )


async def _export_settings(call: ServiceCall) -> ServiceResponse:
    home = home_of(call)
    await manager_of(call)
    settings, left_out = await async_export(home)
    return {"settings": settings, "left_out": list(left_out)}


def _change(change: Change) -> dict[str, JsonValueType]:
    return {"path": change.path, "old": change.old, "new": change.new}


async def _flaw(hass: HomeAssistant, flaw: FileFlaw) -> dict[str, JsonValueType]:
    words = problem_text(flaw.problem, _language(hass)) or await _as_forms_say(hass, flaw.problem)
    return {"line": flaw.line, "field": flaw.field, "problem": flaw.problem, "words": words}


async def _as_forms_say(hass: HomeAssistant, problem: str) -> str:
    """Return a problem as the forms of receivers and of the home say it."""
    for category, prefix in (
        ("config_subentries", f"config_subentries.{SUBENTRY_RECEIVER}.error"),
        ("config", "config.error"),
    ):
        texts = await async_get_translations(hass, hass.config.language, category, {DOMAIN})
        if found := texts.get(f"component.{DOMAIN}.{prefix}.{problem}"):
            return found.replace("{place}", "/").replace("{line}", "-")
    return problem


def _language(hass: HomeAssistant) -> Language:
    return Language.SV if hass.config.language == Language.SV else Language.EN
