"""pytest fixtures of a municipality that runs in the test's own event loop.

Use with `pytest_plugins = ["simulator.testing_municipality"]`. They need
`socket_enabled`, which comes with pytest-homeassistant-custom-component (pytest-socket).
"""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Final

import pytest_asyncio

from .municipality import Municipality

#: The token that the homes of a test bear.
TOKEN: Final = "test-token-of-one-home"  # noqa: S105 - opens nothing but the fixture


@pytest_asyncio.fixture
async def municipality(socket_enabled: None) -> AsyncGenerator[Municipality]:  # noqa: ARG001
    """A municipality on a free port of loopback, HTTP."""
    async with Municipality(token=TOKEN) as running:
        yield running


@pytest_asyncio.fixture
async def municipality_tls(
    socket_enabled: None,  # noqa: ARG001
    tmp_path: Path,
) -> AsyncGenerator[Municipality]:
    """The same by HTTPS; `ca_file` is what to trust."""
    async with Municipality(token=TOKEN, tls=tmp_path / "municipality") as running:
        yield running
