"""A receiver refuses our credentials: new ones are asked for, proved, and used without a reload."""

import asyncio
from pathlib import Path
from typing import Any

from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
import pytest_asyncio

from simulator.municipality import Mode, Municipality
from simulator.municipality.certificates import Authority
from simulator.municipality.faults import Only
from simulator.testing import until
from simulator.testing_municipality import TOKEN

from .talk import Talk


@pytest_asyncio.fixture
async def refused(
    hass: HomeAssistant,
    demo_home: ConfigEntry[Any],
    municipality: Municipality,
    basic: dict[str, Any],
) -> ConfigSubentry:
    """A receiver whose token was withdrawn, beside another one."""
    for settings in ({**basic, "token": "withdrawn"}, {**basic, "takes": "operations"}):
        talk = await Talk.add(hass, demo_home, "receiver")
        await talk.answer(**settings)
        if talk.page["step_id"] == "proof_failed":
            await talk.choose("save")
        else:
            await talk.answer()
    return next(iter(demo_home.subentries.values()))


async def test_a_new_token_is_proved_and_used(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], refused: ConfigSubentry
) -> None:
    _, other = demo_home.subentries.values()
    before = dict(refused.data), dict(other.data)
    talk = await Talk.renew(hass, demo_home, refused.subentry_id)
    talk.at("reauth_confirm")
    assert talk.told["receiver"] == refused.title
    await talk.answer(token=f" {TOKEN} ")
    assert talk.reason == "reauth_successful"
    assert dict(refused.data) == {**before[0], "token": TOKEN}
    assert dict(other.data) == before[1], "the other receiver's credentials are its own"
    home = demo_home.runtime_data
    await until(
        lambda: (reach := home.reach(refused.subentry_id)) and reach.reached,
        what="the home to use it",
    )


async def test_the_home_itself_asks_for_it(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], refused: ConfigSubentry
) -> None:
    def asked() -> list[Any]:
        return [
            flow
            for flow in hass.config_entries.flow.async_progress()
            if flow["context"]["source"] == SOURCE_REAUTH
        ]

    [flow] = await until(asked, what="the home to ask")
    talk = Talk(
        hass.config_entries.flow,
        ("config",),
        await hass.config_entries.flow.async_configure(flow["flow_id"]),
    )
    assert talk.told["receiver"] == refused.title
    await talk.answer(token=TOKEN)
    assert talk.reason == "reauth_successful"
    assert refused.data["token"] == TOKEN


async def test_a_token_that_cannot_be_used_is_told(
    hass: HomeAssistant,
    demo_home: ConfigEntry[Any],
    refused: ConfigSubentry,
    subtests: pytest.Subtests,
) -> None:
    talk = await Talk.renew(hass, demo_home, refused.subentry_id)
    for token, error in (
        ("a b", "not_printable"),
        ("nul\x00", "not_printable"),
        ("x" * 4097, "too_long"),
        ("", "empty"),
        ("  ", "empty"),
    ):
        with subtests.test(token=token[:80]):
            await talk.answer(token=token)
            assert talk.errors == {"token": error}
    assert refused.data["token"] == "withdrawn"
    await talk.answer(token=TOKEN)
    assert talk.reason == "reauth_successful"


async def test_a_token_that_is_refused_too_is_not_saved_unasked(
    hass: HomeAssistant,
    demo_home: ConfigEntry[Any],
    refused: ConfigSubentry,
    municipality: Municipality,
) -> None:
    talk = await Talk.renew(hass, demo_home, refused.subentry_id)
    await talk.answer(token="wrong-too")
    talk.at("proof_failed")
    assert "wrong-too" not in str(talk.page)
    assert refused.data["token"] == "withdrawn"
    await talk.choose("reauth_confirm")
    await municipality.set_fault(Mode.ERROR, status=503)
    await talk.answer(token=TOKEN)
    talk.at("proof_failed")
    await talk.choose("prove")
    talk.at("proof_failed")
    assert refused.data["token"] == "withdrawn"
    await talk.choose("renewed")
    assert talk.reason == "reauth_successful"
    assert refused.data["token"] == TOKEN


async def test_a_home_that_is_not_running_cannot_prove_but_can_save(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], refused: ConfigSubentry
) -> None:
    talk = await Talk.renew(hass, demo_home, refused.subentry_id)
    await hass.config_entries.async_unload(demo_home.entry_id)
    await talk.answer(token=TOKEN)
    talk.at("home_stopped")
    await talk.choose("prove")
    talk.at("home_stopped")
    await talk.choose("renewed")
    assert talk.reason == "reauth_successful"
    assert refused.data["token"] == TOKEN


async def test_a_page_that_is_loaded_again_sends_nothing_again(
    hass: HomeAssistant,
    demo_home: ConfigEntry[Any],
    refused: ConfigSubentry,
    municipality: Municipality,
) -> None:
    await municipality.set_fault(Mode.SILENT, only=Only.HEARTBEAT)
    talk = await Talk.renew(hass, demo_home, refused.subentry_id)
    await talk.begin(token=TOKEN)
    manager = hass.config_entries.flow
    task = manager._progress[talk.page["flow_id"]].async_get_progress_task()
    page = await manager.async_configure(talk.page["flow_id"])
    assert page["type"] is FlowResultType.SHOW_PROGRESS
    assert manager._progress[talk.page["flow_id"]].async_get_progress_task() is task
    await talk.close()


async def test_a_receiver_that_is_gone_needs_no_credentials(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], refused: ConfigSubentry
) -> None:
    talk = await Talk.renew(hass, demo_home, refused.subentry_id)
    late = await Talk.renew(hass, demo_home, refused.subentry_id)
    await late.answer(token="wrong-too")
    hass.config_entries.async_remove_subentry(demo_home, refused.subentry_id)
    await talk.answer(token=TOKEN)
    assert talk.reason == "receiver_gone"
    await late.choose("renewed")
    assert late.reason == "receiver_gone"
    again = await Talk.renew(hass, demo_home, "unknown")
    assert again.reason == "receiver_gone"


async def test_a_wrong_setting_that_is_not_asked_for_here_is_told(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], refused: ConfigSubentry
) -> None:
    broken = {**refused.data, "profile": "{}"}
    hass.config_entries.async_update_subentry(demo_home, refused, data=broken)
    talk = await Talk.renew(hass, demo_home, refused.subentry_id)
    await talk.answer(token=TOKEN)
    assert talk.errors == {"base": "other_setting"}


async def test_a_certificate_is_renewed_where_there_is_one(
    hass: HomeAssistant,
    demo_home: ConfigEntry[Any],
    refused: ConfigSubentry,
    tmp_path: Path,
) -> None:
    authority = await asyncio.to_thread(Authority.in_folder, tmp_path / "municipality")
    old, new = [
        {
            "client_certificate": pair.certificate.read_text().strip(),
            "client_key": pair.key.read_text().strip(),
        }
        for pair in [await asyncio.to_thread(authority.client, name) for name in ("old", "new")]
    ]
    hass.config_entries.async_update_subentry(
        demo_home, refused, data={**refused.data, **old, "token": TOKEN}
    )
    talk = await Talk.renew(hass, demo_home, refused.subentry_id)
    assert talk.filled_in() == {}, "no secret is sent to the browser"
    await talk.answer()
    assert talk.errors == {"token": "empty"}
    await talk.answer(client_certificate=new["client_certificate"])
    assert talk.errors == {"client_key": "key_of_another"}
    await talk.answer(client_certificate="no", client_key=new["client_key"])
    assert talk.errors == {"client_certificate": "not_pem"}
    await talk.answer(**new)
    assert talk.reason == "reauth_successful"
    assert {k: refused.data[k] for k in new} == new
    assert refused.data["token"] == TOKEN
