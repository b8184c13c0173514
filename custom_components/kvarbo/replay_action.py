"""The action and the websocket command that ask what a rule would have sent (S12, R29)."""

from typing import Any, Final

from homeassistant.components.websocket_api import async_register_command
from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.components.websocket_api.const import ERR_INVALID_FORMAT
from homeassistant.components.websocket_api.decorators import (
    async_response,
    websocket_command,
)
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import HomeAssistantError
import probatio

from .call_fields import home_of, manager_of, number, refused
from .commands import requires
from .const import ACTION_REPLAY_RULE, DOMAIN
from .dwelling import zone_of
from .history import LONGEST, async_replay
from .home import Home, running_homes
from .rule import ATTR_NAME, ATTR_RESIDENT, ATTR_RULE, ATTR_SETTINGS, Rule, read_rule
from .supervision.catalogue import KINDS, rule_of
from .supervision.identity import Identity, WatcherKind
from .supervision.settings import (
    Json,
    SettingsError,
    default_of,
    setting_fields,
    write_settings,
)
from .supervision.stages import Told
from .supervision.watcher import WatcherSettings
from .watching.overview import overview

ATTR_DAYS: Final = "days"
DEFAULT_DAYS: Final = 10
#: A replay asks for no alarm, so nobody need own it.
_NOBODYS: Final = {"owner": "operations", "suitable": True}

_SCHEMA: Final = probatio.Schema(
    {
        probatio.Required(ATTR_RULE): object,
        probatio.Optional(ATTR_RESIDENT, default=0): object,
        probatio.Optional(ATTR_NAME, default=""): object,
        probatio.Optional(ATTR_SETTINGS): object,
        probatio.Optional(ATTR_DAYS, default=DEFAULT_DAYS): object,
    }
)


@callback
def async_setup_replay(hass: HomeAssistant) -> None:
    """Register the action and the commands of the page."""
    hass.services.async_register(
        DOMAIN,
        ACTION_REPLAY_RULE,
        _replay,
        schema=_SCHEMA,
        supports_response=SupportsResponse.ONLY,
    )
    async_register_command(hass, _ws_kinds)
    async_register_command(hass, _ws_rules)
    async_register_command(hass, _ws_replay)


async def _replay(call: ServiceCall) -> ServiceResponse:
    home = home_of(call)
    await manager_of(call)
    days = number(call, ATTR_DAYS, "bad_days", "value")
    if not 1 <= days <= LONGEST.days:
        raise refused("bad_days", "value", days)
    try:
        rule = _asked(home, dict(call.data))
    except SettingsError as err:
        raise refused("bad_rule", "value", "; ".join(map(_words, err.flaws))) from None
    replayed = await async_replay(call.hass, home, rule, days)
    return replayed.to_json(zone_of(call.hass))


def _asked(home: Home, data: dict[str, Any]) -> Rule:
    """Return the rule that is meant; without settings, as the home runs it, else as it comes."""
    asked: dict[str, Any] = {
        key: data[key] for key in (ATTR_RULE, ATTR_RESIDENT, ATTR_NAME) if key in data
    }
    settings = data.get(ATTR_SETTINGS)
    rule = read_rule({**asked, ATTR_SETTINGS: settings or {}, **_NOBODYS})
    slot = home.watching.supervisor.slots.get(rule.identity)
    if settings is None and slot is not None:
        return Rule(rule.identity, slot.watcher.settings, rule.options)
    return rule


def _settings_of(home: Home, identity: Identity) -> WatcherSettings:
    settings: WatcherSettings = home.watching.supervisor.slots[identity].watcher.settings
    return settings


def _words(flaw: Any) -> str:
    return f"{flaw.field}: {flaw.problem}"


def describe_kinds() -> list[dict[str, Json]]:
    """Return every kind of rule with its settings, as the page's form asks for them.

    `resident` is 0 for a rule about the home. `tells` is the stage that the kind is there for:
    most alarm, a technical one reports faults, one that alarms nobody warns. A setting's `default`,
    `least` and `most` are in the unit that `read_settings` takes: seconds, seconds of the day,
    numbers.
    """
    return [
        {
            "rule": str(kind),
            "resident": rule_of(kind).identity.resident,
            "tells": str(_tells(kind)),
            "settings": [
                {
                    "name": name,
                    "unit": setting.unit,
                    "default": _plain(default_of(watcher.settings_type, name)),
                    "least": setting.least,
                    "most": setting.most,
                    "optional": setting.optional,
                }
                for name, setting in setting_fields(watcher.settings_type).items()
            ],
        }
        for kind, watcher in KINDS.items()
    ]


def _tells(kind: WatcherKind) -> Told:
    watcher = KINDS[kind]
    if watcher.technical:
        return Told.FAULT
    return Told.WARNED if watcher.alarm_kind is None else Told.ALARMED


def _plain(value: Any) -> Json:
    return list(value) if isinstance(value, tuple) else value


@websocket_command({probatio.Required("type"): "kvarbo/rule_kinds"})
@requires(ACTION_REPLAY_RULE)
@callback
def _ws_kinds(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
    """Tell which kinds of rules there are, what each can be told, and how many residents live here."""
    residents = [home.watching.house.dwelling.residents for home in running_homes(hass)]
    connection.send_result(
        msg["id"],
        {
            "kinds": describe_kinds(),
            "residents": max(residents, default=1),
            "days": {"default": DEFAULT_DAYS, "least": 1, "most": LONGEST.days},
        },
    )


@websocket_command({probatio.Required("type"): "kvarbo/rules"})
@requires(ACTION_REPLAY_RULE)
@callback
def _ws_rules(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
    """Tell which rules the home has, and how each stands."""
    homes = running_homes(hass)
    rules = [
        {
            "rule": rule.identity.kind,
            "resident": rule.identity.resident,
            "name": rule.identity.name,
            "standing": rule.standing,
            "faults": sorted(rule.faults),
            "technical": rule.technical,
            "shadow": rule.shadow,
            "would_have": len(home.watching.shadow.of(str(rule.identity))),
            "settings": write_settings(_settings_of(home, rule.identity)),
        }
        for home in homes
        for rule in overview(home.watching)
    ]
    connection.send_result(msg["id"], {"rules": rules})


@websocket_command(
    {
        probatio.Required("type"): "kvarbo/replay",
        probatio.Required(ATTR_RULE): str,
        probatio.Optional(ATTR_RESIDENT, default=0): int,
        probatio.Optional(ATTR_NAME, default=""): str,
        probatio.Optional(ATTR_SETTINGS): dict,
        probatio.Optional(ATTR_DAYS, default=DEFAULT_DAYS): probatio.All(
            int, probatio.Range(min=1, max=LONGEST.days)
        ),
    }
)
@requires(ACTION_REPLAY_RULE)
@async_response
async def _ws_replay(
    hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]
) -> None:
    """Replay a rule, for the page."""
    homes = running_homes(hass)
    if not homes:
        connection.send_error(msg["id"], "no_home", "no home is running")
        return
    try:
        rule = _asked(homes[0], msg)
        replayed = await async_replay(hass, homes[0], rule, msg[ATTR_DAYS])
    except SettingsError as err:
        words = "; ".join(map(_words, err.flaws))
        connection.send_error(msg["id"], ERR_INVALID_FORMAT, words)
        return
    except HomeAssistantError as err:
        connection.send_error(msg["id"], "no_history", str(err))
        return
    connection.send_result(msg["id"], replayed.to_json(zone_of(hass)))
