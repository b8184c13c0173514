"""What a person types about the home itself and who lives in it, and what is wrong with it."""

from collections.abc import Mapping
import re
from typing import Any, Final

from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import BooleanSelector, TimeSelector
import probatio

from ..const import CONF_CONTROLLER, CONF_DEMO, CONF_DWELLING, CONF_LABEL
from ..supervision.house import Dwelling
from ..supervision.settings import Json, SettingsError, read_settings, write_settings
from ..supervision.wall import HOUR, MINUTE
from .forms import LINE, number, typed

#: A controller id as SS 91100 and its like have it: so many digits.
_CONTROLLER: Final = re.compile(r"[0-9]{1,16}")
#: Longest label, in characters.
_LONGEST_LABEL: Final = 40
#: What looks like a Swedish personal identity number, also inside other text (R07).
_PERSONAL_NUMBER: Final = re.compile(r"(?<!\d)\d{6}(?:\d\d)?[-+ ]?\d{4}(?!\d)")

HOME_FORM: Final = probatio.Schema(
    {
        probatio.Required(CONF_CONTROLLER): LINE,
        probatio.Required(CONF_LABEL): LINE,
        probatio.Required(CONF_DEMO, default=False): BooleanSelector(),
    }
)

_DEFAULT: Final = Dwelling()
_CLOCKS: Final = ("night_from", "night_to")
#: What is said of a field that is wrong: yes and no cannot be.
_FLAWS: Final = {
    "residents": "residents_range",
    "night_from": "night_from_time",
    "night_to": "night_to_time",
}


def _clock(second: float) -> str:
    """Return a second of the day as Home Assistant's time field shows it."""
    hours, rest = divmod(int(second), int(HOUR))
    minutes, seconds = divmod(rest, int(MINUTE))
    return f"{hours:02}:{minutes:02}:{seconds:02}"


#: Who and what lives in the home (S6): a section of its own, since most homes leave it as it is.
DWELLING_FORM: Final = probatio.Schema(
    {
        probatio.Required("residents", default=_DEFAULT.residents): number(),
        probatio.Required("pet", default=_DEFAULT.pet): BooleanSelector(),
        probatio.Required("robot_vacuum", default=_DEFAULT.robot_vacuum): BooleanSelector(),
        probatio.Required("visits", default=_DEFAULT.visits): BooleanSelector(),
        probatio.Required("night_from", default=_clock(_DEFAULT.night_from)): TimeSelector(),
        probatio.Required("night_to", default=_clock(_DEFAULT.night_to)): TimeSelector(),
    }
)
#: What can be changed of a home. Without the section, who lives there stays as it was.
HOME_CHANGES_FORM: Final = probatio.Schema(
    {
        **HOME_FORM.schema,
        probatio.Optional(CONF_DWELLING): section(DWELLING_FORM, {"collapsed": True}),
    }
)


def shown_dwelling(data: Mapping[str, Any]) -> dict[str, Json]:
    """Return who lives in the home as the form shows it, by what the home's settings hold.

    What cannot be read is shown as a new home has it.
    """
    try:
        dwelling = read_settings(Dwelling, data.get(CONF_DWELLING) or {})
    except SettingsError:
        dwelling = _DEFAULT
    shown = write_settings(dwelling)
    return shown | {name: _clock(getattr(dwelling, name)) for name in _CLOCKS}


def read_dwelling(user_input: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return who lives in the home, to be kept with its settings, and what is wrong with it.

    Nothing is returned where nothing was asked. An error stands on the section and names the field.
    """
    if CONF_DWELLING not in user_input:
        return {}, {}
    try:
        dwelling = read_settings(Dwelling, user_input[CONF_DWELLING])
    except SettingsError as err:
        return {}, {CONF_DWELLING: _FLAWS[err.flaws[0].field]}
    if dwelling.night_from == dwelling.night_to:
        # A whole day of night would make every warning silent and dark (R17).
        return {}, {CONF_DWELLING: "night_is_day"}
    return {CONF_DWELLING: write_settings(dwelling)}, {}


def read_home(user_input: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the home's settings and what is wrong with them, each on its own field."""
    controller, label = typed(user_input, CONF_CONTROLLER), typed(user_input, CONF_LABEL)
    errors: dict[str, str] = {}
    if not _CONTROLLER.fullmatch(controller):
        errors[CONF_CONTROLLER] = "controller_digits"
    if not 1 <= len(label) <= _LONGEST_LABEL:
        errors[CONF_LABEL] = "label_length"
    elif not label.isprintable():
        errors[CONF_LABEL] = "label_not_printable"
    elif _PERSONAL_NUMBER.search(label):
        errors[CONF_LABEL] = "label_personal_number"
    home = {
        CONF_CONTROLLER: controller,
        CONF_LABEL: label,
        CONF_DEMO: bool(user_input[CONF_DEMO]),
    }
    return home, errors
