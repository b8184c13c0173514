"""A municipality's alarm receiver, to demonstrate with and to test against.

Run it by `python -m simulator.municipality --help`, or use `Municipality` in a test.
"""

from .faults import Fault, Mode, Only
from .municipality import Municipality, PortTakenError

__all__ = ["Fault", "Mode", "Municipality", "Only", "PortTakenError"]
