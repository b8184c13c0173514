"""A SCAIP receiver is typed, proved by a heartbeat, saved, changed, and its password renewed."""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
import pytest_asyncio

from custom_components.kvarbo.diagnostics import async_get_config_entry_diagnostics
from custom_components.kvarbo.receivers import (
    ReceiverSettingsError,
    ScaipReceiverSettings,
    async_outlet,
    host_of,
    read_settings,
)
from custom_components.kvarbo.transmission.scaip.scaip import ScaipReceiver
from custom_components.kvarbo.transmission.scaip.sip.wire import Transport
from simulator.municipality import Municipality
from simulator.municipality.faults import By, Mode
from simulator.municipality.scaip_port import Answers, ScaipOptions
from simulator.testing import until
from simulator.testing_municipality import TOKEN

from .talk import Talk

PASSWORD = "s3cret-of-one-home"


@pytest_asyncio.fixture
async def municipality(socket_enabled: None, tmp_path: Path) -> AsyncGenerator[Municipality]:
    """Takes SCAIP beside REST, and answers in messages of its own."""
    options = ScaipOptions(users={"4711": PASSWORD}, answers=Answers.SEPARATE)
    async with Municipality(token=TOKEN, scaip=options, tls=tmp_path / "municipality") as running:
        yield running


@pytest.fixture
def scaip(municipality: Municipality) -> dict[str, Any]:
    """A right answer to the first form."""
    assert municipality.scaip is not None
    return {
        "url": f"localhost:{municipality.scaip.ports['tcp']};transport=tcp",
        "password": PASSWORD,
        "takes": "alarms",
        "language": "sv",
        "advanced": False,
    }


@pytest.fixture(autouse=True)
def names(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test may ask the host for names: localhost is what it is everywhere."""

    async def addresses(_self: object, name: str) -> list[str]:
        return ["127.0.0.1"] if name == "localhost" else []

    monkeypatch.setattr(
        "custom_components.kvarbo.transmission.scaip.sip.dns.Dns.addresses", addresses
    )


async def added(
    hass: HomeAssistant, home: ConfigEntry[Any], scaip: dict[str, Any]
) -> ConfigSubentry:
    talk = await Talk.add(hass, home, "receiver", "scaip")
    await talk.answer(**scaip)
    talk.at("proved")
    await talk.answer()
    return list(home.subentries.values())[-1]


async def test_a_scaip_receiver_is_proved_before_it_is_saved(
    hass: HomeAssistant,
    demo_home: ConfigEntry[Any],
    municipality: Municipality,
    scaip: dict[str, Any],
) -> None:
    assert municipality.scaip is not None
    talk = await Talk.add(hass, demo_home, "receiver", "scaip")
    talk.at("scaip")
    assert talk.filled_in()["username"] == "4711"
    await talk.answer(**scaip)
    talk.at("proved")
    assert not demo_home.subentries
    await talk.answer()
    assert talk.page["type"] is FlowResultType.CREATE_ENTRY
    [subentry] = demo_home.subentries.values()
    port = municipality.scaip.ports["tcp"]
    assert subentry.title == f"localhost:{port}"
    assert dict(subentry.data) == {
        "protocol": "scaip",
        "url": f"sip:larm@localhost:{port};transport=tcp",
        "username": "4711",
        "password": PASSWORD,
        "takes": "alarms",
        "language": "sv",
        "profile": "mrq",
        "transport": "profile",
        "registers": "profile",
        "heartbeat": 300,
        "order": 1,
        "local_port": 0,
    }
    home = demo_home.runtime_data
    await until(
        lambda: (reach := home.reach(subentry.subentry_id)) and reach.reached,
        what="the home to use it",
    )
    told = await async_get_config_entry_diagnostics(hass, demo_home)
    assert PASSWORD not in str(told)
    assert [c.words for c in municipality.scaip.complaints] == []


async def test_what_is_wrong_is_told_by_the_receiver_itself(
    hass: HomeAssistant,
    demo_home: ConfigEntry[Any],
    municipality: Municipality,
    scaip: dict[str, Any],
) -> None:
    """A wrong password, an unknown unit, a name that is another's, no way: each is told apart."""
    talk = await Talk.add(hass, demo_home, "receiver", "scaip")
    await talk.answer(**{**scaip, "password": "wrong"})
    talk.at("proof_failed")
    assert "lösenord är fel" in talk.told["words"]
    await talk.choose("edit")
    talk.at("scaip")
    assert "password" not in talk.filled_in()
    await municipality.set_fault(Mode.REFUSE, snu=3)
    await talk.answer(**scaip)
    assert "enheten kan vara okänd där" in talk.told["words"]
    await municipality.set_fault(Mode.DOWN, by=By.SCAIP)
    await talk.choose("prove")
    assert talk.told["words"] == "Ingen svarar på denna adress och port"
    await municipality.set_fault(None)
    await talk.choose("edit")
    await talk.answer(**{**scaip, "url": "localhost"})
    assert talk.told["words"]
    talk.at("proof_failed")
    await talk.choose("edit")
    await talk.answer(**scaip)
    talk.at("proved")


NO_SETTINGS = [
    ({"url": ""}, {"url": "empty"}),
    ({"url": "https://localhost"}, {"url": "not_an_address"}),
    ({"url": "larm.example.se"}, {"url": "demo_not_local"}),
    ({"username": "a b"}, {"username": "not_printable"}),
    ({"password": "x" * 300}, {"password": "too_long"}),
]


async def test_what_cannot_be_is_told_at_its_field(
    hass: HomeAssistant,
    demo_home: ConfigEntry[Any],
    scaip: dict[str, Any],
    subtests: pytest.Subtests,
) -> None:
    talk = await Talk.add(hass, demo_home, "receiver", "scaip")
    for typed, errors in NO_SETTINGS:
        with subtests.test(typed=str(typed)[:60]):
            await talk.answer(**{**scaip, **typed})
            assert talk.errors == errors


ADVANCED: dict[str, Any] = {
    "transport": "profile",
    "registers": "profile",
    "heartbeat": 10,
    "order": 2,
    "local_port": 0,
}
NO_ADVANCED: list[tuple[dict[str, Any], dict[str, str]]] = [
    ({"heartbeat": 0.5}, {"heartbeat": "heartbeat_range"}),
    ({"order": 10}, {"order": "order_range"}),
    ({"local_port": 70000}, {"local_port": "port_range"}),
    ({"proxy": "larm.example.se"}, {"proxy": "demo_not_local"}),
    ({"proxy": "a b"}, {"proxy": "not_an_address"}),
    ({"speech": "tel:112"}, {"speech": "not_an_address"}),
    ({"profile": '{"schema": 1}'}, {"profile": "missing"}),
    ({"ca_certificate": "x"}, {"ca_certificate": "not_pem"}),
    ({"client_certificate": "-----BEGIN x"}, {"client_key": "no_key"}),
]


async def test_further_settings_are_read_kept_and_refused_by_field(
    hass: HomeAssistant,
    demo_home: ConfigEntry[Any],
    scaip: dict[str, Any],
    municipality: Municipality,
    subtests: pytest.Subtests,
) -> None:
    talk = await Talk.add(hass, demo_home, "receiver", "scaip")
    await talk.answer(**{**scaip, "advanced": True})
    talk.at("scaip_advanced")
    for typed, errors in NO_ADVANCED:
        with subtests.test(typed=str(typed)[:60]):
            await talk.answer(**{**ADVANCED, **typed})
            assert talk.errors == errors
    assert municipality.ca_file is not None
    await talk.answer(
        **ADVANCED
        | {
            "speech": "sip:hem@127.0.0.1\ngsm:0701234567",
            "profile": '{"schema": 1, "name": "ours", "dialect": "mrq", "registers": true}',
            "ca_certificate": municipality.ca_file.read_text(),
        }
    )
    talk.at("proved")
    await talk.answer()
    [subentry] = demo_home.subentries.values()
    assert (subentry.data["heartbeat"], subentry.data["order"]) == (600, 2)
    change = await Talk.change(hass, demo_home, subentry)
    change.at("scaip")
    assert change.filled_in()["url"] == subentry.data["url"]
    await change.answer(**{**scaip, "password": "", "advanced": True})
    shown = change.filled_in()
    assert (shown["heartbeat"], shown["speech"]) == (10, "sip:hem@127.0.0.1\ngsm:0701234567")
    await change.answer(**ADVANCED | {"order": 3})
    await change.answer()
    assert change.reason == "reconfigure_successful"
    assert subentry.data["password"] == PASSWORD
    assert "speech" not in subentry.data


async def test_a_new_password_is_proved_and_used(
    hass: HomeAssistant,
    demo_home: ConfigEntry[Any],
    municipality: Municipality,
    scaip: dict[str, Any],
) -> None:
    assert municipality.scaip is not None
    subentry = await added(hass, demo_home, scaip)
    municipality.scaip.server.gate.users["4711"] = "renewed"
    talk = await Talk.renew(hass, demo_home, subentry.subentry_id)
    talk.at("reauth_confirm")
    assert talk.filled_in() == {"username": "4711"}
    await talk.answer(username="4711", password="still wrong")
    talk.at("proof_failed")
    await talk.choose("reauth_confirm")
    await talk.answer(username="a b", password="renewed")
    assert talk.errors == {"username": "not_printable"}
    await talk.answer(username="4711", password="renewed")
    assert talk.reason == "reauth_successful"
    assert subentry.data["password"] == "renewed"


async def test_the_same_receiver_twice_is_refused(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], scaip: dict[str, Any]
) -> None:
    await added(hass, demo_home, scaip)
    talk = await Talk.add(hass, demo_home, "receiver", "scaip")
    await talk.answer(**scaip)
    assert talk.errors == {"url": "same_receiver"}


GOOD: dict[str, Any] = {"protocol": "scaip", "url": "sip:larm@larm.example.se", "password": "x"}


def test_what_is_left_out_has_its_default() -> None:
    settings = read_settings(GOOD, demo=False, controller="4711")
    assert isinstance(settings, ScaipReceiverSettings)
    assert settings.settings.route.params["transport"] == Transport.TLS
    assert settings.settings.own.user == "4711"
    assert settings.settings.registers
    assert settings.settings.speech == ("no-voice:",)
    open_ = read_settings(
        {**GOOD, "transport": "udp", "registers": "no", "password": None},
        demo=False,
        controller="4711",
    )
    assert isinstance(open_, ScaipReceiverSettings)
    assert open_.settings.route.params["transport"] == Transport.UDP
    assert (open_.settings.registers, open_.settings.credentials) == (False, None)


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("protocol", "fax", "unknown_choice"),
        ("url", 5, "unknown_choice"),
        ("username", 5, "unknown_choice"),
        ("password", [], "unknown_choice"),
        ("transport", "sctp", "unknown_choice"),
        ("registers", True, "unknown_choice"),
        ("speech", 5, "unknown_choice"),
        ("local_port", "5060", "port_range"),
        ("local_port", True, "port_range"),
        ("profile", "nonsense", "not_json"),
        ("heartbeat", 5, "heartbeat_range"),
    ],
)
def test_a_stored_setting_of_the_wrong_kind_is_named(field: str, value: Any, problem: str) -> None:
    with pytest.raises(ReceiverSettingsError) as error:
        read_settings({**GOOD, field: value}, demo=False, controller="4711")
    assert [(f.field, f.problem) for f in error.value.flaws] == [(field, problem)]


async def test_the_home_gets_a_receiver_that_speaks_scaip(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], scaip: dict[str, Any]
) -> None:
    subentry = await added(hass, demo_home, scaip)
    outlet = await async_outlet(hass, demo_home, subentry)
    assert isinstance(outlet.receiver, ScaipReceiver)
    assert outlet.heartbeat == 300


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("sip:larm@larm.example.se", "larm.example.se"),
        ("sips:larm@larm.example.se:5071;transport=tls", "larm.example.se:5071"),
        ("sip:", "sip:"),
    ],
)
def test_a_receiver_is_titled_by_its_host(url: str, host: str) -> None:
    assert host_of(url) == host
