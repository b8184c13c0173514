"""TLS as a receiver of alarms needs it: verified, 1.2 or newer, with our own certificate where one is asked for."""

from collections.abc import Iterator
from contextlib import contextmanager
import os
import ssl
from typing import Final

import certifi

from .settings import Credentials, SettingError, SettingProblem, Trust

_LOCKED: Final = "-----BEGIN ENCRYPTED PRIVATE KEY-----"
_LOCKED_OLD: Final = "Proc-Type: 4,ENCRYPTED"


def make_context(trust: Trust, credentials: Credentials) -> ssl.SSLContext:
    """Return a client's TLS context. Reads files and parses keys for some 30 ms: not for the event loop.

    Raises:
        SettingError: OpenSSL cannot use `ca_certificate`, `client_certificate` or `client_key`.
    """
    # This protocol verifies certificate and host name from the start.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # As Python's own default context: an authority need not be a root, and certificates keep to RFC 5280.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | ssl.VERIFY_X509_STRICT
    if trust.public:
        # As Home Assistant does: the host's own store may be missing in a container.
        context.load_verify_locations(cafile=certifi.where())
    if trust.ca_certificate is not None:
        _load_authorities(context, trust.ca_certificate, "ca_certificate")
    if credentials.client_certificate is not None and credentials.client_key is not None:
        _load_own(context, credentials.client_certificate, credentials.client_key)
    return context


def _load_authorities(context: ssl.SSLContext, pem: str, name: str) -> None:
    try:
        context.load_verify_locations(cadata=pem)
    except ssl.SSLError, ValueError:
        raise SettingError(name, SettingProblem.NOT_PEM) from None


def _load_own(context: ssl.SSLContext, certificate: str, key: str) -> None:
    # OpenSSL does not say which of the two it dislikes, so the certificate is read alone first.
    _load_authorities(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), certificate, "client_certificate")
    if _LOCKED in key or _LOCKED_OLD in key:
        raise SettingError("client_key", SettingProblem.KEY_LOCKED)
    with _in_memory(certificate) as certificate_path, _in_memory(key) as key_path:
        try:
            # Without a password given, OpenSSL would ask for one on the terminal.
            context.load_cert_chain(certificate_path, key_path, password="")
        except ssl.SSLError as err:
            other = err.reason == "KEY_VALUES_MISMATCH"
            problem = SettingProblem.KEY_OF_ANOTHER if other else SettingProblem.NOT_PEM
            raise SettingError("client_key", problem) from None


@contextmanager
def _in_memory(pem: str) -> Iterator[str]:
    """Give a text a path, which is all that OpenSSL's interface takes, without its ever being on a disk."""
    descriptor = os.memfd_create("kvarbo", os.MFD_CLOEXEC)
    try:
        with os.fdopen(descriptor, "wb", closefd=False) as file:
            file.write(pem.encode("ascii"))
        yield f"/proc/self/fd/{descriptor}"
    finally:
        os.close(descriptor)
