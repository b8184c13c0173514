"""Proving who we are by a shared secret, never by sending it (RFC 7616, RFC 8760; RFC 2069 where asked).

A nonce that was taken is kept and counted, so that the next request needs no challenge: an alarm is
then one round trip shorter. A nonce that is refused and comes back anew is tried once more, also
where nobody says `stale`: a known proxy does not (docs/scaip.md).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
import hashlib
import re
import secrets
from typing import Final

from .message import Response
from .values import split_outside_quotes, unquote

#: Strongest first (RFC 8760 section 2.3).
_ALGORITHMS: Final[dict[str, Callable[[bytes], str]]] = {
    "SHA-256": lambda octets: hashlib.sha256(octets).hexdigest(),
    # Old proxies know nothing else; it protects a password within a sealed tunnel all the same.
    "MD5": lambda octets: hashlib.md5(octets, usedforsecurity=False).hexdigest(),
}
#: Where each challenge stands, and where its answer goes (RFC 3261 section 22).
_PLACES: Final = {
    401: ("www-authenticate", "authorization"),
    407: ("proxy-authenticate", "proxy-authorization"),
}
#: Parameters that are never quoted (RFC 7616 section 3.4).
_BARE: Final = frozenset({"algorithm", "qop", "nc"})
#: So many fresh nonces are tried for one request.
_FRESH: Final = 2
_SCHEME: Final = re.compile(r"\s*Digest\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who we are to the far end."""

    user: str
    password: str = field(repr=False)


@dataclass(slots=True)
class _Nonce:
    """A challenge that we can answer, and how often we have."""

    realm: str
    nonce: str
    algorithm: str
    #: As the far end wrote it, None where it named none.
    named: str | None
    qop: bool
    opaque: str | None
    count: int = 0


class DigestSession:
    """All nonces of one agent, by the header that they belong in."""

    def __init__(
        self,
        credentials: Credentials | None,
        *,
        random: Callable[[], str] = lambda: secrets.token_hex(8),
    ) -> None:
        """Without credentials nothing is ever answered."""
        self._credentials = credentials
        self._random = random
        self._nonces: dict[str, _Nonce] = {}

    def begin(self, method: str, uri: str) -> Attempt:
        """Begin one request; `uri` is its Request-URI exactly as sent."""
        return Attempt(self, method, uri)

    def nonces(self) -> dict[str, str]:
        """Return the nonces there are, by the header that they belong in."""
        return {header: nonce.nonce for header, nonce in self._nonces.items()}

    def lines(self, method: str, uri: str) -> tuple[tuple[str, str], ...]:
        """Return header lines by the nonces there are, each counted once more."""
        return tuple(
            (header, self._line(nonce, method, uri)) for header, nonce in self._nonces.items()
        )

    def challenge(self, response: Response) -> tuple[str, str] | None:
        """Keep a challenge's strongest nonce; return the header it belongs in, and the nonce.

        None where there is nothing that we could answer.
        """
        places = _PLACES.get(response.status)
        if places is None or self._credentials is None:
            return None
        asked, answered = places
        offers = [offer for text in response.headers.all(asked) for offer in _offers(text)]
        best = next((o for name in _ALGORITHMS for o in offers if o.algorithm == name), None)
        if best is None:
            return None
        kept = self._nonces.get(answered)
        if kept is None or kept.nonce != best.nonce:
            # One that is known goes on counting: another request may be using it.
            self._nonces[answered] = best
        return answered, best.nonce

    def _line(self, nonce: _Nonce, method: str, uri: str) -> str:
        credentials = self._credentials
        if credentials is None:  # pragma: no cover - no nonce is kept then
            raise AssertionError
        nonce.count += 1
        count, cnonce = f"{nonce.count:08x}", self._random()
        hashed = _ALGORITHMS[nonce.algorithm]
        ha1 = hashed(f"{credentials.user}:{nonce.realm}:{credentials.password}".encode())
        ha2 = hashed(f"{method}:{uri}".encode())
        middle = f"{nonce.nonce}:{count}:{cnonce}:auth" if nonce.qop else nonce.nonce
        values: dict[str, str] = {
            "username": credentials.user,
            "realm": nonce.realm,
            "nonce": nonce.nonce,
            "uri": uri,
            "response": hashed(f"{ha1}:{middle}:{ha2}".encode()),
        }
        if nonce.named is not None:
            values["algorithm"] = nonce.named
        if nonce.qop:
            values |= {"qop": "auth", "nc": count, "cnonce": cnonce}
        if nonce.opaque is not None:
            values["opaque"] = nonce.opaque
        return "Digest " + ", ".join(
            f"{name}={value}" if name in _BARE else f'{name}="{_escaped(value)}"'
            for name, value in values.items()
        )


class Attempt:
    """One request on its way to being believed."""

    def __init__(self, session: DigestSession, method: str, uri: str) -> None:
        """Start with what the session has kept."""
        self._session = session
        self._method = method
        self._uri = uri
        self._refused: dict[str, int] = {}
        self._used: dict[str, str] = {}

    def headers(self) -> tuple[tuple[str, str], ...]:
        """Return the header lines for the next copy of the request."""
        self._used = self._session.nonces()
        return self._session.lines(self._method, self._uri)

    def challenged(self, response: Response) -> bool:
        """Take a 401 or 407; tell whether to say it once more with new `headers`.

        False is the last word: the far end does not believe us, or asks for what we do not have. A
        kept nonce that has grown old is no refusal: only fresh ones count.
        """
        kept = self._session.challenge(response)
        if kept is None:
            return False
        header, nonce = kept
        if self._used.get(header) == nonce:
            return False
        self._refused[header] = self._refused.get(header, 0) + 1
        return self._refused[header] <= _FRESH


def _offers(text: str) -> list[_Nonce]:
    """Read the challenges of one header line; those of other schemes or options are left out.

    Several may stand on one line, each beginning with its scheme.
    """
    offers: list[_Nonce] = []
    params: dict[str, str] | None = None
    for part in split_outside_quotes(text, ","):
        scheme = _SCHEME.match(part)
        if scheme is not None:
            offers += _nonce(params)
            params, part = {}, part[scheme.end() :]  # noqa: PLW2901 - the rest of the same part
        name, equals, value = part.partition("=")
        if params is not None and equals:
            params.setdefault(name.strip().lower(), unquote(value.strip()))
    return offers + _nonce(params)


def _nonce(params: dict[str, str] | None) -> list[_Nonce]:
    if params is None or "realm" not in params or "nonce" not in params:
        return []
    named = params.get("algorithm")
    algorithm = (named or "MD5").upper()
    options = {option.strip().lower() for option in params.get("qop", "").split(",")} - {""}
    if algorithm not in _ALGORITHMS or (options and "auth" not in options):
        return []
    return [
        _Nonce(
            realm=params["realm"],
            nonce=params["nonce"],
            algorithm=algorithm,
            named=named,
            qop=bool(options),
            opaque=params.get("opaque"),
        )
    ]


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
