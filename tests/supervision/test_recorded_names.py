"""What the names in recordings mean."""

import pytest

from custom_components.kvarbo.alarm.kinds import Location, Role
from custom_components.kvarbo.supervision.recorded_names import role_of, room_of, words_of


@pytest.mark.parametrize(
    ("area", "room"),
    [
        ("Entry", Location.HALLWAY),
        ("hall", Location.HALLWAY),
        ("Entrance", Location.HALLWAY),
        ("Toilet", Location.BATHROOM),
        ("Master Bathroom", Location.BATHROOM),
        ("LivingRoom", Location.LIVING_ROOM),
        ("WorkArea", Location.STUDY),
        ("Office_2", Location.STUDY),
        ("Dining-room", Location.DINING_ROOM),
        ("Sovrum", Location.BEDROOM),
        ("kök", Location.KITCHEN),
        ("Vardagsrum", Location.LIVING_ROOM),
        ("home", Location.HOME),
        ("", Location.HOME),
        ("Narnia", Location.HOME),
    ],
)
def test_areas_are_rooms(area: str, room: Location) -> None:
    assert room_of(area) is room


@pytest.mark.parametrize(
    ("sensor", "kind", "area", "role"),
    [
        ("door_Front", "contact", "Entry", Role.EXIT_DOOR),
        ("FrontDoor", "contact", "Entry", Role.EXIT_DOOR),
        ("HallBathroomDoor", "contact", "Bathroom", Role.INNER_DOOR),
        ("Maindoor_Entrance", "contact", "Entry", Role.EXIT_DOOR),
        ("back_door", "contact", "Kitchen", Role.EXIT_DOOR),
        ("D001", "contact", "Entry", Role.EXIT_DOOR),
        ("door_1", "contact", "home", Role.EXIT_DOOR),
        ("D002", "contact", "home", Role.INNER_DOOR),
        ("closet_door", "contact", "Hall", Role.INNER_DOOR),
        ("Fridge", "contact", "Kitchen", Role.INNER_DOOR),
        ("Ytterdörr", "kontakt", "hem", Role.EXIT_DOOR),
        ("M001", "motion", "Bedroom", Role.MOTION),
        ("M001", " Motion ", "Bedroom", Role.MOTION),
        ("Bed_Bedroom", "bed", "Bedroom", Role.BED),
        ("Seat_Living", "item", "LivingRoom", Role.CHAIR),
        ("ToiletFlush", "item", "Toilet", Role.ITEM),
        ("robot_vacuum", "item", "LivingRoom", Role.MOVER),
        ("kettle", "item", "Kitchen", Role.ITEM),
        ("x", "seat", "LivingRoom", Role.CHAIR),
        ("x", "temperature", "Kitchen", None),
        ("x", "light_level", "Kitchen", None),
        ("x", "", "Kitchen", None),
    ],
)
def test_kind_area_and_name_are_a_role(
    sensor: str, kind: str, area: str, role: Role | None
) -> None:
    assert role_of(sensor, kind, area) is role


def test_names_fall_into_words() -> None:
    assert words_of("HallBathroomDoor") == {"hall", "bathroom", "door"}
    assert words_of("door_Front2") == {"door", "front"}
    assert words_of("TVRoom") == {"tv", "room"}
