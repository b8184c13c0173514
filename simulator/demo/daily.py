"""What else is used in the demo's home in a day: a toilet lift, the outer door's lock, a medicine dispenser."""

from typing import Any, Final

from simulator.demo.pairing import AtHome, Technician
from simulator.hass import Answer, HomeAssistant, Json, until

LIFT: Final = "02:00:00:00:00:00:03:0a"
LOCK: Final = "02:00:00:00:00:00:03:0b"
#: The address at which `simulator/ble/kvarbo_air` has its dispenser.
DISPENSER: Final = "C0:00:00:00:08:01"
#: Home seconds a second while the outer door is waited for.
RELOCKING: Final = 10.0


async def add_lift(technician: Technician) -> dict[str, str]:
    """Pair the contact on the toilet lift; return its entity id by its address."""
    place = {"location": "bathroom", "resident": 1}
    return {LIFT: await technician.pair(("ToiletLift", LIFT), "lift", place)}


async def add_lock(technician: Technician) -> None:
    """Pair the lock of the outer door, which locks itself again a minute after whoever unlocked it."""
    place = {"location": "hallway", "resident": 0}
    bolt: Json = {
        "relock_minutes": 1,
        "relock_always": True,
        "door_contact": "0",
        "unlocked_minutes": 0,
    }
    await technician.pair(("Lock", LOCK), "entry_lock", place, bolt=bolt)


async def add_dispenser(hass: HomeAssistant, entry_id: str) -> None:
    """Find the dispenser in the air and add it, by Kvarbo's own dialog."""
    place = {"location": "kitchen", "resident": 1}
    answers: dict[str, Answer] = {"hear": {"address": DISPENSER}, "dispenser": place}
    await hass.walk(
        "subentries/flow",
        {"handler": [entry_id, "device"]},
        {
            "user": {"role": "dispenser"},
            "heard_by": {"next_step_id": "hear"},
            **answers,
            "ready": {"next_step_id": "finish"},
            "sensor_ready": {"next_step_id": "finish"},
        },
    )


async def use_them(hass: HomeAssistant, at_home: AtHome) -> None:
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
