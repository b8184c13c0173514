"""A home whose button speaks Bluetooth, over the real bluetooth and bthome: a proxy that dies is told (A8, R60)."""

from homeassistant.core import HomeAssistant
import pytest

from custom_components.kvarbo.rounds import LOST_AFTER
from simulator.ble import BthomeSensor
from simulator.municipality import Municipality
from simulator.testing import until
from simulator.testing_ble import Listening, ble

from .conftest import StartHome, arrived, button, make_entry, receiver
from .test_issues import gone, there

__all__ = ["ble"]

pytestmark = pytest.mark.usefixtures("quick_answers")

KEY = bytes(range(16))


async def test_a_pendant_by_bluetooth_calls_and_its_dead_proxy_is_told(
    hass: HomeAssistant, ble: Listening, municipality: Municipality, start_home: StartHome
) -> None:
    pendant = await ble.air.add(
        BthomeSensor("C0:00:00:00:03:01", "Call 1", key=KEY, triggered=True)
    )
    await pendant.press()
    flows = hass.config_entries.flow
    flow = await until(
        lambda: next(iter(flows.async_progress_by_handler("bthome")), None), what="bthome"
    )
    await flows.async_configure(flow["flow_id"], {"bindkey": KEY.hex()})
    await hass.async_block_till_done()
    await pendant.press()
    await until(lambda: hass.states.async_entity_ids("event"), what="its first press")
    source = {
        "type": "entity",
        "domain": "event",
        "platform": "bthome",
        "unique_id": f"{pendant.address}-button",
    }
    home = await start_home(make_entry(receiver(municipality.url), button(1, source, "bathroom")))
    await pendant.press()
    await arrived(hass, municipality, 1)
    home.check.rounds.look()
    vitals = home.check.rounds.vitals[1]
    assert vitals.rssi is not None

    await ble.dies(ble.proxy)
    for _ in range(LOST_AFTER):
        home.check.rounds.look()
    issue = await there(hass, "radio_lost_bluetooth")
    assert issue.translation_placeholders is not None
    assert issue.translation_placeholders["words"] == "bluetooth"
    await until(
        lambda: [a for a in municipality.state(None)["alarms"] if a["kind"] == "radio_lost"],
        what="the technical alarm",
    )
    await ble.listen()
    home.check.rounds.look()
    await gone(hass, "radio_lost_bluetooth")
    await pendant.press()
    await until(
        lambda: home.ledger.alarms and max(a.presses for a in home.ledger.alarms.values()) == 2,
        what="a press by the new proxy",
    )
