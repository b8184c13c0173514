"""Repair issues: there when a person is needed, gone by themselves when it is well again."""

from datetime import timedelta
from typing import Any

from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.kvarbo.home import Home
from custom_components.kvarbo.transmission.receiver import Heartbeat
from simulator.municipality import Municipality
from simulator.municipality.faults import Mode
from simulator.testing import until

from .conftest import (
    CORD,
    StartHome,
    add_subentry,
    arrived,
    button,
    entity_source,
    first_receiver,
    make_entry,
    receiver,
    running_button,
    stalled_disk,
)


def issues(hass: HomeAssistant) -> dict[str, ir.IssueEntry]:
    """Kvarbo's issues that stand now."""
    return {
        issue_id: issue
        for (domain, issue_id), issue in ir.async_get(hass).issues.items()
        if domain == "kvarbo" and issue.active
    }


async def there(hass: HomeAssistant, issue_id: str) -> ir.IssueEntry:
    return await until(lambda: issues(hass).get(issue_id), what=f"issue {issue_id}")


async def gone(hass: HomeAssistant, issue_id: str) -> None:
    await until(lambda: issue_id not in issues(hass), what=f"issue {issue_id} to go")


async def beat(home: Home, times: int = 1, key: str | None = None) -> None:
    """Send signs of life now; two that are missed make a receiver lost."""
    for _ in range(times):
        await home.chain.transmitter.beat(key or first_receiver(home))


def reauths(hass: HomeAssistant) -> list[Any]:
    """The flows that ask for new credentials."""
    flows = hass.config_entries.flow.async_progress_by_handler("kvarbo")
    return [flow for flow in flows if flow["context"]["source"] == "reauth"]


async def test_well_home_has_none(hass: HomeAssistant, home: Home) -> None:
    await beat(home)
    assert issues(hass) == {}


async def test_no_receiver(
    hass: HomeAssistant, municipality: Municipality, start_home: StartHome
) -> None:
    home = await start_home(make_entry())
    issue = await there(hass, "no_receiver")
    assert issue.severity is ir.IssueSeverity.ERROR
    assert not issue.is_fixable
    add_subentry(hass, home, receiver(municipality.url))
    await hass.async_block_till_done()
    assert issues(hass) == {}
    hass.config_entries.async_remove_subentry(home.entry, first_receiver(home))
    await hass.async_block_till_done()
    assert list(issues(hass)) == ["no_receiver"]


async def test_receiver_lost(hass: HomeAssistant, home: Home, municipality: Municipality) -> None:
    await municipality.set_fault(Mode.DOWN)
    await beat(home, 2)
    issue = await there(hass, f"receiver_lost_{first_receiver(home)}")
    assert issue.translation_key == "receiver_lost"
    assert issue.translation_placeholders is not None
    assert issue.translation_placeholders["receiver"] == "Receiver 1"
    assert issue.translation_placeholders["words"] not in ("", "-")
    await municipality.set_fault(Mode.NONE)
    await beat(home)
    await gone(hass, f"receiver_lost_{first_receiver(home)}")
    # The loss and the return have both been told (A8).
    await until(
        lambda: [a["kind"] for a in municipality.state()["alarms"]] == ["receiver_lost"],
        what="the alarm of the loss",
    )
    await until(lambda: home.ledger.open_alarms() == [], what="the all-clear")


async def test_lost_receiver_that_is_removed_leaves_no_issue(
    hass: HomeAssistant, home: Home, municipality: Municipality
) -> None:
    lost = add_subentry(hass, home, receiver("http://127.0.0.1:9", order=2)).subentry_id
    await hass.async_block_till_done()
    await beat(home, 2, lost)
    await there(hass, f"receiver_lost_{lost}")
    hass.config_entries.async_remove_subentry(home.entry, lost)
    await hass.async_block_till_done()
    assert issues(hass) == {}


async def test_refused_credentials_ask_once_for_each_receiver(
    hass: HomeAssistant, home: Home, municipality: Municipality
) -> None:
    first = first_receiver(home)
    second = add_subentry(hass, home, receiver(municipality.url, order=2)).subentry_id
    await hass.async_block_till_done()
    for key in (first, second):
        await beat(home, 1, key)
    await municipality.set_fault(Mode.CREDENTIALS)
    await beat(home)
    issue = await there(hass, f"credentials_refused_{first}")
    assert issue.translation_placeholders is not None
    assert issue.translation_placeholders["receiver"] == "Receiver 1"
    await until(lambda: len(reauths(hass)) == 1, what="the flow")
    # Refused again, in other words too: asked for already.
    home.chain.faults.credentials(first, "in other words")
    await beat(home, 3)
    await hass.async_block_till_done()
    assert len(reauths(hass)) == 1
    await beat(home, 1, second)
    await there(hass, f"credentials_refused_{second}")
    await until(lambda: len(reauths(hass)) == 2, what="the other receiver's flow")
    assert {flow["context"]["entry_id"] for flow in reauths(hass)} == {home.entry.entry_id}
    assert {flow["step_id"] for flow in reauths(hass)} == {"reauth_confirm"}

    # Mended at the far end: nobody need be asked any more.
    await municipality.set_fault(Mode.NONE)
    await beat(home, 1, second)
    await gone(hass, f"credentials_refused_{second}")
    assert len(reauths(hass)) == 1
    hass.config_entries.async_remove_subentry(home.entry, first)
    await hass.async_block_till_done()
    assert reauths(hass) == []
    assert issues(hass) == {}


async def test_flow_that_a_person_has_closed_comes_again_with_the_next_refusal(
    hass: HomeAssistant, home: Home, municipality: Municipality
) -> None:
    await until(lambda: home.any_reached() is True, what="the first sign of life")
    await municipality.set_fault(Mode.CREDENTIALS)
    await beat(home)
    [flow] = await until(lambda: reauths(hass), what="the flow")
    hass.config_entries.flow.async_abort(flow["flow_id"])
    assert reauths(hass) == []
    await municipality.set_fault(Mode.NONE)
    await beat(home)
    await gone(hass, f"credentials_refused_{first_receiver(home)}")
    await municipality.set_fault(Mode.CREDENTIALS)
    await beat(home)
    await until(lambda: len(reauths(hass)) == 1, what="another flow")


async def test_new_credentials_end_the_asking(
    hass: HomeAssistant, municipality: Municipality, start_home: StartHome
) -> None:
    home = await start_home(make_entry(receiver(municipality.url, token="of-another-home")))
    key = first_receiver(home)
    await there(hass, f"credentials_refused_{key}")
    await until(lambda: len(reauths(hass)) == 1, what="the flow")
    hass.config_entries.async_update_subentry(
        home.entry, home.entry.subentries[key], data=receiver(municipality.url)["data"]
    )
    await gone(hass, f"credentials_refused_{key}")
    await until(lambda: reauths(hass) == [], what="the flow to end")


async def test_form_refused(hass: HomeAssistant, home: Home, municipality: Municipality) -> None:
    """A6: a minimal version is sent, and a person hears why."""
    await municipality.set_fault(Mode.REFUSE_FULL)
    hass.states.async_set(CORD, "on")
    issue = await there(hass, f"form_refused_{first_receiver(home)}")
    assert issue.translation_placeholders is not None
    assert issue.translation_placeholders["receiver"] == "Receiver 1"
    [call] = await arrived(hass, municipality, 1)
    assert call["messages"][0]["minimal"] is True
    await municipality.set_fault(Mode.NONE)
    hass.bus.async_fire("zha_event", {"device_ieee": "02:00:00:00:00:00:00:42", "command": "on"})
    await arrived(hass, municipality, 2)
    await gone(hass, f"form_refused_{first_receiver(home)}")


async def test_two_hubs(
    hass: HomeAssistant, home: Home, municipality: Municipality, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A12."""
    await beat(home)
    other = Heartbeat(
        hub="01ARZ3NDEKTSV4RRFFQ69G5FAV",
        version="1",
        interval=300,
        undelivered=0,
        sent_at=home.clock.now(),
    )
    await home.chain.transmitter.lines[0].outlet.receiver.heartbeat(other)
    await beat(home)
    issue = await there(hass, f"two_hubs_{first_receiver(home)}")
    assert issue.translation_key == "two_hubs"
    monkeypatch.setattr("simulator.municipality.homes.CONFLICT_WITHIN", 0.0)
    await beat(home)
    await gone(hass, f"two_hubs_{first_receiver(home)}")


async def test_undelivered(hass: HomeAssistant, home: Home, municipality: Municipality) -> None:
    await municipality.set_fault(Mode.DOWN)
    hass.states.async_set(CORD, "on")
    raised_at = home.clock.now()
    await beat(home, 2)
    await until(lambda: len(home.ledger.undelivered()) == 2, what="the call, and the loss")
    assert await home.journal.flush(5)
    for minutes, expected in ((9, False), (11, True)):
        # Home time moves on; the look at each minute is Home Assistant's own timer.
        home.clock.raise_floor(raised_at + timedelta(minutes=minutes))
        async_fire_time_changed(hass, dt_util.utcnow() + timedelta(minutes=minutes))
        await hass.async_block_till_done()
        assert ("undelivered" in issues(hass)) is expected
    assert issues(hass)["undelivered"].translation_placeholders == {"count": "2", "minutes": "10"}
    await municipality.set_fault(Mode.NONE)
    home.chain.transmitter.release_all()
    await arrived(hass, municipality, 1)
    await gone(hass, "undelivered")


async def test_journal_fault(hass: HomeAssistant, home: Home, municipality: Municipality) -> None:
    await until(
        lambda: home.chain.transmitter.signs.audit_head is not None, what="the first upkeep"
    )
    with stalled_disk(home):
        hass.states.async_set(CORD, "on")
        issue = await there(hass, "journal_fault_hub")
        assert issue.translation_placeholders is not None
        assert "stalled" in issue.translation_placeholders["words"]
    await gone(hass, "journal_fault_hub")


async def test_receiver_that_cannot_be_used_while_another_works_on(
    hass: HomeAssistant, municipality: Municipality, start_home: StartHome
) -> None:
    home = await start_home(
        make_entry(
            receiver(municipality.url, profile='{"kvarbo_profile": '),
            receiver(municipality.url, order=2),
            button(1, entity_source("binary_sensor", "cord")),
        )
    )
    bad, good = (subentry.subentry_id for subentry in home.receivers())
    issue = await there(hass, f"receiver_settings_{bad}")
    assert issue.translation_key == "receiver_settings"
    placeholders = issue.translation_placeholders
    assert placeholders is not None
    assert placeholders["receiver"] == "Receiver 1"
    # In words, not in keys.
    assert placeholders["field"] != "profile"
    assert " " in placeholders["problem"]
    er.async_get(hass).async_get_or_create(
        "binary_sensor", "test", "cord", suggested_object_id="cord"
    )
    hass.states.async_set(CORD, "off")
    hass.states.async_set(CORD, "on")
    await arrived(hass, municipality, 1)
    assert [line.outlet.key for line in home.chain.transmitter.lines] == [good]

    mended: ConfigSubentryData = receiver(municipality.url)
    hass.config_entries.async_update_subentry(
        home.entry, home.entry.subentries[bad], data=mended["data"]
    )
    await gone(hass, f"receiver_settings_{bad}")
    assert [line.outlet.key for line in home.chain.transmitter.lines] == [bad, good]


async def test_unusable_receiver_that_is_removed_leaves_no_issue(
    hass: HomeAssistant, home: Home, municipality: Municipality
) -> None:
    bad = add_subentry(hass, home, receiver(municipality.url, order=2, heartbeat=1)).subentry_id
    await hass.async_block_till_done()
    assert list(issues(hass)) == [f"receiver_settings_{bad}"]
    hass.config_entries.async_remove_subentry(home.entry, bad)
    await hass.async_block_till_done()
    assert issues(hass) == {}


async def test_source_missing(hass: HomeAssistant, home: Home) -> None:
    key = f"source_missing_{running_button(home, 1).subentry_id}"
    er.async_get(hass).async_remove(CORD)
    await hass.async_block_till_done()
    issue = await there(hass, key)
    assert issue.translation_placeholders == {"number": "1"}
    # Back under its unique id, whatever its entity id is then.
    er.async_get(hass).async_get_or_create(
        "binary_sensor", "test", "cord", suggested_object_id="string"
    )
    await hass.async_block_till_done()
    assert issues(hass) == {}
    er.async_get(hass).async_remove("binary_sensor.string")
    await hass.async_block_till_done()
    hass.config_entries.async_remove_subentry(home.entry, running_button(home, 1).subentry_id)
    await hass.async_block_till_done()
    assert issues(hass) == {}


async def test_device_that_cannot_be_used(
    hass: HomeAssistant, municipality: Municipality, start_home: StartHome
) -> None:
    later = button(7, {"type": "later"})
    home = await start_home(make_entry(receiver(municipality.url), later))
    [key] = home.devices.deaf
    issue = await there(hass, f"source_missing_{key}")
    assert issue.translation_placeholders == {"number": "7"}


async def test_none_is_left_after_unloading(
    hass: HomeAssistant, municipality: Municipality, start_home: StartHome
) -> None:
    """Nobody would take them down any more."""
    home = await start_home(make_entry(receiver(municipality.url, heartbeat=1)))
    assert issues(hass) != {}
    assert await hass.config_entries.async_unload(home.entry.entry_id)
    assert issues(hass) == {}
    assert await hass.config_entries.async_setup(home.entry.entry_id)
    assert issues(hass) != {}
