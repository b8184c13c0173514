"""What receivers have asked of the home's speech unit: who may call, and until when (R23).

Nothing is opened by it. It is kept in the journal, so that a restart in the middle of a call's
window does not close it, and shown, so that whoever connects a speech unit can let in a call
within the window and none outside it.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from ..alarm.callback import Callback, CallbackWindow, Voice
from ..alarm.clock import Clock
from ..journal.changes import Json, PutMarker
from .ledger import Ledger

#: Under this marker stand the open wishes, by receiver.
CALLBACKS_MARKER: Final = "callbacks"
#: Where the home itself is asked to call, the wish stands this long (SS 91100 bounds a window to an
#: hour).
WE_CALL_FOR: Final = timedelta(hours=1)


class Callbacks:
    """The wishes of all receivers, the newest of each."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        """Read nothing yet: the journal may not be open."""
        self._ledger = ledger
        self._clock = clock

    def take(self, receiver: str, alarm_id: str, callback: Callback) -> CallbackWindow:
        """Keep a receiver's wish; its window opens now."""
        last = WE_CALL_FOR if callback.minutes is None else timedelta(minutes=callback.minutes)
        window = CallbackWindow(
            alarm_id=alarm_id, callback=callback, until=self._clock.now() + last
        )
        kept = {key: _as_json(w) for key, w in self.open().items() if key != receiver}
        self._ledger.post(PutMarker(CALLBACKS_MARKER, {**kept, receiver: _as_json(window)}))
        return window

    def open(self) -> dict[str, CallbackWindow]:
        """Return the windows that are open now, by receiver."""
        marked = self._ledger.markers.get(CALLBACKS_MARKER)
        if not isinstance(marked, Mapping):
            return {}
        now = self._clock.now()
        windows = {str(key): _read(value) for key, value in marked.items()}
        return {key: w for key, w in windows.items() if w is not None and w.until > now}

    def newest(self) -> CallbackWindow | None:
        """Return the window that is open longest, None when none is."""
        return max(self.open().values(), key=lambda window: window.until, default=None)


def _as_json(window: CallbackWindow) -> dict[str, Json]:
    callback = window.callback
    return {
        "alarm": window.alarm_id,
        "until": window.until.isoformat(),
        "voice": callback.voice.value,
        "minutes": callback.minutes,
        "address": callback.address,
    }


def _read(value: object) -> CallbackWindow | None:
    """Read what was kept; what cannot be read is no window: deny by default."""
    if not isinstance(value, Mapping):
        return None
    minutes, address = value.get("minutes"), value.get("address")
    try:
        until = datetime.fromisoformat(str(value.get("until")))
        voice = Voice(str(value.get("voice")))
    except ValueError:
        return None
    if until.utcoffset() is None:
        return None
    return CallbackWindow(
        alarm_id=str(value.get("alarm")),
        callback=Callback(
            voice=voice,
            minutes=minutes if isinstance(minutes, int) else None,
            address=str(address) if address else None,
        ),
        until=until.astimezone(UTC),
    )
