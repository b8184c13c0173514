"""Turning the night rule on as a coordinator does: the consent, then an automation for it.

The automation is made of Kvarbo's own blueprint, from the copy that Kvarbo offers in Home Assistant.
Where it offers none, the automation is written by hand on the same triggers.
"""

from typing import Final

from simulator.hass import HomeAssistant, Json, until
from simulator.processes import DemoError

#: Who is to act on the night alarm.
OWNER: Final = "night_patrol"
#: Out of bed for so long is an alarm, seconds: what the rule says unless set otherwise.
LIMIT: Final = 20 * 60.0
_RULE: Final = "night_absence"
_BLUEPRINTS: Final = {"en": f"kvarbo/{_RULE}.yaml", "sv": f"kvarbo/{_RULE}.sv.yaml"}
_AUTOMATION: Final = "kvarbo_demo_night"
#: Seconds in which the blueprint must be there: the home has run for longer than that already.
_OFFERED_WITHIN: Final = 3.0


async def turn_on_night_rule(
    hass: HomeAssistant, entry_id: str, language: str, alias: str, rules: str
) -> bool:
    """Record the consent and let an automation answer the rule; tell whether by the blueprint.

    `rules` is the entity that counts the rules that watch: returns when it counts this one.
    """
    consent = {"function": _RULE, "basis": "own", "taken_by": "coordinator", "resident": 1}
    await hass.call("POST", "/api/services/kvarbo/give_consent", consent)
    path = _BLUEPRINTS[language]
    home = await _home_device(hass, entry_id)
    if by_blueprint := await _is_offered(hass, path):
        inputs = {"home": home, "owner": OWNER, "suitable": True}
        made: Json = {"use_blueprint": {"path": path, "input": inputs}}
    else:
        made = _by_hand(home)
    where = f"/api/config/automation/config/{_AUTOMATION}"
    await hass.call("POST", where, {"alias": alias, **made})

    async def watches() -> bool:
        state = await hass.call("GET", f"/api/states/{rules}")
        return bool(state["state"] == "1")

    await until(watches, 30, "the night rule does not watch")
    return by_blueprint


async def _is_offered(hass: HomeAssistant, path: str) -> bool:
    async def look() -> bool:
        return path in await hass.ask("blueprint/list", domain="automation")

    try:
        return await until(look, _OFFERED_WITHIN, f"{path} is not offered")
    except DemoError:
        return False


def _by_hand(home: str) -> Json:
    options = {"rule": _RULE, "resident": 1, "owner": OWNER, "suitable": True, "settings": {}}
    return {
        "mode": "parallel",
        "triggers": [
            {"trigger": "kvarbo.alarmed", "target": {"device_id": home}, "options": options}
        ],
        "actions": [{"action": "kvarbo.raise_alarm", "data": {"episode": "{{ trigger.episode }}"}}],
    }


async def _home_device(hass: HomeAssistant, entry_id: str) -> str:
    for device in await hass.ask("config/device_registry/list"):
        if entry_id in device["config_entries"] and device["model"] == "Demo home":
            return str(device["id"])
    raise DemoError("Kvarbo has no device for the home.")
