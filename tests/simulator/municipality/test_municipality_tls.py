"""HTTPS: the receiver proves itself by its own authority, and may ask homes to do the same."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
import ssl

import aiohttp
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519
import pytest

from simulator.municipality import Mode, Municipality
from simulator.municipality.certificates import Authority, server_context
from simulator.municipality.fields import FieldError
from simulator.testing_municipality import TOKEN
from tests.simulator.municipality import events
from tests.simulator.municipality.events import send


def trusting(municipality: Municipality) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=municipality.ca_file)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_a_client_that_trusts_the_authority_gets_in(
    municipality_tls: Municipality, host: str
) -> None:
    assert municipality_tls.url.startswith("https://")
    answer = await send(
        municipality_tls.events_url,
        events.raised("d1"),
        ssl=trusting(municipality_tls),
        server_hostname=host,
    )

    assert answer.json["verdict"] == "accepted"


async def test_a_client_that_does_not_trust_it_sends_nothing(
    municipality_tls: Municipality,
) -> None:
    with pytest.raises(aiohttp.ClientConnectorCertificateError):
        await send(municipality_tls.events_url, events.raised("d1"))
    with pytest.raises(aiohttp.ClientError):
        await send(municipality_tls.events_url.replace("https", "http"), events.raised("d1"))
    assert municipality_tls.ledger.alarms == {}


def test_old_tls_is_refused(tmp_path: Path) -> None:
    context = server_context(Authority.in_folder(tmp_path).server(), None)

    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2


async def test_faults_work_by_https_too(municipality_tls: Municipality) -> None:
    context = trusting(municipality_tls)
    await municipality_tls.set_fault(Mode.ACCEPT_AND_DIE, count=1)
    with pytest.raises(aiohttp.ClientError):
        await send(municipality_tls.events_url, events.raised("d1"), ssl=context)
    await municipality_tls.set_fault(Mode.DOWN)
    with pytest.raises(aiohttp.ClientConnectorError):
        await send(municipality_tls.events_url, events.raised("d1"), ssl=context)
    await municipality_tls.set_fault()
    answer = await send(municipality_tls.events_url, events.raised("d1"), ssl=context)

    assert answer.json["receipt"] == "R-000001"


async def test_the_authority_is_made_once_and_its_keys_are_its_owner_s(
    socket_enabled: None, tmp_path: Path
) -> None:
    folder = tmp_path / "tls"
    async with Municipality(token=TOKEN, tls=folder):
        first = {file.name: file.read_bytes() for file in folder.iterdir()}
    async with Municipality(token=TOKEN, tls=folder):
        second = {file.name: file.read_bytes() for file in folder.iterdir()}

    assert first == second
    assert sorted(first) == ["ca.key", "ca.pem", "server.key", "server.pem"]
    assert folder.stat().st_mode & 0o077 == 0
    for name in ("ca.key", "server.key"):
        assert (folder / name).stat().st_mode & 0o777 == 0o600
    server = x509.load_pem_x509_certificate(first["server.pem"])
    ten_years = datetime.now(UTC) + timedelta(days=3650)
    assert ten_years < server.not_valid_after_utc < ten_years + timedelta(days=5)


async def test_a_client_certificate_can_stand_in_for_the_token(
    socket_enabled: None, tmp_path: Path
) -> None:
    homes, strangers = Authority.in_folder(tmp_path / "homes"), Authority.in_folder(tmp_path / "s")
    async with Municipality(
        token=None, tls=tmp_path / "municipality", client_ca=homes.file
    ) as municipality:
        known = trusting(municipality)
        pair = homes.client("home-48151623")
        known.load_cert_chain(pair.certificate, pair.key)
        answer = await send(municipality.events_url, events.raised("d1"), token=None, ssl=known)
        assert answer.json["verdict"] == "accepted"
        assert homes.client("home-48151623") == pair

        stranger = trusting(municipality)
        other = strangers.client("home-1")
        stranger.load_cert_chain(other.certificate, other.key)
        for context in (stranger, trusting(municipality)):
            with pytest.raises((aiohttp.ClientError, ssl.SSLError, ConnectionError)):
                await send(municipality.events_url, events.raised("d2", 2), ssl=context)
        assert list(municipality.ledger.alarms) == [events.ulid(1)]


async def test_certificate_and_token_are_both_asked_for_when_both_are_set(
    socket_enabled: None, tmp_path: Path
) -> None:
    homes = Authority.in_folder(tmp_path / "homes")
    async with Municipality(
        token=TOKEN, tls=tmp_path / "municipality", client_ca=homes.file
    ) as municipality:
        known = trusting(municipality)
        pair = homes.client("home-48151623")
        known.load_cert_chain(pair.certificate, pair.key)
        answer = await send(municipality.events_url, events.raised("d1"), token=None, ssl=known)
        assert answer.status == 401
        assert (await send(municipality.events_url, events.raised("d1"), ssl=known)).status == 200


@pytest.mark.parametrize("name", ["ca.key", "ca.pem", "server.key"])
async def test_a_spoilt_folder_is_an_error_and_is_left_alone(
    socket_enabled: None, tmp_path: Path, name: str
) -> None:
    Authority.in_folder(tmp_path).server()
    (tmp_path / name).write_text("spoilt")
    municipality = Municipality(token=TOKEN, tls=tmp_path)

    with pytest.raises((OSError, ValueError)):
        await municipality.start()
    assert (tmp_path / name).read_text() == "spoilt"


def test_a_key_of_another_kind_is_named(tmp_path: Path) -> None:
    Authority.in_folder(tmp_path)
    other = ed25519.Ed25519PrivateKey.generate()
    (tmp_path / "ca.key").write_bytes(
        other.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    with pytest.raises(ValueError, match="holds no elliptic-curve key"):
        Authority.in_folder(tmp_path)


@pytest.mark.parametrize(
    ("token", "tls", "client_ca", "field"),
    [
        (None, None, None, "token"),
        (None, Path("x"), None, "token"),
        ("", None, None, "token"),
        ("two words", None, None, "token"),
        ("åäö", None, None, "token"),
        ("line\nbreak", None, None, "token"),
        ("x" * 1025, None, None, "token"),
        ("x", None, Path("y"), "client-ca"),
    ],
)
def test_settings_that_make_no_sense_are_refused_by_name(
    token: str | None, tls: Path | None, client_ca: Path | None, field: str
) -> None:
    with pytest.raises(FieldError) as caught:
        Municipality(token=token, tls=tls, client_ca=client_ca)
    assert caught.value.field == field
