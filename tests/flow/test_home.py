"""The dialog of the home: its number, its label, and nothing that could name a person (R07)."""

from typing import Any

from homeassistant.config_entries import ConfigEntry, FlowType
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest

from simulator.municipality import Municipality
from simulator.testing import until

from .conftest import SetUp
from .talk import Talk

HOME: dict[str, Any] = {
    "controller": "4711",
    "label": "Flat 12",
    "demo": False,
    "way_out": {"way": "router"},
}
#: Who lives in a new home, as its dialog shows it.
DWELLING = {
    "residents": 1,
    "pet": False,
    "robot_vacuum": False,
    "visits": False,
    "night_from": "22:00:00",
    "night_to": "07:00:00",
}


async def test_a_home_is_made_and_its_first_receiver_asked_for(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    talk = await Talk.about_home(hass)
    talk.at("user")
    await talk.answer(**{**HOME, "controller": " 4711 ", "label": " Flat 12 "})
    assert talk.page["type"] is FlowResultType.CREATE_ENTRY
    entry = talk.page["result"]
    assert entry.title == "Flat 12"
    assert entry.unique_id == "4711"
    assert dict(entry.data) == {**HOME, "next_number": 1}
    kind, flow_id = talk.page["next_flow"]
    assert kind is FlowType.CONFIG_SUBENTRIES_FLOW
    following = hass.config_entries.subentries.async_get(flow_id)
    assert following["handler"] == (entry.entry_id, "receiver")
    assert following["step_id"] == "user"


async def test_a_number_is_digits(hass: HomeAssistant, subtests: pytest.Subtests) -> None:
    talk = await Talk.about_home(hass)
    for controller in ("", " ", "12a", "1" * 17, "12 34", "-1", "1.5", "\u0661\u0662", "12\x00"):
        with subtests.test(controller=controller):
            await talk.answer(**{**HOME, "controller": controller})
            assert talk.errors == {"controller": "controller_digits"}
            assert talk.filled_in()["label"] == "Flat 12", "what was typed is not lost"


@pytest.mark.parametrize("controller", ["0", "1" * 16, "0012"])
async def test_every_number_of_so_many_digits_is_taken(
    hass: HomeAssistant, set_up: SetUp, controller: str
) -> None:
    entry = await set_up(controller=controller)
    assert entry.data["controller"] == controller


NO_LABELS = [
    ("", "label_length"),
    ("   ", "label_length"),
    ("x" * 41, "label_length"),
    ("x" * 100_000, "label_length"),
    ("Flat\x0012", "label_not_printable"),
    ("Flat\n12", "label_not_printable"),
    ("Flat \u202e12", "label_not_printable"),
    ("half \ud83d", "label_not_printable"),
    ("19121212-1212", "label_personal_number"),
    ("191212121212", "label_personal_number"),
    ("121212+1212", "label_personal_number"),
    ("121212 1212", "label_personal_number"),
    ("Tolvan 121212-1212 hall", "label_personal_number"),
]


async def test_a_label_tells_nothing_about_a_person(
    hass: HomeAssistant, subtests: pytest.Subtests
) -> None:
    """R07."""
    talk = await Talk.about_home(hass)
    for label, error in NO_LABELS:
        with subtests.test(label=repr(label[:80])):
            await talk.answer(**{**HOME, "label": label})
            assert talk.errors == {"label": error}


@pytest.mark.parametrize("label", ["A", "x" * 40, "Lgh 1203, trappa B", "Ö-4711", "12345678"])
async def test_other_labels_are_taken(hass: HomeAssistant, set_up: SetUp, label: str) -> None:
    talk = await Talk.about_home(hass)
    await talk.answer(**{**HOME, "label": label})
    assert talk.page["title"] == label


async def test_everything_that_is_wrong_is_told_at_once_and_can_be_mended(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    talk = await Talk.about_home(hass)
    await talk.answer(controller="no", label="", demo=True)
    assert talk.errors == {"controller": "controller_digits", "label": "label_length"}
    await talk.answer(**HOME)
    assert talk.page["type"] is FlowResultType.CREATE_ENTRY


async def test_a_second_home_in_one_hub_is_refused(hass: HomeAssistant, set_up: SetUp) -> None:
    await set_up()
    talk = await Talk.about_home(hass)
    assert talk.reason == "single_instance_allowed"


async def test_two_dialogs_at_once_make_one_home(hass: HomeAssistant, set_up: SetUp) -> None:
    one, other = await Talk.about_home(hass), await Talk.about_home(hass)
    await one.answer(**HOME)
    assert one.page["type"] is FlowResultType.CREATE_ENTRY
    going_on = [flow["flow_id"] for flow in hass.config_entries.flow.async_progress()]
    assert other.page["flow_id"] not in going_on, "the other dialog is closed"
    assert len(hass.config_entries.async_entries("kvarbo")) == 1


async def test_the_label_can_be_changed(hass: HomeAssistant, demo_home: ConfigEntry[Any]) -> None:
    talk = await Talk.change_home(hass, demo_home)
    assert talk.filled_in() == {
        "controller": "4711",
        "label": "Flat 12",
        "demo": True,
        "way_out": {},
        "dwelling": DWELLING,
    }
    await talk.answer(controller="4711", label="19121212-1212", demo=True)
    assert talk.errors == {"label": "label_personal_number"}
    await talk.answer(controller="4711", label="Flat 13", demo=True)
    assert talk.reason == "reconfigure_successful"
    assert demo_home.title == "Flat 13"
    assert demo_home.data["next_number"] == 1, "what the dialog does not ask is kept"


@pytest.mark.parametrize("demo", [True, False])
async def test_a_demo_home_never_becomes_live_nor_a_live_one_a_demo(
    hass: HomeAssistant, set_up: SetUp, demo: bool
) -> None:
    """A9."""
    entry = await set_up(demo=demo)
    talk = await Talk.change_home(hass, entry)
    await talk.answer(controller="4711", label="Flat 12", demo=not demo)
    assert talk.errors == {"demo": "demo_fixed"}
    assert entry.data["demo"] is demo


async def test_another_number_is_warned_of_first(
    hass: HomeAssistant, demo_home: ConfigEntry[Any]
) -> None:
    talk = await Talk.change_home(hass, demo_home)
    await talk.answer(controller="4712", label="Flat 12", demo=True)
    talk.at("new_number")
    assert (talk.told["old"], talk.told["new"]) == ("4711", "4712")
    assert demo_home.data["controller"] == "4711", "nothing is changed before it is confirmed"
    await talk.answer()
    assert talk.reason == "reconfigure_successful"
    assert (demo_home.data["controller"], demo_home.unique_id) == ("4712", "4712")


async def test_a_corrected_number_is_what_the_receiver_hears(
    hass: HomeAssistant,
    demo_home: ConfigEntry[Any],
    municipality: Municipality,
    basic: dict[str, Any],
) -> None:
    receiver = await Talk.add(hass, demo_home, "receiver")
    await receiver.answer(**basic)
    await receiver.answer()
    [subentry_id] = demo_home.subentries
    home = demo_home.runtime_data
    await until(lambda: (reach := home.reach(subentry_id)) and reach.reached, what="its use")
    talk = await Talk.change_home(hass, demo_home)
    await talk.answer(controller="4712", label="Flat 12", demo=True)
    await talk.answer()
    await until(
        lambda: any(home["home"] == "4712" for home in municipality.state()["homes"]),
        what="the new number at the municipality",
    )
