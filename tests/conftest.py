"""What every test stands on."""

import os

from hypothesis import settings
import pytest

# Before Home Assistant's test plugin looks for integrations: else its own testing folder wins and
# the set-up ends in "Integration not found".
import custom_components.kvarbo  # noqa: F401

# A change is judged by the same examples wherever it runs; scripts/test --full looks for new ones. How
# long an example takes says more of the machine than of the code.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.register_profile("exploring", deadline=None)
settings.load_profile("exploring" if os.environ.get("KVARBO_EXPLORE") else "steady")

pytest_plugins = ["simulator.testing", "simulator.testing_municipality"]


@pytest.fixture(autouse=True)
def auto_enable_custom_integrations(request: pytest.FixtureRequest) -> None:
    """Let Home Assistant, where a test has one, load Kvarbo."""
    if "hass" in request.fixturenames:
        request.getfixturevalue("enable_custom_integrations")
