"""What the numbers of SS 91100 say to an operator, in plain words and by a hand of our own."""

from typing import Final

_DEVICES: Final = {
    2: "controller", 3: "personal trigger", 4: "wall button", 5: "fall detector", 10: "activity detector",
    11: "pill dispenser", 12: "bed monitor", 14: "door sensor", 15: "wandering", 18: "occupancy",
    21: "gas", 23: "smoke", 24: "heating", 26: "carbon monoxide", 31: "system monitor",
    32: "communication link", 33: "flood", 34: "bath", 38: "tamper", 41: "power supply", 44: "chair",
}  # fmt: skip
_STATUSES: Final = {
    2: "abort", 3: "away", 6: "activated", 9: "alarm", 10: "manual alarm", 15: "battery full",
    16: "battery low", 19: "cancel", 21: "closed", 23: "link failure", 42: "failure", 48: "rectified",
    49: "inactive", 67: "malfunction", 70: "normal", 73: "offline", 75: "online", 77: "open too long",
    81: "pill not taken", 83: "pill taken", 85: "mains lost", 86: "mains restored", 94: "restoral",
    95: "radio interference", 102: "TEST", 104: "time out", 105: "trouble", 112: "link restored",
    117: "lying in bed", 119: "movement", 121: "at home", 124: "radio restored", 125: "tamper",
}  # fmt: skip
_PLACES: Final = {
    2: "home", 10: "basement", 11: "bathroom", 12: "bedroom", 13: "dining_room", 15: "garage", 16: "garden",
    21: "kitchen", 22: "laundry", 24: "sauna", 25: "stairs", 26: "study", 28: "loft", 39: "front_door",
    40: "back_door", 42: "hallway", 43: "living_room",
}  # fmt: skip
#: Devices that watch the hub and its surroundings, not a person.
_TECHNICAL: Final = frozenset({31, 32, 38, 41})
#: Statuses that speak of a device, whatever it watches.
_TECHNICAL_STATUSES: Final = frozenset({15, 16, 67, 73, 75})
#: An aid that stops while a person is in it is no matter of maintenance.
_AIDS: Final = frozenset({34})
TEST: Final = 102
#: What ends an alarm's cause.
CLEARED: Final = frozenset({15, 21, 48, 75, 83, 86, 94, 112, 117, 119, 121, 124, 6})


def is_technical(device: int, status: int) -> bool:
    """Whether it is about the home's own parts, and not about a person."""
    if device in _TECHNICAL:
        return True
    return status in _TECHNICAL_STATUSES and device not in _AIDS


def kind(device: int, status: int) -> str:
    """What has happened, as far as numbers can tell."""
    return (
        f"{_DEVICES.get(device, f'device {device}')}: {_STATUSES.get(status, f'status {status}')}"
    )


def place(number: int | None) -> str | None:
    """Where, by the name that the page has words for."""
    return None if number is None else _PLACES.get(number, f"place {number}")
