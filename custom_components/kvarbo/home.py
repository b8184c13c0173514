"""The running gateway of one home: journal, chain, receivers and devices, wired together.

There is one path at start-up and in normal running (idea 2): the journal is opened and recovered
first, then the receivers are started on what it held, then the home listens to its devices. No step
at shutdown is needed for safety.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
import logging
from pathlib import Path
from typing import Final, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import EVENT_CORE_CONFIG_UPDATE, EVENT_HOMEASSISTANT_CLOSE
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.helpers.start import async_at_started
from homeassistant.loader import async_get_integration

from .alarm.alarm import Source
from .alarm.clock import HomeClock, SystemClock
from .alarm.happening import ENDS
from .alarm.kinds import AlarmKind, Location, ReasonCode
from .alarm_desk import AlarmDesk
from .answers import Answers
from .chain import AlarmRequest, Happening, Raised, What
from .consent_bases import bases_or_none
from .const import (
    CONF_CONTROLLER,
    CONF_DEMO,
    DOMAIN,
    SIGNAL_HOME_STARTED,
    SUBENTRY_DEVICE,
)
from .devices.desk import Desk, Mark
from .devices.devices import Devices, name_devices, sensors_of
from .dwelling import dwelling_of, zone_of
from .entrances import Entrances
from .faults import ACTOR
from .figures.figures import Figures
from .findings import HUB_KEY, SET_ASIDE, Findings, set_aside_episode
from .glance import LAST_RECEIPT, Glance
from .host import host_fingerprint
from .installation import Installation
from .journal.changes import Finding, PutMarker, Recovered, Settled
from .journal.trouble import JournalTrouble
from .journal.writer import JournalWriter
from .paths import Paths
from .receivers import ReceiverSettingsError, all_settings, async_outlet
from .self_check import SelfCheck
from .supervision.sensing import Reading
from .transmission.hours import WorkingHours
from .transmission.ledger import Ledger
from .transmission.outlet import Outlet
from .transmission.takeover import as_changes, take_over
from .transmission.transmitter import HubFacts, Transmitter
from .watching.watching import Watching
from .way_out import receiver_model

_LOGGER = logging.getLogger(__name__)

type KvarboConfigEntry = ConfigEntry[Home]

#: How long ended alarms and the audit chain are kept (R08).
RETENTION: Final = timedelta(days=365)
#: Pruning, forgetting what is settled, and the audit chain's newest hash.
UPKEEP: Final = timedelta(hours=1)
#: The consistent copy of the journal that Home Assistant's backup takes along.
COPY: Final = "journal-copy.db"


class Home(Findings, Glance):
    """One home's gateway; lives in `entry.runtime_data`."""

    def __init__(self, hass: HomeAssistant, entry: KvarboConfigEntry) -> None:
        """Make the parts; `start` brings them to life."""
        self.hass = hass
        self.entry = entry
        #: The journal's own, an entry's, so that homes never mix.
        self.folder = Path(hass.config.path(DOMAIN, entry.entry_id))
        self.copy_path = self.folder / COPY
        self.answers = Answers()
        self.receiver_errors: dict[str, ReceiverSettingsError] = {}
        self.is_running = False
        self.clock = HomeClock(SystemClock())
        self.journal = JournalWriter(
            self.folder,
            now=self.clock.now,
            host=host_fingerprint,
            on_trouble=self._journal_trouble,
            on_opened=self._opened_late,
        )
        self.ledger = Ledger(self.journal)
        self.facts = HubFacts(hub="", version="", demo=bool(entry.data.get(CONF_DEMO)))
        self.chain = AlarmDesk(
            self.ledger,
            self.clock,
            lambda listener: Transmitter(
                self.ledger, self.clock, self.facts, listener, self._working_hours()
            ),
        )
        self.chain.on_reach = self.changed
        self.watching = Watching(
            self.chain, self.ledger, self.clock, zone_of(hass), on_changed=self.changed
        )
        self.figures = Figures(
            self.journal, self.ledger, self.clock, self.watching.house, demo=self.facts.demo
        )
        self.watching.supervisor.hear(self.figures.told)
        self.devices = Devices(
            hass,
            Desk(
                mark=self._mark,
                keep=self._keep,
                press=self._press,
                changed=self.changed,
                sense=self._sense,
                stand=self.watching.stand,
                sensors_changed=self._sensors_changed,
            ),
        )
        self.entrances = Entrances(self.chain, self.devices, hass, self.clock, self.changed)
        self.entrances.is_demo = self.facts.demo
        self.chain.on_door = self.entrances.asked
        self.path = Paths(self.chain, self.changed)
        self.check = SelfCheck(hass, self.chain, self.clock, self.journal, self.changed)
        self.installation = Installation(hass, self.chain, self.watching, self.check)
        self._version = ""
        self._watchers: list[Callable[[], None]] = []
        self._unsubscribe: list[Callable[[], None]] = []
        self._applied: dict[str, dict[str, object]] = {}
        self._applying = asyncio.Lock()
        self.setting = asyncio.Lock()  # held while a home file is applied
        self._stopped = False

    def _working_hours(self) -> WorkingHours | None:
        # A demo shows everything at once.
        return None if self.facts.demo else WorkingHours(lambda: zone_of(self.hass))

    @property
    def controller(self) -> str:
        """The home's number at the municipality; the only name it has anywhere (R07)."""
        return str(self.entry.data[CONF_CONTROLLER])

    # -- life ----------------------------------------------------------------------------------

    async def start(self) -> None:
        """Recover, then send, then listen."""
        integration = await async_get_integration(self.hass, DOMAIN)
        recovered = await self.journal.open()
        self._version = str(integration.version)
        self._unsubscribe = [
            self.chain.hear(self._happened),
            self.answers.hear(lambda *_: self.changed()),
            self.chain.faults.hear(lambda *_: self.changed()),
            async_track_time_interval(
                self.hass, self._upkeep, UPKEEP, name="Kvarbo upkeep", cancel_on_shutdown=True
            ),
            self.hass.bus.async_listen(EVENT_HOMEASSISTANT_CLOSE, self.stop),
            self.hass.bus.async_listen(EVENT_CORE_CONFIG_UPDATE, self._zone_changed),
        ]
        await self._take_over(recovered)
        await self._start_receivers()
        devices = self.entry.get_subentries_of_type(SUBENTRY_DEVICE)
        self.watching.consents.bases = await self.hass.async_add_executor_job(
            bases_or_none, self.folder.parent
        )
        self.watching.recover(recovered.watchers, sensors_of(devices), dwelling_of(self.entry))
        self.devices.apply(devices)
        self.entrances.start(devices)
        self.check.start(self.entry, self.devices)
        self.installation.start(self.facts.hub, self.devices)
        self.is_running = True
        async_dispatcher_send(self.hass, SIGNAL_HOME_STARTED)
        self._unsubscribe.append(async_at_started(self.hass, self._home_assistant_started))
        await self._tell_findings(recovered)
        self.entry.async_create_background_task(
            self.hass, self._upkeep(self.clock.now()), "kvarbo first upkeep"
        )

    async def _take_over(self, recovered: Recovered) -> None:
        """Take in what the journal held; what the home knows itself by now is newer."""
        taken = take_over(self.ledger, recovered, self.clock, ACTOR)
        self.facts = replace(self.facts, hub=recovered.incarnation, version=self._version)
        self.chain.transmitter.facts = self.facts
        if recovered.newest is not None:
            self.clock.raise_floor(recovered.newest)
        self.ledger.load(taken.news)
        if taken.changes:
            await self.ledger.commit(*taken.changes)
        brought = {alarm.id for alarm in taken.news.alarms}
        for happening in self.chain.recall():
            if happening.alarm.id in brought:
                self.answers.take(happening)

    async def _tell_findings(self, recovered: Recovered) -> None:
        """Tell an operator what the opening has found, once there are receivers to tell it to."""
        # Where a trouble ended with the power, its alarm is there still and ends now.
        self._journal_trouble(self.journal.trouble)
        if self.has_unread_restore():
            self.chain.faults.set(AlarmKind.JOURNAL_RESTORED, HUB_KEY, is_open=True)
        if (name := recovered.set_aside) is None:
            return
        request = AlarmRequest(
            kind=AlarmKind.JOURNAL_FAULT, reason=ReasonCode.DISK, episode=set_aside_episode(name)
        )
        await self.chain.raise_alarm(request, ACTOR)
        await self.ledger.commit(PutMarker(SET_ASIDE, name), Settled(Finding.SET_ASIDE))

    @callback
    def _opened_late(self, recovered: Recovered) -> None:
        """The disk has given up the journal after the home had begun without it."""
        # Not in this turn: the journal has yet to put what it was refused in front of the rest.
        self.hass.async_create_task(
            self._go_on(recovered), "kvarbo journal opened", eager_start=False
        )

    async def _go_on(self, recovered: Recovered) -> None:
        if self._stopped:
            return
        own = as_changes(self.ledger)
        await self._take_over(recovered)
        # The file may be another one than the home had written to (A5).
        self.ledger.post(*own)
        self.watching.recover(recovered.watchers, self.devices.sensors(), dwelling_of(self.entry))
        # New lines, so that what the journal brought is followed too.
        self._applied.clear()
        await self._start_receivers()
        await self._tell_findings(recovered)
        self.changed()

    async def stop(self, _event: Event | None = None) -> None:
        """Stop at once and let go of the journal."""
        self._stopped = True
        self.is_running = False
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._unsubscribe = []
        self.devices.stop()
        self.entrances.stop()
        self.check.stop()
        self.watching.stop()
        async with self._applying:
            await self.path.stop()
            await self.chain.faults.stop()
            await self.chain.transmitter.stop()
        await self.watching.settle()
        await self.journal.close()

    async def apply(self) -> None:
        """Take over changed subentries: receivers and devices that came, went or changed."""
        await self._start_receivers()
        if self._stopped:
            return
        self.devices.apply(self.device_subentries())
        self.entrances.apply(self.device_subentries())
        self._sensors_changed()
        models = {s.subentry_id: receiver_model(s.data) for s in self.receivers()}
        name_devices(self.hass, self.entry, models)
        self.changed()

    async def _start_receivers(self) -> None:
        # One at a time, and never after the stop: else a line would run on that nobody stops.
        async with self._applying:
            if not self._stopped:
                await self._apply_receivers()

    async def _apply_receivers(self) -> None:
        outlets: list[Outlet] = []
        errors: dict[str, ReceiverSettingsError] = {}
        current = {line.outlet.key: line.outlet for line in self.chain.transmitter.lines}
        for subentry in self.receivers():
            key = subentry.subentry_id
            settings = all_settings(self.entry, subentry)
            if self._applied.get(key) == settings and key in current:
                outlets.append(current[key])
                continue
            try:
                outlets.append(await async_outlet(self.hass, self.entry, subentry, self.clock))
            except ReceiverSettingsError as err:
                # One receiver's bad settings must not silence the home: it is shown and reported.
                _LOGGER.error("Receiver %s cannot be used: %s", key, err)
                errors[key] = err
                continue
            self._applied[key] = settings
        self.receiver_errors = errors
        await self.chain.transmitter.set_outlets(outlets)
        await self.path.apply(self.entry.data)
        self.chain.faults.only_receivers([s.subentry_id for s in self.receivers()])

    # -- what the shell asks -------------------------------------------------------------------

    async def test_hub(self, actor: str) -> Raised:
        """Send a test alarm of the hub itself through the whole chain, marked as a test (A9)."""
        request = AlarmRequest(kind=AlarmKind.HELP_CALL, reason=ReasonCode.TEST, test=True)
        return await self.chain.raise_alarm(request, actor)

    def watch(self, watcher: Callable[[], None]) -> Callable[[], None]:
        """Call `watcher` whenever anything that an entity shows may have changed."""
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher)

    @override
    @callback
    def changed(self) -> None:
        """Tell the entities."""
        for watcher in list(self._watchers):
            try:
                watcher()
            except Exception:
                # What cannot be shown in one place must be shown in the others.
                _LOGGER.exception("A watcher of the home failed")

    # -- what devices need ---------------------------------------------------------------------

    def _mark(self, key: str) -> str | None:
        mark = self.ledger.markers.get(key)
        return mark if isinstance(mark, str) else None

    def _keep(self, key: str, mark: str | None) -> None:
        self.ledger.post(PutMarker(key, mark))

    async def _press(
        self, source: Source, location: Location | None, resident: int, marked: Mark | None
    ) -> Raised:
        self.check.rounds.used(source.number)
        marker = None if marked is None else PutMarker(*marked)
        return await self.chain.press(source, location, resident, marker=marker)

    @callback
    def _sense(self, number: int, reading: Reading) -> None:
        self.watching.sense(number, reading)
        self.check.sense(number, reading)
        self.entrances.sensed(number)

    @callback
    def _sensors_changed(self) -> None:
        self.check.set_sensors(self.devices.sensors())
        self.watching.apply(self.devices.sensors(), dwelling_of(self.entry))

    @callback
    def _zone_changed(self, _event: Event) -> None:
        self.watching.set_zone(zone_of(self.hass))

    @callback
    def _home_assistant_started(self, _hass: HomeAssistant) -> None:
        self.watching.home_assistant_started()

    # -- what the parts report -----------------------------------------------------------------

    @callback
    def _happened(self, happening: Happening) -> None:
        self.answers.take(happening)
        self.watching.happened(happening)
        self.entrances.happened(happening)
        self.installation.happened(happening)
        if happening.what is What.RECEIVED:
            self.ledger.post(PutMarker(LAST_RECEIPT, self.clock.now().isoformat()))
        if happening.what in ENDS:
            self.ledger.forget_settled()
        self.changed()

    @callback
    def _journal_trouble(self, trouble: JournalTrouble | None) -> None:
        if not self.is_running:
            return  # told again, or for the first time, when it is
        if trouble is None:
            self.ledger.all_durable()
        self.chain.faults.set(
            AlarmKind.JOURNAL_FAULT,
            HUB_KEY,
            is_open=trouble is not None,
            words="" if trouble is None else f"{trouble.kind}: {trouble.words}",
        )

    async def _upkeep(self, _now: datetime) -> None:
        self.ledger.forget_settled()
        self.watching.keep_learned()
        await self.watching.sweep()
        # Before the journal forgets.
        await self.figures.keep()
        await self.journal.prune(self.clock.now() - RETENTION)
        self.chain.transmitter.signs.audit_head = await self.journal.audit_head()


def running_homes(hass: HomeAssistant) -> list[Home]:
    """Return the homes that take alarms, also while Home Assistant still sets up their entities."""
    homes = (
        getattr(entry, "runtime_data", None) for entry in hass.config_entries.async_entries(DOMAIN)
    )
    return [home for home in homes if isinstance(home, Home) and home.is_running]
