"""What the tests against foreign SIP stacks have in common."""

from collections.abc import Callable
from pathlib import Path

import pytest

from .proxy import Kamailio, lay_kamailio


@pytest.fixture
def make_kamailio(tmp_path: Path) -> Callable[..., Kamailio]:
    """Lay a proxy in the test's own folder."""

    def make(algorithm: str = "MD5", nonce_life: int = 60) -> Kamailio:
        return lay_kamailio(tmp_path, algorithm, nonce_life)

    return make


@pytest.fixture(autouse=True)
def names(monkeypatch: pytest.MonkeyPatch, socket_enabled: None) -> None:
    """The test plugin forbids asking for names; localhost is what it is everywhere."""

    async def addresses(_self: object, name: str) -> list[str]:
        return ["127.0.0.1"] if name == "localhost" else []

    monkeypatch.setattr(
        "custom_components.kvarbo.transmission.scaip.sip.dns.Dns.addresses", addresses
    )
