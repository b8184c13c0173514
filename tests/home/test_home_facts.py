"""What a page is told of a home in which things are wrong: each once, under what it is about."""

from datetime import timedelta

from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
import pytest

from custom_components.kvarbo.alarm.alarm import Source
from custom_components.kvarbo.alarm.kinds import AlarmKind, ReasonCode, Role
from custom_components.kvarbo.findings import HUB_KEY
from custom_components.kvarbo.home_facts import read_home
from simulator.municipality import Municipality
from simulator.testing import until

from .conftest import StartHome, button, entity_source, first_receiver, make_entry, receiver


async def test_each_fault_is_about_its_receiver_its_way_or_its_device(
    hass: HomeAssistant, sources: None, municipality: Municipality, start_home: StartHome
) -> None:
    cord = button(1, entity_source("binary_sensor", "cord"), "bathroom")
    home = await start_home(make_entry(receiver(municipality.url), cord))
    faults, since = home.chain.faults, home.clock.now() - timedelta(hours=3)
    about = {"source": Source(1, Role.HELP_BUTTON), "since": since, "reason": ReasonCode.SILENT}
    faults.set(AlarmKind.TWO_HUBS, first_receiver(home), is_open=True)
    faults.set(AlarmKind.TWO_HUBS, "gone", is_open=True)
    faults.set(AlarmKind.PATH_LOST, HUB_KEY, is_open=True)
    faults.set(AlarmKind.PATH_LOST, "second", is_open=True)
    faults.set(AlarmKind.DEVICE_SILENT, "1", is_open=True, words="1", **about)
    faults.set(AlarmKind.CLOCK_FAULT, HUB_KEY, is_open=True)
    found = {(f.kind, f.receiver, f.way, f.device) for f in read_home(home).faults}
    assert found == {
        (AlarmKind.TWO_HUBS, 1, "", 0),
        (AlarmKind.TWO_HUBS, 0, "", 0),
        (AlarmKind.PATH_LOST, 0, "home", 0),
        (AlarmKind.PATH_LOST, 0, "second", 0),
        (AlarmKind.DEVICE_SILENT, 0, "", 1),
        (AlarmKind.CLOCK_FAULT, 0, "", 0),
    }
    await until(
        lambda: [a for a in home.ledger.open_alarms() if a.kind is AlarmKind.DEVICE_SILENT],
        what="the alarm of the silence",
    )
    [device] = read_home(home).devices
    assert device.since == since


@pytest.mark.parametrize(("stored", "number"), [(7, 7), ("seven", 0)])
async def test_a_device_that_cannot_be_used_is_told_by_its_number_alone(
    hass: HomeAssistant,
    sources: None,
    municipality: Municipality,
    start_home: StartHome,
    stored: object,
    number: int,
) -> None:
    data = {"number": stored, "role": "later", "source": {"type": "later"}}
    later = ConfigSubentryData(
        data=data, subentry_type="device", title="Later", unique_id="device-7"
    )
    home = await start_home(make_entry(receiver(municipality.url), later))
    [device] = read_home(home).devices
    assert (device.number, device.role, device.is_unusable) == (number, None, True)


async def test_a_receiver_whose_settings_cannot_be_used_is_told_with_what_is_wrong(
    hass: HomeAssistant, sources: None, municipality: Municipality, start_home: StartHome
) -> None:
    broken = receiver(municipality.url, order=2, profile="no profile")
    home = await start_home(make_entry(receiver(municipality.url), broken))
    first, second = read_home(home).receivers
    assert (first.place, second.place) == (1, 2)
    assert second.reached is None
    assert second.problem
