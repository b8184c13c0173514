"""What the tests of the REST receiver share."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from custom_components.kvarbo.transmission.rest.rest import RestReceiver
from tests.transmission.rest.rest_sample import MakeReceiver, a_receiver


@pytest.fixture
async def make(socket_enabled: None) -> AsyncIterator[MakeReceiver]:
    """Make receivers as `a_receiver` does, closed in the end."""
    made: list[RestReceiver] = []

    def make_one(url: str, **settings: Any) -> RestReceiver:
        made.append(a_receiver(url, **settings))
        return made[-1]

    yield make_one
    for receiver in made:
        await receiver.close()
