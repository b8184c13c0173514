"""What the forms have in common: their fields, and how what is typed into them is read."""

from collections.abc import Iterable, Mapping
import math
from typing import Any, Final

from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)

LINE: Final = TextSelector(TextSelectorConfig(type=TextSelectorType.TEXT))
ADDRESS: Final = TextSelector(TextSelectorConfig(type=TextSelectorType.URL))
#: A secret: never filled in for a person, since the form goes to a browser.
SECRET: Final = TextSelector(TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="off"))
LINES: Final = TextSelector(TextSelectorConfig(multiline=True))


def number(unit: str | None = None, *, any_step: bool = False) -> NumberSelector:
    """Return a box for a whole number, or with `any_step` for any.

    It has no bounds: Home Assistant would refuse what is outside in English alone, so the step
    reads it with `whole` and answers in the reader's language.
    """
    config = NumberSelectorConfig(mode=NumberSelectorMode.BOX, step="any" if any_step else 1)
    if unit is not None:
        config["unit_of_measurement"] = unit
    return NumberSelector(config)


def one_of(
    choices: Iterable[str], translation_key: str, *, as_list: bool = False
) -> SelectSelector:
    """Return a choice from a closed set, its words under `selector.<translation_key>`.

    With `as_list` all choices are seen at once.
    """
    return SelectSelector(
        SelectSelectorConfig(
            options=[str(choice) for choice in choices],
            translation_key=translation_key,
            mode=SelectSelectorMode.LIST if as_list else SelectSelectorMode.DROPDOWN,
        )
    )


def whole(value: float, least: int, most: int) -> int | None:
    """Return a whole number within both bounds, None for any other, NaN and infinity among them."""
    return int(value) if least <= value <= most and value == int(value) else None


def finite(value: float) -> float | None:
    """Return a number, None for NaN and infinity."""
    return float(value) if math.isfinite(value) else None


def typed(user_input: Mapping[str, Any], field: str) -> str:
    """Return what was typed into an optional text field, without blanks around it."""
    return str(user_input.get(field) or "").strip()
