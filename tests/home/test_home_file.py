"""A home file in a real Home Assistant: applied in whole or not at all, back again, and as the same home anew."""

import asyncio
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
import hashlib
from pathlib import Path
import sqlite3
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import issue_registry as ir
import pytest
import pytest_asyncio
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.kvarbo import home_file_apply, home_file_steps
from custom_components.kvarbo.const import DOMAIN
from custom_components.kvarbo.home_file.reader import read_home_file
from custom_components.kvarbo.home_file.signature import new_keys, sign
from custom_components.kvarbo.supervision.consent import Consent
from custom_components.kvarbo.supervision.identity import WatcherKind
from simulator.municipality import Municipality
from simulator.testing_municipality import TOKEN
from tests.home.conftest import StartHome, add_subentry, arrived, make_entry, receiver
from tests.home.filed import THEIRS, Filed, file_of, prepare, until_soon, write_through


@pytest_asyncio.fixture
async def filed(
    hass: HomeAssistant,
    hass_admin_user: MockUser,
    municipality: Municipality,
    start_home: StartHome,
    hass_storage: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> Filed:
    """A home with a receiver and nothing else, which takes files."""
    await prepare(hass)
    write_through(monkeypatch, hass, hass_storage)
    home = await start_home(make_entry(receiver(municipality.url, name="centre")))
    return Filed(hass, hass_admin_user, home)


@pytest.fixture
def full(municipality: Municipality) -> str:
    return file_of(municipality.url)


def issues(hass: HomeAssistant) -> set[str]:
    return {key for domain, key in ir.async_get(hass).issues if domain == DOMAIN}


async def test_all_that_it_says_is_set(filed: Filed, full: str) -> None:
    told = await filed.apply(full)
    assert told["applied"]
    home, entry = filed.home, filed.home.entry
    assert entry.data["label"] == entry.title == "Flat 12"
    assert entry.data["next_number"] == 12
    assert home.watching.house.dwelling.visits
    assert filed.devices().keys() == {1, 4, 7}
    assert filed.devices()[4]["source"]["unique_id"] == "bed"
    assert filed.rules() == {"night_absence/1/", "fall_signal/1/"}
    slots = {str(i): s for i, s in home.watching.supervisor.slots.items()}
    assert slots["night_absence/1/"].watcher.settings.limit == 25 * 60
    assert slots["night_absence/1/"].options.priority == 6
    assert all(slots[rule].listeners for rule in filed.rules())
    assert filed.state("kvarbo_file_night_absence_1") == "on"
    # What it said was different; now nothing is.
    assert not (await filed.apply(full, check_only=True))["changes"]


async def test_what_is_exported_is_what_was_applied(filed: Filed, full: str) -> None:
    await filed.apply(full)
    text = await filed.export()
    assert TOKEN not in text
    assert read_home_file(text).rules == read_home_file(full).rules or "priority: 6" in text
    assert not (await filed.apply(text, check_only=True))["changes"]
    assert await filed.export() == text


async def test_a_check_tells_the_difference_and_changes_nothing(filed: Filed, full: str) -> None:
    before = await filed.export()
    told = await filed.apply(full, check_only=True)
    assert not told["applied"]
    changed = {change["path"]: (change["old"], change["new"]) for change in told["changes"]}
    assert changed["home.label"] == ("Home 4711", "Flat 12")
    assert changed["rules.night_absence/1.settings.limit"] == (None, "00:25:00")
    assert await filed.export() == before
    assert await filed.text() == THEIRS
    assert not (await filed.record()).current


async def test_the_automations_of_people_stay_octet_by_octet(filed: Filed, full: str) -> None:
    await filed.apply(full)
    assert (await filed.text()).startswith(THEIRS)
    await filed.apply(full[: full.index("rules:")] + "rules: []\n")
    assert await filed.text() == THEIRS
    assert filed.rules() == set()
    assert filed.state("kvarbo_file_fall_signal_1") is None
    assert filed.state("1700000000001") == "on"


async def test_a_changed_limit_keeps_a_person_s_name_and_steps(filed: Filed, full: str) -> None:
    await filed.apply(full)
    text = await filed.text()
    steps = "      after_alarm:\n      - delay: 1\n      limit: 00:25:00"
    edited = text.replace("      limit: 00:25:00", steps).replace(
        "alias: 'Kvarbo:", "alias: 'Night:"
    )
    assert edited.count("after_alarm") == 1
    await filed.hass.async_add_executor_job(filed.automations.write_text, edited)
    told = await filed.apply(full.replace("00:25:00", "00:40:00"))
    assert [change["new"] for change in told["changes"]] == ["00:40:00"]
    assert told["left_out"] == ["rules.night_absence/1/.after_alarm"]
    text = await filed.text()
    assert "after_alarm" in text
    assert "alias: 'Night:" in text
    slots = {str(i): s for i, s in filed.home.watching.supervisor.slots.items()}
    assert slots["night_absence/1/"].watcher.settings.limit == 40 * 60


async def test_a_consent_that_is_gone_stops_its_rule_at_once(filed: Filed, full: str) -> None:
    await filed.apply(full)
    consents = filed.home.watching.consents
    assert len(consents.held()) == 2
    start, end = full.index("  - function: night"), full.index("rules:")
    await filed.apply(full[:start] + full[end:])
    assert [str(function) for function, _ in consents.held()] == ["fall_signal"]
    slots = {str(i): s for i, s in filed.home.watching.supervisor.slots.items()}
    assert slots["night_absence/1/"].standing == "no_consent"


async def test_a_pause_begins_and_ends(filed: Filed, full: str) -> None:
    until = filed.home.clock.now().replace(microsecond=0).isoformat()
    soon = filed.home.clock.now().timestamp() + 86400
    later = datetime.fromtimestamp(int(soon), UTC).isoformat()
    await filed.apply(f"{full}pauses:\n  - resident: 1\n    until: {later}\n")
    state = filed.home.watching.house.resident(1)
    assert state.paused_until == int(soon)
    # One that is over says nothing, and what is left out stays.
    await filed.apply(full)
    assert state.paused_until == int(soon)
    await filed.apply(f"{full}pauses:\n  - resident: 1\n    until: {until}\n")
    assert state.paused_until is None


# -- not at all ----------------------------------------------------------------------------------


def broken(old: str, new: str) -> Callable[[str], str]:
    return lambda text: text.replace(old, new, 1)


@pytest.mark.parametrize(
    ("change", "line", "field"),
    [
        (broken('"4711"', '"4712"'), 3, "home.controller"),
        (broken("visits: true", "visits: maybe"), 9, "dwelling.visits"),
        (broken("    url: http", "    url: ftp"), 15, "receivers[1].url"),
        (broken("role: help_button", "role: dragon"), 19, "devices[1].role"),
        (broken("basis: own", "basis: hearsay"), 34, "consents[1].basis"),
        (broken("2026-01-01T", "2126-01-01T"), 36, "consents[1].given"),
        (broken("limit: 00:25:00", "limit: 99:25:00"), 49, "rules[1].settings.limit"),
        (broken("suitable: true", "suitable: false"), 46, "rules[1].suitable"),
        (broken("\nhome:", "\nway_out: {way: router}\nhome:"), 2, "way_out"),
        (
            lambda text: f"{text}pauses:\n  - resident: 1\n    until: 2099-01-01T00:00:00+00:00\n",
            60,
            "pauses[1].until",
        ),
    ],
)
async def test_a_broken_file_is_told_by_line_and_nothing_of_it_is_applied(
    filed: Filed, full: str, change: Callable[[str], str], line: int, field: str
) -> None:
    before = await filed.export()
    text = change(full)
    assert text != full
    told = await filed.apply(text, check_only=True)
    assert [(flaw["line"], flaw["field"]) for flaw in told["flaws"]] == [(line, field)], told
    with pytest.raises(ServiceValidationError) as refused:
        await filed.apply(text)
    assert refused.value.translation_key == "bad_settings"
    placeholders: Any = refused.value.translation_placeholders
    assert f"line {line}, {field}: " in placeholders["flaws"]
    assert await filed.export() == before
    assert await filed.text() == THEIRS
    assert not (await filed.record()).current


async def test_a_device_keeps_its_role(filed: Filed, full: str) -> None:
    await filed.apply(full)
    told = await filed.apply(full.replace("role: help_button", "role: item"), check_only=True)
    assert [flaw["problem"] for flaw in told["flaws"]] == ["role_fixed"]


async def test_a_person_s_own_rule_stays_theirs(
    hass: HomeAssistant, filed: Filed, full: str
) -> None:
    by_hand = "- id: by_hand\n  alias: By hand\n  triggers:\n"
    by_hand += "  - trigger: kvarbo.alarmed\n    options: {rule: fall_signal, resident: 1,\n"
    by_hand += "      owner: alarm_centre, suitable: true}\n  actions: []\n"
    await hass.async_add_executor_job(filed.automations.write_text, THEIRS + by_hand)
    await hass.services.async_call("automation", "reload", blocking=True)
    await hass.async_block_till_done()
    told = await filed.apply(full)
    assert told["by_hand"] == ["fall_signal/1/"]
    assert filed.state("kvarbo_file_fall_signal_1") is None
    # It goes on where a file does not speak of it, and is never overruled.
    await filed.apply(full[: full.index("  - rule: fall_signal")])
    assert "fall_signal/1/" in filed.rules()
    told = await filed.apply(full.replace("owner: alarm_centre", "owner: nurse"), check_only=True)
    assert [flaw["problem"] for flaw in told["flaws"]] == ["by_hand"]
    assert by_hand in await filed.text()


@pytest.mark.parametrize("text", ["automation: 3\n", "[{id: a}]\n", "- id: [\n", "a: *b\n"])
async def test_automations_that_cannot_be_taken_apart_are_left_alone(
    hass: HomeAssistant, filed: Filed, full: str, text: str
) -> None:
    await hass.async_add_executor_job(filed.automations.write_text, text)
    told = await filed.apply(full, check_only=True)
    assert [flaw["problem"] for flaw in told["flaws"]] == ["automations_unreadable"]
    assert await filed.text() == text
    assert "automations.yaml" in (await filed.call("export_settings"))["left_out"]


@pytest.mark.parametrize(
    ("data", "key"),
    [
        ({}, "no_settings"),
        ({"settings": 3}, "no_settings"),
        ({"settings": "", "check_only": "x"}, "bad_check_only"),
        ({"previous": 1}, "bad_previous"),
        ({"previous": True}, "no_previous_settings"),
    ],
)
async def test_a_call_that_says_nothing_is_refused(
    filed: Filed, data: dict[str, Any], key: str
) -> None:
    with pytest.raises(ServiceValidationError) as refused:
        await filed.call("apply_settings", **data)
    assert refused.value.translation_key == key


# -- back again ----------------------------------------------------------------------------------


async def test_the_last_version_comes_back_whole(filed: Filed, full: str) -> None:
    await filed.apply(full)
    before = await filed.export()
    await filed.apply(
        "kvarbo_home: 1\nhome: {controller: '4711', label: Other}\nrules: []\ndevices: []\nconsents: []\n"
    )
    assert filed.devices() == {}
    assert filed.rules() == set()
    told = await filed.call("apply_settings", previous=True)
    assert told["applied"]
    assert await filed.export() == before
    # And forth: what held before going back is the last version now.
    await filed.call("apply_settings", previous=True)
    assert filed.devices() == {}


# -- signatures ----------------------------------------------------------------------------------


async def test_with_a_key_only_signed_files_are_taken(filed: Filed, full: str) -> None:
    private, public = new_keys()
    entry = filed.home.entry
    filed.hass.config_entries.async_update_entry(entry, data={**entry.data, "signed_by": public})
    for text, problem in (
        (full, "not_signed"),
        (sign(full, new_keys()[0]), "wrong_signature"),
        (sign(full, private).replace("Flat 12", "Flat 13"), "wrong_signature"),
    ):
        told = await filed.apply(text, check_only=True)
        assert [flaw["problem"] for flaw in told["flaws"]] == [problem]
        with pytest.raises(ServiceValidationError):
            await filed.apply(text)
    assert entry.data["label"] == "Home 4711"
    assert (await filed.apply(sign(full, private)))["applied"]
    # What the home has kept itself needs nobody's word.
    await filed.call("apply_settings", previous=True)
    assert entry.data["label"] == "Home 4711"


# -- receivers and devices -----------------------------------------------------------------------


async def test_a_receiver_keeps_its_credentials_and_a_new_one_asks_for_them(
    filed: Filed, full: str, municipality: Municipality
) -> None:
    second = full.replace(
        "devices:",
        f"  - name: second\n    protocol: rest\n    url: {municipality.url}/x\n    order: 2\ndevices:",
        1,
    )
    await filed.apply(second)
    centre, other = filed.home.receivers()
    assert centre.data["token"] == TOKEN
    assert "token" not in other.data
    assert list(filed.home.receiver_errors) == [other.subentry_id]
    assert f"receiver_settings_{other.subentry_id}" in issues(filed.hass)
    # Alarms still go to the one that can be reached.
    await filed.home.test_hub("administrator")
    await arrived(filed.hass, municipality, 1)


async def test_a_device_that_is_to_be_paired_says_so_and_calls_once_it_is(
    hass: HomeAssistant, filed: Filed, full: str, municipality: Municipality
) -> None:
    await filed.apply(full)
    by_number = {d.data["number"]: d for d in filed.home.device_subentries()}
    cord = by_number[1]
    assert f"not_paired_{cord.subentry_id}" in issues(hass)
    assert f"source_missing_{cord.subentry_id}" not in issues(hass)
    for _ in range(2):
        await until_soon(hass)
        filed.home.check.rounds.look()
    assert not filed.home.check.rounds.vitals[1].away, "nobody waits to hear of it"
    flow = await hass.config_entries.subentries.async_init(
        (filed.home.entry.entry_id, "device"),
        context={"source": "reconfigure", "subentry_id": cord.subentry_id},
    )
    flow = await hass.config_entries.subentries.async_configure(
        flow["flow_id"], {"next_step_id": "entity"}
    )
    flow = await hass.config_entries.subentries.async_configure(
        flow["flow_id"],
        {"entity_id": "binary_sensor.cord", "location": "bathroom", "resident": 1},
    )
    assert flow["type"] == "abort", flow
    await hass.async_block_till_done()
    assert f"not_paired_{cord.subentry_id}" not in issues(hass)
    hass.states.async_set("binary_sensor.cord", "on")
    (alarm,) = await arrived(hass, municipality, 1)
    assert alarm["kind"] == "help_call"
    # The next file leaves its source to it.
    assert not (await filed.apply(full))["changes"]
    assert filed.devices()[1]["source"]["unique_id"] == "cord"


async def test_a_review_that_is_due_is_told(filed: Filed, full: str) -> None:
    await filed.apply(full)
    assert "review_due" not in issues(filed.hass)
    await filed.apply(full.replace("2099-05-01", "2026-01-31"))
    assert "review_due" in issues(filed.hass)


async def test_what_no_file_can_say_is_named_and_stays(
    hass: HomeAssistant, filed: Filed, full: str
) -> None:
    await filed.apply(full)
    later = {"number": 11, "role": "of_a_later_release", "location": "hallway", "source": {}}
    add_subentry(
        hass,
        filed.home,
        {"data": later, "subentry_type": "device", "title": "Later", "unique_id": None},
    )
    bed = next(d for d in filed.home.device_subentries() if d.data["number"] == 4)
    hass.config_entries.async_update_subentry(
        filed.home.entry, bed, data={**bed.data, "of_a_later_release": 3}
    )
    taken = Consent("own", "of_a_later_release", 5.0)
    filed.home.watching.give_consent(WatcherKind.LIFT, 1, taken, "administrator")
    await hass.async_block_till_done()
    told = await filed.call("export_settings")
    assert told["left_out"] == ["consents.lift/1", "devices.11"]
    await filed.apply(told["settings"].replace("Flat 12", "Flat 13"))
    assert filed.devices()[11] == later
    assert filed.devices()[4]["of_a_later_release"] == 3
    assert filed.home.watching.consents.of(WatcherKind.LIFT, 1) == taken


MORE = """\
  - name: sip
    protocol: scaip
    url: sip:larm@127.0.0.1:5060
    order: 2
    username: hub
    transport: tcp
    registers: "no"
    local_port: 5070
  - name: broker
    protocol: mqtt
    url: mqtt://127.0.0.1:1883
    order: 3
    username: hub
    takes: operations
devices:
  - number: 2
    role: entry_lock
    location: front_door
    lock: {relock_minutes: 7, relock_always: true, visits: "08:00-08:30", by_command: true}
  - number: 3
    role: dispenser
    location: kitchen
    source: {type: entity, domain: binary_sensor, platform: test, unique_id: hall}
    fields:
      - {field: taken_by, type: entity, domain: binary_sensor, platform: test, unique_id: mat}
  - number: 5
    role: lift
    location: bathroom
    active_above: 12.5
    strains_above: 400
"""


async def test_every_kind_of_receiver_and_device_comes_back(filed: Filed, full: str) -> None:
    await filed.apply(full.replace("devices:\n", MORE, 1))
    text = await filed.export()
    home = read_home_file(text)
    assert [row.name for row in home.receivers or ()] == ["broker", "centre", "sip"]
    assert {row.number for row in home.devices or ()} == {1, 2, 3, 4, 5, 7}
    assert not (await filed.apply(text, check_only=True))["changes"]
    devices = filed.devices()
    assert devices[2]["relock_minutes"] == 7
    assert devices[3]["fields"]["taken_by"]["unique_id"] == "mat"
    await filed.apply(full)
    assert filed.devices().keys() == {1, 4, 7}
    await filed.call("apply_settings", previous=True)
    assert filed.devices() == devices
    assert await filed.export() == text


async def test_what_is_not_asked_is_kept_of_a_receiver(filed: Filed, full: str) -> None:
    """One from before files has no name: it is known by its address, and keeps its credentials."""
    (centre,) = filed.home.receivers()
    kept = {k: v for k, v in centre.data.items() if k != "name"}
    filed.hass.config_entries.async_update_subentry(filed.home.entry, centre, data=kept)
    text = await filed.export()
    (row,) = read_home_file(text).receivers or ()
    assert row.name.startswith("127_0_0_1")
    await filed.apply(
        text.replace("order: 1", "order: 4").replace("  language: en", "  language: sv")
    )
    (again,) = filed.home.receivers()
    assert again.subentry_id == centre.subentry_id
    assert again.data["token"] == TOKEN
    assert again.data["language"] == "sv"


async def test_who_applied_what_is_in_the_audit_chain_without_its_content(
    hass: HomeAssistant, filed: Filed, full: str
) -> None:
    await filed.apply(full)
    await filed.in_force()

    def bodies() -> list[str]:
        with closing(sqlite3.connect(filed.home.folder / "journal.db")) as journal:
            return [str(row[0]) for row in journal.execute("SELECT body FROM audit")]

    (body,) = [b for b in await hass.async_add_executor_job(bodies) if "settings_applied" in b]
    assert "administrator" in body
    assert hashlib.sha256(full.encode()).hexdigest() in body
    assert "Flat 12" not in body


async def test_a_caller_that_is_cut_off_leaves_no_half_home(
    filed: Filed, full: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def waits(*_: object) -> None:
        begun.set()
        await go_on.wait()

    steps = [home_file_steps.STEPS[0], waits, *home_file_steps.STEPS[1:]]
    monkeypatch.setattr(home_file_apply, "STEPS", steps)
    call = asyncio.create_task(filed.apply(full))
    await begun.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    go_on.set()
    await filed.in_force()
    assert filed.rules() == {"night_absence/1/", "fall_signal/1/"}


async def test_a_rule_whose_automation_cannot_be_loaded_is_missed(
    hass: HomeAssistant, filed: Filed, full: str
) -> None:
    """S9: Home Assistant is not told to read automations.yaml."""
    configuration = Path(hass.config.path("configuration.yaml"))
    await hass.async_add_executor_job(configuration.write_text, "automation: []\n")
    await filed.apply(full)
    assert filed.rules() == {"night_absence/1/", "fall_signal/1/"}
    slots = [
        slot
        for identity, slot in filed.home.watching.supervisor.slots.items()
        if str(identity) in filed.rules()
    ]
    assert not any(slot.listeners for slot in slots)
    assert all(slot.unattached_since is not None for slot in slots)
