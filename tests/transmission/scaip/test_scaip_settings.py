"""What a person types about a SCAIP receiver, and what is wrong with it by field."""

import contextlib

from hypothesis import given, strategies as st
import pytest

from custom_components.kvarbo.transmission.rest.settings import SettingError, SettingProblem
from custom_components.kvarbo.transmission.scaip.settings import (
    instance_of,
    is_loopback,
    read_address,
    read_credentials,
    read_speech,
    routed,
)
from custom_components.kvarbo.transmission.scaip.sip.values import SipUri
from custom_components.kvarbo.transmission.scaip.sip.wire import Transport


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("larm.kommun.se", SipUri(host="larm.kommun.se", user="larm")),
        (" sip:scaip@Larm.Kommun.se ", SipUri(host="larm.kommun.se", user="scaip")),
        ("larm.kommun.se:5071", SipUri(host="larm.kommun.se", user="larm", port=5071)),
        ("sips:larm.kommun.se", SipUri(host="larm.kommun.se", user="larm", secure=True)),
        (
            "a@10.0.0.1;transport=tcp",
            SipUri(host="10.0.0.1", user="a", params={"transport": "tcp"}),
        ),
    ],
)
def test_addresses_as_people_type_them(text: str, address: SipUri) -> None:
    assert read_address(text, user="larm") == address


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", SettingProblem.EMPTY),
        ("a" * 3000, SettingProblem.TOO_LONG),
        ("https://larm.kommun.se", SettingProblem.NOT_AN_ADDRESS),
        ("larm kommun", SettingProblem.NOT_AN_ADDRESS),
        ("lärm.se", SettingProblem.NOT_AN_ADDRESS),
        ("larm.se?x=y", SettingProblem.HAS_QUERY),
        ("larm.se:0", SettingProblem.NOT_AN_ADDRESS),
        ("larm.se;transport=sctp", SettingProblem.NOT_AN_ADDRESS),
    ],
)
def test_what_is_no_address_is_named(text: str, problem: SettingProblem) -> None:
    with pytest.raises(SettingError) as error:
        read_address(text, "proxy")
    assert (error.value.field, error.value.problem) == ("proxy", problem)


@given(st.text(max_size=80))
def test_nothing_typed_raises_anything_else(text: str) -> None:
    for read in (read_address, read_speech, lambda t: read_credentials(t, t)):
        with contextlib.suppress(SettingError):
            read(text)


def test_speech_units() -> None:
    assert read_speech(" \n") == ("no-voice:",)
    assert read_speech("sip:hem@10.0.0.2\n\ngsm:0701234567") == (
        "sip:hem@10.0.0.2",
        "gsm:0701234567",
    )
    with pytest.raises(SettingError) as error:
        read_speech("tel:112")
    assert error.value.field == "speech"
    with pytest.raises(SettingError):
        read_speech("gsm:112\ngsm:113\ngsm:114")


@pytest.mark.parametrize(
    ("user", "password", "field"),
    [
        ("", "x", "username"),
        ("a b", "x", "username"),
        ("å", "x", "username"),
        ("a" * 65, "x", "username"),
        ("4711", "a\nb", "password"),
        ("4711", "a" * 300, "password"),
    ],
)
def test_credentials_that_cannot_be_are_named_and_never_shown(
    user: str, password: str, field: str
) -> None:
    with pytest.raises(SettingError) as error:
        read_credentials(user, password)
    assert error.value.field == field
    assert password not in str(error.value) or password == "x"


def test_credentials() -> None:
    credentials = read_credentials("4711", "s3cret")
    assert credentials is not None
    assert (credentials.user, credentials.password) == ("4711", "s3cret")
    assert read_credentials("4711", None) is None


def test_where_all_is_sent() -> None:
    receiver = SipUri(host="larm.se", user="larm")
    assert routed(receiver, None, Transport.TCP) == SipUri(
        host="larm.se", params={"transport": "tcp"}
    )
    proxy = SipUri(host="10.0.0.1", port=5070, params={"transport": "UDP"})
    assert routed(receiver, proxy, Transport.TLS) == SipUri(
        host="10.0.0.1", port=5070, params={"transport": "udp"}
    )
    secure = SipUri(host="larm.se", secure=True)
    assert routed(secure, None, Transport.UDP).params == {"transport": "tls"}


def test_this_very_machine() -> None:
    assert [
        is_loopback(SipUri(host=h))
        for h in ("localhost", "127.0.0.9", "::1", "larm.se", "10.0.0.1")
    ] == [
        True,
        True,
        True,
        False,
        False,
    ]


def test_a_home_is_the_same_at_a_receiver_at_every_start() -> None:
    first = instance_of("4711", SipUri(host="larm.se"))
    assert first == instance_of("4711", SipUri(host="larm.se", user="other", port=5070))
    assert first.startswith("urn:uuid:")
    assert first != instance_of("4712", SipUri(host="larm.se"))
