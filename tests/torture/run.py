"""One run: does to a home what its plan says, ends all faults, and waits until all is still."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from pathlib import Path
import signal
import tempfile
import time
from typing import Any, Final

from .check import check
from .disks import Disk, make_disk
from .link import Link
from .lives import Far, Life
from .plan import (
    Burst,
    Cut,
    DiskFault,
    DiskTrouble,
    FarCloses,
    FarFault,
    FarKill,
    Freeze,
    Kill,
    Pause,
    Plan,
    SetClock,
    Step,
    Stop,
    Trouble,
    Verb,
    make_plan,
)
from .record import Record

#: So long may it take until all is still once the faults have ended, seconds. The longest waits of
#: the rules: an answer 20 s, a hold 20 s, a try that was not taken 30 s, a probe 45 s.
STILL: Final = 120.0
#: A wait longer than any cut of the wave needs.
_LONG: Final = 3600.0


@dataclass
class Run:
    """The driver of one run, in a folder of its own."""

    plan: Plan
    folder: Path
    record: Record = field(default_factory=Record)

    async def go(self) -> Record:
        self._disk: Disk = make_disk(self.folder / "disk")
        self._far = Far(self.folder / "far.jsonl", self.folder / "far.log")
        self._links: dict[str, Link] = {}
        self._life: Life | None = None
        self._off = 0.0
        self._freezing: asyncio.Task[None] | None = None
        self._going_on: set[asyncio.Task[None]] = set()
        try:
            await self._live()
        finally:
            await self._clear_away()
        return self.record

    async def _live(self) -> None:
        await self._far.start()
        self.record.other = "mqtt" if "mqtt" in self.plan.way.lines else "rest"
        for line in self.plan.way.lines:
            self._links[line] = Link(self._far.ports[line])
            await self._links[line].open()
        await self._start()
        for step in self.plan.steps:
            await self._take(step)
        await self._end_faults()
        self.record.faults_ended = time.time()
        await self._until_still()
        await self._wave()
        await self._until_still()
        assert self._life is not None
        self._life.ask(do="audit")
        self.record.audit = await self._life.told("audit", 30)
        await self._life.stop()
        self.record.home_ended("stop")
        self._life = None
        check(self.record, self._far.written(), self._disk.journal, self._log.read_text())

    # -- the steps -----------------------------------------------------------------------------

    async def _take(self, step: Step) -> None:
        self._note(step)
        match step:
            case Burst():
                self._burst(step)
            case Pause(seconds):
                await asyncio.sleep(seconds)
            case Kill(lives):
                await self._kill_often(lives)
            case Stop():
                await self._stop()
                await self._start()
            case Freeze(seconds):
                self._freeze(seconds)
            case SetClock(off, moment):
                self._set_clock(off if moment is None else moment - time.time())
            case FarFault(fields):
                await self._far.set_fault(dict(fields))
            case FarKill(seconds):
                self.record.counts["far kills"] += 1
                self._meanwhile(self._far.restart(seconds))
            case FarCloses():
                await self._far.close_all()
            case Cut(line, how, seconds):
                self.record.counts["cuts"] += 1
                self._meanwhile(self._links[line].cut(how, seconds))
            case DiskFault(how, seconds):
                await self._spoil_disk(how, seconds)

    async def _kill_often(self, lives: tuple[float, ...]) -> None:
        await self._kill()
        for seconds in lives:
            await self._start(wait=False)
            await asyncio.sleep(seconds)
            await self._kill()
        await self._start()

    def _burst(self, burst: Burst) -> None:
        if self._life is None:
            return
        self.record.asked(burst)
        acts = [(act.verb.value, act.name, act.kind) for act in burst.acts]
        self._life.ask(do="acts", acts=acts)

    def _hear(self, said: dict[str, Any]) -> None:
        self._note(said)
        self.record.heard(said)

    def _note(self, what: object) -> None:
        """Write down what is done and said, for whoever looks for the cause of a failure."""
        with (self.folder / "run.log").open("a", encoding="utf-8") as file:
            file.write(f"{time.time():.3f} {what}\n")

    async def _kill(self) -> None:
        assert self._life is not None
        self._thaw()
        life, self._life = self._life, None
        await life.kill()
        self.record.home_ended("kill")

    async def _stop(self) -> None:
        assert self._life is not None
        self._thaw()
        life, self._life = self._life, None
        await life.stop()
        self.record.home_ended("stop")

    async def _start(self, *, wait: bool = True) -> None:
        lines = {line: link.port for line, link in self._links.items()}
        self._life = await Life.begin(self._disk, lines, self._off, self._log, self._hear)
        self._note({"life": self._life.pid})
        if not wait:
            return
        self.record.started(await self._life.told("ready", 60))
        # Whoever asked for an alarm and had no answer asks again, as an automation does (A2).
        self._burst(Burst(self.record.unanswered()))

    def _freeze(self, seconds: float) -> None:
        assert self._life is not None
        if self._freezing is None:
            self.record.counts["freezes"] += 1
            self._life.signal(signal.SIGSTOP)
            self._freezing = self._meanwhile(self._frozen(self._life, seconds))

    async def _frozen(self, life: Life, seconds: float) -> None:
        await asyncio.sleep(seconds)
        life.signal(signal.SIGCONT)
        self._freezing = None

    def _thaw(self) -> None:
        """A process that is told to stop, or a new one, is not frozen."""
        if self._freezing is not None:
            self._freezing.cancel()
            self._freezing = None
        if self._life is not None:
            self._life.signal(signal.SIGCONT)

    def _set_clock(self, off: float) -> None:
        self.record.counts["clock steps"] += 1
        self._off = off
        if self._life is not None:
            self._life.ask(do="clock", off=off)

    async def _spoil_disk(self, how: DiskTrouble, seconds: float) -> None:
        if self._disk.trouble is not None:
            return
        self.record.counts["disk faults"] += 1
        if how is DiskTrouble.READ_ONLY:
            await self._kill()
            self._disk.spoil(how, None)
            await self._start()
        else:
            self._disk.spoil(how, self._life.pid if self._life else None)
        self._meanwhile(self._mend_disk(seconds))

    async def _mend_disk(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        self._note("the disk is mended")
        self._disk.mend(self._life.pid if self._life else None)

    def _meanwhile(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._going_on.add(task)
        return task

    # -- the end -------------------------------------------------------------------------------

    async def _end_faults(self) -> None:
        """Let what goes on by itself come to its end, and end the rest."""
        ended = await asyncio.gather(*self._going_on, return_exceptions=True)
        self._going_on.clear()
        for error in ended:
            if isinstance(error, Exception):
                raise error
        await self._far.set_fault({"mode": "none"})
        assert self._life is not None
        await self._life.told("ready", 60)

    async def _until_still(self) -> None:
        assert self._life is not None
        self._life.last.pop("still", None)
        self._life._said.pop("still", None)
        self._life.ask(do="still")
        try:
            await self._life.told("still", STILL)
        except TimeoutError as error:
            self.record.flaws.append(str(error))
            self._life.ask(do="why")
            self.record.flaws.append(str(await self._life.told("why", 10)))
            raise AssertionError("\n".join(self.record.flaws)) from error

    async def _wave(self) -> None:
        """Let alarms pile up behind a cut, kill the home, and see in which order they come (A3)."""
        cuts = [self._meanwhile(link.cut(Trouble.REFUSED, _LONG)) for link in self._links.values()]
        await asyncio.sleep(0)
        self._burst(self.plan.wave)
        wanted = {act.name for act in self.plan.wave.acts}
        async with asyncio.timeout(30):
            while wanted - self.record.answered:  # noqa: ASYNC110 - they come one by one
                await asyncio.sleep(0.02)
        await self._kill()
        for cut in cuts:
            cut.cancel()
        for link in self._links.values():
            await link.mend()
        self.record.wave_at = time.time()
        await self._start()
        self.record.wave = self.record.waiting_at_start

    @property
    def _log(self) -> Path:
        return self.folder / "home.log"

    async def _clear_away(self) -> None:
        if self._life is not None:
            await self._life.kill()
        for task in self._going_on:
            task.cancel()
        await asyncio.gather(*self._going_on, return_exceptions=True)
        for link in self._links.values():
            await link.close()
        await self._far.end()
        self._disk.close()


def run_seed(seed: int, *, kills: int = 16, keep: Path | None = None) -> Record:
    """Do one run. A failure bears the seed.

    `keep` is where all that the processes have written is left, for a person to read.
    """
    plan = make_plan(seed, kills=kills)
    try:
        if keep is not None:
            keep.mkdir(parents=True)
            return asyncio.run(Run(plan, keep).go())
        with tempfile.TemporaryDirectory(prefix="kvarbo-torture-") as folder:
            return asyncio.run(Run(plan, Path(folder)).go())
    except BaseException as error:
        error.add_note(f"seed {seed} ({plan.way}, {kills} kills)")
        raise


__all__ = ["Run", "Verb", "run_seed"]
