"""Figures of a real home: alarms through the whole chain, rated, counted, closed at the turn (R29, R33, R40)."""

import csv
from datetime import timedelta
import io
import json
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.kvarbo.diagnostics import async_get_config_entry_diagnostics
from custom_components.kvarbo.figures.figures import BOOK, CLOSED
from custom_components.kvarbo.home import UPKEEP, Home
from custom_components.kvarbo.rounds import UNTRIED
from simulator.municipality import Municipality
from simulator.testing import until
from tests.watching.support import RAISE, Coordinator, automate, rule, trigger

from .conftest import (
    arrived,
    calls,
)
from .figured_home import (
    MARKER,
    STOVE,
    Calendar,
    calendar,
    coordinator,
    live,
    live_a_day,
    noted,
    of,
    off_until,
    passes,
    patient_tls,
    press,
    total,
)
from .test_issues import gone, there
from .test_journal_issues import fix

__all__ = ["calendar", "coordinator", "live", "patient_tls"]

pytestmark = pytest.mark.usefixtures("quick_answers")


def _is_settled(home: Home) -> bool:
    closed: Any = home.ledger.markers[f"{CLOSED}2026-11"]
    return closed["settled"] is True


async def test_a_months_figures_from_the_whole_chain(
    hass: HomeAssistant,
    live: Home,
    municipality_tls: Municipality,
    coordinator: Coordinator,
    calendar: Calendar,
    caplog: pytest.LogCaptureFixture,
) -> None:
    alarms = await live_a_day(hass, live, municipality_tls, coordinator, calendar)
    rated = await coordinator.call("rate_alarm", alarm=alarms["fall"], outcome="false")
    assert rated == {"alarm": alarms["fall"], "outcome": "false"}
    await coordinator.call("rate_alarm", alarm=alarms["cancelled"], outcome="mistake")
    month = await coordinator.call("export_figures")
    assert (month["period"], month["stands"], month["schema"]) == ("2026-11", "running", 1)
    assert (month["first"], month["last"]) == ("2026-11-20", "2026-11-20")
    assert of(month, "alarms_by_category", "active", "day") == 2
    assert of(month, "alarms_by_category", "passive", "day") == 1
    assert of(month, "alarms_by_kind", "fall", "day") == 1
    assert total(month, "alarms_by_kind") == of(month, "alarms")
    assert of(month, "apart", "test") == 1
    assert of(month, "apart", "shadow") == 1
    assert of(month, "apart", "demo") == 0
    assert of(month, "ends", "closed") == 1
    assert of(month, "ends", "cancelled") == 1
    assert of(month, "ends", "raised") == 1
    assert of(month, "responses", "received") == 3
    assert of(month, "responses", "acknowledged") == 1
    assert 30 <= of(month, "response_median", "acknowledged") <= 35
    assert 90 <= of(month, "response_p90", "closed") <= 100
    assert of(month, "responses_not_known", "closed") == 2
    assert of(month, "outcomes", "false") == 1
    assert of(month, "outcomes", "mistake") == 1
    assert of(month, "not_rated") == 1
    assert of(month, "false_by_kind", "fall") == 1
    assert of(month, "started", "fall_signal") == 1
    assert of(month, "rules", "fall_signal") == 1
    assert of(month, "rules", "water") == 0
    assert of(month, "rules_in_shadow", "water") == 1
    assert of(month, "devices", "help_button") == 1
    assert of(month, "devices", "fall_sensor") == 1
    assert of(month, "residents") == 1
    assert of(month, "rows_unread") == 0
    # From when the home was there, not from midnight.
    assert 690 <= of(month, "seconds_counted") <= 750
    # Nothing of who it is, and no alarm.
    told = json.dumps(month, ensure_ascii=False)
    for secret in (MARKER, "4711", *alarms.values(), live.entry.entry_id):
        assert secret not in told
    assert "alarms_by_kind" not in caplog.text
    assert month["home"] not in caplog.text


async def test_the_table_is_in_the_language_asked_for(
    hass: HomeAssistant, live: Home, coordinator: Coordinator
) -> None:
    english = (await coordinator.call("export_figures"))["csv"]
    swedish = (await coordinator.call("export_figures", language="sv"))["csv"]
    hass.config.language = "sv"
    assert (await coordinator.call("export_figures"))["csv"] == swedish
    assert english != swedish
    rows = list(csv.reader(io.StringIO(swedish), delimiter=";"))
    assert rows[0] == [
        "Hem",
        "Period",
        "Första dag",
        "Sista dag",
        "Läge",
        "Mått",
        "Avser",
        "Del av dygnet",
        "Värde",
    ]
    assert ["Larm per kategori", "Passivt larm", "Natt", "0"] in [row[5:] for row in rows]
    assert live.figures.name == rows[1][0]


async def test_a_month_closes_at_its_turn_and_outlives_a_restart(
    hass: HomeAssistant,
    live: Home,
    municipality_tls: Municipality,
    coordinator: Coordinator,
    calendar: Calendar,
) -> None:
    alarms = await live_a_day(hass, live, municipality_tls, coordinator, calendar)
    await passes(hass, calendar, UPKEEP)
    name = live.figures.name
    # Stockholm's midnight is 23:00 UTC.
    home = await off_until(hass, live, calendar, "2026-11-30 22:30:00+00:00")
    assert home.figures.name == name
    await passes(hass, calendar, timedelta())
    assert f"{CLOSED}2026-11" not in home.ledger.markers
    await passes(hass, calendar, UPKEEP)
    await until(lambda: f"{CLOSED}2026-11" in home.ledger.markers, what="the turn")
    assert await hass.config_entries.async_reload(home.entry.entry_id)
    await hass.async_block_till_done()
    home = home.entry.runtime_data
    november = await coordinator.call("export_figures", month="2026-11")
    assert november["stands"] == "open"
    assert of(november, "alarms_by_category", "active", "day") == 2
    assert of(november, "devices", "help_button") == 1
    assert of(november, "follow_up_due", "day_7") == 1
    # Ten days, from noon and the little that was lived to half past ten at night.
    assert of(november, "gaps") == 1
    assert 10 * 86_400 + 8 * 3600 < of(november, "longest_gap") < 10 * 86_400 + 11 * 3600
    assert of(november, "seconds_unwatched") == of(november, "longest_gap")
    assert november["periods"] == ["2026-11", "2026-12", "baseline"]
    # Said in December, of an alarm that ended in November.
    assert alarms["call"] not in home.ledger.alarms
    await coordinator.call("rate_alarm", alarm=alarms["call"], outcome="real")
    november = await coordinator.call("export_figures", month="2026-11")
    assert of(november, "outcomes", "real") == 1
    december = await coordinator.call("export_figures")
    assert (december["period"], of(december, "alarms_by_category", "active", "day")) == (
        "2026-12",
        0,
    )
    baseline = await coordinator.call("export_figures", baseline=True)
    assert (baseline["period"], baseline["first"]) == ("baseline", "2026-11-20")
    assert of(baseline, "alarms_by_category", "active", "day") == 2
    home = await off_until(hass, home, calendar, "2027-01-02 12:00:00+00:00")
    await until(lambda: _is_settled(home), what="the settling")
    with pytest.raises(ServiceValidationError) as caught:
        await coordinator.call("rate_alarm", alarm=alarms["call"], outcome="false")
    assert caught.value.translation_key == "month_settled"
    november = await coordinator.call("export_figures", month="2026-11")
    assert november["stands"] == "settled"
    assert of(november, "outcomes", "real") == 1


async def test_what_a_rule_has_spared_is_counted(
    hass: HomeAssistant, live: Home, coordinator: Coordinator, calendar: Calendar
) -> None:
    """A stove that is turned off before the warning, and one that is after it: no alarm, and worth a look."""
    await coordinator.consent("heat")
    await automate(hass, RAISE, triggers=[trigger("alarmed", rule("heat"))])
    for minutes in (5, 12, 16):
        hass.states.async_set(STOVE, "on")
        # Its deadline is on the disk before it counts (S3).
        await live.watching.keeping.settle()
        calendar.tick(timedelta(minutes=minutes))
        live.watching.time_changed()
        hass.states.async_set(STOVE, "off")
        calendar.tick(timedelta(minutes=1))
    live = await off_until(hass, live, calendar, "2026-11-20 13:00:00+00:00")
    month = await coordinator.call("export_figures")
    assert of(month, "near_misses", "heat") == 1
    assert of(month, "warned", "heat") == 1
    assert of(month, "warned_answered", "heat") == 1
    assert of(month, "alarms_by_kind", "heat_left_on", "day") == 0
    baseline = await coordinator.call("export_figures", baseline=True)
    assert of(baseline, "near_misses", "heat") == 1


async def test_a_device_that_was_never_used_is_counted(
    hass: HomeAssistant,
    live: Home,
    municipality_tls: Municipality,
    coordinator: Coordinator,
) -> None:
    """F10: paired, and never triggered."""
    for vitals in live.check.rounds.vitals.values():
        vitals.looked = UNTRIED - 1
    live.check.rounds.look()
    assert total(await coordinator.call("export_figures"), "never_used") == 0
    for vitals in live.check.rounds.vitals.values():
        vitals.looked = UNTRIED
    month = await coordinator.call("export_figures")
    assert of(month, "never_used", "help_button") == 1
    assert of(month, "never_used", "water") == 1
    await press(hass)
    await arrived(hass, municipality_tls, 1)
    month = await coordinator.call("export_figures")
    assert of(month, "never_used", "help_button") == 0
    assert of(month, "never_used", "water") == 1


async def test_somebody_is_asked_to_follow_up(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    live: Home,
    coordinator: Coordinator,
    calendar: Calendar,
) -> None:
    """R33."""
    await coordinator.consent("fall_signal")
    await passes(hass, calendar, UPKEEP)
    await until(lambda: live.figures.first_day is not None, what="the first day")
    await gone(hass, "follow_up")
    live = await off_until(hass, live, calendar, "2026-11-27 12:00:00+00:00")
    issue = await there(hass, "follow_up")
    assert issue.translation_placeholders == {"days": "7"}
    assert issue.is_fixable
    await fix(hass, hass_client, "follow_up")
    await gone(hass, "follow_up")
    month = await coordinator.call("export_figures")
    assert of(month, "follow_ups_made", "day_7") == 1
    [made] = await noted(live, "followed_up")
    assert (made["actor"], made["detail"]) == ("administrator", {"after": "day_7"})


async def test_no_figure_goes_to_support_or_to_a_receiver(
    hass: HomeAssistant,
    live: Home,
    municipality_tls: Municipality,
    coordinator: Coordinator,
    calendar: Calendar,
) -> None:
    await live_a_day(hass, live, municipality_tls, coordinator, calendar)
    month = await coordinator.call("export_figures")
    assert month["home"] == live.figures.name
    for line in live.chain.transmitter.lines:
        await line.watch.beat()
    assert len(calls(municipality_tls)) == 3
    received = json.dumps(municipality_tls.state(None), default=str)
    support = json.dumps(await async_get_config_entry_diagnostics(hass, live.entry), default=str)
    for told in (received, support):
        assert month["home"] not in told
        assert "alarms_by_kind" not in told
        assert BOOK not in told


async def test_a_demo_home_counts_nothing_as_real(
    hass: HomeAssistant, home: Home, municipality: Municipality, coordinator: Coordinator
) -> None:
    await press(hass)
    [call] = await arrived(hass, municipality, 1)
    month = await coordinator.call("export_figures")
    assert of(month, "alarms") == 0
    assert of(month, "apart", "demo") >= 1
    with pytest.raises(ServiceValidationError) as caught:
        await coordinator.call("rate_alarm", alarm=call["alarm"], outcome="real")
    assert caught.value.translation_key == "alarm_not_rateable"
