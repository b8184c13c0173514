"""What a person types about an MQTT receiver: its broker, our credentials, whom to trust. Errors name the field."""

from dataclasses import dataclass, field
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from yarl import URL

from ..rest.settings import (
    Credentials,
    SettingError,
    SettingProblem,
    Trust,
    validate_base_url,
)

TLS_PORT: Final = 8883
PLAIN_PORT: Final = 1883
#: Longest user name and password, in characters.
LONGEST_USER: Final = 256
LONGEST_PASSWORD: Final = 1024

_SCHEMES: Final = {"mqtts": "https", "mqtt": "http"}
_PORTS: Final = {"mqtts": TLS_PORT, "mqtt": PLAIN_PORT}


@dataclass(frozen=True, slots=True, kw_only=True)
class MqttSettings:
    """A broker and what we are to it. `tls` False only to this very machine."""

    host: str
    port: int
    tls: bool
    client_id: str
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    certificate: Credentials
    trust: Trust


def read_broker(text: str, *, allow_plain: bool) -> str:
    """Return a broker's address in its one form, `mqtts://host:port`.

    Only mqtts; mqtt only with `allow_plain` (a demo home, A9) and only to this very machine.

    Raises:
        SettingError: the address is of no use; its field is `url`.
    """
    text = text.strip()
    scheme, mark, rest = text.partition("://")
    scheme = scheme.lower()
    if mark and scheme not in _SCHEMES:
        raise SettingError("url", SettingProblem.NOT_MQTTS)
    if not mark:
        scheme, rest = "mqtts", text
    try:
        checked = validate_base_url(f"{_SCHEMES[scheme]}://{rest}", allow_plain=allow_plain)
    except SettingError as err:
        if err.problem is SettingProblem.NOT_HTTPS:
            raise SettingError("url", SettingProblem.NOT_MQTTS) from None
        if err.problem is SettingProblem.PLAIN_NOT_LOCAL:
            raise SettingError("url", SettingProblem.PLAIN_MQTT_NOT_LOCAL) from None
        raise
    url = URL(checked)
    if url.path != "/":
        raise SettingError("url", SettingProblem.NOT_AN_ADDRESS)
    # By sight, since a port that is https's own is gone once the address is parsed.
    named = rest.rstrip("/").rpartition("]")[2].partition(":")[2]
    port = int(named) if named else _PORTS[scheme]
    host = url.raw_host or ""
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"


def parts_of(address: str) -> tuple[str, int, bool]:
    """Return host, port and whether TLS is spoken, of an address that `read_broker` gave."""
    url = URL(address)
    return url.raw_host or "", url.port or TLS_PORT, url.scheme == "mqtts"


def client_id_of(controller: str, address: str) -> str:
    """Return the name of our session at a broker: the same after every start, another at every broker."""
    return f"kvarbo-{controller}-{uuid5(NAMESPACE_URL, f'{address}#{controller}').hex[:12]}"


def read_user(text: str | None) -> str | None:
    """Return a user name; raises SettingError, its field is `username`."""
    return _line("username", text, LONGEST_USER)


def read_password(text: str | None) -> str | None:
    """Return a password; raises SettingError, its field is `password`."""
    return _line("password", text, LONGEST_PASSWORD)


def _line(name: str, text: str | None, longest: int) -> str | None:
    if not text:
        return None
    if len(text) > longest:
        raise SettingError(name, SettingProblem.TOO_LONG)
    if not text.isprintable():
        raise SettingError(name, SettingProblem.NOT_PRINTABLE)
    return text
