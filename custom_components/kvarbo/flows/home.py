"""What a person types about the home itself, and what is wrong with it."""

from collections.abc import Mapping
import re
from typing import Any, Final

from homeassistant.helpers.selector import BooleanSelector
import probatio

from ..const import CONF_CONTROLLER, CONF_DEMO, CONF_LABEL
from .forms import LINE, typed

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
