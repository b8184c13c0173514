"""The actions about alarms: raise one, answer a rule, cancel one, test a device (A9, A11, S8).

Each takes its actor from `role_of`, answers with data, and refuses with a translated error that
names the field; a refused call changes nothing.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from homeassistant.const import CONF_LOCATION
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
import probatio

from .alarm.alarm import Alarm, Source
from .alarm.kinds import KINDS, AlarmClass, AlarmKind, Location, ReasonCode, Role
from .alarm.press import TEST_WINDOW
from .call_fields import choice, home_of, manager_of, number, refused, resident, text
from .chain import HUB, AlarmRequest, BadRequestError, Raised
from .const import (
    ACTION_CANCEL_ALARM,
    ACTION_DECLINE_ALARM,
    ACTION_RAISE_ALARM,
    ACTION_TEST_ALARM,
    CONF_RESIDENT,
    DOMAIN,
)
from .devices.help_button import HelpButton
from .home import Home
from .role import Actor, role_of
from .supervision.supervisor import Heard

ATTR_ALARM: Final = "alarm"
ATTR_DEVICE: Final = "device"
ATTR_EPISODE: Final = "episode"
ATTR_KIND: Final = "kind"
ATTR_PRIORITY: Final = "priority"
ATTR_REASON: Final = "reason"

#: What an automation or a person may raise: personal kinds. Technical ones are the home's own.
RAISABLE: Final = tuple(k for k in AlarmKind if KINDS[k].alarm_class is AlarmClass.PERSONAL)
#: Why an automation answers a rule without an alarm: codes, counted in the audit trail.
DECLINED: Final = ("answered_by_resident", "staff_present", "condition", "other")

# Values are read by hand: only so does a refusal name its field in the person's language.
_RAISE_SCHEMA: Final = probatio.Schema(
    {
        probatio.Optional(ATTR_KIND): object,
        probatio.Optional(ATTR_EPISODE, default=""): object,
        probatio.Optional(CONF_LOCATION): object,
        probatio.Optional(CONF_RESIDENT, default=0): object,
        probatio.Optional(ATTR_PRIORITY): object,
        probatio.Optional(ATTR_DEVICE, default=0): object,
    }
)
_DECLINE_SCHEMA: Final = probatio.Schema(
    {
        probatio.Optional(ATTR_EPISODE, default=""): object,
        probatio.Optional(ATTR_REASON, default="other"): object,
    }
)
_CANCEL_SCHEMA: Final = probatio.Schema({probatio.Required(ATTR_ALARM): object})
_TEST_SCHEMA: Final = probatio.Schema({probatio.Optional(ATTR_DEVICE, default=0): object})


@callback
def async_setup_actions(hass: HomeAssistant) -> None:
    """Register the actions."""
    for name, handler, schema in (
        (ACTION_RAISE_ALARM, _raise_alarm, _RAISE_SCHEMA),
        (ACTION_DECLINE_ALARM, _decline_alarm, _DECLINE_SCHEMA),
        (ACTION_CANCEL_ALARM, _cancel_alarm, _CANCEL_SCHEMA),
        (ACTION_TEST_ALARM, _test_alarm, _TEST_SCHEMA),
    ):
        hass.services.async_register(
            DOMAIN, name, handler, schema=schema, supports_response=SupportsResponse.OPTIONAL
        )


async def _raise_alarm(call: ServiceCall) -> ServiceResponse:
    home = home_of(call)
    actor = await role_of(call.hass, call.context)
    episode = _episode(call, home)
    if (heard := home.watching.heard_of(episode)) is not None:
        return await _raise_of_rule(call, home, heard, actor)
    known = home.ledger.episode(episode) if episode else None
    if known is not None and call.data.get(ATTR_KIND) is None:
        # The home has raised it itself by now: a late answer changes nothing (A2).
        return _told(home, Raised(known, known.id not in home.ledger.not_durable, merged=True))
    return await _raise_as_asked(call, home, episode, actor)


async def _raise_of_rule(
    call: ServiceCall, home: Home, heard: Heard, actor: Actor
) -> ServiceResponse:
    """Answer a rule's stage with the alarm that it asks for; what the call states goes first (S8)."""
    request = home.watching.raising.request_of(heard)
    if call.data.get(ATTR_KIND) is not None:
        request = replace(request, kind=choice(call, ATTR_KIND, RAISABLE, "bad_kind"))
    if CONF_LOCATION in call.data:
        place = choice(call, CONF_LOCATION, tuple(Location), "bad_location")
        request = replace(request, location=place)
    if (priority := _priority(call)) is not None:
        request = replace(request, priority=priority)
    watching = home.watching
    answered = await _guarded(
        call, watching.raising.raise_alarm(heard, request, actor, watching.now())
    )
    watching.answer(heard.verdict.episode)
    if answered.raised is None:
        return {"alarm": None, "episode": heard.verdict.episode, "held_back": True}
    return {**_told(home, answered.raised), "held_back": False}


async def _raise_as_asked(
    call: ServiceCall, home: Home, episode: str, actor: Actor
) -> ServiceResponse:
    kind = choice(call, ATTR_KIND, RAISABLE, "bad_kind")
    location: Location | None = None
    if CONF_LOCATION in call.data:
        location = choice(call, CONF_LOCATION, tuple(Location), "bad_location")
    button = _button(home, number(call, ATTR_DEVICE, "unknown_device", "number"))
    by_rule = actor is Actor.AUTOMATION
    source = Source(0, Role.RULE) if by_rule else HUB
    if button is not None:
        source = Source(button.number, button.role)
        location = location or button.location
    request = AlarmRequest(
        kind=kind,
        source=source,
        location=location,
        resident=resident(call),
        reason=ReasonCode.RAISED_BY_RULE if by_rule else ReasonCode.RAISED_BY_PERSON,
        episode=episode,
        priority=_priority(call),
    )
    return _told(home, await _guarded(call, home.chain.raise_alarm(request, actor)))


async def _decline_alarm(call: ServiceCall) -> ServiceResponse:
    """Answer a rule's stage without an alarm (S8): an automation or a manager may."""
    home = home_of(call)
    actor = await manager_of(call)
    reason = choice(call, ATTR_REASON, DECLINED, "bad_reason")
    episode = _episode(call, home)
    if not home.watching.decline(episode, reason, actor):
        raise refused("unknown_episode", "value", episode)
    return {"episode": episode}


def _episode(call: ServiceCall, home: Home) -> str:
    """Return the episode that is meant: as stated, else that of the run which this call is part of."""
    stated = text(call, ATTR_EPISODE, "bad_episode", "value")
    context = call.context
    return stated or home.watching.listeners.episode_of(context.parent_id, context.id) or ""


def _priority(call: ServiceCall) -> int | None:
    if call.data.get(ATTR_PRIORITY) is None:
        return None
    return number(call, ATTR_PRIORITY, "bad_priority", "value")


async def _cancel_alarm(call: ServiceCall) -> ServiceResponse:
    home = home_of(call)
    actor = await manager_of(call)
    alarm_id = text(call, ATTR_ALARM, "unknown_alarm", "alarm")
    alarm: Alarm = await _guarded(call, home.chain.cancel(alarm_id, actor))
    return {"alarm": alarm.id, "state": alarm.state}


async def _test_alarm(call: ServiceCall) -> ServiceResponse:
    home = home_of(call)
    actor = await manager_of(call)
    button = _button(home, number(call, ATTR_DEVICE, "unknown_device", "number"))
    if button is None:
        return _told(home, await home.test_hub(actor))
    home.chain.announce_test(button.number, actor)
    until = home.clock.now() + timedelta(seconds=TEST_WINDOW)
    return {"device": button.number, "until": until.isoformat()}


def _button(home: Home, number_: int) -> HelpButton | None:
    if number_ == 0:
        return None
    if (button := home.devices.by_number(number_)) is None:
        raise refused("unknown_device", "number", number_)
    return button


async def _guarded(call: ServiceCall, work: Any) -> Any:
    try:
        return await work
    except BadRequestError as err:
        value = str(call.data.get(err.field, ""))
        match err.problem:
            case "unknown_alarm" | "alarm_ended":
                raise refused(err.problem, "alarm", value) from err
            case _:
                raise refused(f"bad_{err.field}", "value", value) from err


def _told(home: Home, raised: Raised) -> dict[str, Any]:
    alarm = home.ledger.alarms.get(raised.alarm.id, raised.alarm)
    return {
        "alarm": alarm.id,
        "episode": alarm.episode,
        "state": alarm.state,
        "durable": raised.durable,
        "merged": raised.merged,
        "test": alarm.test,
        "raised_at": _iso(alarm.raised_at),
    }


def _iso(moment: datetime) -> str:
    return moment.isoformat()
