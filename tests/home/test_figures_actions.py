"""Who may rate and export, what each call answers or refuses, and what the trail keeps of it (A10, A11, R29, R40)."""

from typing import Any

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
import pytest
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.kvarbo.const import DOMAIN
from custom_components.kvarbo.home import Home
from simulator.testing import until
from tests.watching.support import Coordinator

from .conftest import (
    stalled_disk,
)
from .figured_home import (
    calendar,
    coordinator,
    live,
    noted,
    patient_tls,
)

__all__ = ["calendar", "coordinator", "live", "patient_tls"]

pytestmark = pytest.mark.usefixtures("quick_answers")


async def test_who_may_not_is_refused_and_nothing_is_noted(hass: HomeAssistant, live: Home) -> None:
    raised = await hass.services.async_call(
        DOMAIN, "raise_alarm", {"kind": "fall"}, blocking=True, return_response=True
    )
    assert raised is not None
    viewer = Context(user_id=MockUser(name="Viewer").add_to_hass(hass).id)
    assert await live.journal.flush(5)
    await until(lambda: live.figures.name is not None, what="the first upkeep")
    for context in (viewer, Context(), Context(user_id="nobody")):
        for action, data in (
            ("export_figures", {}),
            ("rate_alarm", {"alarm": raised["alarm"], "outcome": "false"}),
        ):
            with pytest.raises(ServiceValidationError) as caught:
                await hass.services.async_call(
                    DOMAIN, action, data, blocking=True, context=context, return_response=True
                )
            assert caught.value.translation_key == "not_allowed"
    assert await noted(live, "alarm_rated", "figures_exported") == []


async def test_each_export_and_each_rating_is_in_the_trail(
    hass: HomeAssistant, live: Home, coordinator: Coordinator
) -> None:
    """A10."""
    alarm = (await coordinator.call("raise_alarm", kind="fall"))["alarm"]
    await coordinator.call("rate_alarm", alarm=alarm, outcome="unknown")
    await coordinator.call("export_figures", month="2026-11")
    rated, exported = await noted(live, "alarm_rated", "figures_exported")
    assert (rated["actor"], rated["alarm_id"]) == ("administrator", alarm)
    assert rated["detail"] == {"outcome": "unknown"}
    assert (exported["actor"], exported["detail"]) == ("administrator", {"period": "2026-11"})
    assert await live.journal.verify_audit() is None


@pytest.mark.parametrize(
    ("action", "data", "key"),
    [
        ("export_figures", {"month": "2026-10"}, "no_such_period"),
        ("export_figures", {"month": "november"}, "no_such_period"),
        ("export_figures", {"month": "baseline"}, "bad_month"),
        ("export_figures", {"month": ["2026-11"]}, "bad_month"),
        ("export_figures", {"baseline": "yes"}, "bad_baseline"),
        ("export_figures", {"baseline": True, "month": "2026-11"}, "bad_baseline"),
        ("export_figures", {"baseline": True}, "no_such_period"),
        ("export_figures", {"language": "fi"}, "bad_language"),
        ("rate_alarm", {"alarm": "nobody", "outcome": "false"}, "unknown_alarm"),
        ("rate_alarm", {"alarm": "nobody", "outcome": False}, "bad_outcome"),
        ("rate_alarm", {"alarm": "nobody", "outcome": "funny"}, "bad_outcome"),
    ],
)
async def test_a_bad_call_names_its_field(
    live: Home, coordinator: Coordinator, action: str, data: dict[str, Any], key: str
) -> None:
    with pytest.raises(ServiceValidationError) as caught:
        await coordinator.call(action, **data)
    assert (caught.value.translation_domain, caught.value.translation_key) == (DOMAIN, key)


async def test_a_disk_that_does_not_answer_is_said_so(
    live: Home, coordinator: Coordinator, monkeypatch: pytest.MonkeyPatch
) -> None:
    month = await live.figures.of()
    monkeypatch.setattr("custom_components.kvarbo.figures.figures._PATIENCE", 0.2)
    with stalled_disk(live):
        # Something that waits for the disk, so that not everything is on it.
        live.figures.exported(month, "administrator")
        with pytest.raises(HomeAssistantError) as caught:
            await coordinator.call("export_figures")
    assert caught.value.translation_key == "figures_unreadable"
    await until(lambda: not live.journal_in_trouble(), what="the disk")
    assert (await coordinator.call("export_figures"))["period"] == "2026-11"
