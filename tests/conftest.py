"""What every test stands on."""

import pytest

# Before Home Assistant's test plugin looks for integrations: else its own testing folder wins and
# the set-up ends in "Integration not found".
import custom_components.kvarbo  # noqa: F401

pytest_plugins = ["simulator.testing", "simulator.testing_municipality"]


@pytest.fixture(autouse=True)
def auto_enable_custom_integrations(request: pytest.FixtureRequest) -> None:
    """Let Home Assistant, where a test has one, load Kvarbo."""
    if "hass" in request.fixturenames:
        request.getfixturevalue("enable_custom_integrations")
