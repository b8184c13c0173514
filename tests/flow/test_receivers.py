"""From stored settings to a receiver: whatever stands there, it is a receiver or a clear error."""

from types import MappingProxyType
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant
import pytest

from custom_components.kvarbo.alarm.kinds import AlarmKind, ReasonCode
from custom_components.kvarbo.receivers import (
    DEFAULT_PROFILE,
    Flaw,
    ReceiverSettingsError,
    async_build_receiver,
    async_outlet,
    host_of,
    place_of,
    read_settings,
)
from custom_components.kvarbo.transmission.outlet import Takes
from custom_components.kvarbo.transmission.rest.profile import Problem
from custom_components.kvarbo.transmission.rest.settings import SettingProblem
from tests.transmission.rest.rest_sample import a_dispatch, an_alarm
from tests.transmission.rest.rest_server import accepted, serving

from .talk import TEXTS

LIVE: dict[str, Any] = {"controller": "4711", "demo": False}
DEMO: dict[str, Any] = {"controller": "4711", "demo": True}
GOOD: dict[str, Any] = {"url": "https://alarms.example.org/v1", "token": "secret-token"}


def flaws(data: dict[str, Any], *, demo: bool = False) -> list[tuple[str, str]]:
    """What is wrong with settings, each field with its problem."""
    try:
        read_settings(data, demo=demo)
    except ReceiverSettingsError as err:
        found = err
    else:
        return []
    assert "secret" not in str(found), "a value may be a secret"
    return [(flaw.field, flaw.problem) for flaw in found.flaws]


def test_what_is_left_out_has_its_default() -> None:
    settings = read_settings(GOOD, demo=False)
    assert settings.url == GOOD["url"]
    assert settings.profile.name == DEFAULT_PROFILE
    assert (settings.takes, settings.heartbeat, settings.language) == (Takes.ALARMS, 300, "sv")
    assert "secret" not in repr(settings)


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("url", 5, "unknown_choice"),
        ("url", None, "empty"),
        ("url", ["https://a"], "unknown_choice"),
        ("token", 5, "unknown_choice"),
        ("token", b"secret", "unknown_choice"),
        ("takes", "everything", "unknown_choice"),
        ("takes", 1, "unknown_choice"),
        ("takes", [], "unknown_choice"),
        ("language", "fi", "unknown_choice"),
        ("protocol", "fax", "unknown_choice"),
        ("heartbeat", 59, "heartbeat_range"),
        ("heartbeat", 86401, "heartbeat_range"),
        ("heartbeat", 60.5, "heartbeat_range"),
        ("heartbeat", "300", "heartbeat_range"),
        ("heartbeat", True, "heartbeat_range"),
        ("heartbeat", None, "heartbeat_range"),
        ("profile", {}, "unknown_choice"),
        ("profile", "nonsense", "not_json"),
        ("ca_certificate", 5, "unknown_choice"),
        ("ca_certificate", "x", "not_pem"),
        ("client_certificate", 5, "unknown_choice"),
        ("client_key", {}, "unknown_choice"),
    ],
)
def test_a_stored_setting_of_the_wrong_kind_is_named(field: str, value: Any, problem: str) -> None:
    assert flaws({**GOOD, field: value}) == [(field, problem)]


def test_a_receiver_that_nobody_can_know_us_at_is_refused() -> None:
    assert flaws({"url": GOOD["url"]}) == [("token", "no_credentials")]


@pytest.mark.parametrize(
    ("url", "reached"),
    [
        ("http://localhost:8080", True),
        ("http://127.0.0.1", True),
        ("http://[::1]:8080", True),
        ("https://localhost", True),
        ("https://127.8.8.8", True),
        ("https://alarms.example.org", False),
        ("https://127.0.0.1.example.org", False),
        ("https://192.0.2.1", False),
        ("https://[2001:db8::1]", False),
        ("https://0.0.0.0", False),
    ],
)
def test_a_demo_home_reaches_this_machine_alone(url: str, reached: bool) -> None:
    """A9."""
    expected = [] if reached else [("url", "demo_not_local")]
    assert flaws({**GOOD, "url": url}, demo=True) == expected


@pytest.mark.parametrize("url", ["http://localhost", "http://127.0.0.1:8080", "http://[::1]"])
def test_a_live_home_never_speaks_in_clear(url: str) -> None:
    assert flaws({**GOOD, "url": url}) == [("url", "not_https")]


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://alarms.example.org/v1", "alarms.example.org"),
        ("https://alarms.example.org:443", "alarms.example.org"),
        ("https://alarms.example.org:8443/a", "alarms.example.org:8443"),
        ("http://127.0.0.1:80", "127.0.0.1"),
        ("https://", "https://"),
        ("https://a:b", "https://a:b"),
        ("", ""),
    ],
)
def test_a_receiver_is_titled_by_its_host(url: str, host: str) -> None:
    assert host_of(url) == host


def test_the_place_of_a_flaw_is_always_told() -> None:
    assert place_of(None) == {"place": "/", "line": "-"}
    assert place_of(Flaw("profile", "x", "/a/b", 7)) == {"place": "/a/b", "line": "7"}


async def test_a_receiver_can_be_built_and_let_go(hass: HomeAssistant) -> None:
    receiver = await async_build_receiver(hass, LIVE, GOOD)
    await receiver.close()
    with pytest.raises(ReceiverSettingsError) as caught:
        await async_build_receiver(hass, DEMO, GOOD)
    assert (caught.value.field, caught.value.problem) == ("url", "demo_not_local")


def _subentry(**other: Any) -> ConfigSubentry:
    return ConfigSubentry(
        data=MappingProxyType({**GOOD, **other}),
        subentry_type="receiver",
        title="alarms",
        unique_id=None,
    )


async def test_times_in_the_reason_are_those_of_the_home_also_after_a_change(
    hass: HomeAssistant, socket_enabled: None
) -> None:
    alarm = an_alarm(kind=AlarmKind.NIGHT_ABSENCE, reason=ReasonCode.WATCHED)
    told = []
    async with serving(accepted()) as server:
        data = {"url": server.url, "token": "secret-token", "language": "en"}
        receiver = await async_build_receiver(hass, DEMO, data)
        for zone in ("Europe/Stockholm", "America/New_York"):
            await hass.config.async_set_time_zone(zone)
            await receiver.send(a_dispatch(alarm=alarm))
            told.append(server.requests[-1].json["data"]["reason"])
        await receiver.close()
    assert told == ["up 03:48, not back", "up 21:48, not back"]


async def test_an_outlet_has_the_receivers_task_and_heartbeat(
    hass: HomeAssistant, demo_home: ConfigEntry[Any]
) -> None:
    subentry = _subentry(url="https://localhost", takes="operations", heartbeat=60)
    outlet = await async_outlet(hass, demo_home, subentry)
    assert outlet.key == subentry.subentry_id
    assert (outlet.takes, outlet.heartbeat) == (Takes.OPERATIONS, 60)
    await outlet.receiver.close()


@pytest.mark.parametrize(
    ("language", "settings", "field", "problem"),
    [
        ("en", {"token": "a b"}, "Token", "Only visible characters, without blanks"),
        ("sv", {"profile": "{}"}, "Profil", "Vid /schema i profilen, rad -: något saknas."),
        ("sv", {"ca_certificate": "x"}, "Certifikatutfärdare", "PEM"),
        ("sv", {"protocol": "fax"}, "protocol", "Kvarbo känner inte till"),
    ],
)
async def test_an_outlet_says_in_the_hubs_language_why_there_is_none(
    hass: HomeAssistant,
    demo_home: ConfigEntry[Any],
    language: str,
    settings: dict[str, Any],
    field: str,
    problem: str,
) -> None:
    hass.config.language = language
    with pytest.raises(ReceiverSettingsError) as caught:
        await async_outlet(hass, demo_home, _subentry(url="https://localhost", **settings))
    assert caught.value.field == field
    assert problem in caught.value.problem


@pytest.mark.parametrize("language", TEXTS)
def test_every_problem_of_a_receiver_has_words(language: str) -> None:
    errors = TEXTS[language]["config_subentries"]["receiver"]["error"]
    assert {str(problem) for problem in (*Problem, *SettingProblem)} <= set(errors)
