"""Killed while SCAIP is under way: nothing is lost, and nothing gets a second name (A3, A5)."""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from simulator.hass import until as until_it_says
from simulator.municipality import Municipality
from simulator.municipality.faults import By, Mode
from simulator.municipality.scaip_port import Answers, ScaipOptions
from simulator.real_home import RealHome
from simulator.testing import until

pytestmark = [
    pytest.mark.peers,
    pytest.mark.real_hass,
    pytest.mark.timeout(300),
    pytest.mark.usefixtures("socket_enabled"),
]
PASSWORD = "s3cret"


@pytest_asyncio.fixture
async def municipality(tmp_path: Path) -> AsyncGenerator[Municipality]:
    options = ScaipOptions(users={"4711": PASSWORD}, answers=Answers.SEPARATE)
    async with Municipality(token="t", scaip=options, tls=tmp_path / "municipality") as running:
        yield running


@pytest_asyncio.fixture
async def home(municipality: Municipality, tmp_path: Path) -> AsyncGenerator[RealHome]:
    assert municipality.scaip is not None
    assert municipality.ca_file is not None
    async with RealHome(tmp_path / "home", switches=("bell",)) as real:
        await real.start(onboard=True)
        await real.add_scaip_home(
            f"localhost:{municipality.scaip.ports['tls']}",
            PASSWORD,
            ca=municipality.ca_file.read_text(encoding="utf-8"),
        )
        await real.add_button("binary_sensor.bell")
        await real.settings_on_disk()
        yield real


def alarms(municipality: Municipality) -> list[dict[str, Any]]:
    return [alarm for alarm in municipality.state()["alarms"] if alarm["class"] == "personal"]


def tries(municipality: Municipality) -> list[dict[str, Any]]:
    """What was heard of and not taken yet."""
    return [one for one in municipality.state()["not_taken"] if one["alarm"] is not None]


async def test_in_the_middle_of_a_hold(home: RealHome, municipality: Municipality) -> None:
    """After the restart the same session goes on, and a newer call does not wait for it."""
    await municipality.set_fault(Mode.HOLD, by=By.SCAIP, only="alarm")
    await home.pull()
    await until(lambda: tries(municipality), 20, "the first to be held")
    (held,) = tries(municipality)
    await home.kill()
    await home.start()
    await until(lambda: tries(municipality)[0]["attempts"] >= 2, 60, "the hold to go on")
    assert [one["alarm"] for one in tries(municipality)] == [held["alarm"]]
    await home.pull("input_boolean.bell")
    await until(lambda: len(tries(municipality)) == 2, 5, "the newer call, at once")
    await municipality.set_fault(None)
    await until(lambda: len(alarms(municipality)) == 2, 30, "both to be taken")
    taken = {alarm["alarm"]: alarm for alarm in alarms(municipality)}
    assert held["alarm"] in taken
    assert taken[held["alarm"]]["attempts"] >= 3
    assert sum(alarm["repeats"] for alarm in taken.values()) == 0


async def test_between_the_sip_answer_and_the_receivers_own(
    home: RealHome, municipality: Municipality
) -> None:
    """Taken there, unknown here: said again under the same name, and counted as a repeat."""
    await municipality.set_fault(Mode.TAKEN_AND_MUTE, by=By.SCAIP, only="alarm")
    await home.pull()
    await until(lambda: alarms(municipality), 20, "the alarm to be taken")
    await home.kill()
    await municipality.set_fault(None)
    await home.start()
    await until(lambda: alarms(municipality)[0]["repeats"] >= 1, 60, "the repeat")
    assert len(alarms(municipality)) == 1

    async def is_receipted() -> bool:
        undelivered = await home.kvarbo_entity("undelivered", "sensor")
        return await home.state(undelivered) == "0"

    await until_it_says(is_receipted, 30, "the home has no receipt")


async def test_in_the_middle_of_a_registration(home: RealHome, municipality: Municipality) -> None:
    """The registrar forgets and is slow: the alarm does not wait for it, before or after."""
    assert municipality.scaip is not None
    municipality.scaip.server.forget()
    await home.kill()
    await home.start()
    await home.pull()
    await until(lambda: alarms(municipality), 30, "the alarm")
    await home.kill()
    municipality.scaip.server.forget()
    await home.start()
    await home.pull("input_boolean.bell")
    await until(lambda: len(alarms(municipality)) == 2, 40, "the next alarm")
    assert [alarm["repeats"] for alarm in alarms(municipality)][1] <= 1
    assert [c.words for c in municipality.scaip.complaints] == []
