"""Turning the night rule on as a coordinator does: the consent, then an automation for it.

The automation is made of Kvarbo's own blueprint, from the copy that Kvarbo offers in Home Assistant.
"""

from typing import Final

from simulator.hass import HomeAssistant, until
from simulator.processes import DemoError

#: Who is to act on the night alarm.
OWNER: Final = "night_patrol"
#: Out of bed for so long is an alarm, seconds: what the rule says unless set otherwise.
LIMIT: Final = 20 * 60.0
_RULE: Final = "night_absence"
_BLUEPRINTS: Final = {"en": f"kvarbo/{_RULE}.yaml", "sv": f"kvarbo/{_RULE}.sv.yaml"}
_AUTOMATION: Final = "kvarbo_demo_night"
#: Seconds in which the blueprint must be there.
_OFFERED_WITHIN: Final = 30.0


async def turn_on_night_rule(
    hass: HomeAssistant, entry_id: str, language: str, alias: str, rules: str
) -> None:
    """Record the consent and let an automation of the blueprint answer the rule.

    `rules` is the entity that counts the rules that watch: returns when it counts this one. Raises
    `DemoError` when the blueprint is not offered, or the rule does not watch.
    """
    consent = {"function": _RULE, "basis": "own", "taken_by": "coordinator", "resident": 1}
    await hass.call("POST", "/api/services/kvarbo/give_consent", consent)
    path = _BLUEPRINTS[language]

    async def offered() -> bool:
        return path in await hass.ask("blueprint/list", domain="automation")

    await until(offered, _OFFERED_WITHIN, f"{path} is not offered")
    inputs = {
        "home": await _home_device(hass, entry_id),
        "owner": OWNER,
        "suitable": True,
    }
    where = f"/api/config/automation/config/{_AUTOMATION}"
    made = {"alias": alias, "use_blueprint": {"path": path, "input": inputs}}
    await hass.call("POST", where, made)

    async def watches() -> bool:
        state = await hass.call("GET", f"/api/states/{rules}")
        return bool(state["state"] == "1")

    await until(watches, 30, "the night rule does not watch")


async def _home_device(hass: HomeAssistant, entry_id: str) -> str:
    for device in await hass.ask("config/device_registry/list"):
        if entry_id in device["config_entries"] and device["model"] == "Demo home":
            return str(device["id"])
    raise DemoError("Kvarbo has no device for the home.")
