"""What the names of areas mean, in two languages (R07: the name stays at home, the place may go)."""

from hypothesis import given, strategies as st
import pytest

from custom_components.kvarbo.alarm.areas import location_of_area
from custom_components.kvarbo.alarm.kinds import Location


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("Badrum", Location.BATHROOM),
        ("badrum 2", Location.BATHROOM),
        ("Gäst-WC", Location.BATHROOM),
        ("Gästtoalett", Location.BATHROOM),
        ("Guest Bathroom", Location.BATHROOM),
        ("Mormors sovrum", Location.BEDROOM),
        ("Bedrooms", Location.BEDROOM),
        ("Sängkammare", Location.BEDROOM),
        ("Vardagsrum", Location.LIVING_ROOM),
        ("Living Room", Location.LIVING_ROOM),
        ("TV-rum", Location.LIVING_ROOM),
        ("KÖK", Location.KITCHEN),
        ("Köket", Location.KITCHEN),
        ("Hall", Location.HALLWAY),
        ("Entré", Location.HALLWAY),
        ("Matplats", Location.DINING_ROOM),
        ("Dining room", Location.DINING_ROOM),
        ("Arbetsrum", Location.STUDY),
        ("Office", Location.STUDY),
        ("Tvättstuga", Location.LAUNDRY),
        ("Bastu", Location.SAUNA),
        ("Trapphus", Location.STAIRS),
        ("Källare", Location.BASEMENT),
        ("Vind", Location.LOFT),
        ("Garage", Location.GARAGE),
        ("Trädgård", Location.GARDEN),
        ("Ytterdörr", Location.FRONT_DOOR),
        ("Front door", Location.FRONT_DOOR),
        ("Altandörren", Location.BACK_DOOR),
        ("Lägenhet", Location.HOME),
        ("Kök i lägenheten", Location.KITCHEN),
        ("Vardagsrum/kök", None),
        ("Gretas kammare", None),
        ("Zon 7", None),
        ("", None),
        ("s", None),
        ("es", None),
    ],
)
def test_names_mean_places_or_nothing(name: str, place: Location | None) -> None:
    assert location_of_area(name) is place


@given(st.text(max_size=300))
def test_any_name_is_read(name: str) -> None:
    assert location_of_area(name) in {None, *Location}
