"""The texts of the papers, from tables in which English and Swedish stand side by side (R23)."""

from collections.abc import Iterable
from dataclasses import dataclass
import json
from pathlib import Path
from typing import Any, Final

from ..alarm.reason import Language, role_text, where_text
from .facts import DeviceFacts

_FOLDER: Final = Path(__file__).parent / "texts"


def _read(name: str) -> dict[str, Any]:
    table: dict[str, Any] = json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return table


# Read when the module is imported, which Home Assistant does off its event loop.
#: Every table by name; a leaf is `{"en": ..., "sv": ...}`.
TABLES: Final[dict[str, dict[str, Any]]] = {
    name: _read(name)
    for name in ("common", "rules", "settings", "reserve", "resident", "pages", "technical")
}


@dataclass(frozen=True, slots=True)
class Words:
    """The texts of one table in one language; what that table has not, the common one has."""

    language: Language
    table: str = "common"

    def of(self, table: str) -> Words:
        """Return another table in the same language."""
        return Words(self.language, table)

    def say(self, key: str, **values: object) -> str:
        """Return a text with its values; raises KeyError for one that no table has."""
        return str(self._leaf(key)[self.language]).format(**values)

    def has(self, key: str) -> bool:
        """Tell whether this very table has a text."""
        return _find(TABLES[self.table], key) is not None

    def counted(self, unit: str, count: int) -> str:
        """Return a number with its unit, singular or plural."""
        return self.say(f"unit_{unit}_{'one' if count == 1 else 'many'}", count=count)

    def joined(self, parts: Iterable[str]) -> str:
        """Return a list as it stands in a sentence: a, b and c."""
        *most, last = [*parts] or [""]
        return self.say("and", most=", ".join(most), last=last) if most else last

    def known(self, prefix: str, key: str) -> str:
        """Return the text of a key that may be of somebody else's making; then the key itself."""
        leaf = _find(TABLES[self.table], f"{prefix}_{key}")
        return key if leaf is None else str(leaf[self.language])

    def devices(self, devices: Iterable[DeviceFacts], *, numbered: bool) -> tuple[str, ...]:
        """Return devices by what they are, each with its places: "motion sensor 3 in the hall"; numbered for staff."""
        by_role: dict[str, list[str]] = {}
        for device in devices:
            name = self.role(device, is_technical=numbered)
            place = where_text(device.room, self.language)
            by_role.setdefault(name, []).append(
                self.say("numbered_place", number=device.number, place=place) if numbered else place
            )
        form = "devices_numbered" if numbered else "devices"
        return tuple(
            self.say(form, what=name, where=self.joined(dict.fromkeys(places)))
            for name, places in by_role.items()
        )

    def role(self, device: DeviceFacts, *, is_technical: bool) -> str:
        """Return what a device is: to staff by its role, to a resident by what it takes notice of."""
        if is_technical:
            return role_text(device.role, self.language)
        return self.say(f"notices_{device.role}")

    def _leaf(self, key: str) -> dict[str, Any]:
        for name in (self.table, "common"):
            if (leaf := _find(TABLES[name], key)) is not None:
                return leaf
        raise KeyError(f"{self.table}: {key}")


def capital(text: str) -> str:
    """Return a text with its first letter large and the others as they are."""
    return text[:1].upper() + text[1:]


def _find(table: dict[str, Any], key: str) -> dict[str, Any] | None:
    """Return the leaf under a key; a dot leads one level down."""
    here: Any = table
    for part in key.split("."):
        if not isinstance(here, dict) or part not in here:
            return None
        here = here[part]
    return here if isinstance(here, dict) and Language.EN in here else None
