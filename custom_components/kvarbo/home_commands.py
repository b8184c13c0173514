"""What the pages ask of a home: how it stands, pushed as it changes, and its newest alarms; each role its own part."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from homeassistant.components.websocket_api import async_register_command
from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.components.websocket_api.decorators import websocket_command
from homeassistant.components.websocket_api.messages import event_message
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.event import async_track_time_interval
import probatio

from .alarm.happening import Happening
from .alarm.reason import Language
from .commands import requires
from .const import SIGNAL_HOME_STARTED
from .dwelling import zone_of
from .home import Home, running_homes
from .home_facts import place_of, read_home
from .pages.alarms import MOST, describe_alarm, is_seen
from .pages.concerns import concerns_of, worst_first
from .pages.facts import Sight, count, describe_device, morning_after, plain
from .role import SEE_COUNTS, SEE_DEVICES, role_of_user, sights

ATTR_LANGUAGE: Final = "language"
ATTR_SUBSCRIBE: Final = "subscribe"
#: A page is told so often at most, seconds.
PACE: Final = 1.0
#: Signals and the chain's proof move without anybody telling.
LOOK_EVERY: Final = timedelta(minutes=1)

_LANGUAGE: Final = probatio.Optional(ATTR_LANGUAGE, default=Language.EN.value)
_LANGUAGES: Final = probatio.In([language.value for language in Language])


@callback
def async_setup_home_commands(hass: HomeAssistant) -> None:
    """Register the commands."""
    async_register_command(hass, _ws_home)
    async_register_command(hass, _ws_alarms)


def tell_home(home: Home, sees: frozenset[str], language: Language) -> dict[str, Any]:
    """Return a home as far as somebody with these sights may know of it."""
    zone, facts = zone_of(home.hass), read_home(home)
    told: dict[str, Any] = {"counts": count(facts), "now": plain(facts.now, zone)}
    if Sight.DEVICES in sees:
        told["concerns"] = [
            {**plain(concern, zone), "next": concern.next} for concern in concerns_of(facts, sees)
        ]
        told["devices"] = [
            describe_device(device, language, zone) for device in worst_first(facts.devices)
        ]
        for part in ("receivers", "ways", "chain"):
            told[part] = plain(getattr(facts, part), zone)
    if Sight.HOME in sees:
        for part in ("rules", "residents", "states", "seems_away_since"):
            told[part] = plain(getattr(facts, part), zone)
        told["morning"] = plain(morning_after(facts.now, zone), zone)
    return told


@websocket_command(
    {
        probatio.Required("type"): "kvarbo/home",
        _LANGUAGE: _LANGUAGES,
        probatio.Optional(ATTR_SUBSCRIBE, default=False): bool,
    }
)
@requires(SEE_COUNTS)
@callback
def _ws_home(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
    """Tell how the home stands; with `subscribe`, now and whenever that changes."""
    language = Language(msg[ATTR_LANGUAGE])
    if msg[ATTR_SUBSCRIBE]:
        follower = Follower(hass, connection, msg["id"], language)
        connection.subscriptions[msg["id"]] = follower.stop
        connection.send_result(msg["id"])
        follower.start()
        return
    homes = running_homes(hass)
    if not homes:
        connection.send_error(msg["id"], "no_home", "no home is running")
        return
    sees = sights(role_of_user(hass, connection.user))
    connection.send_result(msg["id"], tell_home(homes[0], sees, language))


@websocket_command({probatio.Required("type"): "kvarbo/alarms", _LANGUAGE: _LANGUAGES})
@requires(SEE_DEVICES)
@callback
def _ws_alarms(hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]) -> None:
    """Tell of the newest alarms, newest first, that whoever asks may look at."""
    homes = running_homes(hass)
    if not homes:
        connection.send_error(msg["id"], "no_home", "no home is running")
        return
    home, sees = homes[0], sights(role_of_user(hass, connection.user))
    seen = [alarm for alarm in home.ledger.newest_first() if is_seen(alarm, sees)][:MOST]
    told = []
    for alarm in seen:
        taken = home.ledger.taken_by(alarm.id)
        told.append(
            describe_alarm(
                alarm,
                taken,
                None if taken is None else place_of(home, taken.receiver),
                demo=home.facts.demo,
                language=Language(msg[ATTR_LANGUAGE]),
                zone=zone_of(hass),
            )
        )
    connection.send_result(msg["id"], {"alarms": told})


class Follower:
    """Pushes to one page how the home stands: at most once a second, and only what is news.

    What its user may look at is asked anew each time: a role may be taken away while a page is open. A home that is
    loaded anew is followed on.
    """

    def __init__(
        self, hass: HomeAssistant, connection: ActiveConnection, number: int, language: Language
    ) -> None:
        """Follow nothing yet; `number` is the request's own."""
        self._hass = hass
        self._connection = connection
        self._number = number
        self._language = language
        self._home: Home | None = None
        self._leave: list[Callable[[], None]] = []
        self._stop: list[Callable[[], None]] = []
        self._timer: Any = None
        self._pushed_at = -PACE
        self._told: dict[str, Any] | None = None
        self._alarms = 0

    @callback
    def start(self) -> None:
        """Tell now, and follow."""
        self._stop = [
            async_dispatcher_connect(self._hass, SIGNAL_HOME_STARTED, self._changed),
            async_track_time_interval(
                self._hass, self._look, LOOK_EVERY, name="Kvarbo page", cancel_on_shutdown=True
            ),
        ]
        self._push()

    @callback
    def stop(self) -> None:
        """Tell no more."""
        for stop in (*self._stop, *self._leave):
            stop()
        self._stop, self._leave = [], []
        self._let_be()

    @callback
    def _let_be(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    @callback
    def _look(self, _now: datetime) -> None:
        self._changed()

    @callback
    def _happened(self, _happening: Happening) -> None:
        self._alarms += 1

    @callback
    def _changed(self) -> None:
        """Push in this turn's wake, or when a second has passed since the last push."""
        if self._timer is None:
            wait = max(0.0, self._pushed_at + PACE - self._hass.loop.time())
            self._timer = self._hass.loop.call_later(wait, self._push)

    @callback
    def _push(self) -> None:
        self._let_be()
        self._pushed_at = self._hass.loop.time()
        home = next(iter(running_homes(self._hass)), None)
        self._follow(home)
        actor = role_of_user(self._hass, self._connection.user)
        sees = sights(actor)
        told: dict[str, Any] = {"role": str(actor), "running": home is not None}
        if home is not None and sees:
            # How many alarms have moved is no news to who may see none.
            told["alarms"] = self._alarms if Sight.DEVICES in sees else 0
            told["home"] = tell_home(home, sees, self._language)
        if _without_time(told) == self._told:
            return
        self._told = _without_time(told)
        self._connection.send_message(event_message(self._number, told))

    @callback
    def _follow(self, home: Home | None) -> None:
        if home is self._home:
            return
        for leave in self._leave:
            leave()
        self._home = home
        self._leave = (
            [] if home is None else [home.watch(self._changed), home.chain.hear(self._happened)]
        )


def _without_time(told: dict[str, Any]) -> dict[str, Any]:
    """Return what is told without the time at which it is: that passes is no news."""
    if "home" not in told:
        return told
    return {**told, "home": {key: value for key, value in told["home"].items() if key != "now"}}
