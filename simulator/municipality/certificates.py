"""The municipality's own certificates.

An authority signs this receiver and, for tests of mutual TLS, its homes. Everything here blocks;
call it in a thread.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
import ipaddress
import os
from pathlib import Path
import ssl
from typing import Final, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_YEARS_TEN: Final = timedelta(days=3652)
_CLOCKS_DIFFER: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate and its private key, both PEM files; the key is readable by its owner alone."""

    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate authority that lives in one folder."""

    folder: Path
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def in_folder(cls, folder: Path) -> Self:
        """The authority of that folder; made there if absent.

        Raises:
            OSError: the folder cannot be written or read.
            ValueError: what lies there is no such authority.
        """
        pair = _pair(folder, "ca")
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not pair.key.exists():
            key = ec.generate_private_key(ec.SECP256R1())
            name = _name("Kvarbo simulated municipality CA")
            certificate = (
                _builder(name, name, key.public_key())
                .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
                .add_extension(_usage(signs_certificates=True), critical=True)
                .sign(key, hashes.SHA256())
            )
            _write(pair, certificate, key)
        loaded = serialization.load_pem_private_key(pair.key.read_bytes(), None)
        if not isinstance(loaded, ec.EllipticCurvePrivateKey):
            raise ValueError(f"{pair.key} holds no elliptic-curve key")
        return cls(folder, x509.load_pem_x509_certificate(pair.certificate.read_bytes()), loaded)

    @property
    def file(self) -> Path:
        """What a home has to trust."""
        return _pair(self.folder, "ca").certificate

    def server(self) -> Pair:
        """A certificate for localhost and 127.0.0.1; made if absent."""
        names = x509.SubjectAlternativeName(
            [x509.DNSName("localhost"), x509.IPAddress(ipaddress.IPv4Address("127.0.0.1"))]
        )
        return self._issue("server", "localhost", ExtendedKeyUsageOID.SERVER_AUTH, names)

    def client(self, name: str) -> Pair:
        """A certificate by which a home can show who it is; made if absent."""
        names = x509.SubjectAlternativeName([x509.DNSName(name)])
        return self._issue(f"client-{name}", name, ExtendedKeyUsageOID.CLIENT_AUTH, names)

    def _issue(
        self,
        stem: str,
        common_name: str,
        purpose: x509.ObjectIdentifier,
        names: x509.SubjectAlternativeName,
    ) -> Pair:
        pair = _pair(self.folder, stem)
        if pair.key.exists():
            return pair
        key = ec.generate_private_key(ec.SECP256R1())
        issuer_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        certificate = (
            _builder(_name(common_name), self.certificate.subject, key.public_key())
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
            .add_extension(names, critical=False)
            .add_extension(issuer_key, critical=False)
            .sign(self.key, hashes.SHA256())
        )
        _write(pair, certificate, key)
        return pair


def server_context(pair: Pair, client_ca: Path | None) -> ssl.SSLContext:
    """TLS 1.2 or later; `client_ca` lets in none but clients with a certificate of it.

    Raises:
        OSError: a file cannot be read (`ssl.SSLError` is one: it holds no certificate).
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(pair.certificate, pair.key)
    if client_ca is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(client_ca)
    return context


def _pair(folder: Path, stem: str) -> Pair:
    return Pair(folder / f"{stem}.pem", folder / f"{stem}.key")


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCKS_DIFFER)
        .not_valid_after(now + _YEARS_TEN)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _write(pair: Pair, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
    """Write both; the key last and at once, so that a key that is there has its certificate."""
    pair.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    fresh = pair.key.with_name(f"{pair.key.name}.{os.getpid()}.new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
    fresh.replace(pair.key)
