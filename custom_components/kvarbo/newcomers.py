"""Entities for subentries as they come: no restart, no reload (quality scale: dynamic devices)."""

from collections.abc import Callable, Iterable

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import callback
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .home import Home


def follow_subentries(
    home: Home,
    subentry_type: str,
    make: Callable[[ConfigSubentry], Iterable[Entity]],
    add: AddConfigEntryEntitiesCallback,
) -> None:
    """Add entities for every subentry of a type, now and later. What leaves takes its own along."""
    known: set[str] = set()

    @callback
    def look() -> None:
        subentries = {s.subentry_id: s for s in home.entry.get_subentries_of_type(subentry_type)}
        known.intersection_update(subentries)
        for key in subentries.keys() - known:
            # None are made for a device that cannot be used yet; it may be mended.
            if entities := list(make(subentries[key])):
                known.add(key)
                add(entities, config_subentry_id=key)

    look()
    home.entry.async_on_unload(home.watch(look))
