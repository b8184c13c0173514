"""TLS with real certificates: who is trusted, whom we show ourselves to, and what is said when it fails."""

import asyncio
from pathlib import Path
import socket
import ssl
import threading

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import ExtendedKeyUsageOID
import pytest

from custom_components.kvarbo.transmission.receiver import Answer
from custom_components.kvarbo.transmission.rest.settings import (
    Credentials,
    SettingError,
    SettingProblem,
    Trust,
)
from custom_components.kvarbo.transmission.rest.tls import make_context
from simulator.municipality.certificates import Authority, Pair, server_context
from tests.transmission.rest.rest_sample import MakeReceiver, a_dispatch
from tests.transmission.rest.rest_server import accepted, serving


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.in_folder(tmp_path / "ours")


@pytest.fixture
def stranger(tmp_path: Path) -> Authority:
    return Authority.in_folder(tmp_path / "theirs")


def _trust(authority: Authority) -> Trust:
    return Trust(ca_certificate=authority.file.read_text(), public=False)


def _texts(pair: Pair) -> dict[str, str]:
    return {"certificate": pair.certificate.read_text(), "key": pair.key.read_text()}


@pytest.mark.parametrize("public", [True, False])
async def test_a_receiver_of_an_authority_we_were_given_is_trusted(
    make: MakeReceiver, authority: Authority, public: bool
) -> None:
    trust = Trust(ca_certificate=authority.file.read_text(), public=public)
    told: list[str] = []
    async with serving(accepted(), tls=server_context(authority.server(), None)) as server:
        receiver = make(server.url, trust=trust)
        verdict = await receiver.send(a_dispatch(), written=lambda: told.append("written"))
    assert verdict.answer is Answer.ACCEPTED
    assert told == ["written"]


async def test_a_receiver_of_another_authority_is_refused_before_a_word_is_said(
    make: MakeReceiver, authority: Authority, stranger: Authority
) -> None:
    for trust in (_trust(stranger), Trust()):
        async with serving(accepted(), tls=server_context(authority.server(), None)) as server:
            verdict = await make(server.url, trust=trust).send(a_dispatch())
        assert verdict.answer is Answer.UNREACHABLE
        assert "certificate is not trusted" in verdict.words
        assert "unable to get local issuer certificate" in verdict.words
        assert not verdict.maybe_heard
        assert server.requests == []


async def test_a_certificate_for_another_name_is_refused(
    make: MakeReceiver, authority: Authority
) -> None:
    names = x509.SubjectAlternativeName([x509.DNSName("larm.example")])
    pair = authority._issue("other", "larm.example", ExtendedKeyUsageOID.SERVER_AUTH, names)
    async with serving(accepted(), tls=server_context(pair, None)) as server:
        verdict = await make(server.url, trust=_trust(authority)).send(a_dispatch())
    assert verdict.answer is Answer.UNREACHABLE
    assert "certificate is not trusted (IP address mismatch" in verdict.words
    assert not verdict.maybe_heard


async def test_a_server_without_tls_is_not_spoken_to(make: MakeReceiver) -> None:
    async with serving(accepted()) as server:
        url = server.url.replace("http:", "https:")
        verdict = await make(url, answer_limit=1).send(a_dispatch())
    assert verdict.answer is Answer.UNREACHABLE
    assert not verdict.maybe_heard
    assert server.requests == []


async def test_a_server_that_answers_tls_with_words_is_a_tls_failure(
    make: MakeReceiver, socket_enabled: None
) -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hello, this is something else\r\n")
        await writer.drain()
        await reader.read()
        writer.close()

    listener = await asyncio.start_server(greet, "127.0.0.1", 0)
    async with listener:
        port = listener.sockets[0].getsockname()[1]
        verdict = await make(f"https://127.0.0.1:{port}").send(a_dispatch())
    assert verdict.answer is Answer.UNREACHABLE
    assert verdict.words.startswith("No secure connection (")
    assert not verdict.maybe_heard


async def test_a_connection_that_breaks_in_the_handshake_was_surely_not_heard(
    make: MakeReceiver,
) -> None:
    async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.transport.abort()

    listener = await asyncio.start_server(reset, "127.0.0.1", 0)
    async with listener:
        port = listener.sockets[0].getsockname()[1]
        verdict = await make(f"https://127.0.0.1:{port}").send(a_dispatch())
    assert verdict.answer is Answer.UNREACHABLE
    assert verdict.words == "The connection ended without a whole answer"
    assert not verdict.maybe_heard


async def test_certificates_that_are_not_read_in_time_are_no_answer(make: MakeReceiver) -> None:
    """The host's threads are all busy: the limit holds all the same, and nothing was sent."""
    free = threading.Event()
    loop = asyncio.get_running_loop()
    busy = [loop.run_in_executor(None, free.wait, 10) for _ in range(100)]
    async with serving(accepted()) as server:
        receiver = make(server.url, answer_limit=0.1)
        verdict = await receiver.send(a_dispatch())
        assert verdict.answer is Answer.UNREACHABLE
        assert verdict.words == "No answer within 0.1 s"
        assert not verdict.maybe_heard
        free.set()
        await asyncio.gather(*busy)
        assert (await make(server.url).send(a_dispatch())).answer is Answer.ACCEPTED


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_our_certificate_opens_what_asks_for_it(
    make: MakeReceiver, authority: Authority, version: ssl.TLSVersion
) -> None:
    context = server_context(authority.server(), authority.file)
    context.maximum_version = context.minimum_version = version
    ours = authority.client("4711")
    async with serving(accepted(), tls=context) as server:
        receiver = make(server.url, trust=_trust(authority), token=None, **_texts(ours))
        verdict = await receiver.send(a_dispatch())
    assert verdict.answer is Answer.ACCEPTED


def _refuse_in_a_thread(listener: socket.socket, context: ssl.SSLContext) -> None:
    """Refuse one client as OpenSSL's own servers do: with a TLS alert, which asyncio's do not send.

    What the client has sent meanwhile is read before closing; else the alert is lost in a reset.
    """
    raw, _ = listener.accept()
    raw.settimeout(5)
    with raw.dup() as kept:
        with pytest.raises(ssl.SSLError):
            context.wrap_socket(raw, server_side=True)
        kept.shutdown(socket.SHUT_WR)
        kept.settimeout(5)
        while kept.recv(65536):
            pass


@pytest.mark.parametrize("shows", ["nothing", "a stranger's"])
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_a_receiver_that_refuses_our_certificate_asks_for_new_credentials(
    make: MakeReceiver,
    authority: Authority,
    stranger: Authority,
    shows: str,
    version: ssl.TLSVersion,
) -> None:
    context = server_context(authority.server(), authority.file)
    context.maximum_version = context.minimum_version = version
    ours = {} if shows == "nothing" else _texts(stranger.client("4711"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        serving_one = asyncio.create_task(asyncio.to_thread(_refuse_in_a_thread, listener, context))
        url = f"https://127.0.0.1:{listener.getsockname()[1]}"
        receiver = make(url, trust=_trust(authority), token=None, **ours)
        verdict = await receiver.send(a_dispatch())
        await serving_one
    if version is ssl.TLSVersion.TLSv1_2 and shows == "nothing":
        # TLS 1.2 says no more than that the handshake failed (RFC 5246 section 7.2.2).
        assert verdict.answer is Answer.UNREACHABLE
        assert verdict.words.startswith("No secure connection (")
    else:
        assert verdict.answer is Answer.CREDENTIALS_REFUSED
        assert verdict.words.startswith("The receiver refused our certificate (")
    assert not verdict.maybe_heard


def test_no_version_before_1_2_and_never_unverified() -> None:
    context = make_context(Trust(), Credentials(token="t"))
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert len(context.get_ca_certs()) > 50


def test_public_authorities_can_be_left_out(authority: Authority) -> None:
    context = make_context(_trust(authority), Credentials())
    [only] = context.get_ca_certs()
    assert ("commonName", "Kvarbo simulated municipality CA") in only["subject"][0]


def _locked(pair: Pair, form: serialization.PrivateFormat) -> str:
    key = serialization.load_pem_private_key(pair.key.read_bytes(), None)
    return key.private_bytes(
        serialization.Encoding.PEM, form, serialization.BestAvailableEncryption(b"planted")
    ).decode()


def _open_files() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


GARBAGE = "-----BEGIN CERTIFICATE-----\nbm9uZQ==\n-----END CERTIFICATE-----\n"


@pytest.mark.parametrize(
    ("field", "problem", "change"),
    [
        ("ca_certificate", SettingProblem.NOT_PEM, {"ca": GARBAGE}),
        ("ca_certificate", SettingProblem.NOT_PEM, {"ca": "-----BEGIN nothing"}),
        ("client_certificate", SettingProblem.NOT_PEM, {"certificate": GARBAGE}),
        ("client_key", SettingProblem.NOT_PEM, {"key": GARBAGE}),
        ("client_key", SettingProblem.NOT_PEM, {"key": "-----BEGIN PRIVATE KEY-----\nno\n"}),
        ("client_key", SettingProblem.KEY_OF_ANOTHER, {"key": "another"}),
        ("client_key", SettingProblem.KEY_LOCKED, {"key": "pkcs8"}),
        ("client_key", SettingProblem.KEY_LOCKED, {"key": "openssl"}),
    ],
)
async def test_a_certificate_of_no_use_is_named_and_leaves_nothing_behind(
    make: MakeReceiver,
    authority: Authority,
    field: str,
    problem: SettingProblem,
    change: dict[str, str],
) -> None:
    ours = authority.client("4711")
    texts = {"ca": authority.file.read_text(), **_texts(ours), **change}
    keys = {
        "another": authority.client("4712").key.read_text(),
        "pkcs8": _locked(ours, serialization.PrivateFormat.PKCS8),
        "openssl": _locked(ours, serialization.PrivateFormat.TraditionalOpenSSL),
    }
    texts["key"] = keys.get(texts["key"], texts["key"])
    open_before = _open_files()
    trust = Trust(ca_certificate=texts["ca"], public=False)
    credentials = Credentials(client_certificate=texts["certificate"], client_key=texts["key"])
    with pytest.raises(SettingError) as caught:
        make_context(trust, credentials)
    assert (caught.value.field, caught.value.problem) == (field, problem)
    assert _open_files() == open_before
    # The same shows as a verdict, again and again until it is mended.
    receiver = make(
        "https://127.0.0.1:9", trust=trust, certificate=texts["certificate"], key=texts["key"]
    )
    for _ in range(2):
        verdict = await receiver.send(a_dispatch())
        ours_is_wrong = field != "ca_certificate"
        expected = Answer.CREDENTIALS_REFUSED if ours_is_wrong else Answer.UNREACHABLE
        assert verdict.answer is expected
        assert problem in verdict.words
        assert not verdict.maybe_heard


def test_a_key_is_never_on_a_disk(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    paths: list[str] = []
    load = ssl.SSLContext.load_cert_chain

    def watch(self: ssl.SSLContext, certfile: str, keyfile: str, password: str) -> None:
        paths.extend(str(Path(path).readlink()) for path in (certfile, keyfile))
        load(self, certfile, keyfile, password)

    monkeypatch.setattr(ssl.SSLContext, "load_cert_chain", watch)
    ours = authority.client("4711")
    make_context(
        Trust(),
        Credentials(
            client_certificate=ours.certificate.read_text(), client_key=ours.key.read_text()
        ),
    )
    assert [path.split(":")[0] for path in paths] == ["/memfd", "/memfd"]
