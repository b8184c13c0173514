"""What the tests of a watching home share: rules as automations, alarms as they arrive, time that runs."""

from typing import Any

from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.kvarbo.const import DOMAIN
from custom_components.kvarbo.home import Home
from custom_components.kvarbo.supervision.identity import Identity
from custom_components.kvarbo.supervision.slot import Slot
from simulator.municipality import Municipality

RAISE = {"action": "kvarbo.raise_alarm", "data": {"episode": "{{ trigger.episode }}"}}


def alarms(municipality: Municipality, kind: str) -> list[dict[str, Any]]:
    """Return the alarms of a kind that the municipality has taken, oldest first."""
    return [a for a in municipality.state(None)["alarms"] if a["kind"] == kind]


def rule(kind: str, **more: Any) -> dict[str, Any]:
    """Return a trigger's options."""
    return {"rule": kind, "resident": 1, "owner": "night_patrol", "suitable": True, **more}


def trigger(told: str, options: dict[str, Any]) -> dict[str, Any]:
    return {"trigger": f"kvarbo.{told}", "options": options, "id": told}


async def automate(
    hass: HomeAssistant, *actions: dict[str, Any], triggers: list[dict[str, Any]], **more: Any
) -> None:
    """Let an automation run."""
    automation = {"id": "rule", "alias": "rule", "triggers": triggers, "actions": list(actions)}
    config = {"automation": {**automation, **more}}
    assert await async_setup_component(hass, "automation", config)
    await hass.async_block_till_done()


class Coordinator:
    """Somebody with the rights of an administrator, who calls Kvarbo's actions."""

    def __init__(self, hass: HomeAssistant, user: MockUser) -> None:
        self._hass = hass
        self._context = Context(user_id=user.id)

    async def call(self, action: str, **data: Any) -> dict[str, Any]:
        response = await self._hass.services.async_call(
            DOMAIN, action, data, blocking=True, context=self._context, return_response=True
        )
        assert response is not None
        return dict(response)

    async def consent(self, function: str, resident: int = 1) -> None:
        await self.call(
            "give_consent",
            function=function,
            resident=resident,
            basis="own",
            taken_by="coordinator",
        )


def slot(home: Home, text: str) -> Slot:
    """Return a watcher in its place by its identity as text."""
    return home.watching.supervisor.slots[Identity.parse(text)]


def issues(hass: HomeAssistant) -> set[str]:
    """Return the translation keys of Kvarbo's repair issues about rules."""
    registry = ir.async_get(hass)
    return {
        str(issue.translation_key)
        for (domain, _), issue in registry.issues.items()
        if domain == DOMAIN and str(issue.translation_key).startswith("rule_")
    }
