"""Who is it: digest as a server asks for it (RFC 7616, RFC 8760)."""

from collections.abc import Callable, Iterator, Mapping
import hashlib
import re
import secrets
from typing import Final

from .message import Sip

_SUMS: Final[dict[str, Callable[[str], str]]] = {
    "MD5": lambda text: hashlib.md5(text.encode(), usedforsecurity=False).hexdigest(),
    "SHA-256": lambda text: hashlib.sha256(text.encode()).hexdigest(),
}
_KEPT: Final = 1000


class Gate:
    """Lets in whom it knows. `life` is how long a nonce is taken, in seconds."""

    def __init__(
        self, users: Mapping[str, str], realm: str, algorithms: tuple[str, ...], life: float
    ) -> None:
        self.users = dict(users)
        self._realm = realm
        self._algorithms = algorithms
        self._life = life
        self._nonces: dict[str, float] = {}
        self._counts: dict[str, int] = {}

    def challenges(self, now: float) -> list[tuple[str, str]]:
        """The header fields of a 401: one for each algorithm, all with a fresh nonce."""
        nonce = secrets.token_hex(12)
        self._nonces[nonce] = now
        while len(self._nonces) > _KEPT:
            del self._nonces[next(iter(self._nonces))]
        return [
            (
                "www-authenticate",
                f'Digest realm="{self._realm}", nonce="{nonce}", qop="auth", algorithm={algorithm}',
            )
            for algorithm in self._algorithms
        ]

    def lets_in(self, sip: Sip, now: float) -> str | None:
        """The user who has proved to be one, None for anybody else."""
        said = _params(sip.one("authorization"))
        password = self.users.get(said.get("username", ""))
        algorithm = said.get("algorithm", "MD5").upper()
        born = self._nonces.get(said.get("nonce", ""))
        if password is None or born is None or algorithm not in self._algorithms:
            return None
        if now - born > self._life or said.get("realm") != self._realm:
            return None
        sums = _SUMS[algorithm]
        one = sums(f"{said['username']}:{self._realm}:{password}")
        two = sums(f"{sip.method}:{said.get('uri', '')}")
        middle = ":".join(said.get(name, "") for name in ("nonce", "nc", "cnonce", "qop"))
        if not secrets.compare_digest(sums(f"{one}:{middle}:{two}"), said.get("response", "")):
            return None
        return said["username"]

    def complaints(self, sip: Sip) -> Iterator[str]:
        """Everything that is wrong with the way of proving, whether or not it proves anything."""
        text = sip.one("authorization")
        if not text:
            return
        said = _params(text)
        if said.get("uri") != sip.uri:
            yield "the digest's uri is not the Request-URI"
        for name in ("cnonce", "nc", "qop", "realm", "nonce", "response"):
            if not said.get(name):
                yield f"the digest has no {name}"
        nonce = said.get("nonce", "")
        if nonce not in self._nonces:
            yield "the digest's nonce was never given"
            return
        count = int(said.get("nc", "0") or "0", 16)
        strong = next(name for name in ("SHA-256", "MD5") if name in self._algorithms)
        if said.get("algorithm", "MD5").upper() != strong:
            yield f"the digest is not of the strongest offer, {strong}"
        if count <= self._counts.get(nonce, 0):
            # Copies of one request bear one count; whoever asks has told copies apart before.
            yield "the digest's nc does not grow"
        self._counts[nonce] = max(count, self._counts.get(nonce, 0))


def _params(text: str) -> dict[str, str]:
    return {
        name.lower(): value.strip('"')
        for name, value in re.findall(r'(\w+)=("[^"]*"|[^,\s]+)', text)
    }
