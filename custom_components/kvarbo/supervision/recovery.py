"""How watchers go on after a restart (S1, S3).

Down-time up to 15 minutes counts as watched. Longer is blind: no stillness, and told from when to
when. A stage overdue at the start passes through its warning in full and fires no later than its
old deadline plus the down-time. No alarm fires solely because of a restart.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
import logging
from typing import Final

from .house import ResidentState
from .identity import Identity
from .keeping import ALIVE, CONSENTS, FLUSH_EVERY, HOUSEHOLD, PRESENCE, RHYTHM, Row
from .presence import Presence
from .rhythm import Rhythm
from .settings import setting_fields
from .slot import RuleOptions, Standing, settings_of
from .stages import Stage
from .supervisor import Supervisor
from .watcher import AnyWatcher, WatcherSettings

_LOGGER = logging.getLogger(__name__)

#: Down-time up to this counts as watched, seconds (S3).
WATCHED_DOWN_TIME: Final = 900.0
#: What an overdue stage without a warning waits at least, so that sensors can speak first.
LEAST_WAIT: Final = 60.0


@dataclass(frozen=True, slots=True)
class Resumed:
    """What a restart has meant: blind from..to in home time, None where it counts as watched.

    `broken` are the keys of rows that could not be read: their watchers begin anew when their
    trigger attaches, and a person must be told.
    """

    blind_from: float | None
    blind_to: float
    broken: tuple[str, ...] = ()


def resume(supervisor: Supervisor, rows: Iterable[Row], now: float) -> Resumed:
    """Take up what was kept, before any automation arms.

    A disk that was late gives it up when automations have armed already: then what the home has
    learned, been told and set up since is newer and stays.
    """
    kept = {row.key: row.state for row in rows}
    alive = kept.pop(ALIVE, None)
    alive_at = float(alive) if isinstance(alive, int | float) else None
    down = max(0.0, now - alive_at) if alive_at is not None else 0.0
    house = supervisor.house
    supervisor.now = now
    if supervisor.consents.load(kept.pop(CONSENTS, None)):
        _LOGGER.error("Some recorded consents could not be read; what needs them stands still")
    broken = [key for key, load in _SHARED.items() if not load(supervisor, kept.pop(key, None))]
    for key in [key for key in kept if key.startswith(RHYTHM)]:
        raw = kept.pop(key)
        try:
            resident = int(key.rpartition("/")[2])
            house.rhythms[resident] = Rhythm.from_json(house.wall, raw)
        except ValueError, TypeError, KeyError, IndexError:
            broken.append(key)
    for key, state in kept.items():
        if not _take_up(supervisor, key, state, now, down):
            broken.append(key)
    blind = down > WATCHED_DOWN_TIME
    if blind and alive_at is not None:
        house.presence.was_blind(alive_at, now)
    supervisor.restand(now)
    return Resumed(alive_at if blind else None, now, tuple(broken))


def _take_up(supervisor: Supervisor, key: str, raw: object, now: float, down: float) -> bool:
    try:
        identity = Identity.parse(key)
        kind = supervisor.kinds[identity.kind]
        if not isinstance(raw, Mapping):
            return False
        settings = _settings(kind, raw.get("settings"))
        options = RuleOptions.from_json(raw.get("options"))
        standing = Standing(str(raw.get("standing")))
        since = raw.get("standing_since")
        state = kind.state_type.from_json(raw.get("state"))
    except Exception as err:  # noqa: BLE001 - whatever a row holds, the home must start
        _LOGGER.error("A watcher could not be taken up: %s", type(err).__name__)
        return False
    for episode in state.unanswered:
        supervisor.open_stages.opened(episode, now if state.fired_at is None else state.fired_at)
    standing_since = float(since) if isinstance(since, int | float) else now
    if (there := supervisor.slots.get(identity)) is not None:
        own = there.watcher.state
        if there.begun:
            own.unanswered = [*state.unanswered, *own.unanswered]
            own.answered = not own.unanswered
            there.dirty = True
            return True
        # It has armed and waits for what only the journal knows, such as a consent.
        there.watcher.state = state
        there.standing, there.standing_since = standing, standing_since
        slot, watcher = there, there.watcher
        slot.dirty = True
    else:
        watcher = kind(identity, settings, supervisor.house, state)
        slot = supervisor.place(watcher, options, standing, standing_since)
        # Whoever listened is gone; the grace begins when Home Assistant has started.
        slot.unattached_since = now
    slot.begun = raw.get("begun") is True
    slot.kept_due = watcher.due
    if standing is Standing.WATCHING:
        # One that was blind is moved by all of its blindness when it sees again.
        move_over(watcher, now, down)
    return True


def _settings(kind: type[AnyWatcher], raw: object) -> WatcherSettings:
    """Return kept settings; a later release's fields are passed over, as in a state."""
    if isinstance(raw, Mapping):
        known = setting_fields(kind.settings_type)
        raw = {name: value for name, value in raw.items() if name in known}
    return settings_of(kind, raw)


def move_over(watcher: AnyWatcher, now: float, down: float) -> None:
    """Move a watcher's deadlines over a down-time that ended at `now` (S3)."""
    state = watcher.state
    if down > WATCHED_DOWN_TIME:
        watcher.shift(down)
        return
    if watcher.sliding:
        watcher.shift(min(FLUSH_EVERY, down))
    if state.stage not in (Stage.COUNTING, Stage.WARNED) or state.alarm_at is None:
        return
    overdue = state.alarm_at <= now or (state.warn_at is not None and state.warn_at <= now)
    if not overdue:
        return
    latest = state.alarm_at + down
    warning = watcher.settings.warning
    if warning > 0:
        # The warning may not have been heard by anybody: it is given again, in full.
        state.stage, state.warn_at = Stage.COUNTING, now
    state.alarm_at = min(max(state.alarm_at, now + max(warning, LEAST_WAIT)), max(latest, now))


def _load_household(supervisor: Supervisor, raw: object) -> bool:
    if raw is None:
        return True
    if not isinstance(raw, Mapping):
        return False
    for key, value in raw.items():
        fields = ResidentState.__dataclass_fields__
        if not str(key).isdigit() or not isinstance(value, Mapping):
            return False
        known = {
            name: float(at)
            for name, at in value.items()
            if name in fields and isinstance(at, int | float)
        }
        supervisor.house.residents.setdefault(int(key), ResidentState(**known))
    return True


def _load_presence(supervisor: Supervisor, raw: object) -> bool:
    if raw is None or supervisor.house.presence.last_life is not None:
        return True
    try:
        supervisor.house.presence = Presence.from_json(supervisor.house.wall, raw)
    except ValueError, TypeError, KeyError:
        return False
    return True


_SHARED: Final = {HOUSEHOLD: _load_household, PRESENCE: _load_presence}
