"""A12 and A5 in Home Assistant: a restored or a damaged journal is shown until a person has read of it."""

from pathlib import Path
from typing import Any

from homeassistant.components.repairs import ConfirmRepairFlow
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.kvarbo.home import Home
from custom_components.kvarbo.repairs import async_create_fix_flow
from simulator.municipality import Municipality
from simulator.municipality.faults import Mode
from simulator.testing import until

from .conftest import CORD, arrived, calls, first_receiver, restore

pytestmark = pytest.mark.usefixtures("quick_answers")


def alarms_of(municipality: Municipality, kind: str) -> list[dict[str, Any]]:
    return [alarm for alarm in municipality.state()["alarms"] if alarm["kind"] == kind]


def issue(hass: HomeAssistant, issue_id: str) -> ir.IssueEntry | None:
    found = ir.async_get(hass).async_get_issue("kvarbo", issue_id)
    return found if found is not None and found.active else None


async def again(hass: HomeAssistant, home: Home) -> Home:
    """Start the home's entry again; it must be unloaded."""
    assert await hass.config_entries.async_setup(home.entry.entry_id)
    await hass.async_block_till_done()
    started: Home = home.entry.runtime_data
    return started


async def restarted(hass: HomeAssistant, home: Home) -> Home:
    assert await hass.config_entries.async_unload(home.entry.entry_id)
    return await again(hass, home)


async def fix(hass: HomeAssistant, client: ClientSessionGenerator, issue_id: str) -> dict[str, Any]:
    """Confirm an issue as the browser does; return what was shown before."""
    assert await async_setup_component(hass, "repairs", {})
    await hass.async_block_till_done()
    http = await client()
    asked = await http.post(
        "/api/repairs/issues/fix", json={"handler": "kvarbo", "issue_id": issue_id}
    )
    assert asked.status == 200
    form: dict[str, Any] = await asked.json()
    assert (form["type"], form["step_id"]) == ("form", "confirm")
    answer = await http.post(f"/api/repairs/issues/fix/{form['flow_id']}", json={})
    assert (await answer.json())["type"] == "create_entry"
    await hass.async_block_till_done()
    return form


@pytest.fixture
async def waiting(hass: HomeAssistant, home: Home, municipality: Municipality) -> str:
    """A help call that has reached nobody when the home is stopped; its id."""
    await municipality.set_fault(Mode.BUSY)
    hass.states.async_set(CORD, "on")
    [alarm] = await until(home.ledger.undelivered, what="an alarm that waits")
    assert await hass.config_entries.async_unload(home.entry.entry_id)
    await municipality.set_fault(Mode.NONE)
    return alarm.id


async def test_restored_journal_is_listed_and_nothing_of_it_is_sent(
    hass: HomeAssistant,
    home: Home,
    municipality: Municipality,
    waiting: str,
    hass_client: ClientSessionGenerator,
) -> None:
    former = home.facts.hub
    restore(home)
    home = await again(hass, home)
    assert home.facts.hub != former
    assert home.restored_alarms() == [waiting]
    shown = issue(hass, "journal_restored")
    assert shown is not None
    assert shown.is_fixable
    assert shown.translation_placeholders == {"count": "1", "alarms": waiting}
    # The home alarms, and says what has happened to it.
    hass.states.async_set(CORD, "off")
    hass.states.async_set(CORD, "on")
    [call] = await arrived(hass, municipality, 1)
    assert call["alarm"] != waiting
    await until(lambda: alarms_of(municipality, "journal_restored"), what="its technical alarm")

    # Unread, it is shown at each start, and told of once.
    home = await restarted(hass, home)
    assert issue(hass, "journal_restored") is not None
    form = await fix(hass, hass_client, "journal_restored")
    assert form["description_placeholders"] == {"count": "1", "alarms": waiting}
    assert issue(hass, "journal_restored") is None
    assert home.restored_alarms() == []
    [technical] = alarms_of(municipality, "journal_restored")
    await until(
        lambda: len(alarms_of(municipality, "journal_restored")[0]["messages"]) == 2,
        what="the all-clear",
    )
    home = await restarted(hass, home)
    assert issue(hass, "journal_restored") is None
    assert [a["alarm"] for a in alarms_of(municipality, "journal_restored")] == [technical["alarm"]]
    assert len(calls(municipality)) == 1


async def test_restored_journal_without_anything_undelivered(
    hass: HomeAssistant, home: Home, municipality: Municipality
) -> None:
    assert await hass.config_entries.async_unload(home.entry.entry_id)
    restore(home)
    home = await again(hass, home)
    shown = issue(hass, "journal_restored")
    assert shown is not None
    assert shown.translation_placeholders == {"count": "0", "alarms": ""}


async def test_latched_cord_is_no_call_in_a_restored_home(
    hass: HomeAssistant, home: Home, municipality: Municipality, waiting: str
) -> None:
    restore(home)
    home = await again(hass, home)
    await home.chain.transmitter.beat(first_receiver(home))
    await hass.async_block_till_done()
    assert calls(municipality) == []
    assert home.answers.now(1).answer == "idle"


@pytest.fixture
async def damaged(hass: HomeAssistant, home: Home, municipality: Municipality) -> Home:
    """A home that has started on a damaged journal."""
    assert await hass.config_entries.async_unload(home.entry.entry_id)
    await _damage(hass, home.folder)
    return await again(hass, home)


async def _damage(hass: HomeAssistant, folder: Path) -> None:
    def overwrite() -> None:
        (folder / "journal.db-wal").unlink(missing_ok=True)
        with (folder / "journal.db").open("r+b") as file:
            file.write(b"no database" * 2000)

    await hass.async_add_executor_job(overwrite)


def _is_the_damaged(file: Path) -> bool:
    return file.read_bytes().startswith(b"no database")


async def test_damaged_journal_is_kept_and_told_of_once(
    hass: HomeAssistant,
    damaged: Home,
    municipality: Municipality,
    hass_client: ClientSessionGenerator,
) -> None:
    shown = issue(hass, "journal_set_aside")
    assert shown is not None
    assert shown.is_fixable
    assert shown.translation_placeholders is not None
    kept = Path(shown.translation_placeholders["path"])
    assert _is_the_damaged(kept)
    [fault] = await until(lambda: alarms_of(municipality, "journal_fault"), what="its alarm")
    hass.states.async_set(CORD, "on")
    await arrived(hass, municipality, 1)

    # Closed by the operator and read by nobody: shown at each start, not told again.
    municipality.close_alarm(fault["alarm"])
    await until(
        lambda: fault["alarm"] not in {a.id for a in damaged.ledger.open_alarms()}, what="the close"
    )
    home = await restarted(hass, damaged)
    assert issue(hass, "journal_set_aside") is not None
    await home.chain.transmitter.beat(first_receiver(home))
    assert len(alarms_of(municipality, "journal_fault")) == 1

    await fix(hass, hass_client, "journal_set_aside")
    assert issue(hass, "journal_set_aside") is None
    assert _is_the_damaged(kept)
    await restarted(hass, home)
    assert issue(hass, "journal_set_aside") is None
    assert len(alarms_of(municipality, "journal_fault")) == 1


async def test_reading_of_a_damaged_journal_ends_its_alarm(
    hass: HomeAssistant,
    damaged: Home,
    municipality: Municipality,
    hass_client: ClientSessionGenerator,
) -> None:
    [fault] = await until(lambda: alarms_of(municipality, "journal_fault"), what="its alarm")
    await until(lambda: damaged.ledger.first_receipt(fault["alarm"]), what="the receipt")
    await fix(hass, hass_client, "journal_set_aside")
    await until(
        lambda: len(alarms_of(municipality, "journal_fault")[0]["messages"]) == 2,
        what="the all-clear",
    )
    assert damaged.ledger.open_alarms() == []
    # Twice read is read.
    await damaged.set_aside_read()
    assert damaged.set_aside is None


@pytest.mark.parametrize(
    ("issue_id", "data"),
    [
        ("journal_restored", None),
        ("journal_restored", {"entry_id": "unknown"}),
        ("journal_restored", {"entry_id": 7}),
        ("of_a_later_release", {"entry_id": "its own"}),
    ],
)
async def test_issue_that_nobody_takes_note_of_can_be_confirmed(
    hass: HomeAssistant,
    home: Home,
    issue_id: str,
    data: dict[str, str | int | float | None] | None,
) -> None:
    if data == {"entry_id": "its own"}:
        data = {"entry_id": home.entry.entry_id}
    flow = await async_create_fix_flow(hass, issue_id, data)
    assert type(flow) is ConfirmRepairFlow
