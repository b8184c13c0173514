"""What else is used in the demo's home in a day: a toilet lift, the outer door's lock, a medicine dispenser."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from simulator.hass import HomeAssistant, Json, until

LIFT: Final = "02:00:00:00:00:00:03:0a"
LOCK: Final = "02:00:00:00:00:00:03:0b"
#: The address at which `simulator/ble/kvarbo_air` has its dispenser.
DISPENSER: Final = "C0:00:00:00:08:01"
#: Home seconds a second while the outer door is waited for.
RELOCKING: Final = 10.0


async def add_lift(hass: HomeAssistant, entry_id: str, entity_id: str) -> None:
    """Tell Kvarbo what the contact on the toilet lift is for."""
    place = {"location": "bathroom", "resident": 1}
    answers = {"entity": {"entity_id": entity_id, **place}, "says": {"inverted": False}}
    await _add(hass, entry_id, "lift", answers)


async def add_lock(hass: HomeAssistant, entry_id: str) -> None:
    """Tell Kvarbo that the outer door locks itself again a minute after whoever unlocked it."""
    place = {"location": "hallway", "resident": 0}
    bolt = {
        "relock_minutes": 1,
        "relock_always": True,
        "door_contact": "0",
        "unlocked_minutes": 0,
    }
    answers = {"entity": {"entity_id": await _lock(hass), **place}, "bolt": bolt}
    await _add(hass, entry_id, "entry_lock", answers)


async def add_dispenser(hass: HomeAssistant, entry_id: str) -> None:
    """Find the dispenser in the air and add it, by Kvarbo's own dialog."""
    place = {"location": "kitchen", "resident": 1}
    answers = {"hear": {"address": DISPENSER}, "dispenser": place}
    await _add(hass, entry_id, "dispenser", answers)


async def use_them(hass: HomeAssistant, at_home: Callable[[str, Json], Awaitable[Json]]) -> None:
    """Let the resident use all three; fail where the home has not noticed."""
    await at_home(f"/sim/{LIFT}/raise_seat", {})
    await _shows(hass, "_lift_uses", "1")
    await at_home(f"/sim/{LIFT}/lower_seat", {})
    for action, dose in (("due", "due"), ("hand_out", "dispensed"), ("take", "taken")):
        doing = {"address": DISPENSER, "action": action}
        await hass.call("POST", "/api/services/kvarbo_air/use", doing)
        await _shows(hass, "_dose", dose)
    await at_home(f"/sim/{LOCK}/turn", {"locked": False})
    await _is(hass, await _lock(hass), "unlocked")


async def is_locked_again(hass: HomeAssistant) -> None:
    """Fail where the outer door has not been locked by the home."""
    await _is(hass, await _lock(hass), "locked")


async def _add(hass: HomeAssistant, entry_id: str, role: str, answers: Json) -> None:
    await hass.walk(
        "subentries/flow",
        {"handler": [entry_id, "device"]},
        {
            "user": {"role": role},
            "heard_by": {"next_step_id": next(iter(answers))},
            **answers,
            "ready": {"next_step_id": "finish"},
            "sensor_ready": {"next_step_id": "finish"},
        },
    )


async def _shows(hass: HomeAssistant, ending: str, state: str) -> None:
    for entity in await hass.ask("config/entity_registry/list"):
        if entity["platform"] == "kvarbo" and str(entity["unique_id"]).endswith(ending):
            await _is(hass, str(entity["entity_id"]), state)
            return
    await _is(hass, f"sensor{ending}", state)


async def _is(hass: HomeAssistant, entity_id: str, state: str) -> None:
    async def look() -> bool:
        found: Json = await hass.call("GET", f"/api/states/{entity_id}")
        return bool(found["state"] == state)

    await until(look, 30, f"{entity_id} is not {state}")


async def _lock(hass: HomeAssistant) -> str:
    async def look() -> Any:
        states = await hass.call("GET", "/api/states")
        return next((s["entity_id"] for s in states if s["entity_id"].startswith("lock.")), None)

    return str(await until(look, 30, "the lock has no entity"))
