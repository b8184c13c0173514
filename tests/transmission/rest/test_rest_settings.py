"""Settings: the address, the credentials and the trust that a person types."""

from collections.abc import Callable

from hypothesis import given, strategies as st
import pytest
from yarl import URL

from custom_components.kvarbo.transmission.rest.settings import (
    Credentials,
    SettingError,
    SettingProblem,
    Trust,
    validate_base_url,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://larm.example", "https://larm.example"),
        ("https://larm.example/", "https://larm.example"),
        ("  https://larm.example:8443/a/b/ ", "https://larm.example:8443/a/b"),
        ("HTTPS://Larm.Example/A", "https://larm.example/A"),
        ("https://larm.example:443", "https://larm.example"),
        ("https://larm.example:", "https://larm.example"),
        ("https://10.0.0.7", "https://10.0.0.7"),
        ("https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443"),
        ("https://larm.småort.example/å", "https://larm.xn--smort-nra.example/%C3%A5"),
        ("https://larm.example/a/../b", "https://larm.example/b"),
        ("https://larm.example/a%20b", "https://larm.example/a%20b"),
        ("https://a_b.example.", "https://a_b.example."),
    ],
)
@pytest.mark.parametrize("allow_plain", [True, False])
def test_an_address_in_its_one_form(text: str, expected: str, allow_plain: bool) -> None:
    assert validate_base_url(text, allow_plain=allow_plain) == expected
    assert validate_base_url(expected, allow_plain=allow_plain) == expected


@pytest.mark.parametrize(
    "text",
    [
        "http://127.0.0.1:8080",
        "http://127.9.9.9",
        "http://localhost:8080/a",
        "http://[::1]:8080",
    ],
)
def test_a_demo_home_may_speak_plainly_to_its_own_machine(text: str) -> None:
    assert validate_base_url(text, allow_plain=True) == text
    with pytest.raises(SettingError) as caught:
        validate_base_url(text, allow_plain=False)
    assert caught.value.problem is SettingProblem.NOT_HTTPS


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", SettingProblem.EMPTY),
        ("  \t", SettingProblem.EMPTY),
        ("https://" + "a" * 2048, SettingProblem.TOO_LONG),
        ("larm.example", SettingProblem.NOT_AN_ADDRESS),
        ("https:/larm.example", SettingProblem.NOT_AN_ADDRESS),
        ("https://larm.example/a b", SettingProblem.NOT_AN_ADDRESS),
        ("https://larm\\.example", SettingProblem.NOT_AN_ADDRESS),
        ("https://larm.example/\nX: y", SettingProblem.NOT_AN_ADDRESS),
        ("https://larm.example/\u202e", SettingProblem.NOT_AN_ADDRESS),
        ("ftp://larm.example", SettingProblem.NOT_HTTPS),
        ("http://larm.example", SettingProblem.PLAIN_NOT_LOCAL),
        ("http://127.0.0.1.example", SettingProblem.PLAIN_NOT_LOCAL),
        ("http://localhost.example", SettingProblem.PLAIN_NOT_LOCAL),
        ("http://192.168.1.2", SettingProblem.PLAIN_NOT_LOCAL),
        ("http://0x7f.1", SettingProblem.PLAIN_NOT_LOCAL),
        ("https://user:planted@larm.example", SettingProblem.HAS_USER),
        ("https://@larm.example", SettingProblem.HAS_USER),
        ("https://larm.example?a=b", SettingProblem.HAS_QUERY),
        ("https://larm.example/?", SettingProblem.HAS_QUERY),
        ("https://larm.example#a", SettingProblem.HAS_FRAGMENT),
        ("https://larm.example/#", SettingProblem.HAS_FRAGMENT),
        ("https://", SettingProblem.BAD_HOST),
        ("https:///a", SettingProblem.BAD_HOST),
        ("https://.", SettingProblem.BAD_HOST),
        ("https://a..b", SettingProblem.BAD_HOST),
        ("https://-a.example", SettingProblem.BAD_HOST),
        ("https://xn--", SettingProblem.BAD_HOST),
        ("https://larm%2eexample", SettingProblem.BAD_HOST),
        ("https://[::1]x", SettingProblem.BAD_HOST),
        ("https://[::1", SettingProblem.BAD_PORT),
        ("https://" + "a" * 64 + ".example", SettingProblem.BAD_HOST),
        ("https://larm.example:0", SettingProblem.BAD_PORT),
        ("https://larm.example:65536", SettingProblem.BAD_PORT),
        ("https://larm.example:80a", SettingProblem.BAD_PORT),
        ("https://larm.example:-1", SettingProblem.BAD_PORT),
    ],
)
def test_an_address_of_no_use_is_named(text: str, problem: SettingProblem) -> None:
    with pytest.raises(SettingError) as caught:
        validate_base_url(text, allow_plain=True)
    assert (caught.value.field, caught.value.problem) == ("url", problem)
    assert "planted" not in str(caught.value)


ADDRESSES = st.text() | st.builds(
    lambda scheme, middle, path: f"{scheme}://{middle}{path}",
    st.sampled_from(["https", "http", "HTTPS"]),
    st.text(st.sampled_from("abc0123.:@[]%-_å") | st.characters(), max_size=20),
    st.text(st.sampled_from("/ab%?#.:@\\") | st.characters(), max_size=20),
)


@given(ADDRESSES, st.booleans())
def test_an_address_is_taken_whole_or_refused_by_name(text: str, allow_plain: bool) -> None:
    try:
        taken = validate_base_url(text, allow_plain=allow_plain)
    except SettingError:
        return
    url = URL(taken, encoded=True)
    assert url.scheme == "https" or (allow_plain and url.scheme == "http")
    assert url.host
    assert url.user is None
    assert url.password is None
    assert url.raw_query_string == url.raw_fragment == ""
    assert taken.isascii()
    assert taken.isprintable()
    assert not taken.endswith("/")
    assert validate_base_url(taken, allow_plain=allow_plain) == taken


PEM = "-----BEGIN CERTIFICATE-----\n"


@pytest.mark.parametrize(
    ("make", "field", "problem"),
    [
        (lambda: Credentials(token=""), "token", SettingProblem.EMPTY),
        (lambda: Credentials(token="planted\r\nHost: x"), "token", SettingProblem.NOT_PRINTABLE),
        (lambda: Credentials(token="planted planted"), "token", SettingProblem.NOT_PRINTABLE),
        (lambda: Credentials(token="plånted"), "token", SettingProblem.NOT_PRINTABLE),
        (lambda: Credentials(token="planted\x00"), "token", SettingProblem.NOT_PRINTABLE),
        (lambda: Credentials(token="p" * 4097), "token", SettingProblem.TOO_LONG),
        (lambda: Credentials(client_certificate=PEM), "client_key", SettingProblem.NO_KEY),
        (
            lambda: Credentials(client_key=PEM),
            "client_certificate",
            SettingProblem.NO_CERTIFICATE,
        ),
        (
            lambda: Credentials(client_certificate="planted", client_key=PEM),
            "client_certificate",
            SettingProblem.NOT_PEM,
        ),
        (
            lambda: Credentials(client_certificate=PEM, client_key=PEM + "plånted"),
            "client_key",
            SettingProblem.NOT_PEM,
        ),
        (
            lambda: Credentials(client_certificate=PEM, client_key=" "),
            "client_key",
            SettingProblem.EMPTY,
        ),
        (lambda: Trust(ca_certificate=""), "ca_certificate", SettingProblem.EMPTY),
        (lambda: Trust(ca_certificate="planted"), "ca_certificate", SettingProblem.NOT_PEM),
        (
            lambda: Trust(ca_certificate=PEM + "p" * 65536),
            "ca_certificate",
            SettingProblem.TOO_LONG,
        ),
        (lambda: Trust(public=False), "ca_certificate", SettingProblem.NOBODY_TRUSTED),
    ],
)
def test_credentials_and_trust_of_no_use_are_named(
    make: Callable[[], object], field: str, problem: SettingProblem
) -> None:
    with pytest.raises(SettingError) as caught:
        make()
    assert (caught.value.field, caught.value.problem) == (field, problem)
    assert "planted" not in repr(caught.value)


def test_secrets_are_not_shown() -> None:
    credentials = Credentials(
        token="planted", client_certificate=PEM + "planted", client_key=PEM + "planted"
    )
    assert "planted" not in repr(credentials)
    assert "planted" not in repr(Trust(ca_certificate=PEM + "planted"))
