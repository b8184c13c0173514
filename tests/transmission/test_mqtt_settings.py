"""What a person types about a broker, and what a profile may say: right, wrong, and which field."""

import json
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.kvarbo.transmission.mqtt.profile import Topics, built_in, parse_profile
from custom_components.kvarbo.transmission.mqtt.settings import (
    MqttSettings,
    client_id_of,
    parts_of,
    read_broker,
    read_password,
    read_user,
)
from custom_components.kvarbo.transmission.rest.profile import Problem, ProfileError
from custom_components.kvarbo.transmission.rest.settings import (
    Credentials,
    SettingError,
    SettingProblem,
    Trust,
)

DOCUMENT: dict[str, Any] = json.loads(built_in("kvarbo"))


@pytest.mark.parametrize(
    ("typed", "address", "parts"),
    [
        ("larm.example.se", "mqtts://larm.example.se:8883", ("larm.example.se", 8883, True)),
        (
            "  MQTTS://Larm.Example.se/ ",
            "mqtts://larm.example.se:8883",
            ("larm.example.se", 8883, True),
        ),
        ("larm.example.se:443", "mqtts://larm.example.se:443", ("larm.example.se", 443, True)),
        ("mqtts://10.0.0.1:8884", "mqtts://10.0.0.1:8884", ("10.0.0.1", 8884, True)),
        ("mqtts://[fd00::1]", "mqtts://[fd00::1]:8883", ("fd00::1", 8883, True)),
        ("mqtt://127.0.0.1", "mqtt://127.0.0.1:1883", ("127.0.0.1", 1883, False)),
        ("mqtt://localhost:80", "mqtt://localhost:80", ("localhost", 80, False)),
    ],
)
def test_an_address_has_one_form(typed: str, address: str, parts: tuple[str, int, bool]) -> None:
    assert read_broker(typed, allow_plain=True) == address
    assert read_broker(address, allow_plain=True) == address
    assert parts_of(address) == parts


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("", SettingProblem.BAD_HOST),
        ("https://larm.example.se", SettingProblem.NOT_MQTTS),
        ("mqtt://larm.example.se", SettingProblem.NOT_MQTTS),
        ("mqtts://u:p@larm.example.se", SettingProblem.HAS_USER),
        ("mqtts://larm.example.se/topic", SettingProblem.NOT_AN_ADDRESS),
        ("mqtts://larm.example.se:0", SettingProblem.BAD_PORT),
        ("mqtts://larm.example.se:99999", SettingProblem.BAD_PORT),
        ("mqtts://larm.example.se?x=1", SettingProblem.HAS_QUERY),
        ("mqtts://-", SettingProblem.BAD_HOST),
    ],
)
def test_a_wrong_address_names_its_field(typed: str, problem: SettingProblem) -> None:
    with pytest.raises(SettingError) as caught:
        read_broker(typed, allow_plain=False)
    assert (caught.value.field, caught.value.problem) == ("url", problem)


def test_plain_goes_to_this_machine_alone() -> None:
    with pytest.raises(SettingError) as caught:
        read_broker("mqtt://larm.example.se", allow_plain=True)
    assert caught.value.problem is SettingProblem.PLAIN_MQTT_NOT_LOCAL


def read_or_field(text: str) -> str:
    """The address, or which field is wrong."""
    try:
        return read_broker(text, allow_plain=True)
    except SettingError as error:
        return error.field


@given(st.text(max_size=60))
def test_whatever_is_typed_it_is_an_address_or_an_error(text: str) -> None:
    found = read_or_field(text)
    assert found == "url" or read_or_field(found) == found


def test_user_and_password() -> None:
    assert (read_user(""), read_password(None)) == (None, None)
    assert (read_user("4711"), read_password("p w")) == ("4711", "p w")
    for read, field in ((read_user, "username"), (read_password, "password")):
        for text, problem in (("a" * 2000, "too_long"), ("a\nb", "not_printable")):
            with pytest.raises(SettingError) as caught:
                read(text)
            assert (caught.value.field, str(caught.value.problem)) == (field, problem)


def test_the_password_is_in_no_repr() -> None:
    settings = MqttSettings(
        host="h",
        port=1,
        tls=True,
        client_id="c",
        password="planted",
        certificate=Credentials(),
        trust=Trust(),
    )
    assert "planted" not in repr(settings)


def test_the_sessions_name_is_the_same_after_every_start_and_another_elsewhere() -> None:
    one = client_id_of("4711", "mqtts://a:8883")
    assert one == client_id_of("4711", "mqtts://a:8883")
    assert one.startswith("kvarbo-4711-")
    assert (
        len({one, client_id_of("4712", "mqtts://a:8883"), client_id_of("4711", "mqtts://b:8883")})
        == 3
    )


def test_the_topics_of_one_home() -> None:
    topics = parse_profile(built_in("kvarbo")).topics
    assert isinstance(topics, Topics)
    assert topics.of("4711").states == "kvarbo/v1/4711/states"


def changed(**topics: Any) -> str:
    return json.dumps({**DOCUMENT, "topics": {**DOCUMENT["topics"], **topics}})


@pytest.mark.parametrize(
    ("text", "field", "problem"),
    [
        (changed(alarms="kvarbo/alarms"), "/topics/alarms", Problem.HOME_MISSING),
        (changed(alarms="k/$controllerx"), "/topics/alarms", Problem.HOME_MISSING),
        (changed(alarms="k/+/$controller"), "/topics/alarms", Problem.WRONG_VALUE),
        (changed(alarms="k/#/$controller"), "/topics/alarms", Problem.WRONG_VALUE),
        (changed(alarms="$SYS/$controller"), "/topics/alarms", Problem.WRONG_VALUE),
        (changed(alarms="/$controller"), "/topics/alarms", Problem.WRONG_VALUE),
        (changed(alarms=7), "/topics/alarms", Problem.WRONG_TYPE),
        (changed(alarms="$controller/" + "x" * 300), "/topics/alarms", Problem.WRONG_VALUE),
        (changed(alarms=DOCUMENT["topics"]["signs"]), "/topics", Problem.VALUE_TWICE),
        (changed(more="x/$controller"), "/topics/more", Problem.UNKNOWN_KEY),
        (
            json.dumps({k: v for k, v in DOCUMENT.items() if k != "topics"}),
            "/topics",
            Problem.MISSING,
        ),
        (json.dumps({**DOCUMENT, "path": "/"}), "/path", Problem.UNKNOWN_KEY),
        (json.dumps({**DOCUMENT, "headers": {}}), "/headers", Problem.UNKNOWN_KEY),
        (json.dumps({**DOCUMENT, "schema": 2}), "/schema", Problem.UNKNOWN_SCHEMA),
        ("[]", "", Problem.WRONG_TYPE),
        ("{", "", Problem.NOT_JSON),
    ],
)
def test_a_wrong_profile_names_place_and_problem(text: str, field: str, problem: Problem) -> None:
    with pytest.raises(ProfileError) as caught:
        parse_profile(text)
    assert (caught.value.field, caught.value.problem) == (field, problem)
