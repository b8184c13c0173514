"""Every action and command, tried as everyone (A11): each role may what its row says, and nothing else."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from homeassistant.core import Context, HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import HomeAssistantError
import probatio
import pytest
from pytest_homeassistant_custom_component.common import MockUser
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.kvarbo.home import Home
from custom_components.kvarbo.role import GIVEN, MAY, SEES, Actor, may, role_of, roles_of
from simulator.testing import until

#: What each action must at least be called with; what it says does not matter here.
CALLS: dict[str, dict[str, Any]] = {
    "raise_alarm": {"kind": "help_call"},
    "decline_alarm": {"episode": "none"},
    "cancel_alarm": {"alarm": "none"},
    "test_alarm": {},
    "pause_supervision": {"duration": {"hours": 1}},
    "resume_supervision": {},
    "set_away": {"away": True},
    "set_visitor": {},
    "give_consent": {
        "function": "inactivity",
        "resident": 1,
        "basis": "own",
        "taken_by": "coordinator",
    },
    "withdraw_consent": {"function": "inactivity", "resident": 1, "reason": "other"},
    "end_rule": {"rule": "inactivity", "resident": 1},
    "replay_rule": {"rule": "inactivity", "days": 1},
    "demo_time": {},
    "apply_settings": {"settings": "none"},
    "export_settings": {},
    "rate_alarm": {"alarm": "none", "outcome": "real"},
    "export_figures": {},
    "begin_commissioning": {},
    "note_commissioning": {"step": "lamp"},
    "leave_open": {"item": "none", "reason": "centre_busy", "until": "2030-01-01 00:00:00"},
    "close_commissioning": {},
}
COMMANDS: dict[str, tuple[str, dict[str, Any]]] = {
    "kvarbo/rule_kinds": ("replay_rule", {}),
    "kvarbo/rules": ("replay_rule", {}),
    "kvarbo/replay": ("replay_rule", {"rule": "inactivity"}),
    "kvarbo/commissioning": ("begin_commissioning", {}),
    "kvarbo/home": ("see_counts", {}),
    "kvarbo/alarms": ("see_devices", {}),
}
ANSWERS = frozenset({"replay_rule", "export_figures", "apply_settings", "export_settings"})


@pytest.fixture
async def users(
    hass: HomeAssistant, home: Home, hass_admin_user: MockUser
) -> dict[Actor, MockUser | None]:
    """One user of each role; an automation is none."""
    found: dict[Actor, MockUser | None] = {
        Actor.ADMINISTRATOR: hass_admin_user,
        Actor.AUTOMATION: None,
    }
    for actor in (*GIVEN, Actor.USER):
        found[actor] = MockUser(name=str(actor), is_owner=False).add_to_hass(hass)
    given = {user.id: str(role) for role, user in found.items() if user and role in GIVEN}
    hass.config_entries.async_update_entry(home.entry, options={"roles": given})
    await hass.async_block_till_done()
    return found


async def tried(
    hass: HomeAssistant, action: str, data: dict[str, Any], user: MockUser | None
) -> str:
    """Call an action; return why it was refused, empty where it was done."""
    context = Context() if user is None else Context(user_id=user.id)
    try:
        await hass.services.async_call(
            "kvarbo",
            action,
            data,
            blocking=True,
            context=context,
            return_response=action in ANSWERS,
        )
    except HomeAssistantError as err:
        return str(err.translation_key or type(err).__name__)
    except probatio.Invalid as err:
        raise AssertionError(f"{action}: {err}") from err
    return ""


def test_every_action_has_its_row_and_is_tried_here(hass: HomeAssistant) -> None:
    assert set(CALLS) == set(MAY)


async def test_every_action_of_ours_is_in_the_table(hass: HomeAssistant, home: Home) -> None:
    assert set(hass.services.async_services_for_domain("kvarbo")) == set(MAY)


@pytest.mark.parametrize("action", CALLS)
async def test_an_action_is_done_for_those_who_may_and_refused_to_all_others(
    hass: HomeAssistant, home: Home, users: dict[Actor, MockUser | None], action: str
) -> None:
    refused = {
        actor
        for actor, user in users.items()
        if await tried(hass, action, CALLS[action], user) == "not_allowed"
    }
    assert refused == set(Actor) - MAY[action]


async def test_who_may_nothing_else_changes_nothing(
    hass: HomeAssistant, home: Home, users: dict[Actor, MockUser | None]
) -> None:
    before = home.ledger.markers.copy(), home.watching.house.residents.copy()
    for actor in (Actor.VIEWER, Actor.DISPLAY, Actor.USER):
        for action in CALLS.keys() - {"raise_alarm"}:
            assert await tried(hass, action, CALLS[action], users[actor]) == "not_allowed"
    assert home.ledger.open_alarms() == []
    assert (home.ledger.markers, home.watching.house.residents) == before


@pytest.mark.parametrize("command", COMMANDS)
async def test_a_command_answers_those_who_may_and_nobody_else(
    hass: HomeAssistant,
    home: Home,
    users: dict[Actor, MockUser | None],
    hass_ws_client: WebSocketGenerator,
    command: str,
) -> None:
    action, data = COMMANDS[command]
    for actor, user in users.items():
        if user is None:
            continue
        client = await as_user(hass, hass_ws_client, user)
        await client.send_json_auto_id({"type": command, **data})
        answer = await client.receive_json()
        is_refused = not answer["success"] and answer["error"]["code"] == "unauthorized"
        assert is_refused is not may(actor, action), (actor, answer)
        await client.close()


async def test_everybody_is_told_who_they_are_and_what_they_may(
    hass: HomeAssistant,
    users: dict[Actor, MockUser | None],
    hass_ws_client: WebSocketGenerator,
) -> None:
    for actor, user in users.items():
        if user is None:
            continue
        client = await as_user(hass, hass_ws_client, user)
        await client.send_json_auto_id({"type": "kvarbo/me"})
        told = (await client.receive_json())["result"]
        allowed = {action for action, actors in MAY.items() if actor in actors}
        sees = {sight for sight, actors in SEES.items() if actor in actors}
        assert told == {"role": str(actor), "may": sorted(allowed), "sees": sorted(sees)}
        await client.close()


async def as_user(hass: HomeAssistant, clients: WebSocketGenerator, user: MockUser) -> Any:
    """A page that this user has opened."""
    refresh = await hass.auth.async_create_refresh_token(user, "http://127.0.0.1/")
    return await clients(hass, hass.auth.async_create_access_token(refresh))


async def test_a_role_is_given_and_taken_in_the_homes_own_dialog(
    hass: HomeAssistant, home: Home
) -> None:
    one = MockUser(name="One").add_to_hass(hass)
    two = MockUser(name="Two").add_to_hass(hass)
    flows = hass.config_entries.options
    page = await flows.async_init(home.entry.entry_id)
    assert page["step_id"] == "init"
    page = await flows.async_configure(
        page["flow_id"], {"technician": [one.id], "coordinator": [one.id, two.id]}
    )
    assert page["errors"] == {"technician": "role_twice", "coordinator": "role_twice"}
    page = await flows.async_configure(
        page["flow_id"], {"technician": [one.id], "coordinator": [two.id]}
    )
    assert page["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    assert await role_of(hass, Context(user_id=one.id)) is Actor.TECHNICIAN
    assert await role_of(hass, Context(user_id=two.id)) is Actor.COORDINATOR
    # A user who is switched off has no role; one who is gone is forgotten with the next word.
    await hass.auth.async_deactivate_user(one)
    assert await role_of(hass, Context(user_id=one.id)) is Actor.USER
    page = await flows.async_init(home.entry.entry_id)
    form: Any = page["data_schema"]
    fields = {str(key): key for key in form.schema}
    assert fields["coordinator"].description == {"suggested_value": [two.id]}
    await flows.async_configure(page["flow_id"], {"coordinator": [two.id]})
    assert roles_of(home.entry) == {two.id: Actor.COORDINATOR}


@pytest.mark.parametrize("kept", [None, [], "x", {"u": "owner"}, {"u": 5}, {"u": "administrator"}])
def test_what_is_no_role_gives_none(kept: object) -> None:
    entry: Any = SimpleNamespace(options={"roles": kept})
    assert roles_of(entry) == {}


def test_to_look_is_no_action_and_who_sees_more_sees_the_less_too() -> None:
    assert not SEES.keys() & MAY.keys()
    assert SEES["see_home"] < SEES["see_devices"] < SEES["see_counts"] < set(Actor)
    assert not {Actor.USER, Actor.AUTOMATION} & SEES["see_counts"]


def test_what_nobody_has_listed_only_an_administrator_may() -> None:
    assert [actor for actor in Actor if may(actor, "something_new")] == [Actor.ADMINISTRATOR]


async def test_a_role_stands_in_the_audit_trail_and_no_user_does(
    hass: HomeAssistant, home: Home, users: dict[Actor, MockUser | None], tmp_path: Any
) -> None:
    coordinator = users[Actor.COORDINATOR]
    assert coordinator is not None
    assert await tried(hass, "pause_supervision", CALLS["pause_supervision"], coordinator) == ""
    assert await home.journal.flush(5)
    kept = (home.folder / "journal.db").read_bytes() + b"".join(
        file.read_bytes() for file in home.folder.glob("journal.db-*")
    )
    await until(lambda: b'"coordinator"' in kept, what="its role")
    assert coordinator.id.encode() not in kept


def test_the_page_says_who_may_what() -> None:
    text = (Path(__file__).parents[2] / "docs" / "actions.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1:-1] for line in text.splitlines() if line.startswith("|")]
    by = (Actor.TECHNICIAN, Actor.COORDINATOR, Actor.VIEWER, Actor.DISPLAY, Actor.USER)
    told = {
        row[0].strip().strip("`"): {
            actor
            for actor, cell in zip((*by, Actor.AUTOMATION), row[1:], strict=True)
            if cell.strip() == "yes"
        }
        for row in rows
        if len(row) == len(by) + 2
    }
    assert {action: told.get(action) for action in MAY} == {
        action: set(actors) - {Actor.ADMINISTRATOR} for action, actors in MAY.items()
    }
