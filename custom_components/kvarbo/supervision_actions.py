"""The actions about watching: consent, pauses, absence, visitors, the end of a rule (S1, S6, S10, R19).

Each takes its actor from `role_of` and refuses with a translated error that names the field.
"""

from typing import Any, Final

from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.util import dt as dt_util
import probatio

from .call_fields import (
    choice,
    duration,
    flag,
    home_of,
    iso,
    manager_of,
    moment,
    refused,
    resident,
)
from .const import (
    ACTION_DEMO_TIME,
    ACTION_END_RULE,
    ACTION_GIVE_CONSENT,
    ACTION_PAUSE,
    ACTION_RESUME,
    ACTION_SET_AWAY,
    ACTION_SET_VISITOR,
    ACTION_WITHDRAW_CONSENT,
    CONF_RESIDENT,
    DOMAIN,
)
from .rule import ATTR_NAME, ATTR_RESIDENT, ATTR_RULE, read_identity
from .supervision.consent import NOT_ESTABLISHED, Consent, EndReason, TakenBy
from .supervision.identity import WatcherKind
from .supervision.settings import SettingsError

ATTR_AWAY: Final = "away"
ATTR_BASIS: Final = "basis"
ATTR_DURATION: Final = "duration"
ATTR_FUNCTION: Final = "function"
ATTR_REASON: Final = "reason"
ATTR_SKIP_TO: Final = "skip_to"
ATTR_SPEED: Final = "speed"
ATTR_TAKEN_BY: Final = "taken_by"
ATTR_UNTIL: Final = "until"

#: Home time in a demo passes at most so fast.
_FASTEST: Final = 3600


_RESIDENT: Final[dict[Any, Any]] = {probatio.Optional(CONF_RESIDENT, default=0): object}
_CONSENT: Final[dict[Any, Any]] = {probatio.Required(ATTR_FUNCTION): object, **_RESIDENT}
_RULE: Final[dict[Any, Any]] = {
    probatio.Required(ATTR_RULE): object,
    probatio.Optional(ATTR_NAME, default=""): object,
    **_RESIDENT,
}


@callback
def async_setup_supervision_actions(hass: HomeAssistant) -> None:
    """Register the actions."""
    for name, handler, fields in (
        (ACTION_PAUSE, _pause, {probatio.Required(ATTR_DURATION): object, **_RESIDENT}),
        (ACTION_RESUME, _resume, _RESIDENT),
        (ACTION_SET_AWAY, _set_away, {probatio.Required(ATTR_AWAY): object, **_RESIDENT}),
        (ACTION_SET_VISITOR, _set_visitor, {probatio.Optional(ATTR_DURATION): object, **_RESIDENT}),
        (
            ACTION_GIVE_CONSENT,
            _give_consent,
            {
                probatio.Required(ATTR_BASIS): object,
                probatio.Required(ATTR_TAKEN_BY): object,
                probatio.Optional(ATTR_UNTIL): object,
                **_CONSENT,
            },
        ),
        (
            ACTION_WITHDRAW_CONSENT,
            _withdraw_consent,
            {probatio.Required(ATTR_REASON): object, **_CONSENT},
        ),
        (ACTION_END_RULE, _end_rule, _RULE),
        (
            ACTION_DEMO_TIME,
            _demo_time,
            {probatio.Optional(ATTR_SPEED): object, probatio.Optional(ATTR_SKIP_TO): object},
        ),
    ):
        hass.services.async_register(
            DOMAIN,
            name,
            handler,
            schema=probatio.Schema(fields),
            supports_response=SupportsResponse.OPTIONAL,
        )


async def _pause(call: ServiceCall) -> ServiceResponse:
    """Stop watching a resident for a while; a pause always has an end (S6)."""
    home, actor = home_of(call), await manager_of(call)
    person = resident(call)
    until = home.watching.now() + duration(call, ATTR_DURATION, "bad_duration").total_seconds()
    home.watching.pause(person, until, actor)
    return {"resident": person, "until": iso(until)}


async def _resume(call: ServiceCall) -> ServiceResponse:
    home, actor = home_of(call), await manager_of(call)
    person = resident(call)
    home.watching.go_on(person, actor)
    return {"resident": person}


async def _set_away(call: ServiceCall) -> ServiceResponse:
    """State that a resident is away or home; automations may, plain users may not."""
    home, actor = home_of(call), await manager_of(call)
    person, away = resident(call), flag(call, ATTR_AWAY, "bad_away")
    home.watching.set_away(person, away=away, actor=actor)
    return {"resident": person, "away": away}


async def _set_visitor(call: ServiceCall) -> ServiceResponse:
    """State that somebody visits for a while, or, without a duration, has left."""
    home, actor = home_of(call), await manager_of(call)
    person, until = resident(call), None
    if call.data.get(ATTR_DURATION) is not None:
        until = home.watching.now() + duration(call, ATTR_DURATION, "bad_duration").total_seconds()
    home.watching.set_visitor(person, until, actor)
    return {"resident": person, "until": None if until is None else iso(until)}


async def _give_consent(call: ServiceCall) -> ServiceResponse:
    home, actor = home_of(call), await manager_of(call)
    function = choice(call, ATTR_FUNCTION, tuple(WatcherKind), "bad_function")
    person = resident(call)
    bases = (*sorted(home.watching.consents.bases), NOT_ESTABLISHED)
    basis = choice(call, ATTR_BASIS, bases, "bad_basis")
    taken_by = choice(call, ATTR_TAKEN_BY, tuple(TakenBy), "bad_taken_by")
    now, until = home.watching.now(), None
    if call.data.get(ATTR_UNTIL) is not None:
        until = moment(call, ATTR_UNTIL, "bad_until").timestamp()
        if until <= now:
            raise refused("bad_until", "value", call.data[ATTR_UNTIL])
    if not person:
        # The home cannot consent: such a row would arm nothing, and be taken for one that does.
        raise refused("consent_of_nobody", "value", person)
    consent = Consent(basis=basis, taken_by=taken_by, given_at=now, until=until)
    home.watching.give_consent(function, person, consent, actor)
    return {"function": function, "resident": person, "arms": basis != NOT_ESTABLISHED}


async def _withdraw_consent(call: ServiceCall) -> ServiceResponse:
    """End a function for a resident, at once and whole (R04, R19)."""
    home, actor = home_of(call), await manager_of(call)
    function = choice(call, ATTR_FUNCTION, tuple(WatcherKind), "bad_function")
    reason = choice(call, ATTR_REASON, tuple(EndReason), "bad_reason")
    person = resident(call)
    if not home.watching.withdraw_consent(function, person, reason, actor):
        raise refused("no_such_consent", "value", function)
    return {"function": function, "resident": person, "ended": dict(home.watching.consents.ended)}


async def _end_rule(call: ServiceCall) -> ServiceResponse:
    """End a watcher for good: the only way, beside consent, in which one ends (S1)."""
    home, actor = home_of(call), await manager_of(call)
    kind = choice(call, ATTR_RULE, tuple(WatcherKind), "bad_function")
    raw = {ATTR_RULE: kind, ATTR_RESIDENT: resident(call), ATTR_NAME: call.data[ATTR_NAME]}
    try:
        identity = read_identity(raw)
    except SettingsError:
        raise refused("bad_name", "value", call.data[ATTR_NAME]) from None
    if not home.watching.end_rule(identity, actor):
        raise refused("no_such_rule", "value", identity)
    return {"rule": str(identity)}


async def _demo_time(call: ServiceCall) -> ServiceResponse:
    """Let home time run or skip, in a home created as demo and in no other (S11)."""
    home = home_of(call)
    await manager_of(call)
    if not home.facts.demo:
        raise refused("only_demo", "value", home.controller)
    if call.data.get(ATTR_SPEED) is not None:
        speed: Any = call.data[ATTR_SPEED]
        is_number = isinstance(speed, int | float) and not isinstance(speed, bool)
        if not is_number or not 1 <= speed <= _FASTEST:
            raise refused("bad_speed", "value", speed)
        home.clock.run_at(float(speed))
    if call.data.get(ATTR_SKIP_TO) is not None:
        target = moment(call, ATTR_SKIP_TO, "bad_until")
        home.clock.skip(dt_util.as_utc(target) - home.clock.now())
    home.watching.time_changed()
    return {"now": home.clock.now().isoformat(), "speed": home.clock.speed}
