"""What the name of an area means: the places that an alarm can tell apart, in English and Swedish.

The name itself never leaves the home (R07): only the place does. A name that means nothing, or two
things, means no place, and a person must say.
"""

import re
from typing import Final
import unicodedata

from .kinds import Location

#: Names as people give them, in their plain form: no accents, no capitals.
_ALIASES: Final[dict[Location, str]] = {
    Location.HOME: "home apartment flat house hem hemmet lagenhet lagenheten bostad bostaden hus huset",
    Location.BATHROOM: "bathroom bath toilet restroom lavatory shower wc badrum badrummet bad toalett"
    " toaletten dusch duschrum duschen gasttoalett gastwc badrumstoalett",
    Location.BEDROOM: "bedroom sovrum sovrummet sangkammare sovkammare gastrum guestroom sovalkov",
    Location.LIVING_ROOM: "living lounge livingroom sittingroom tvroom vardagsrum vardagsrummet"
    " allrum allrummet finrum tvrum",
    Location.KITCHEN: "kitchen kitchenette kok koket kokvra pentry",
    Location.HALLWAY: "hall hallway entrance entry corridor foyer lobby hallen entre entren korridor"
    " korridoren farstu farstun tambur passage",
    Location.DINING_ROOM: "dining diningroom matsal matsalen matrum matplats matplatsen",
    Location.STUDY: "study office workroom library kontor kontoret arbetsrum arbetsrummet bibliotek",
    Location.LAUNDRY: "laundry laundryroom utility tvattstuga tvattstugan tvattrum grovkok",
    Location.SAUNA: "sauna bastu bastun",
    Location.STAIRS: "stairs stairway staircase stairwell trappa trappan trapphus trapphuset",
    Location.BASEMENT: "basement cellar kallare kallaren",
    Location.LOFT: "loft attic vind vinden loftet",
    Location.GARAGE: "garage garaget carport",
    Location.GARDEN: "garden yard patio terrace balcony tradgard tradgarden altan altanen terrass"
    " balkong balkongen uteplats veranda gard garden",
    Location.FRONT_DOOR: "frontdoor ytterdorr ytterdorren entredorr",
    Location.BACK_DOOR: "backdoor bakdorr bakdorren altandorr balkongdorr kokdorr",
}
_BY_ALIAS: Final = {
    alias: place for place, aliases in _ALIASES.items() for alias in aliases.split()
}
#: Two words that mean one place together.
_PAIRS: Final = {
    ("front", "door"): Location.FRONT_DOOR,
    ("back", "door"): Location.BACK_DOOR,
    ("living", "room"): Location.LIVING_ROOM,
    ("dining", "room"): Location.DINING_ROOM,
    ("guest", "room"): Location.BEDROOM,
    ("sitting", "room"): Location.LIVING_ROOM,
    ("tv", "room"): Location.LIVING_ROOM,
    ("tv", "rum"): Location.LIVING_ROOM,
    ("utility", "room"): Location.LAUNDRY,
    ("gast", "wc"): Location.BATHROOM,
}
_WORD: Final = re.compile(r"[a-z]+")
_LONGEST: Final = 200


def location_of_area(name: str) -> Location | None:
    """Return the place that an area's name means, None for none or for more than one."""
    plain = unicodedata.normalize("NFKD", name[:_LONGEST].casefold())
    words = _WORD.findall("".join(c for c in plain if not unicodedata.combining(c)))
    found: set[Location] = set()
    at = 0
    while at < len(words):
        pair = _PAIRS.get((words[at], words[at + 1])) if at + 1 < len(words) else None
        place = pair or _place(words[at])
        if place is not None:
            found.add(place)
        at += 2 if pair else 1
    if len(found) > 1:
        found.discard(Location.HOME)
    return found.pop() if len(found) == 1 else None


def _place(word: str) -> Location | None:
    """Return what a word means, also with a plural's or an owner's ending."""
    for form in (word, word.removesuffix("s"), word.removesuffix("es"), word.removesuffix("en")):
        if form in _BY_ALIAS:
            return _BY_ALIAS[form]
    return None
