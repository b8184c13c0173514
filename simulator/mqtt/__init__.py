"""A broker of MQTT 5 for tests and the demo: small, strict, and with faults on command."""

from .broker import Broker, Published

__all__ = ["Broker", "Published"]
