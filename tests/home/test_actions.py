"""The actions: who may, what they answer, and that a bad call names its field and changes nothing."""

import time
from typing import Any

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.setup import async_setup_component
import probatio
import pytest
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.kvarbo.alarm.kinds import Location, Role
from custom_components.kvarbo.alarm.press import SAME_MOVEMENT
from custom_components.kvarbo.home import Home
from simulator.municipality import Municipality
from simulator.testing import until

from .conftest import BELL, CORD, arrived, calls, is_received

HUGE = 10**5000
"""More digits than Python turns into text."""


@pytest.fixture
def admin(hass_admin_user: MockUser) -> Context:
    return Context(user_id=hass_admin_user.id)


@pytest.fixture
def who(hass: HomeAssistant, admin: Context) -> dict[str, Context]:
    """Whoever may call an action."""
    return {
        "admin": admin,
        "plain_user": Context(user_id=MockUser(name="Plain").add_to_hass(hass).id),
        "unknown": Context(user_id="nobody"),
        "automation": Context(),
    }


async def act(
    hass: HomeAssistant, action: str, data: dict[str, Any], context: Context | None = None
) -> Any:
    return await hass.services.async_call(
        "kvarbo", action, data, blocking=True, context=context, return_response=True
    )


async def refused(
    hass: HomeAssistant, action: str, data: dict[str, Any], context: Context | None = None
) -> ServiceValidationError:
    with pytest.raises(ServiceValidationError) as caught:
        await act(hass, action, data, context)
    assert caught.value.translation_domain == "kvarbo"
    return caught.value


async def stand(home: Home) -> tuple[str | None, set[str]]:
    """What a call that changes nothing must leave as it is: the journal's newest hash, the alarms."""
    assert await home.journal.flush(5)
    return await home.journal.audit_head(), set(home.ledger.alarms)


async def settled(home: Home) -> None:
    """Wait until the home has done what it does by itself after the start."""
    await until(lambda: home.any_reached() is not None, what="the first sign of life")
    await until(
        lambda: home.chain.transmitter.signs.audit_head is not None, what="the first upkeep"
    )


@pytest.mark.parametrize(
    ("caller", "role", "reason", "source"),
    [
        ("admin", "administrator", "raised_by_person", Role.HUB),
        ("plain_user", "user", "raised_by_person", Role.HUB),
        ("unknown", "user", "raised_by_person", Role.HUB),
        ("automation", "automation", "raised_by_rule", Role.RULE),
    ],
)
async def test_everyone_may_raise(
    hass: HomeAssistant,
    home: Home,
    municipality: Municipality,
    who: dict[str, Context],
    caller: str,
    role: str,
    reason: str,
    source: Role,
) -> None:
    """A11."""
    answer = await act(
        hass,
        "raise_alarm",
        {"kind": "help_call", "location": "kitchen", "resident": 1},
        who[caller],
    )
    [alarm] = home.ledger.open_alarms()
    assert answer == {
        "alarm": alarm.id,
        "episode": alarm.episode,
        "state": "raised",
        "durable": True,
        "merged": False,
        "test": False,
        "raised_at": alarm.raised_at.isoformat(),
    }
    assert (alarm.raised_by, alarm.reason, alarm.source.role) == (role, reason, source)
    [call] = await arrived(hass, municipality, 1)
    assert call["alarm"] == alarm.id
    assert call["location"] == "kitchen"
    assert call["resident"] == 1
    assert call["test"] is False


async def test_raise_for_a_device_takes_its_place_and_number(
    hass: HomeAssistant, home: Home
) -> None:
    for number in (1, "1", 1.0):
        await act(hass, "raise_alarm", {"kind": "fall", "device": number, "priority": "5"})
    await act(hass, "raise_alarm", {"kind": "fall", "device": 1, "location": "kitchen"})
    *from_device, elsewhere = home.ledger.open_alarms()
    for alarm in from_device:
        assert (alarm.source.number, alarm.source.role) == (1, Role.HELP_BUTTON)
        assert (alarm.location, alarm.priority) == (Location.BATHROOM, 5)
    assert (elsewhere.location, elsewhere.priority) == (Location.KITCHEN, 9)


async def test_same_episode_is_one_alarm(
    hass: HomeAssistant, home: Home, municipality: Municipality
) -> None:
    """A2. A template turns '1' into 1, which is the same name."""
    first = await act(hass, "raise_alarm", {"kind": "help_call", "episode": "1"})
    again = await act(hass, "raise_alarm", {"kind": "help_call", "episode": 1})
    assert (first["merged"], again["merged"]) == (False, True)
    assert again == {**first, "merged": True}
    other = await act(hass, "raise_alarm", {"kind": "help_call", "episode": "2"})
    assert other["alarm"] != first["alarm"]
    await arrived(hass, municipality, 2)


async def test_cancel(
    hass: HomeAssistant, home: Home, municipality: Municipality, admin: Context
) -> None:
    """A11: what was sent is not unsent, a cancel follows it."""
    raised = await act(hass, "raise_alarm", {"kind": "help_call"})
    await arrived(hass, municipality, 1)
    await is_received(home, raised["alarm"])
    answer = await act(hass, "cancel_alarm", {"alarm": raised["alarm"]}, admin)
    assert answer == {"alarm": raised["alarm"], "state": "cancelled"}
    await until(lambda: len(calls(municipality)[0]["messages"]) == 2, what="the cancel")
    assert calls(municipality)[0]["messages"][1]["type"] == "org.kvarbo.alarm.cancelled"
    error = await refused(hass, "cancel_alarm", {"alarm": raised["alarm"]}, admin)
    assert error.translation_key == "alarm_ended"
    assert error.translation_placeholders == {"alarm": raised["alarm"]}


@pytest.mark.parametrize("caller", ["plain_user", "unknown", "automation"])
async def test_only_an_administrator_may_do_more_than_raise(
    hass: HomeAssistant, home: Home, who: dict[str, Context], caller: str
) -> None:
    """A11."""
    context = who[caller]
    raised = await act(hass, "raise_alarm", {"kind": "help_call"})
    await settled(home)
    await is_received(home, raised["alarm"])
    before = await stand(home)
    for action, data in (("cancel_alarm", {"alarm": raised["alarm"]}), ("test_alarm", {})):
        error = await refused(hass, action, data, context)
        assert error.translation_key == "not_allowed"
    error = await refused(hass, "test_alarm", {"device": 1}, context)
    assert error.translation_key == "not_allowed"
    assert not home.chain.tests.is_announced(1, home.clock.monotonic())
    assert await stand(home) == before


async def test_administrator_who_is_no_longer_active(
    hass: HomeAssistant, home: Home, hass_admin_user: MockUser
) -> None:
    await hass.auth.async_deactivate_user(hass_admin_user)
    owner = MockUser(is_owner=True, is_active=False).add_to_hass(hass)
    for user in (hass_admin_user, owner):
        error = await refused(hass, "test_alarm", {}, Context(user_id=user.id))
        assert error.translation_key == "not_allowed"


TEXTS: list[object] = [True, 1.5, None, [], {}, ["help_call"], HUGE]
NUMBERS: list[object] = [
    *(True, False, 1.5, -1, 10_000, 10**400, HUGE, float("nan"), float("inf")),
    *("", "one", "1\n", " 1", "1_0", "-1", "1.0", "\u0663", "9" * 5000, [1], {}, None),
]
BAD: dict[str, tuple[str, str, list[object]]] = {
    "kind": (
        "bad_kind",
        "kind",
        [
            *TEXTS,
            *(5, "", "HELP_CALL", "help_call\n", "help call", "\x00", "x" * 1_000_000),
            # Technical alarms are the home's own to raise.
            *("receiver_lost", "journal_fault", "device_silent"),
        ],
    ),
    "location": (
        "bad_location",
        "place",
        [*TEXTS, 5, "", "attic", "bathroom ", "\x1b[2J", "x" * 1_000_000],
    ),
    "episode": (
        "bad_episode",
        "episode",
        [*TEXTS, "x" * 201, "x" * 1_000_000, "a\nb", "\x00", "a\u2028b", "\ud800"],
    ),
    "resident": ("bad_resident", "resident", [*NUMBERS, 10, "10"]),
    "priority": ("bad_priority", "priority", [n for n in NUMBERS if n is not None] + [10]),
    "device": ("unknown_device", "device", [*NUMBERS, 4, 9999]),
}


@pytest.mark.parametrize("field", BAD)
async def test_bad_field_is_named_and_changes_nothing(
    hass: HomeAssistant, home: Home, municipality: Municipality, field: str
) -> None:
    key, name, values = BAD[field]
    await settled(home)
    before = await stand(home)
    for value in values:
        error = await refused(hass, "raise_alarm", {"kind": "help_call", field: value})
        assert error.translation_key == key, value
        assert f"The field {name}:" in str(error)
        assert len(str(error)) < 200
        assert str(error).isprintable()
    assert await stand(home) == before
    assert calls(municipality) == []


async def test_unknown_alarm_cannot_be_cancelled(
    hass: HomeAssistant, home: Home, admin: Context
) -> None:
    await settled(home)
    before = await stand(home)
    for alarm in (*TEXTS, "", "x", "x" * 1_000_000, "\x00", 1, "01ARZ3NDEKTSV4RRFFQ69G5FAV"):
        error = await refused(hass, "cancel_alarm", {"alarm": alarm}, admin)
        assert error.translation_key == "unknown_alarm"
        assert "The field alarm:" in str(error)
        assert len(str(error)) < 200
    assert await stand(home) == before


async def test_unknown_device_cannot_be_tested(
    hass: HomeAssistant, home: Home, admin: Context
) -> None:
    await settled(home)
    before = await stand(home)
    for device in (*NUMBERS, 4):
        error = await refused(hass, "test_alarm", {"device": device}, admin)
        assert error.translation_key == "unknown_device"
        assert "The field device:" in str(error)
    assert await stand(home) == before


@pytest.mark.parametrize(
    ("action", "data", "named"),
    [
        ("raise_alarm", {"kind": "fall", "sensed_at": "x"}, "sensed_at"),
        ("cancel_alarm", {}, "alarm"),
        ("test_alarm", {"number": 1}, "number"),
    ],
)
async def test_field_that_is_missing_or_foreign_is_named(
    hass: HomeAssistant, home: Home, action: str, data: dict[str, Any], named: str
) -> None:
    with pytest.raises(probatio.Invalid, match=named):
        await act(hass, action, data)
    assert home.ledger.open_alarms() == []


async def test_no_home(hass: HomeAssistant, home: Home, admin: Context) -> None:
    """The actions exist while the home is not loaded, and say so."""
    assert await hass.config_entries.async_unload(home.entry.entry_id)
    for action, data in (
        ("raise_alarm", {"kind": "help_call"}),
        ("cancel_alarm", {"alarm": "x"}),
        ("test_alarm", {}),
    ):
        error = await refused(hass, action, data, admin)
        assert error.translation_key == "no_home"


async def test_never_set_up(hass: HomeAssistant) -> None:
    assert await async_setup_component(hass, "kvarbo", {})
    error = await refused(hass, "raise_alarm", {"kind": "help_call"})
    assert error.translation_key == "no_home"


async def test_test_of_the_hub(
    hass: HomeAssistant, home: Home, municipality: Municipality, admin: Context
) -> None:
    answer = await act(hass, "test_alarm", {}, admin)
    assert answer["test"] is True
    [alarm] = await arrived(hass, municipality, 1)
    assert alarm["test"] is True
    assert alarm["device"] == 0


async def test_announced_press_is_a_test_and_the_next_is_real(
    hass: HomeAssistant, home: Home, municipality: Municipality, admin: Context
) -> None:
    """A9."""
    answer = await act(hass, "test_alarm", {"device": 1}, admin)
    assert answer["device"] == 1
    assert answer["until"] > home.clock.now().isoformat()
    hass.states.async_set(BELL, "2026-11-22T02:00:00.000+00:00")
    [other] = await arrived(hass, municipality, 1)
    assert (other["device"], other["test"]) == (2, False)

    hass.states.async_set(CORD, "on")
    pressed_at = time.monotonic()
    _, announced = await arrived(hass, municipality, 2)
    assert (announced["device"], announced["test"]) == (1, True)
    hass.states.async_set(CORD, "off")
    await until(lambda: time.monotonic() - pressed_at > SAME_MOVEMENT, what="another movement")
    hass.states.async_set(CORD, "on")
    assert time.monotonic() - pressed_at < 10
    _, _, real = await arrived(hass, municipality, 3)
    assert (real["device"], real["test"]) == (1, False)
    assert real["alarm"] != announced["alarm"]
