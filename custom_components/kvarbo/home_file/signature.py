"""The signature of a home file: Ed25519 over its text, as its last line.

The line is a comment of YAML, so that a signed file is read by whatever reads an unsigned one. What
is signed is the text before it, with line feeds as line ends and no blank lines at its end, since mail and
forms change those; and a few words in front, so that a signature made for something else is none
here.
"""

import base64
import binascii
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from .tree import FileFlaw, HomeFileError

LINE: Final = "# kvarbo-signature: ed25519 "
_FOR: Final = b"kvarbo home file 1\n"
_KEY_LENGTH: Final = 32


class BadKeyError(ValueError):
    """A key that is none: 32 octets as base64 are wanted."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A text and what stood under it, None where nothing did; `line` is where."""

    text: str
    signature: str | None
    line: int


def parted(text: str) -> Signed:
    """Return a file's text and its signature apart."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").rstrip().split("\n")
    last = lines[-1]
    if not last.startswith(LINE.rstrip()):
        return Signed("\n".join(lines).rstrip() + "\n", None, len(lines))
    body = "\n".join(lines[:-1]).rstrip() + "\n"
    return Signed(body, last.removeprefix(LINE.rstrip()).strip(), len(lines))


def sign(text: str, key: str) -> str:
    """Return a text with its signature under it; one that was there is replaced.

    Raises:
        BadKeyError: the private key is none.
    """
    body = parted(text).text
    made = Ed25519PrivateKey.from_private_bytes(_octets(key)).sign(_FOR + body.encode())
    return f"{body}{LINE}{base64.b64encode(made).decode()}\n"


def check(text: str, key: str) -> str:
    """Return the text that a signature vouches for.

    Raises:
        BadKeyError: the public key is none.
        HomeFileError: it is not signed, or not by the holder of this key.
    """
    signed = parted(text)
    public = Ed25519PublicKey.from_public_bytes(_octets(key))
    if signed.signature is None:
        raise HomeFileError([FileFlaw(signed.line, "signature", "not_signed")])
    try:
        made = base64.b64decode(signed.signature, validate=True)
        public.verify(made, _FOR + signed.text.encode())
    except InvalidSignature, binascii.Error, ValueError:
        raise HomeFileError([FileFlaw(signed.line, "signature", "wrong_signature")]) from None
    return signed.text


def new_keys() -> tuple[str, str]:
    """Return a new private and public key, each as base64."""
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    return tuple(base64.b64encode(raw).decode() for raw in (private.private_bytes_raw(), public))  # type: ignore[return-value]


def is_key(text: str) -> bool:
    """Tell whether a text is a public key."""
    try:
        Ed25519PublicKey.from_public_bytes(_octets(text))
    except ValueError:
        return False
    return True


def _octets(key: str) -> bytes:
    try:
        raw = base64.b64decode(key.strip(), validate=True)
    except (binascii.Error, ValueError) as err:
        raise BadKeyError("not_a_key") from err
    if len(raw) != _KEY_LENGTH:
        raise BadKeyError("not_a_key")
    return raw
