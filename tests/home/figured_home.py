"""A live home whose figures are counted, by a clock that can be moved, for the tests of figures and their actions."""

import asyncio
from datetime import UTC, datetime, timedelta
import json
from typing import Any

from homeassistant.config_entries import ConfigSubentryData
from homeassistant.const import CONF_LOCATION
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
import pytest
import pytest_asyncio
from pytest_homeassistant_custom_component.common import MockUser, async_fire_time_changed

from custom_components.kvarbo.alarm.clock import SystemClock
from custom_components.kvarbo.home import UPKEEP, Home
from simulator.municipality import Municipality
from simulator.testing import until
from tests.watching.support import RAISE, Coordinator, automate, rule, trigger

from .conftest import (
    CORD,
    StartHome,
    arrived,
    button,
    entity_source,
    is_received,
    make_entry,
    receiver,
)
from .test_journal_issues import again

MAT, LEAK, STOVE = "binary_sensor.mat", "binary_sensor.leak", "binary_sensor.stove"
#: Whoever lives and works here; nothing of it may be in any figure.
MARKER = "Zebrakarin"


def sensor(number: int, role: str, unique_id: str) -> ConfigSubentryData:
    data = {
        "number": number,
        "role": role,
        CONF_LOCATION: "bathroom",
        "resident": 0,
        "source": entity_source("binary_sensor", unique_id),
    }
    return ConfigSubentryData(
        data=data, subentry_type="device", title=f"{MARKER} {number}", unique_id=None
    )


class Calendar:
    """The host's clock as the home reads it, which can be moved; the event loop and the far end keep theirs."""

    def __init__(self, now: datetime) -> None:
        self.ahead = now - datetime.now(UTC)

    def tick(self, by: float | timedelta) -> None:
        self.ahead += by if isinstance(by, timedelta) else timedelta(seconds=by)

    def move_to(self, now: str) -> None:
        self.ahead = datetime.fromisoformat(now) - datetime.now(UTC)


@pytest.fixture
def calendar(monkeypatch: pytest.MonkeyPatch) -> Calendar:
    """Not a frozen clock: alarms go over real sockets, with time-outs of their own."""
    moving = Calendar(datetime(2026, 11, 20, 12, tzinfo=UTC))
    wall, mono = SystemClock.now, SystemClock.monotonic
    monkeypatch.setattr(SystemClock, "now", lambda s: wall(s) + moving.ahead)
    monkeypatch.setattr(
        SystemClock, "monotonic", lambda s: mono(s) + 1e9 + moving.ahead.total_seconds()
    )
    return moving


@pytest_asyncio.fixture
async def patient_tls(hass: HomeAssistant) -> None:
    """Let the far end's TLS not fail the test for the connection that stands and says nothing.

    The home touches its receivers so (transmission/touching.py), and the loop tells of each as one whose
    handshake never came.
    """
    before = hass.loop.get_exception_handler()
    assert before is not None

    def handle(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        told = str(context.get("message"))
        if not isinstance(context.get("exception"), ConnectionError) or "incoming" not in told:
            before(loop, context)

    hass.loop.set_exception_handler(handle)


@pytest_asyncio.fixture
async def live(
    hass: HomeAssistant,
    patient_tls: None,
    calendar: Calendar,
    sources: None,
    municipality_tls: Municipality,
    start_home: StartHome,
) -> Home:
    """A live home: a cord (1), a fall mat (2), a leak sensor (3) whose rule is only tried, a stove (4)."""
    await hass.config.async_set_time_zone("Europe/Stockholm")
    for name in ("mat", "leak", "stove"):
        er.async_get(hass).async_get_or_create(
            "binary_sensor", "test", name, suggested_object_id=name, original_name=MARKER
        )
        hass.states.async_set(f"binary_sensor.{name}", "off", {"friendly_name": MARKER})
    assert municipality_tls.ca_file is not None
    pem = await hass.async_add_executor_job(municipality_tls.ca_file.read_text)
    return await start_home(
        make_entry(
            receiver(municipality_tls.url, ca_certificate=pem),
            button(1, entity_source("binary_sensor", "cord"), "bathroom"),
            sensor(2, "fall_sensor", "mat"),
            sensor(3, "water", "leak"),
            sensor(4, "heat", "stove"),
            demo=False,
            label=MARKER,
        )
    )


@pytest.fixture
def coordinator(hass: HomeAssistant, hass_admin_user: MockUser) -> Coordinator:
    return Coordinator(hass, hass_admin_user)


async def press(hass: HomeAssistant) -> None:
    hass.states.async_set(CORD, "on")
    await hass.async_block_till_done()
    hass.states.async_set(CORD, "off")
    await hass.async_block_till_done()


async def passes(hass: HomeAssistant, calendar: Calendar, span: timedelta) -> None:
    """Let so much time pass, and the home do what it does each hour."""
    calendar.tick(span)
    async_fire_time_changed(hass, dt_util.utcnow() + 2 * UPKEEP)
    await hass.async_block_till_done(wait_background_tasks=True)


async def off_until(hass: HomeAssistant, home: Home, calendar: Calendar, now: str) -> Home:
    """Let the hub be off until then: to live through weeks minute by minute takes its time."""
    assert await hass.config_entries.async_unload(home.entry.entry_id)
    calendar.move_to(now)
    return await again(hass, home)


def of(
    answer: dict[str, Any], figure: str, what: str | None = None, part: str | None = None
) -> Any:
    found = [
        row["value"]
        for row in answer["figures"]
        if (row["figure"], row["of"], row["part"]) == (figure, what, part)
    ]
    assert len(found) <= 1
    return found[0] if found else 0


def total(answer: dict[str, Any], figure: str) -> int:
    return sum(row["value"] for row in answer["figures"] if row["figure"] == figure)


def alarm_of(municipality: Municipality, kind: str) -> dict[str, Any] | None:
    alarms: list[dict[str, Any]] = municipality.state(None)["alarms"]
    return next((a for a in alarms if a["kind"] == kind), None)


async def rules(hass: HomeAssistant, coordinator: Coordinator) -> None:
    """A rule about falls that alarms, and one about water that is only tried."""
    for function in ("fall_signal", "water"):
        await coordinator.consent(function)
    await automate(
        hass,
        RAISE,
        triggers=[
            trigger("alarmed", rule("fall_signal")),
            trigger("alarmed", rule("water", shadow=True)),
        ],
    )


async def live_a_day(
    hass: HomeAssistant,
    home: Home,
    municipality: Municipality,
    coordinator: Coordinator,
    calendar: Calendar,
) -> dict[str, str]:
    """A press that is answered, one that is called off, a fall that is none, a leak in shadow, a test."""
    await rules(hass, coordinator)
    await press(hass)
    [call] = await arrived(hass, municipality, 1)
    await is_received(home, call["alarm"])
    calendar.tick(30)
    municipality.acknowledge(call["alarm"])
    await until(
        lambda: home.ledger.alarms[call["alarm"]].acknowledged_at is not None, what="the answer"
    )
    calendar.tick(60)
    municipality.close_alarm(call["alarm"])
    await until(lambda: not home.ledger.open_alarms(), what="the end")
    calendar.tick(600)
    await press(hass)
    [_, second] = await arrived(hass, municipality, 2)
    await coordinator.call("cancel_alarm", alarm=second["alarm"])
    hass.states.async_set(MAT, "on", {"friendly_name": MARKER})
    hass.states.async_set(LEAK, "on", {"friendly_name": MARKER})
    fall = await until(lambda: alarm_of(municipality, "fall"), what="the fall")
    await coordinator.call("test_alarm")
    await arrived(hass, municipality, 3)
    await until(lambda: home.watching.shadow.of("water/1/"), what="what it would have sent")
    return {"call": call["alarm"], "cancelled": second["alarm"], "fall": fall["alarm"]}


async def noted(home: Home, *whats: str) -> list[dict[str, Any]]:
    """Return the entries of the audit trail of these names."""
    target = home.folder / "trail.jsonl"
    assert await home.journal.flush(5)
    await home.journal.export_audit(target)
    lines = await home.hass.async_add_executor_job(target.read_text)
    entries = [json.loads(line).get("entry") for line in lines.splitlines()]
    return [entry for entry in entries if entry and entry["what"] in whats]
