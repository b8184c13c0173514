"""Proving who we are: the RFCs' own examples, and what proxies do with nonces (network point 7)."""

import pytest

from custom_components.kvarbo.transmission.scaip.sip.digest import Credentials, DigestSession
from custom_components.kvarbo.transmission.scaip.sip.message import Headers, Response

WHO = Credentials("4711", "s3cret")


def challenge(*texts: str, status: int = 401) -> Response:
    name = "www-authenticate" if status == 401 else "proxy-authenticate"
    return Response(status=status, reason="", headers=Headers(tuple((name, t) for t in texts)))


def params(line: str) -> dict[str, str]:
    assert line.startswith("Digest ")
    return {
        name: value.strip('"')
        for name, _, value in (part.partition("=") for part in line[7:].split(", "))
    }


def asked(session: DigestSession, *texts: str) -> dict[str, str]:
    attempt = session.begin("MESSAGE", "sip:larm@larm.example")
    assert attempt.challenged(challenge(*texts))
    ((name, line),) = attempt.headers()
    assert name == "authorization"
    return params(line)


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_point_07_rfc_7616_section_3_9_1(algorithm: str, response: str) -> None:
    session = DigestSession(
        Credentials("Mufasa", "Circle of Life"),
        random=lambda: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
    )
    attempt = session.begin("GET", "/dir/index.html")
    assert attempt.challenged(
        challenge(
            'Digest realm="http-auth@example.org", qop="auth, auth-int",'
            f' algorithm={algorithm}, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",'
            ' opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
        )
    )
    ((_, line),) = attempt.headers()
    assert f'response="{response}"' in line
    assert 'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"' in line
    assert f"algorithm={algorithm}, qop=auth, nc=00000001, cnonce=" in line


def test_point_07_without_qop_the_old_form_is_used() -> None:
    """RFC 2617 section 3.2.2.1: no count, no cnonce."""
    session = DigestSession(Credentials("Mufasa", "Circle Of Life"))
    attempt = session.begin("GET", "/dir/index.html")
    nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093"
    assert attempt.challenged(challenge(f'Digest realm="testrealm@host.com", nonce="{nonce}"'))
    said = params(attempt.headers()[0][1])
    assert said["response"] == "670fd8c2df070c60b045671b8b24ff02"
    assert not {"qop", "nc", "cnonce", "algorithm"} & said.keys()


@pytest.mark.parametrize(
    "texts",
    [
        (
            'Digest realm="a", nonce="m", algorithm=MD5, qop="auth"',
            'Digest realm="a", nonce="s", algorithm=SHA-256, qop="auth"',
        ),
        (
            (
                'Digest realm="a, b", nonce="m", algorithm=MD5, qop="auth", Digest realm="a",'
                ' nonce="s", algorithm=SHA-256, qop="auth"'
            ),
        ),
        ('Basic realm="x", Digest realm="a", nonce="s", algorithm="SHA-256", qop="auth-int,auth"',),
    ],
)
def test_point_07_the_strongest_offer_is_taken(texts: tuple[str, ...]) -> None:
    said = asked(DigestSession(WHO), *texts)
    assert (said["nonce"], said["algorithm"]) == ("s", "SHA-256")


@pytest.mark.parametrize(
    "text",
    [
        'Basic realm="x"',
        'Digest realm="x"',
        'Digest nonce="x"',
        'Digest realm="x", nonce="n", algorithm=SHA-1024',
        'Digest realm="x", nonce="n", qop="auth-int"',
        "",
        '=,"',
    ],
)
def test_point_07_what_cannot_be_answered_is_the_last_word(text: str) -> None:
    attempt = DigestSession(WHO).begin("MESSAGE", "sip:x@y")
    assert not attempt.challenged(challenge(text))
    assert attempt.headers() == ()


def test_point_07_without_credentials_nothing_is_answered() -> None:
    attempt = DigestSession(None).begin("MESSAGE", "sip:x@y")
    assert not attempt.challenged(challenge('Digest realm="a", nonce="n"'))


def test_point_07_a_nonce_that_was_taken_is_kept_and_counted() -> None:
    session = DigestSession(WHO)
    assert asked(session, 'Digest realm="a", nonce="n", qop="auth"')["nc"] == "00000001"
    for count in ("00000002", "00000003"):
        ((_, line),) = session.begin("MESSAGE", "sip:x@y").headers()
        assert params(line)["nc"] == count


def test_point_07_an_old_nonce_is_renewed_without_the_word_stale() -> None:
    session = DigestSession(WHO)
    asked(session, 'Digest realm="a", nonce="old", qop="auth"')
    attempt = session.begin("MESSAGE", "sip:x@y")
    attempt.headers()
    assert attempt.challenged(challenge('Digest realm="a", nonce="new", qop="auth"'))
    said = params(attempt.headers()[0][1])
    assert (said["nonce"], said["nc"]) == ("new", "00000001")


def test_point_07_two_fresh_nonces_refused_are_a_wrong_password() -> None:
    attempt = DigestSession(WHO).begin("MESSAGE", "sip:x@y")
    answers = []
    for nonce in "abcd":
        attempt.headers()
        answers.append(attempt.challenged(challenge(f'Digest realm="a", nonce="{nonce}"')))
    assert answers == [True, True, False, False]


def test_point_07_the_same_nonce_refused_is_a_wrong_password_at_once() -> None:
    attempt = DigestSession(WHO).begin("MESSAGE", "sip:x@y")
    assert attempt.challenged(challenge('Digest realm="a", nonce="n"'))
    attempt.headers()
    assert not attempt.challenged(challenge('Digest realm="a", nonce="n"'))


def test_point_07_two_requests_may_be_given_one_nonce() -> None:
    """Nonces that are made of the time are the same within a second: that is no refusal."""
    session = DigestSession(WHO)
    first, second = session.begin("MESSAGE", "sip:x@y"), session.begin("REGISTER", "sip:y")
    assert first.headers() == second.headers() == ()
    text = 'Digest realm="a", nonce="n", qop="auth"'
    assert first.challenged(challenge(text))
    first.headers()
    assert second.challenged(challenge(text))
    assert params(second.headers()[0][1])["nc"] == "00000002"


def test_point_07_a_proxy_and_a_receiver_may_both_ask() -> None:
    attempt = DigestSession(WHO).begin("MESSAGE", "sip:x@y")
    assert attempt.challenged(challenge('Digest realm="p", nonce="1"', status=407))
    assert attempt.challenged(challenge('Digest realm="r", nonce="2"'))
    assert [name for name, _ in attempt.headers()] == ["proxy-authorization", "authorization"]


def test_quotes_in_what_we_say_do_not_end_it() -> None:
    session = DigestSession(Credentials('a"b', "p"))
    attempt = session.begin("MESSAGE", "sip:x@y")
    assert attempt.challenged(challenge(r'Digest realm="r\"s", nonce="n"'))
    assert r'username="a\"b", realm="r\"s"' in attempt.headers()[0][1]


def test_the_password_is_in_no_representation() -> None:
    assert "s3cret" not in repr(WHO)
