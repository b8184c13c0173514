"""Keeps the papers of a home on its disk as it is set up now (R05, R37): made anew when a setting changes.

They lie in `documents/` beside the journal, in English and Swedish. A file is written only when what
it says has changed: a memory card wears out by being written to. Nothing waits for a paper, and one
that cannot be written is tried again.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta, tzinfo
import logging
from pathlib import Path
from typing import Final

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import CALLBACK_TYPE, HassJob, callback
from homeassistant.helpers.event import async_call_later, async_track_time_interval
from homeassistant.util import dt as dt_util

from .access.settings import read_entry
from .alarm.kinds import Location, Role
from .alarm.reason import Language
from .const import CONF_NUMBER, CONF_PROTOCOL, CONF_REVIEW, CONF_ROLE, CONF_TAKES
from .documents import documents, file_name, is_file_name
from .documents.facts import (
    ConsentFacts,
    DeviceFacts,
    EntryFacts,
    HomeFacts,
    ReceiverFacts,
    RuleFacts,
    RuleState,
    review_day,
)
from .documents.markup import made_at, render
from .dwelling import zone_of
from .home import Home
from .supervision.house import Absence, House
from .supervision.slot import Slot, Standing
from .transmission.receiver import Takes
from .way_out import has_second, kept_road, tunnel_of

_LOGGER: Final = logging.getLogger(__name__)

FOLDER: Final = "documents"
#: What changes together is written together, seconds after the first of it.
SETTLES: Final = 10.0
#: What no change tells of is found by then: a consent that has run out, a file that somebody deleted.
LOOK_EVERY: Final = timedelta(hours=1)

#: How a rule stands, as far as it is anybody's to read on paper.
_STATES: Final = {
    Standing.NO_CONSENT: RuleState.NO_CONSENT,
    Standing.LACKS_SENSORS: RuleState.LACKS_SENSORS,
    Standing.REFUSED: RuleState.REFUSED,
}


class Papers:
    """Follows a home and writes its papers."""

    def __init__(self, home: Home) -> None:
        """Follow a home; `start` lets it be written of."""
        self._home = home
        self._hass = home.hass
        self._folder = home.folder / FOLDER
        self._written: HomeFacts | None = None
        self._stop: list[Callable[[], None]] = []
        self._timer: CALLBACK_TYPE | None = None
        self._is_writing = False
        self._is_failing = False

    @callback
    def start(self) -> None:
        """Write soon, after each change, and each hour what no change has told of."""
        self._stop = [
            self._home.watch(self._soon),
            async_track_time_interval(
                self._hass,
                self._each_hour,
                LOOK_EVERY,
                name="Kvarbo papers",
                cancel_on_shutdown=True,
            ),
        ]
        self._soon()

    @callback
    def stop(self) -> None:
        """Write no more; what is written stays."""
        for stop in self._stop:
            stop()
        self._stop = []
        if self._timer is not None:
            self._timer()
            self._timer = None

    @callback
    def _soon(self) -> None:
        # A change while the timer runs waits for it, and does not push it away: a home in which
        # something always changes gets its papers all the same.
        if self._timer is None:
            job = HassJob(self._look, "Kvarbo papers", cancel_on_shutdown=True)
            self._timer = async_call_later(self._hass, SETTLES, job)

    async def _each_hour(self, _now: datetime) -> None:
        # As if nothing had been written: the files themselves are looked at.
        self._written = None
        self._soon()

    @callback
    def _look(self, _now: datetime) -> None:
        self._timer = None
        if self._is_writing:
            self._soon()
            return
        facts = facts_of(self._home)
        if self._written is not None and facts == replace(self._written, made_at=facts.made_at):
            return
        self._is_writing = True
        self._home.entry.async_create_background_task(
            self._hass, self._write(facts), "kvarbo papers"
        )

    async def _write(self, facts: HomeFacts) -> None:
        try:
            await self._hass.async_add_executor_job(write_papers, self._folder, facts)
        except OSError as err:
            # Nothing counts as written: the next change or hour tries all of it again.
            self._written = None
            if not self._is_failing:
                _LOGGER.warning("The papers of the home cannot be written: %s", err)
            self._is_failing = True
        else:
            self._written = facts
            if self._is_failing:
                _LOGGER.warning("The papers of the home are written again")
            self._is_failing = False
        finally:
            self._is_writing = False


def write_papers(folder: Path, facts: HomeFacts) -> list[str]:
    """Write every paper that says something else than its file; return the names of those written.

    Papers of residents who are no more are taken away. Blocks: not for the event loop.

    Raises:
        OSError: the disk does not take it. What was written before stays.
    """
    folder.mkdir(parents=True, exist_ok=True)
    wanted: set[str] = set()
    written: list[str] = []
    for language in Language:
        home = replace(facts, language=language)
        for document in documents(home):
            name = file_name(document, language)
            wanted.add(name)
            path = folder / name
            before = _read(path)
            # A paper that says the same keeps the day on which it was first so.
            since = made_at(before) if before else None
            if since is not None and render(document, replace(home, made_at=since)) == before:
                continue
            _put(path, render(document, home))
            written.append(name)
    for path in folder.iterdir():
        if is_file_name(path.name) and path.name not in wanted:
            path.unlink()
    return written


def _put(path: Path, text: str) -> None:
    """Put a whole file in place of an older one, readable by its owner alone.

    It is not forced to the disk: that would make the journal, and so an alarm, wait. What a power cut
    has spoiled differs from what it should be, and is written anew at the next start.
    """
    new = path.with_name(f"{path.name}.new")
    try:
        new.unlink(missing_ok=True)
        new.touch(mode=0o600)
        new.write_text(text, encoding="utf-8")
        new.replace(path)
    except OSError:
        new.unlink(missing_ok=True)
        raise


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError, UnicodeDecodeError:
        # Not there, or no file of ours any more: both are written anew.
        return ""


def facts_of(home: Home) -> HomeFacts:
    """Return what is printed of a running home; nothing of what happens in it."""
    watching, zone = home.watching, zone_of(home.hass)
    house, data = watching.house, home.entry.data
    return HomeFacts(
        controller=home.controller,
        language=Language.EN,
        made_at=home.clock.now().astimezone(zone).replace(microsecond=0),
        residents=house.dwelling.residents,
        night=(house.dwelling.night_from, house.dwelling.night_to),
        way=tunnel_of(data).enforcement,
        has_second_way=has_second(data),
        is_demo=home.facts.demo,
        devices=tuple(sorted(_devices(home), key=lambda device: device.number)),
        rules=tuple(
            _rule(home, slot, zone) for _, slot in sorted(watching.supervisor.slots.items())
        ),
        receivers=tuple(
            _receiver(order, subentry) for order, subentry in enumerate(home.receivers(), 1)
        ),
    )


def _devices(home: Home) -> Iterator[DeviceFacts]:
    entries = {
        int(s.data[CONF_NUMBER]): entry
        for s in home.device_subentries()
        if s.data.get(CONF_ROLE) == Role.ENTRY_LOCK and (entry := _entry(s)) is not None
    }
    for button in home.devices.buttons.values():
        room = button.location or Location.HOME
        yield DeviceFacts(button.number, Role.HELP_BUTTON, room, button.resident)
    for sensor in home.devices.sensors():
        entry = entries.get(sensor.number)
        yield DeviceFacts(sensor.number, sensor.role, sensor.room, sensor.resident, entry)


def _entry(lock: ConfigSubentry) -> EntryFacts | None:
    try:
        settings = read_entry(lock.data)
    except TypeError, ValueError:
        # What cannot be read lets nobody in (`Entrances`), so there is nothing to be told of.
        return None
    visits = tuple(map(str, settings.visits))
    return EntryFacts(settings.by_code, settings.by_command, visits, settings.relock_after)


def _rule(home: Home, slot: Slot, zone: tzinfo) -> RuleFacts:
    watcher = slot.watcher
    identity, house = watcher.identity, home.watching.house
    consents = () if watcher.technical else tuple(_consents(home, slot, zone))
    days = [consent.given_on for consent in consents]
    paused = (
        _paused_until(house, identity.resident) if Absence.PAUSED in watcher.suspended_by else None
    )
    return RuleFacts(
        kind=identity.kind,
        resident=identity.resident,
        name=identity.name,
        settings=watcher.settings,
        owner=slot.options.owner,
        state=_STATES.get(slot.standing, RuleState.LIVE),
        hears=tuple(sorted(slot.numbers)),
        needs=tuple(sorted({number for group in slot.groups for number in group})),
        is_shadow=slot.options.shadow,
        consents=consents,
        review_on=_review_on(home, days),
        paused_until=None if paused is None else datetime.fromtimestamp(paused, zone),
    )


def _review_on(home: Home, consented: list[date]) -> date | None:
    """Return when a rule is gone through again: on the home's own day, or half a year after its first consent."""
    if not consented:
        return None
    own = dt_util.parse_date(str(home.entry.data.get(CONF_REVIEW) or ""))
    return own or review_day(min(consented))


def _consents(home: Home, slot: Slot, zone: tzinfo) -> Iterator[ConsentFacts]:
    identity, book = slot.watcher.identity, home.watching.consents
    persons = set(range(1, home.watching.house.dwelling.residents + 1)) | {identity.resident}
    for person in sorted(persons - {0}):
        if (consent := book.of(identity.kind, person)) is not None:
            until = None if consent.until is None else _day(consent.until, zone)
            given_on = _day(consent.given_at, zone)
            yield ConsentFacts(person, consent.basis, consent.taken_by, given_on, until)


def _day(at: float, zone: tzinfo) -> date:
    return datetime.fromtimestamp(at, zone).date()


def _paused_until(house: House, resident: int) -> float | None:
    """Return until when a resident (0: the home) is paused; None when not (`House.absence`)."""
    if house.absence(resident) is not Absence.PAUSED:
        return None
    ends = {number: state.paused_until for number, state in house.residents.items()}
    own = [end for number in {resident, 0} if (end := ends.get(number)) is not None]
    if own:
        return max(own)
    # Paused because everybody is: that ends with the first of them.
    return min((end for end in ends.values() if end is not None), default=None)


def _receiver(order: int, receiver: ConfigSubentry) -> ReceiverFacts:
    takes = receiver.data.get(CONF_TAKES)
    return ReceiverFacts(
        order=order,
        protocol=str(receiver.data.get(CONF_PROTOCOL, "")),
        takes=Takes(takes) if takes in list(Takes) else Takes.ALARMS,
        road=kept_road(receiver.data),
    )
