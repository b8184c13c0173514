"""A home for the page: the watching one, and a recorder of its own."""

from tests.home.conftest import start_home
from tests.watching.conftest import home, sensors
from tests.watching.test_history import recorder

__all__ = ["home", "recorder", "sensors", "start_home"]
