"""A real Home Assistant with a button, a sensor and a rule, and a user for each of Kvarbo's roles."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from simulator.municipality import Municipality
from simulator.real_home import RealHome
from simulator.testing_municipality import TOKEN
from tests.panel.living import MORE, PASSWORD, RULE, add_sensor

ROLES: Final = ("technician", "coordinator", "viewer", "display")
#: Whom nobody has given a role.
STRANGER: Final = "stranger"
SENSORS: Final = (("bed", "bed", "bedroom"), ("hall_motion", "motion", "hallway"))


@asynccontextmanager
async def manned_home(folder: Path, municipality: Municipality) -> AsyncGenerator[RealHome]:
    """Start a home that people with all roles look at. Its rule waits for a consent."""
    names = [name for name, _, _ in SENSORS]
    async with RealHome(folder, switches=names, more=MORE + RULE) as home:
        await home.start(onboard=True)
        await home.add_home(municipality.url, TOKEN)
        for name, role, place in SENSORS:
            await add_sensor(home, name, role, place)
        await give_roles(home, {name: [await add_user(home, name)] for name in ROLES})
        await add_user(home, STRANGER)
        yield home


async def add_user(home: RealHome, name: str) -> str:
    """Add a user of Home Assistant without rights; return the id."""
    await home.hass.connect_if_needed()
    made = await home.hass.ask("config/auth/create", name=name, group_ids=["system-users"])
    user = str(made["user"]["id"])
    await home.hass.ask(
        "config/auth_provider/homeassistant/create",
        user_id=user,
        username=name,
        password=PASSWORD,
    )
    return user


async def give_roles(home: RealHome, given: dict[str, list[str]]) -> None:
    """Give roles to users by the home's own dialog; who is not named has none."""
    await home.hass.walk("options/flow", {"handler": home.entry_id}, {"init": given})
