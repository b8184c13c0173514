"""What a person types about the home itself and who lives in it, and what is wrong with it."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    BooleanSelector,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TimeSelector,
)
import probatio

from ..const import (
    CONF_CONTROLLER,
    CONF_DEMO,
    CONF_DWELLING,
    CONF_INTERFACE,
    CONF_LABEL,
    CONF_NAMESERVERS,
    CONF_SECOND,
    CONF_SIGNED_BY,
    CONF_WAY,
    CONF_WAY_OUT,
)
from ..home_file.signature import is_key
from ..home_names import is_controller, label_problem
from ..supervision.house import Dwelling
from ..supervision.settings import Json, SettingsError, read_settings, write_settings
from ..supervision.wall import HOUR, MINUTE
from ..transmission.tunnel import tunnels_present
from ..way_out import WAYS, BadWayError, Road, read_way_out, tunnel_of
from .forms import LINE, number, one_of, typed

_HOME: Final[dict[Any, Any]] = {
    probatio.Required(CONF_CONTROLLER): LINE,
    probatio.Required(CONF_LABEL): LINE,
    probatio.Required(CONF_DEMO, default=False): BooleanSelector(),
}

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


def home_form(present: Iterable[str]) -> probatio.Schema:
    """Return the form of a new home; `present` are the interfaces to choose from."""
    return probatio.Schema({**_HOME, **_way_out(present, collapsed=False)})


def home_changes_form(present: Iterable[str]) -> probatio.Schema:
    """Return the form of what can be changed of a home. What is in a section that is not sent stays."""
    return probatio.Schema(
        {
            **_HOME,
            **_way_out(present, collapsed=True),
            probatio.Optional(CONF_DWELLING): section(DWELLING_FORM, {"collapsed": True}),
            probatio.Optional(CONF_SIGNED_BY): LINE,
        }
    )


def _way_out(present: Iterable[str], *, collapsed: bool) -> dict[Any, Any]:
    interfaces = SelectSelector(
        # What is typed all the same is answered in the reader's language.
        SelectSelectorConfig(
            options=list(present), mode=SelectSelectorMode.DROPDOWN, custom_value=True
        )
    )
    form = probatio.Schema(
        {
            probatio.Optional(CONF_WAY): one_of(WAYS, CONF_WAY, as_list=True),
            probatio.Optional(CONF_INTERFACE): interfaces,
            probatio.Optional(CONF_NAMESERVERS): LINE,
            probatio.Optional(CONF_SECOND): interfaces,
        }
    )
    return {probatio.Optional(CONF_WAY_OUT): section(form, {"collapsed": collapsed})}


def present_interfaces(home: Mapping[str, Any]) -> list[str]:
    """Return the interfaces to choose from: those that are there, and the one that is in use. Reads files."""
    in_use = (tunnel_of(home).interface, tunnel_of(home, Road.SECOND).interface)
    return sorted({*tunnels_present(), *filter(None, in_use)})


def shown_way_out(home: Mapping[str, Any]) -> dict[str, Any]:
    """Return how a home's alarms go out as its form shows it."""
    kept = dict(home.get(CONF_WAY_OUT) or {})
    if CONF_NAMESERVERS in kept:
        kept[CONF_NAMESERVERS] = ", ".join(kept[CONF_NAMESERVERS])
    return {CONF_WAY_OUT: kept} if kept else {}


def read_way(
    user_input: Mapping[str, Any], present: Collection[str], *, is_new: bool
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return how alarms go out, to be kept with the home's settings, and what is wrong with it.

    A demo home has no choice. What was never asked stays, also of a home that has not chosen yet.
    """
    typed_way = user_input.get(CONF_WAY_OUT) or {}
    if user_input[CONF_DEMO] or not (is_new or typed_way):
        return {}, {}
    try:
        return {CONF_WAY_OUT: read_way_out(typed_way, present)}, {}
    except BadWayError as err:
        return {}, {CONF_WAY_OUT: err.problem}


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
    if dwelling.is_always_night:
        return {}, {CONF_DWELLING: "night_is_day"}
    return {CONF_DWELLING: write_settings(dwelling)}, {}


def read_signed_by(
    user_input: Mapping[str, Any], kept: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return whose signature a home file needs, as a public key, and what is wrong with it.

    An empty field takes the key away that is `kept`: any administrator's file will do then.
    """
    key = typed(user_input, CONF_SIGNED_BY)
    if not key and CONF_SIGNED_BY not in kept:
        return {}, {}
    if key and not is_key(key):
        return {}, {CONF_SIGNED_BY: "not_a_public_key"}
    return {CONF_SIGNED_BY: key}, {}


def read_home(user_input: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the home's settings and what is wrong with them, each on its own field."""
    controller, label = typed(user_input, CONF_CONTROLLER), typed(user_input, CONF_LABEL)
    errors: dict[str, str] = {}
    if not is_controller(controller):
        errors[CONF_CONTROLLER] = "controller_digits"
    if (problem := label_problem(label)) is not None:
        errors[CONF_LABEL] = problem
    home = {
        CONF_CONTROLLER: controller,
        CONF_LABEL: label,
        CONF_DEMO: bool(user_input[CONF_DEMO]),
    }
    return home, errors
