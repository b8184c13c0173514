"""What the tortured home and its municipality know each other by."""

from typing import Final

CONTROLLER: Final = "4711"
PASSWORD: Final = "s3cret"
TOKEN: Final = "token-of-a-tortured-home"
