"""The dialog of a receiver: proved by a real heartbeat to a real receiver before it is saved."""

from collections.abc import Awaitable, Callable
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest

from custom_components.kvarbo.receivers import async_build_receiver
from custom_components.kvarbo.transmission.receiver import Heartbeat
from simulator.municipality import Mode, Municipality
from simulator.testing import until
from simulator.testing_municipality import TOKEN

from .talk import Talk

type Add = Callable[..., Awaitable[ConfigSubentry]]


@pytest.fixture
def add(hass: HomeAssistant, demo_home: ConfigEntry[Any], basic: dict[str, Any]) -> Add:
    """Add a receiver as a person would, and return what was saved."""

    async def run(**other: Any) -> ConfigSubentry:
        talk = await Talk.add(hass, demo_home, "receiver")
        await talk.answer(**{**basic, **other})
        talk.at("proved")
        await talk.answer()
        await hass.async_block_till_done()
        return list(demo_home.subentries.values())[-1]

    return run


async def test_a_receiver_is_proved_saved_and_used(
    hass: HomeAssistant,
    demo_home: ConfigEntry[Any],
    municipality: Municipality,
    basic: dict[str, Any],
) -> None:
    talk = await Talk.add(hass, demo_home, "receiver")
    talk.at("rest")
    await talk.answer(**{**basic, "url": f" {municipality.url}/ ", "token": f" {TOKEN} "})
    talk.at("proved")
    assert talk.told["words"] == "Mottaget"
    assert int(talk.told["took"]) >= 1
    assert not demo_home.subentries, "nothing is saved before the person has seen the answer"
    await talk.answer()
    assert talk.page["type"] is FlowResultType.CREATE_ENTRY
    [subentry] = demo_home.subentries.values()
    host = municipality.url.removeprefix("http://")
    assert (subentry.subentry_type, subentry.title) == ("receiver", host)
    assert dict(subentry.data) == {
        "protocol": "rest",
        "url": municipality.url,
        "token": TOKEN,
        "takes": "alarms",
        "language": "sv",
        "profile": "kvarbo",
        "heartbeat": 300,
        "order": 1,
    }
    home = demo_home.runtime_data
    await until(
        lambda: (reach := home.reach(subentry.subentry_id)) and reach.reached,
        what="the home to use it",
    )
    # The proof is a heartbeat of the home's own: the far end has heard one hub and no other (A12).
    [heard] = municipality.state()["homes"]
    assert [hub["hub"] for hub in heard["hubs"]] == [home.facts.hub]
    assert heard["interval"] == 300


NO_ADDRESSES = [
    ("", "empty"),
    ("   ", "empty"),
    ("https://" + "a" * 2048, "too_long"),
    ("receiver", "not_an_address"),
    ("https://a b", "not_an_address"),
    ("https://a\x00b", "not_an_address"),
    ("https://a\u202eb", "not_an_address"),
    ("ftp://localhost", "not_https"),
    ("http://192.0.2.1", "plain_not_local"),
    ("https://me:secret@localhost", "has_user"),
    ("https://localhost?a=1", "has_query"),
    ("https://localhost#a", "has_fragment"),
    ("https://", "bad_host"),
    ("https://under score", "not_an_address"),
    ("https://localhost:0", "bad_port"),
    ("https://localhost:99999", "bad_port"),
    ("https://alarms.example.org", "demo_not_local"),
    ("https://192.0.2.1", "demo_not_local"),
    ("https://localhost.example.org", "demo_not_local"),
]


async def test_an_address_that_cannot_be_used_is_told_at_its_field(
    hass: HomeAssistant,
    demo_home: ConfigEntry[Any],
    basic: dict[str, Any],
    municipality: Municipality,
    subtests: pytest.Subtests,
) -> None:
    talk = await Talk.add(hass, demo_home, "receiver")
    for url, error in NO_ADDRESSES:
        with subtests.test(url=url[:80]):
            await talk.answer(**{**basic, "url": url, "takes": "operations"})
            assert talk.errors == {"url": error}
            assert talk.filled_in()["takes"] == "operations", "what was typed is not lost"
    assert municipality.record.received == 0
    await talk.answer(**{**basic, "token": ""})
    talk.at("proved")


NO_TOKENS = [
    ("", "no_credentials"),
    ("   ", "no_credentials"),
    ("x" * 4097, "too_long"),
    ("two words", "not_printable"),
    ("line\nbreak", "not_printable"),
    ("nul\x00", "not_printable"),
    ("åäö", "not_printable"),
]


async def test_a_token_that_cannot_be_used_is_told_at_its_field(
    hass: HomeAssistant,
    demo_home: ConfigEntry[Any],
    basic: dict[str, Any],
    subtests: pytest.Subtests,
) -> None:
    for token, error in NO_TOKENS:
        with subtests.test(token=token[:80]):
            talk = await Talk.add(hass, demo_home, "receiver")
            await talk.answer(**{**basic, "token": token})
            assert talk.errors == {"token": error}
            await talk.answer(**basic)
            talk.at("proved")


async def test_address_and_token_are_told_at_once(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], basic: dict[str, Any]
) -> None:
    talk = await Talk.add(hass, demo_home, "receiver")
    await talk.answer(**{**basic, "url": "", "token": "a b"})
    assert talk.errors == {"url": "empty", "token": "not_printable"}


@pytest.mark.parametrize(
    ("mode", "fields", "words"),
    [
        (Mode.DOWN, {}, "Anslutningen nekades"),
        (Mode.ERROR, {"status": 500}, "HTTP 500"),
        (Mode.BUSY, {}, "Upptaget, försök senare"),
        (Mode.HOLD, {}, "Ärendet behandlas, fråga igen"),
        (Mode.NOT_TREATED, {}, "Behandlas inte här"),
        (Mode.REFUSE, {}, "data.reason: refused by a fault on command"),
        (Mode.REDIRECT, {}, "HTTP 307: larmplattformen hänvisar vidare, vilket inte följs"),
        (Mode.GARBAGE, {}, "Svaret går inte att läsa (HTTP 200)"),
        (Mode.ACCEPT_AND_DIE, {}, "Anslutningen bröts utan ett helt svar"),
    ],
)
async def test_a_failed_proof_shows_the_receivers_words_and_can_be_tried_again(
    hass: HomeAssistant,
    demo_home: ConfigEntry[Any],
    municipality: Municipality,
    basic: dict[str, Any],
    mode: Mode,
    fields: dict[str, Any],
    words: str,
) -> None:
    await municipality.set_fault(mode, **fields)
    talk = await Talk.add(hass, demo_home, "receiver")
    await talk.answer(**basic)
    talk.at("proof_failed")
    assert words in talk.told["words"]
    assert not demo_home.subentries
    await municipality.set_fault()
    await talk.choose("prove")
    talk.at("proved")
    await talk.answer()
    assert len(demo_home.subentries) == 1


async def test_a_wrong_token_can_be_mended_without_typing_the_rest_again(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], basic: dict[str, Any]
) -> None:
    talk = await Talk.add(hass, demo_home, "receiver")
    await talk.answer(**{**basic, "token": "another-token", "language": "en"})
    talk.at("proof_failed")
    assert "another-token" not in str(talk.page)
    await talk.choose("edit")
    talk.at("rest")
    shown = {**basic, "language": "en"}
    del shown["token"]  # a secret is not sent back to the browser
    assert talk.filled_in() == shown
    await talk.answer(**basic)
    talk.at("proved")


async def test_it_can_be_saved_before_the_way_there_is_open(
    hass: HomeAssistant,
    demo_home: ConfigEntry[Any],
    municipality: Municipality,
    basic: dict[str, Any],
) -> None:
    await municipality.set_fault(Mode.DOWN)
    talk = await Talk.add(hass, demo_home, "receiver")
    await talk.answer(**basic)
    await talk.choose("save")
    assert talk.page["type"] is FlowResultType.CREATE_ENTRY
    [subentry] = demo_home.subentries.values()
    await municipality.set_fault()
    home = demo_home.runtime_data
    await until(
        lambda: (reach := home.reach(subentry.subentry_id)) and reach.reached,
        20,
        "the home to reach it by itself",
    )


async def test_words_of_the_far_end_stay_words(
    hass: HomeAssistant,
    demo_home: ConfigEntry[Any],
    basic: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A dialog shows its text as Markdown: what a receiver says must not become a link in it."""
    sly = "`![](https://example.org/x)`\n# big"
    monkeypatch.setattr("simulator.municipality.answers._WORDS", {"busy": sly})
    talk = await Talk.add(hass, demo_home, "receiver")
    monkeypatch.setattr("simulator.municipality.faults.Desk.next_for", _busy)
    await talk.answer(**basic)
    talk.at("proof_failed")
    assert talk.told["words"] == "'![](https://example.org/x)' # big"


def _busy(*_: object) -> Any:
    from simulator.municipality.faults import Fault  # noqa: PLC0415

    return Fault(mode=Mode.BUSY)


async def test_another_hub_under_the_same_number_is_told(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], basic: dict[str, Any]
) -> None:
    """A12."""
    home = demo_home.runtime_data
    talk = await Talk.add(hass, demo_home, "receiver")
    await talk.answer(**basic)
    talk.at("proved")
    other = await async_build_receiver(hass, demo_home.data, basic)
    await other.heartbeat(
        Heartbeat(hub="another", version="1", interval=300, undelivered=0, sent_at=home.clock.now())
    )
    await other.close()
    again = await Talk.add(hass, demo_home, "receiver")
    await again.answer(**basic)
    again.at("two_hubs")
    await again.choose("prove")
    again.at("two_hubs")
    await again.choose("save")
    assert again.page["type"] is FlowResultType.CREATE_ENTRY


async def test_a_home_that_is_not_running_cannot_prove_but_can_save(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], basic: dict[str, Any]
) -> None:
    await hass.config_entries.async_unload(demo_home.entry_id)
    talk = await Talk.add(hass, demo_home, "receiver")
    await talk.answer(**basic)
    talk.at("home_stopped")
    await talk.choose("edit")
    await talk.answer(**basic)
    talk.at("home_stopped")
    await hass.config_entries.async_setup(demo_home.entry_id)
    await talk.choose("prove")
    talk.at("proved")
    await hass.config_entries.async_unload(demo_home.entry_id)
    other = await Talk.add(hass, demo_home, "receiver")
    await other.answer(**basic)
    await other.choose("save")
    assert other.page["type"] is FlowResultType.CREATE_ENTRY


async def test_a_dialog_closed_while_it_waits_leaves_nothing_open(
    hass: HomeAssistant,
    demo_home: ConfigEntry[Any],
    municipality: Municipality,
    basic: dict[str, Any],
) -> None:
    await municipality.set_fault(Mode.SILENT)
    talk = await Talk.add(hass, demo_home, "receiver")
    await talk.begin(**basic)
    assert talk.page["type"] is FlowResultType.SHOW_PROGRESS
    flow = hass.config_entries.subentries._progress[talk.page["flow_id"]]
    task = flow.async_get_progress_task()
    await municipality.until(lambda m: m.record.received == 1)
    page = await hass.config_entries.subentries.async_configure(talk.page["flow_id"])
    assert page["type"] is FlowResultType.SHOW_PROGRESS, "a page loaded again waits on"
    assert municipality.record.received == 1, "and sends nothing again"
    await talk.close()
    await until(lambda: task is not None and task.cancelled(), what="the proof to end")
    assert not demo_home.subentries


async def test_the_same_receiver_for_the_same_task_is_refused(
    hass: HomeAssistant,
    demo_home: ConfigEntry[Any],
    municipality: Municipality,
    basic: dict[str, Any],
    add: Add,
) -> None:
    await add()
    talk = await Talk.add(hass, demo_home, "receiver")
    await talk.answer(**{**basic, "url": f"{municipality.url}/"})
    assert talk.errors == {"url": "same_receiver"}
    await talk.answer(**{**basic, "takes": "operations"})
    talk.at("proved")
    await talk.answer()
    orders = [subentry.data["order"] for subentry in demo_home.subentries.values()]
    assert orders == [1, 2], "each new receiver comes after the others"


# -- changing a receiver ---------------------------------------------------------------------------


async def test_a_receiver_can_be_changed_and_keeps_its_token(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], basic: dict[str, Any], add: Add
) -> None:
    subentry = await add()
    before = dict(subentry.data)
    talk = await Talk.change(hass, demo_home, subentry)
    talk.at("reconfigure")
    shown = talk.filled_in()
    assert {**shown, "advanced": False} == {k: v for k, v in basic.items() if k != "token"}
    await talk.answer(url=basic["url"], takes="operations", language="en", advanced=False)
    talk.at("proved")
    assert dict(subentry.data) == before, "nothing is changed before it is proved"
    await talk.answer()
    assert talk.reason == "reconfigure_successful"
    assert dict(subentry.data) == {**before, "takes": "operations", "language": "en"}


async def test_a_change_that_fails_leaves_the_receiver_as_it_was(
    hass: HomeAssistant,
    demo_home: ConfigEntry[Any],
    municipality: Municipality,
    basic: dict[str, Any],
    add: Add,
) -> None:
    subentry = await add()
    before = dict(subentry.data)
    talk = await Talk.change(hass, demo_home, subentry)
    await talk.answer(**{**basic, "url": "http://127.0.0.1:1"})
    talk.at("proof_failed")
    await talk.choose("edit")
    talk.at("reconfigure")
    await talk.answer(**{**basic, "url": "nowhere"})
    assert talk.errors == {"url": "not_an_address"}
    await talk.close()
    assert dict(subentry.data) == before


@pytest.mark.parametrize("named", [False, True])
async def test_a_name_that_somebody_gave_is_kept(
    hass: HomeAssistant,
    demo_home: ConfigEntry[Any],
    municipality: Municipality,
    basic: dict[str, Any],
    add: Add,
    named: bool,
) -> None:
    subentry = await add()
    if named:
        hass.config_entries.async_update_subentry(demo_home, subentry, title="The first")
    port = municipality.url.rpartition(":")[2]
    talk = await Talk.change(hass, demo_home, subentry)
    await talk.answer(**{**basic, "url": f"http://localhost:{port}"})
    talk.at("proved")
    await talk.answer()
    assert subentry.title == ("The first" if named else f"localhost:{port}")
