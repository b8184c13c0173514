"""The actions about figures: what an alarm turned out to be, and a month handed out (R29, R40).

For the coordinator alone: nothing of it goes to a receiver, and each handing out is in the audit trail.
"""

from typing import Any, Final

from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import HomeAssistantError
import probatio

from .alarm.functions import Outcome
from .alarm.reason import Language
from .call_fields import choice, flag, home_of, manager_of, refused, text
from .const import ACTION_EXPORT_FIGURES, ACTION_RATE_ALARM, DOMAIN
from .figures.figures import RatingError
from .figures.handing_out import handed_out
from .figures.periods import BASELINE, UnknownPeriodError
from .home import Home
from .journal.refusal import JournalRefusedError

ATTR_ALARM: Final = "alarm"
ATTR_BASELINE: Final = "baseline"
ATTR_LANGUAGE: Final = "language"
ATTR_MONTH: Final = "month"
ATTR_OUTCOME: Final = "outcome"

_RATE: Final = probatio.Schema(
    {probatio.Required(ATTR_ALARM): object, probatio.Required(ATTR_OUTCOME): object}
)
_EXPORT: Final = probatio.Schema(
    {
        probatio.Optional(ATTR_MONTH, default=""): object,
        probatio.Optional(ATTR_BASELINE, default=False): object,
        probatio.Optional(ATTR_LANGUAGE): object,
    }
)


@callback
def async_setup_figures(hass: HomeAssistant) -> None:
    """Register the actions."""
    hass.services.async_register(
        DOMAIN,
        ACTION_RATE_ALARM,
        _rate_alarm,
        schema=_RATE,
        supports_response=SupportsResponse.OPTIONAL,
    )
    hass.services.async_register(
        DOMAIN,
        ACTION_EXPORT_FIGURES,
        _export_figures,
        schema=_EXPORT,
        supports_response=SupportsResponse.ONLY,
    )


async def _rate_alarm(call: ServiceCall) -> ServiceResponse:
    """Note what an alarm turned out to be, as those who went have told."""
    home, actor = home_of(call), await manager_of(call)
    alarm_id = text(call, ATTR_ALARM, "unknown_alarm", "alarm")
    outcome = choice(call, ATTR_OUTCOME, tuple(Outcome), "bad_outcome")
    try:
        alarm = await home.figures.rate(alarm_id, outcome, actor)
    except RatingError as err:
        raise refused(err.problem, "alarm", alarm_id) from None
    except JournalRefusedError:
        raise _unreadable() from None
    return {"alarm": alarm.id, "outcome": outcome}


async def _export_figures(call: ServiceCall) -> ServiceResponse:
    """Hand out a month's figures, or those of the home's first weeks."""
    home, actor = home_of(call), await manager_of(call)
    name = text(call, ATTR_MONTH, "bad_month", "value")
    if flag(call, ATTR_BASELINE, "bad_baseline"):
        if name:
            raise refused("bad_baseline", "value", name)
        name = BASELINE
    elif name == BASELINE:
        # Asked for by its own field alone.
        raise refused("bad_month", "value", name)
    language = _language(call, home)
    try:
        month = await home.figures.of(name or None)
    except UnknownPeriodError:
        raise refused("no_such_period", "value", name) from None
    except JournalRefusedError:
        raise _unreadable() from None
    given = handed_out(month, language)
    home.figures.exported(month, actor)
    answer: dict[str, Any] = {**given, "periods": home.figures.names()}
    return answer


def _language(call: ServiceCall, home: Home) -> Language:
    if call.data.get(ATTR_LANGUAGE) is not None:
        return choice(call, ATTR_LANGUAGE, tuple(Language), "bad_language")
    return Language.SV if home.hass.config.language.startswith(Language.SV) else Language.EN


def _unreadable() -> HomeAssistantError:
    return HomeAssistantError(translation_domain=DOMAIN, translation_key="figures_unreadable")
