"""A medicine dispenser that other entities of the home tell of: one whether a dose waits, others what became of it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
import time
from typing import override

from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.util import dt as dt_util

from ..const import CONF_SOURCE_DOMAIN
from ..dispensing import profile
from ..dispensing.doses import WAITS, Doses
from ..dispensing.fields import STEPS, TROUBLES, Field
from ..dispensing.profile import Dose, Told, Trouble
from ..supervision.sensing import Reading
from .desk import Desk
from .dispensing import Dispensing
from .reading import SAYS_NOTHING
from .source import FollowedEntity
from .states import EVENT, is_news, read_state
from .vitals import Signs


class FieldDispenser(Dispensing):
    """`sources` are entities by what they tell.

    Without one that tells *taken* nothing here ever says that, and the rules hear the dispenser's own entity as it is.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        desk: Desk,
        number: int,
        sources: Mapping[Field, Mapping[str, str]],
        say: Callable[[Reading], None],
    ) -> None:
        """Know how the last dose stood; `start` begins to listen."""
        super().__init__(desk, say)
        self.tells_taken = Field.TAKEN in sources
        self.doses = Doses(0)
        self._marker = f"dose:{number}"
        self._domains = {field: source[CONF_SOURCE_DOMAIN] for field, source in sources.items()}
        self._last: dict[Field, str] = {}
        self._waited = Reading.UNKNOWN
        self._since = dt_util.utcnow()
        self._followed = {
            field: FollowedEntity(
                hass, source, partial(self._attached, field), partial(self._changed, field)
            )
            for field, source in sources.items()
        }

    @override
    @callback
    def start(self) -> None:
        self._since = dt_util.utcnow()
        for followed in self._followed.values():
            followed.start()

    @override
    @callback
    def stop(self) -> None:
        for followed in self._followed.values():
            followed.stop()

    @override
    def own_signs(self, signs: Signs) -> Signs:
        return replace(signs, trouble=signs.trouble or self.doses.trouble(time.monotonic()))

    @callback
    def waits(self, reading: Reading, *, again: bool) -> None:
        """Take whether a dose waits, from the dispenser's own entity; `again`: one more does, as an event tells."""
        doses = self.doses
        before, self._waited = self._waited, reading
        if reading is Reading.UNKNOWN:
            if (heard := doses.lost()) is not None:
                self._tell(heard)
        elif doses.dose is None:
            doses.linked(self._told(self._dose_at_start(reading)))
        elif (
            reading is Reading.ACTIVE
            and (again or before is Reading.IDLE)
            and doses.dose not in WAITS
        ):
            self._happened(Dose.DUE)
        elif reading is Reading.IDLE and not self.tells_taken and doses.dose in WAITS:
            # It waits no more, and nobody has said that it was taken.
            doses.changed(self._told(Dose.IDLE))
        self._say_now()

    def _dose_at_start(self, reading: Reading) -> Dose:
        if reading is Reading.ACTIVE:
            return Dose.DUE
        mark = self._desk.mark(self._marker)
        kept = Dose(mark) if mark in tuple(Dose) else Dose.IDLE
        # What waited before a restart and does not now has been taken only if that was said.
        return kept if self.tells_taken or kept not in WAITS else Dose.IDLE

    def _told(self, dose: Dose) -> Told:
        troubles = frozenset(
            trouble for field, trouble in TROUBLES.items() if self._last.get(field) == "on"
        )
        return Told(dose, troubles, None, None, self.doses.counter or 0)

    @callback
    def _attached(self, field: Field) -> None:
        state = self._followed[field].state
        self._read(field, None if state is None else state.state)

    @callback
    def _changed(self, field: Field, event: Event[EventStateChangedData]) -> None:
        state = event.data["new_state"]
        self._read(field, None if state is None else state.state)

    @callback
    def _read(self, field: Field, state: str | None) -> None:
        if state is None or state in SAYS_NOTHING:
            return
        domain, last = self._domains[field], self._last.get(field)
        if domain == EVENT:
            is_told = is_news(last, state, self._since, dt_util.parse_datetime)
            self._last[field] = state
            if is_told and self.doses.dose is not None:
                self._happened(STEPS[field])
                self._say_now()
            return
        is_on = read_state(domain, state, inverted=field is Field.POWER) is Reading.ACTIVE
        said = "on" if is_on else "off"
        self._last[field] = said
        if said == last or self.doses.dose is None:
            return
        if field in TROUBLES:
            if is_on is not (TROUBLES[field] in self.doses.troubles):
                self._happened(TROUBLES[field], is_over=not is_on)
        elif is_on and last is not None:
            self._happened(STEPS[field])
        self._say_now()

    def _happened(self, what: Dose | Trouble, *, is_over: bool = False) -> None:
        event = profile.Event(what, is_over=is_over, counter=(self.doses.counter or 0) + 1, ago=0)
        if (heard := self.doses.happened(event)) is not None:
            self._tell(heard)

    def _say_now(self) -> None:
        dose = self.doses.dose
        if dose is not None and self._desk.mark(self._marker) != dose:
            self._desk.keep(self._marker, dose)
        if self.tells_taken:
            self._say(self.doses.reading)
        self._desk.changed()
