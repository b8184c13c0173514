"""What a person types about a REST receiver: its address, our credentials, whom to trust. Errors name the field."""

from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import ip_address
import re
from typing import Final

from yarl import URL

#: Longest address and token, in characters; longest PEM text.
LONGEST_ADDRESS: Final = 2048
LONGEST_TOKEN: Final = 4096
LONGEST_PEM: Final = 64 * 1024

_HOST: Final = re.compile(
    r"(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.?"
)
#: No port, or one from 1 to 65535.
_PORT: Final = re.compile(
    r"|0*(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"
)
#: RFC 6750 section 2.1, and what API keys are made of besides: any visible ASCII.
_TOKEN: Final = re.compile(r"[\x21-\x7e]+")


class SettingProblem(StrEnum):
    """What can be wrong with a setting; each has a text for people."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    NOT_PRINTABLE = "not_printable"
    NOT_AN_ADDRESS = "not_an_address"
    NOT_HTTPS = "not_https"
    PLAIN_NOT_LOCAL = "plain_not_local"
    NOT_MQTTS = "not_mqtts"
    PLAIN_MQTT_NOT_LOCAL = "plain_mqtt_not_local"
    HAS_USER = "has_user"
    HAS_QUERY = "has_query"
    HAS_FRAGMENT = "has_fragment"
    BAD_HOST = "bad_host"
    BAD_PORT = "bad_port"
    NOT_PEM = "not_pem"
    NO_CERTIFICATE = "no_certificate"
    NO_KEY = "no_key"
    KEY_LOCKED = "key_locked"
    KEY_OF_ANOTHER = "key_of_another"
    NOBODY_TRUSTED = "nobody_trusted"


class SettingError(ValueError):
    """A setting cannot be used; `field` is its name. The value itself is never in the error: it may be a secret."""

    def __init__(self, field: str, problem: SettingProblem) -> None:
        """Name field and problem."""
        super().__init__(f"{field}: {problem}")
        self.field = field
        self.problem = problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What proves the home to the receiver: a bearer token, a client certificate, or both.

    Certificate (with its chain) and key are PEM texts, the key without a password.

    Raises:
        SettingError: a field is of no use; what only OpenSSL can tell shows in `tls.make_context`.
    """

    token: str | None = field(default=None, repr=False)
    client_certificate: str | None = field(default=None, repr=False)
    client_key: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Check what can be checked without OpenSSL."""
        if self.token is not None:
            _check_length("token", self.token, LONGEST_TOKEN)
            if not _TOKEN.fullmatch(self.token):
                raise SettingError("token", SettingProblem.NOT_PRINTABLE)
        if self.client_certificate is not None:
            _check_pem("client_certificate", self.client_certificate)
            if self.client_key is None:
                raise SettingError("client_key", SettingProblem.NO_KEY)
        if self.client_key is not None:
            _check_pem("client_key", self.client_key)
            if self.client_certificate is None:
                raise SettingError("client_certificate", SettingProblem.NO_CERTIFICATE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """Who may vouch for the receiver: the authorities that browsers know (`public`), those in a PEM text, or both.

    Raises:
        SettingError: a field is of no use.
    """

    ca_certificate: str | None = field(default=None, repr=False)
    public: bool = True

    def __post_init__(self) -> None:
        """Check what can be checked without OpenSSL."""
        if self.ca_certificate is not None:
            _check_pem("ca_certificate", self.ca_certificate)
        elif not self.public:
            raise SettingError("ca_certificate", SettingProblem.NOBODY_TRUSTED)


def _check_length(name: str, text: str, longest: int) -> None:
    if not text.strip():
        raise SettingError(name, SettingProblem.EMPTY)
    if len(text) > longest:
        raise SettingError(name, SettingProblem.TOO_LONG)


def _check_pem(name: str, text: str) -> None:
    _check_length(name, text, LONGEST_PEM)
    if not text.isascii() or "-----BEGIN " not in text:
        raise SettingError(name, SettingProblem.NOT_PEM)


def validate_base_url(text: str, *, allow_plain: bool) -> str:
    """Return the receiver's address in its one form, without a slash at the end.

    Only https; http only with `allow_plain` (a demo home, A9) and only to this very machine, so that nothing leaves it
    unsealed.

    Raises:
        SettingError: the address is of no use; its field is `url`.
    """
    _check_length("url", text, LONGEST_ADDRESS)
    text = text.strip()
    if not text.isprintable() or " " in text or "\\" in text:
        raise _wrong(SettingProblem.NOT_AN_ADDRESS)
    # By sight, since an empty user, query or fragment is gone once the address is parsed.
    if "#" in text:
        raise _wrong(SettingProblem.HAS_FRAGMENT)
    if "?" in text:
        raise _wrong(SettingProblem.HAS_QUERY)
    scheme, mark, rest = text.partition("://")
    if not mark:
        raise _wrong(SettingProblem.NOT_AN_ADDRESS)
    if scheme.lower() not in {"https", "http"}:
        raise _wrong(SettingProblem.NOT_HTTPS)
    authority = rest.partition("/")[0]
    if "@" in authority:
        raise _wrong(SettingProblem.HAS_USER)
    # Colons within brackets are those of an IPv6 number.
    if not _PORT.fullmatch(authority.rpartition("]")[2].partition(":")[2]):
        raise _wrong(SettingProblem.BAD_PORT)
    url = _parse(text)
    if url.scheme != "https":
        if not allow_plain:
            raise _wrong(SettingProblem.NOT_HTTPS)
        if not _is_local(url.raw_host or ""):
            raise _wrong(SettingProblem.PLAIN_NOT_LOCAL)
    return str(url).rstrip("/")


def _wrong(problem: SettingProblem) -> SettingError:
    return SettingError("url", problem)


def _parse(text: str) -> URL:
    try:
        # Turns a host with letters beyond ASCII into its form in the network, or fails.
        url = URL(text)
    except ValueError:
        raise _wrong(SettingProblem.BAD_HOST) from None
    host = url.raw_host or ""
    if not (_HOST.fullmatch(host) or _is_number(host)):
        raise _wrong(SettingProblem.BAD_HOST)
    return url


def _is_number(host: str) -> bool:
    try:
        return bool(ip_address(host))
    except ValueError:
        return False


def _is_local(host: str) -> bool:
    return host == "localhost" or (_is_number(host) and ip_address(host).is_loopback)
