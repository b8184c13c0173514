"""What the names in a recorded home mean: kinds, areas and sensors, in English and Swedish.

Recordings name things as their makers did. Kind, area and the sensor's own name give its role and
room; what carries no sign of life (a temperature, a light level) has no role here.
"""

from collections.abc import Iterable
import re
from typing import Final

from ..alarm.kinds import Location, Role

_NO_LETTER: Final = re.compile(r"[^a-zåäöé]+")
_WORDS: Final = re.compile(r"[A-ZÅÄÖ]?[a-zåäöé]+|[A-ZÅÄÖ]+(?![a-zåäöé])")

_ROOMS: Final[dict[Location, str]] = {
    Location.HOME: "home house all unknown hem hemmet bostad",
    Location.BATHROOM: "bathroom bath toilet wc restroom washroom shower badrum toalett dusch",
    Location.BEDROOM: "bedroom bed closet wardrobe guestroom sovrum sovrummet gästrum klädkammare",
    Location.LIVING_ROOM: "livingroom living lounge family tvroom den vardagsrum allrum",
    Location.KITCHEN: "kitchen kitchenette pantry cook kök köket kok skafferi",
    Location.HALLWAY: "hallway hall entry entrance entryway front frontdoor foyer corridor"
    " entré entre farstu tambur korridor",
    Location.DINING_ROOM: "diningroom dining matsal matrum matplats",
    Location.STUDY: "workarea work office study library arbetsrum kontor",
    Location.LAUNDRY: "laundry utility tvättstuga",
    Location.SAUNA: "sauna bastu",
    Location.STAIRS: "stairs stair staircase trappa",
    Location.BASEMENT: "basement cellar källare",
    Location.LOFT: "loft attic vind",
    Location.GARAGE: "garage carport",
    Location.GARDEN: "garden yard porch outside outdoor terrace balcony patio trädgård balkong altan",
    Location.BACK_DOOR: "back backdoor",
}
_ROOM_OF: Final = {name: room for room, names in _ROOMS.items() for name in names.split()}
#: Longest first: "diningroom" before "room" parts of others.
_BY_LENGTH: Final = sorted((name for name in _ROOM_OF if len(name) > 3), key=len, reverse=True)  # noqa: PLR2004

_KINDS: Final[dict[Role, str]] = {
    Role.MOTION: "motion pir presence occupancy movement rörelse närvaro",
    Role.INNER_DOOR: "contact door window magnet opening cabinet kontakt dörr fönster",
    Role.BED: "bed bedmat mattress säng",
    Role.CHAIR: "chair seat sofa couch stol",
    Role.ITEM: "item appliance switch lamp tap flush use object sak",
    Role.WATER: "leak flood moisture läcka",
    Role.FALL_SENSOR: "fall fall_sensor",
    Role.CHECK_IN: "check_in checkin",
}
_ROLE_OF: Final = {name: role for role, names in _KINDS.items() for name in names.split()}

#: Words in an item's name that say what it is.
_ITEMS: Final[dict[str, Role]] = {
    **dict.fromkeys(("seat", "chair", "couch", "sofa", "armchair", "stol", "fåtölj"), Role.CHAIR),
    **dict.fromkeys(("bed", "mattress", "säng"), Role.BED),
    **dict.fromkeys(("vacuum", "robot", "dammsugare"), Role.MOVER),
    **dict.fromkeys(("leak", "flood", "läcka"), Role.WATER),
    **dict.fromkeys(("lift", "lyft"), Role.LIFT),
    **dict.fromkeys(("dispenser",), Role.DISPENSER),
    **dict.fromkeys(("mains",), Role.PLUG),
    **dict.fromkeys(("checkin", "button", "knapp"), Role.CHECK_IN),
}
_ENTRIES: Final = frozenset({Location.HALLWAY, Location.FRONT_DOOR, Location.BACK_DOOR})
_EXIT: Final = (
    "front frontdoor main maindoor back backdoor entry entrance exit outer ytterdörr entré"
)
#: A door in the hall that leads into another room, or into no room at all.
_INNER: Final = (
    "cabinet cupboard closet wardrobe drawer fridge freezer bathroom bedroom toilet kitchen window"
    " skåp garderob låda kyl frys badrum sovrum toalett kök fönster"
)
_EXIT_WORDS: Final = frozenset(_EXIT.split())
_INNER_WORDS: Final = frozenset(_INNER.split())
_DOOR_WORDS: Final = frozenset({"door", "dörr", "ytterdörr"})


def words_of(name: str) -> frozenset[str]:
    """Return the words of a name such as `HallBathroomDoor` or `door_Front`, in small letters."""
    return frozenset(word.lower() for word in _WORDS.findall(name))


def room_of(area: str) -> Location:
    """Return the room that an area's name means; `HOME` for one that nothing is known of."""
    plain = _NO_LETTER.sub("", area.lower())
    if (room := _ROOM_OF.get(plain)) is not None:
        return room
    return next((_ROOM_OF[name] for name in _BY_LENGTH if name in plain), Location.HOME)


def role_of(sensor: str, kind: str, area: str) -> Role | None:
    """Return what a sensor is for; None for one that tells nothing of life in the home."""
    role = _ROLE_OF.get(kind.strip().lower())
    words = words_of(sensor)
    if role is Role.ITEM:
        return next((_ITEMS[word] for word in _in_order(sensor) if word in _ITEMS), Role.ITEM)
    if role is Role.INNER_DOOR and _leads_out(words, room_of(area)):
        return Role.EXIT_DOOR
    return role


def _leads_out(words: frozenset[str], room: Location) -> bool:
    if words & _INNER_WORDS:
        return False
    if room in _ENTRIES or words & _EXIT_WORDS:
        return True
    return room is Location.HOME and bool(words & _DOOR_WORDS)


def _in_order(name: str) -> Iterable[str]:
    return (word.lower() for word in _WORDS.findall(name))
