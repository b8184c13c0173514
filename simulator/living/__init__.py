"""A home that lives: plausible days of its residents, and what its sensors say of them.

Pure: no clock, no files but those it is told to write, no recorded data. ``driver`` plays a life
onto the simulated radio.
"""

from simulator.living.inhabitants import Changed, Inhabitants
from simulator.living.life import Life
from simulator.living.recording import write
from simulator.living.scenes import SCENES, Scene, play
from simulator.living.sensed import Activity, Event, Truth, Value
from simulator.living.sensing import Sensing, Window

__all__ = [
    "SCENES",
    "Activity",
    "Changed",
    "Event",
    "Inhabitants",
    "Life",
    "Scene",
    "Sensing",
    "Truth",
    "Value",
    "Window",
    "play",
    "write",
]
