"""A7, A2, R12: any press is an alarm, at once; a cord that stays pulled is one call."""

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er, issue_registry as ir

from custom_components.kvarbo.home import Home
from simulator.municipality import Municipality

from .conftest import (
    BELL,
    CORD,
    REMOTE,
    StartHome,
    add_subentry,
    arrived,
    button,
    calls,
    entity_source,
    make_entry,
    receiver,
    running_button,
)


async def test_pull_is_an_alarm(
    hass: HomeAssistant, home: Home, municipality: Municipality
) -> None:
    hass.states.async_set(CORD, "on")
    [alarm] = await arrived(hass, municipality, 1)
    assert alarm["device"] == 1
    assert alarm["location"] == "bathroom"
    assert alarm["resident"] == 1
    assert alarm["priority"] == 9
    assert alarm["test"] is False
    assert alarm["durable"] is True
    assert alarm["attempts"] == 1


async def test_press_out_of_unavailable_counts(
    hass: HomeAssistant, home: Home, municipality: Municipality
) -> None:
    hass.states.async_set(CORD, "unavailable")
    hass.states.async_set(CORD, "on")
    await arrived(hass, municipality, 1)


async def test_cord_that_stays_pulled_counts_once(
    hass: HomeAssistant, home: Home, municipality: Municipality
) -> None:
    hass.states.async_set(CORD, "on")
    await arrived(hass, municipality, 1)
    for state in ("unavailable", "on", "unknown", "on"):
        hass.states.async_set(CORD, state)
    hass.states.async_set(CORD, "on", {"battery": 80})
    await hass.async_block_till_done()
    assert calls(municipality)[0]["presses"] == 1
    [alarm] = home.ledger.open_alarms()
    assert alarm.presses == 1


async def test_latched_cord_is_no_new_alarm_at_the_next_start(
    hass: HomeAssistant, home: Home, municipality: Municipality
) -> None:
    hass.states.async_set(CORD, "on")
    await arrived(hass, municipality, 1)
    assert await hass.config_entries.async_reload(home.entry.entry_id)
    await hass.async_block_till_done()
    again: Home = home.entry.runtime_data
    assert again is not home
    assert [alarm.presses for alarm in again.ledger.open_alarms()] == [1]
    assert len(calls(municipality)) == 1


async def test_pulled_while_the_home_was_deaf(
    hass: HomeAssistant, home: Home, municipality: Municipality
) -> None:
    await hass.config_entries.async_unload(home.entry.entry_id)
    hass.states.async_set(CORD, "on")
    await hass.config_entries.async_setup(home.entry.entry_id)
    await arrived(hass, municipality, 1)


async def test_first_seen_while_pulled_is_where_it_starts_from(
    hass: HomeAssistant, home: Home, municipality: Municipality
) -> None:
    """A device that is added while active was not pressed for us; its next pull is."""
    registry = er.async_get(hass)
    registry.async_get_or_create("binary_sensor", "test", "late", suggested_object_id="late")
    hass.states.async_set("binary_sensor.late", "on")
    add_subentry(hass, home, button(4, entity_source("binary_sensor", "late")))
    await hass.async_block_till_done()
    assert home.ledger.open_alarms() == []
    hass.states.async_set("binary_sensor.late", "off")
    hass.states.async_set("binary_sensor.late", "on")
    [alarm] = await arrived(hass, municipality, 1)
    assert alarm["device"] == 4


async def test_any_event_of_an_event_entity(
    hass: HomeAssistant, home: Home, municipality: Municipality
) -> None:
    hass.states.async_set(BELL, "2026-11-22T02:00:00.000+00:00", {"event_type": "long_press"})
    [alarm] = await arrived(hass, municipality, 1)
    assert alarm["device"] == 2


async def test_event_restored_at_start_is_not_a_press(
    hass: HomeAssistant, home: Home, municipality: Municipality
) -> None:
    stamp = "2026-11-22T02:00:00.000+00:00"
    hass.states.async_set(BELL, stamp)
    await arrived(hass, municipality, 1)
    hass.states.async_set(BELL, "unavailable")
    hass.states.async_set(BELL, stamp)
    await hass.async_block_till_done()
    assert [alarm.presses for alarm in home.ledger.open_alarms()] == [1]


async def test_any_command_of_a_remote(
    hass: HomeAssistant, home: Home, municipality: Municipality
) -> None:
    for other in (
        {"device_ieee": "02:00:00:00:00:00:00:43", "command": "toggle"},
        {"device_ieee": REMOTE, "command": "attribute_updated"},
        {"device_ieee": REMOTE, "command": None},
    ):
        hass.bus.async_fire("zha_event", other)
    await hass.async_block_till_done()
    assert home.ledger.open_alarms() == []
    hass.bus.async_fire("zha_event", {"device_ieee": REMOTE, "command": "toggle"})
    [alarm] = await arrived(hass, municipality, 1)
    assert alarm["device"] == 3
    assert alarm["location"] == "bedroom"


async def test_renamed_source_is_still_heard(
    hass: HomeAssistant, home: Home, municipality: Municipality
) -> None:
    er.async_get(hass).async_update_entity(CORD, new_entity_id="binary_sensor.snore")
    await hass.async_block_till_done()
    hass.states.async_set("binary_sensor.snore", "off")
    hass.states.async_set("binary_sensor.snore", "on")
    await arrived(hass, municipality, 1)


async def test_source_that_is_gone_is_told(hass: HomeAssistant, home: Home) -> None:
    er.async_get(hass).async_remove(CORD)
    await hass.async_block_till_done()
    key = f"source_missing_{running_button(home, 1).subentry_id}"
    issue = ir.async_get(hass).async_get_issue("kvarbo", key)
    assert issue is not None
    assert issue.translation_placeholders == {"number": "1"}


async def test_source_that_loses_its_state_is_no_press(hass: HomeAssistant, home: Home) -> None:
    hass.states.async_remove(CORD)
    await hass.async_block_till_done()
    assert home.ledger.open_alarms() == []
    assert running_button(home, 1).entity_id == CORD


async def test_mark_has_one_length_whatever_the_source(
    hass: HomeAssistant, municipality: Municipality, start_home: StartHome
) -> None:
    """The journal takes keys of 200 characters; a unique id may be longer, and may hold a name."""
    unique_id = "the cord in the bathroom of " * 10
    er.async_get(hass).async_get_or_create(
        "binary_sensor", "test", unique_id, suggested_object_id="cord"
    )
    source = entity_source("binary_sensor", unique_id)
    home = await start_home(make_entry(receiver(municipality.url), button(1, source)))
    hass.states.async_set(CORD, "off")
    hass.states.async_set(CORD, "on")
    [call] = await arrived(hass, municipality, 1)
    assert call["durable"] is True
    marker = running_button(home, 1).marker
    assert len(marker) < 50
    # The order in which the settings are stored is nothing to it.
    turned = dict(reversed(source.items()))
    subentry = next(iter(s for s in home.entry.subentries.values() if s.subentry_type == "device"))
    hass.config_entries.async_update_subentry(
        home.entry, subentry, data={**subentry.data, "source": turned, "location": "sauna"}
    )
    await hass.async_block_till_done()
    assert running_button(home, 1).location == "sauna"
    assert running_button(home, 1).marker == marker
