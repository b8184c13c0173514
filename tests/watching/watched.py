"""A watching home in virtual time: the alarm chain whole, sensors by hand, automations of the test's own."""

from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC
from typing import Any, Final

from custom_components.kvarbo.alarm.alarm import Alarm
from custom_components.kvarbo.alarm.kinds import AlarmKind, Location, Owner, Role
from custom_components.kvarbo.supervision.catalogue import KINDS
from custom_components.kvarbo.supervision.consent import Consent
from custom_components.kvarbo.supervision.house import Dwelling
from custom_components.kvarbo.supervision.identity import Identity
from custom_components.kvarbo.supervision.sensing import Sensor
from custom_components.kvarbo.supervision.slot import RuleOptions, settings_of
from custom_components.kvarbo.supervision.stages import Told
from custom_components.kvarbo.watching.listeners import Attached, Run
from custom_components.kvarbo.watching.watching import Watching
from tests.support.far_end import FarEnd
from tests.support.pure_home import PureHome, live

HOUR: Final = 3600.0
BED: Final = Sensor(5, Role.BED, Location.BEDROOM)
STOVE: Final = Sensor(6, Role.HEAT, Location.KITCHEN)
KITCHEN: Final = Sensor(7, Role.MOTION, Location.KITCHEN)
OPTIONS: Final = RuleOptions(owner=Owner.HOME_CARE, suitable=True)


class Watched:
    """A watching home in virtual time, without automations: after a minute it raises by itself."""

    def __init__(self) -> None:
        self.home = PureHome()
        self.watching = Watching(
            self.home.chain, self.home.ledger, self.home.clock, UTC, lambda: None
        )
        self.home.chain.hear(self.watching.happened)

    def begin(self, identity: Identity, **settings: Any) -> None:
        """Start with one rule that is consented to and that nothing listens to."""
        self.watching.recover((), (BED, STOVE, KITCHEN), Dwelling())
        self.watching.home_assistant_started()
        consent = Consent("own", "coordinator", self.watching.now())
        self.watching.give_consent(identity.kind, 1, consent, "administrator")
        made = settings_of(KINDS[identity.kind], settings)
        self.watching.supervisor.enrol(identity, made, OPTIONS, self.watching.now(), listens=False)

    def attach(self, identity: Identity, told: Told, run: Run) -> None:
        """Let an automation listen to the rule as it is set."""
        attached = Attached(identity, told, run, lambda *_: None)
        settings = self.watching.supervisor.slots[identity].watcher.settings
        self.watching.attach(attached, settings, OPTIONS)

    def alarms(self, kind: AlarmKind) -> list[Alarm]:
        return self.home.of_kind(kind)


def watched(day: Callable[[Watched], Awaitable[None]]) -> None:
    """Live a day of a watching home."""

    async def whole() -> None:
        made = Watched()
        await made.home.start(FarEnd())
        await day(made)
        made.watching.stop()
        await made.watching.settle()
        await made.home.stop()

    coroutine: Coroutine[Any, Any, None] = whole()
    live(coroutine)
