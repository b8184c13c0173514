"""The power is cut while a home file is applied: the old home or the new one, never half; and a home made anew."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
import shutil
from types import MappingProxyType
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
import pytest
import pytest_asyncio
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.kvarbo import home_file_apply, home_file_steps
from custom_components.kvarbo.home_file.automations import pieces
from custom_components.kvarbo.home_file.record import FILE
from custom_components.kvarbo.home_file_apply import async_apply
from simulator.municipality import Municipality
from simulator.testing import until
from simulator.testing_municipality import TOKEN
from tests.home.conftest import StartHome, arrived, make_entry, receiver
from tests.home.filed import THEIRS, Filed, file_of, prepare, write_through

STEPS = len(home_file_steps.STEPS)
#: What a home has before: a rule and a device that the new file ends, one of each that it changes.
OLD = """\
kvarbo_home: 1
home:
  controller: "4711"
  label: Old
devices:
  - number: 1
    role: help_button
    location: hallway
  - number: 3
    role: motion
    location: kitchen
consents:
  - function: inactivity
    resident: 1
    basis: own
    taken_by: nurse
    given: 2026-01-01T10:00:00+01:00
rules:
  - rule: inactivity
    resident: 1
    owner: home_care
    suitable: true
  - rule: fall_signal
    resident: 1
    owner: nurse
    suitable: true
"""


@pytest_asyncio.fixture
async def filed(
    hass: HomeAssistant,
    hass_admin_user: MockUser,
    municipality: Municipality,
    start_home: StartHome,
    hass_storage: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> Filed:
    """A home that was set by a file."""
    await prepare(hass)
    write_through(monkeypatch, hass, hass_storage)
    home = await start_home(make_entry(receiver(municipality.url, name="centre")))
    filed = Filed(hass, hass_admin_user, home)
    await filed.apply(OLD)
    await filed.in_force()
    return filed


def cut_after(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    """Let the power go after so many steps."""

    async def cut(*_: Any) -> None:
        raise asyncio.CancelledError

    steps: list[Callable[..., Awaitable[None]]] = [*home_file_steps.STEPS[:count], cut]
    monkeypatch.setattr(home_file_apply, "STEPS", steps)


def stored(filed: Filed) -> dict[str, Any]:
    entry = filed.home.entry
    return {"data": dict(entry.data), "title": entry.title, "subentries": dict(entry.subentries)}


async def restart(filed: Filed, back_to: dict[str, Any] | None) -> None:
    """Start the home anew; `back_to` is what Home Assistant had written of it, None for all."""
    entry = filed.home.entry
    assert await filed.hass.config_entries.async_unload(entry.entry_id)
    if back_to is not None:
        object.__setattr__(entry, "data", MappingProxyType(back_to["data"]))
        object.__setattr__(entry, "title", back_to["title"])
        object.__setattr__(entry, "subentries", MappingProxyType(back_to["subentries"]))
    assert await filed.hass.config_entries.async_setup(entry.entry_id)
    await filed.hass.async_block_till_done()
    filed.home = entry.runtime_data


@pytest.mark.parametrize("is_written", [True, False], ids=["entries_written", "entries_lost"])
@pytest.mark.parametrize("count", range(STEPS + 1))
async def test_a_cut_after_any_step_leaves_the_new_home(
    hass: HomeAssistant,
    filed: Filed,
    municipality: Municipality,
    monkeypatch: pytest.MonkeyPatch,
    count: int,
    *,
    is_written: bool,
) -> None:
    new = file_of(municipality.url)
    before = stored(filed)
    # A subentry is changed in place, so what was written of it is a copy.
    before["subentries"] = {k: shallow(s) for k, s in before["subentries"].items()}
    with monkeypatch.context() as patched:
        cut_after(patched, count)
        with pytest.raises(asyncio.CancelledError):
            await async_apply(filed.home, new, "administrator")
        assert not (await filed.record()).in_force
    await restart(filed, None if is_written else before)
    assert not (await filed.apply(new, check_only=True))["changes"]
    assert filed.devices().keys() == {1, 4, 7}
    assert filed.rules() == {"night_absence/1/", "fall_signal/1/"}
    assert {str(f) for f, _ in filed.home.watching.consents.held()} == {
        "night_absence",
        "fall_signal",
    }
    assert filed.state("kvarbo_file_inactivity_1") is None
    assert filed.state("kvarbo_file_night_absence_1") == "on"
    assert (await filed.text()).startswith(THEIRS)
    await filed.in_force()
    # What held before the cut file is still what one can go back to.
    await filed.call("apply_settings", previous=True)
    assert filed.rules() == {"inactivity/1/", "fall_signal/1/"}
    assert filed.home.entry.title == "Old"


def shallow(subentry: Any) -> Any:
    return type(subentry)(
        data=MappingProxyType(dict(subentry.data)),
        subentry_id=subentry.subentry_id,
        subentry_type=subentry.subentry_type,
        title=subentry.title,
        unique_id=subentry.unique_id,
    )


async def test_a_cut_before_it_is_noted_leaves_the_old_home(
    hass: HomeAssistant,
    filed: Filed,
    municipality: Municipality,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = await filed.export()

    def cut(folder: Path, _: object) -> None:
        # The draft is written in part, and never takes the record's place.
        (folder / f"{FILE}.new").write_text('{"current": "kvarbo_ho', encoding="utf-8")
        raise asyncio.CancelledError

    with monkeypatch.context() as patched:
        patched.setattr(home_file_apply, "save", cut)
        with pytest.raises(asyncio.CancelledError):
            await async_apply(filed.home, file_of(municipality.url), "administrator")
    await restart(filed, None)
    assert await filed.export() == before
    assert (await filed.record()).in_force


@pytest.mark.parametrize("count", range(STEPS))
async def test_a_step_that_fails_is_undone_with_all_before_it(
    filed: Filed, municipality: Municipality, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    before, record = await filed.export(), await filed.record()
    text = await filed.text()
    failed: list[int] = []

    def failing(at: int, step: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
        async def run(*arguments: Any) -> None:
            if at == count and not failed:
                failed.append(at)
                raise HomeAssistantError("the disk refuses")
            await step(*arguments)

        return run

    steps = [failing(at, step) for at, step in enumerate(home_file_steps.STEPS)]
    monkeypatch.setattr(home_file_apply, "STEPS", steps)
    with pytest.raises(HomeAssistantError):
        await filed.apply(file_of(municipality.url).replace("name: centre", "name: other"))
    await filed.hass.async_block_till_done()
    assert failed == [count]
    assert await filed.export() == before
    # Ours may stand in another order; people's stand as they did.
    assert sorted(p.text for p in pieces(await filed.text())) == sorted(
        p.text for p in pieces(text)
    )
    assert (await filed.text()).startswith(THEIRS)
    assert await filed.record() == record
    assert [r.data["token"] for r in filed.home.receivers()] == [TOKEN]


async def test_a_disk_that_refuses_leaves_all_as_it_is(
    filed: Filed, municipality: Municipality, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await filed.export()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(home_file_apply, "save", full)
    with pytest.raises(HomeAssistantError) as refused:
        await filed.apply(file_of(municipality.url))
    assert refused.value.translation_key == "settings_disk"
    assert await filed.export() == before


@pytest.mark.parametrize("content", ["", "{", '{"current": 3}', "[]"])
async def test_a_record_that_cannot_be_read_stops_no_home(filed: Filed, content: str) -> None:
    path = filed.home.folder / FILE
    await filed.hass.async_add_executor_job(path.write_text, content)
    before = filed.rules()
    await restart(filed, None)
    assert filed.home.is_running
    assert filed.rules() == before
    # The next file makes it good.
    await filed.apply(OLD)
    assert (await filed.record()).current


async def test_it_is_in_force_only_when_home_assistant_has_written_it(
    filed: Filed, municipality: Municipality, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def not_yet(_path: Path, _entry: str, modified: str) -> bool:
        asked.append(modified)
        return False

    monkeypatch.setattr(home_file_apply, "_SOON", 0.01)
    monkeypatch.setattr(home_file_apply, "is_stored", not_yet)
    await filed.apply(file_of(municipality.url))
    await until(lambda: len(asked) > 2, 5, "the question")
    assert not (await filed.record()).in_force
    monkeypatch.setattr(home_file_apply, "is_stored", lambda *_: True)
    await filed.in_force()


async def test_a_hub_that_was_wiped_is_the_same_home_again_from_its_file_alone(
    hass: HomeAssistant,
    filed: Filed,
    municipality: Municipality,
    start_home: StartHome,
) -> None:
    await filed.apply(file_of(municipality.url))
    cord = next(d for d in filed.home.device_subentries() if d.data["number"] == 1)
    paired = {"type": "entity", "domain": "binary_sensor", "platform": "test", "unique_id": "cord"}
    hass.config_entries.async_update_subentry(
        filed.home.entry, cord, data={**cord.data, "source": paired}
    )
    await hass.async_block_till_done()
    text = await filed.export()
    devices, rules, folder = filed.devices(), filed.rules(), filed.home.folder
    # The hub is wiped: the home, its automations, what its journal held, and every pairing.
    await hass.config_entries.async_remove(filed.home.entry.entry_id)
    await hass.async_add_executor_job(shutil.rmtree, folder)
    await hass.async_add_executor_job(filed.automations.write_text, "[]\n")
    await hass.services.async_call("automation", "reload", blocking=True)
    registry = er.async_get(hass)
    for entity in list(registry.entities.values()):
        registry.async_remove(entity.entity_id)
    for state in hass.states.async_all():
        hass.states.async_remove(state.entity_id)
    await hass.async_block_till_done()

    filed.home = await start_home(make_entry(label="New hub"))
    assert not filed.devices()
    await filed.apply(text)
    assert filed.devices() == devices
    assert filed.rules() == rules
    assert await filed.export() == text
    assert filed.state("kvarbo_file_fall_signal_1") == "on"
    # What a file never holds is asked for.
    (centre,) = filed.home.receivers()
    assert list(filed.home.receiver_errors) == [centre.subentry_id]
    hass.config_entries.async_update_subentry(
        filed.home.entry, centre, data={**centre.data, "token": TOKEN}
    )
    await hass.async_block_till_done()
    # The button is paired again, and is known by what it is.
    again = registry.async_get_or_create("binary_sensor", "test", "cord").entity_id
    hass.states.async_set(again, "off")
    await hass.async_block_till_done()
    hass.states.async_set(again, "on")
    (alarm,) = await arrived(hass, municipality, 1)
    assert alarm["device"] == 1
    # And a rule alarms once its sensor's source is chosen.
    mat = next(d for d in filed.home.device_subentries() if d.data["number"] == 7)
    found = registry.async_get_or_create("binary_sensor", "test", "mat").entity_id
    hass.states.async_set(found, "off")
    hass.config_entries.async_update_subentry(
        filed.home.entry, mat, data={**mat.data, "source": {**paired, "unique_id": "mat"}}
    )
    await hass.async_block_till_done()
    hass.states.async_set(found, "on")
    await until(
        lambda: any(a["kind"] == "fall" for a in municipality.state(None)["alarms"]), 20, "a fall"
    )
