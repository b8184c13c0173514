"""Kvarbo offers its blueprints: new ones come, untouched ones are updated, edited ones stay."""

from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

from homeassistant.components.automation.helpers import async_get_blueprints
from homeassistant.components.blueprint.models import Blueprint, DomainBlueprints
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
import pytest_asyncio

from custom_components.kvarbo import blueprint_offer
from custom_components.kvarbo.blueprint_offer import Offered, async_offer_blueprints
from simulator.municipality import Municipality
from tests.blueprints import shelf
from tests.home.conftest import StartHome, make_entry, receiver, start_home

__all__ = ["start_home"]

ONE = """\
blueprint:
  name: One
  domain: automation
  input: {}
triggers: []
actions:
  - event: first
"""
TWO = ONE.replace("first", "second")


@pytest_asyncio.fixture(autouse=True)
async def automation(hass: HomeAssistant, hass_storage: dict[str, object]) -> None:
    """Home Assistant's automations, with a configuration that uses one blueprint of ours."""
    Path(hass.config.path("configuration.yaml")).write_text("", encoding="utf-8")  # noqa: ASYNC240
    assert await async_setup_component(hass, "automation", {})


@pytest.fixture
def source(tmp_path: Path) -> Iterator[Path]:
    """A copy of Kvarbo that carries two blueprints."""
    folder = tmp_path / "carried"
    folder.mkdir()
    for name in ("a.yaml", "b.yaml"):
        (folder / name).write_text(ONE, encoding="utf-8")
    with patch.object(blueprint_offer, "_SOURCES", (folder,)):
        yield folder


@pytest.fixture
def target(hass: HomeAssistant) -> Path:
    return Path(hass.config.path("blueprints/automation/kvarbo"))


def test_the_internal_way_is_still_there(hass: HomeAssistant) -> None:
    """Canary: `automation.helpers.async_get_blueprints` and what we use of it."""
    blueprints = async_get_blueprints(hass)
    assert isinstance(blueprints, DomainBlueprints)
    assert blueprints.blueprint_folder == Path(hass.config.path("blueprints/automation"))
    assert callable(blueprints.async_reset_cache)
    assert hass.services.has_service("automation", "reload")


async def test_all_of_ours_are_listed_by_home_assistant(hass: HomeAssistant) -> None:
    offered = await async_offer_blueprints(hass)
    assert sorted(offered.new) == sorted(shelf.OFFERED)
    found = await async_get_blueprints(hass).async_get_blueprints()
    ours = {path: found[path] for path in found if path.startswith("kvarbo/")}
    assert set(ours) == {f"kvarbo/{name}" for name in shelf.OFFERED}
    assert all(isinstance(blueprint, Blueprint) for blueprint in ours.values())


async def test_they_are_written_as_they_are(
    hass: HomeAssistant, source: Path, target: Path
) -> None:
    assert await async_offer_blueprints(hass) == Offered(new=("a.yaml", "b.yaml"))
    assert (target / "a.yaml").read_text(encoding="utf-8") == ONE
    assert await async_offer_blueprints(hass) == Offered()


async def test_an_untouched_one_is_brought_up_to_date_and_its_automations_too(
    hass: HomeAssistant, source: Path, target: Path
) -> None:
    await async_offer_blueprints(hass)
    Path(hass.config.path("configuration.yaml")).write_text(  # noqa: ASYNC240
        "automation:\n  - alias: Used\n    use_blueprint: {path: kvarbo/a.yaml, input: {}}\n"
    )
    await hass.services.async_call("automation", "reload", blocking=True)
    (source / "a.yaml").write_text(TWO, encoding="utf-8")
    assert await async_offer_blueprints(hass) == Offered(updated=("a.yaml",))
    assert (target / "a.yaml").read_text(encoding="utf-8") == TWO
    await hass.async_block_till_done()
    heard: list[str] = []
    for name in ("first", "second"):
        hass.bus.async_listen(name, lambda event: heard.append(str(event.event_type)))
    await hass.services.async_call(
        "automation", "trigger", {"entity_id": "automation.used"}, blocking=True
    )
    await hass.async_block_till_done()
    assert heard == ["second"]


async def test_an_edited_one_is_never_overwritten(
    hass: HomeAssistant, source: Path, target: Path
) -> None:
    await async_offer_blueprints(hass)
    (target / "a.yaml").write_text("# mine\n" + ONE, encoding="utf-8")
    (source / "a.yaml").write_text(TWO, encoding="utf-8")
    (source / "b.yaml").write_text(TWO, encoding="utf-8")
    assert await async_offer_blueprints(hass) == Offered(updated=("b.yaml",), kept=("a.yaml",))
    assert (target / "a.yaml").read_text(encoding="utf-8") == "# mine\n" + ONE


async def test_one_that_was_there_before_us_is_somebodys_own(
    hass: HomeAssistant, source: Path, target: Path
) -> None:
    target.mkdir(parents=True)  # noqa: ASYNC240
    (target / "a.yaml").write_text("# mine\n", encoding="utf-8")
    assert await async_offer_blueprints(hass) == Offered(new=("b.yaml",), kept=("a.yaml",))
    assert (target / "a.yaml").read_text(encoding="utf-8") == "# mine\n"


async def test_one_whose_record_was_lost_is_known_again(
    hass: HomeAssistant, source: Path, target: Path, hass_storage: dict[str, object]
) -> None:
    await async_offer_blueprints(hass)
    hass_storage.clear()
    assert await async_offer_blueprints(hass) == Offered()
    (source / "a.yaml").write_text(TWO, encoding="utf-8")
    assert await async_offer_blueprints(hass) == Offered(updated=("a.yaml",))


async def test_a_deleted_one_stays_away_until_all_are_gone(
    hass: HomeAssistant, source: Path, target: Path
) -> None:
    await async_offer_blueprints(hass)
    (target / "a.yaml").unlink()
    assert await async_offer_blueprints(hass) == Offered()
    (source / "a.yaml").write_text(TWO, encoding="utf-8")
    assert await async_offer_blueprints(hass) == Offered()
    (target / "b.yaml").unlink()
    assert await async_offer_blueprints(hass) == Offered(new=("a.yaml", "b.yaml"))


async def test_a_disk_that_refuses_is_logged_and_stops_nothing(
    hass: HomeAssistant, source: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with patch.object(Path, "write_bytes", side_effect=OSError("full")):
        assert await async_offer_blueprints(hass) == Offered()
    assert caplog.text.count("The blueprints could not be offered") == 1


async def test_a_copy_that_carries_none_says_so(
    hass: HomeAssistant, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with patch.object(blueprint_offer, "_SOURCES", (tmp_path / "gone",)):
        assert await async_offer_blueprints(hass) == Offered()
    assert "this copy of Kvarbo carries no blueprints" in caplog.text


async def test_what_lies_in_home_assistant_is_no_source(
    hass: HomeAssistant, target: Path, caplog: pytest.LogCaptureFixture
) -> None:
    target.mkdir(parents=True)  # noqa: ASYNC240
    (target / "a.yaml").write_text(ONE, encoding="utf-8")
    with patch.object(blueprint_offer, "_SOURCES", (target,)):
        assert await async_offer_blueprints(hass) == Offered()
    assert "carries no blueprints" in caplog.text


async def test_without_automations_there_is_nobody_to_offer_them_to(
    hass: HomeAssistant, source: Path, target: Path
) -> None:
    hass.config.components.remove("automation")
    assert await async_offer_blueprints(hass) == Offered()
    assert not target.exists()  # noqa: ASYNC240


async def test_the_set_up_offers_them(
    hass: HomeAssistant, target: Path, municipality: Municipality, start_home: StartHome
) -> None:
    await start_home(make_entry(receiver(municipality.url)))
    await hass.async_block_till_done()
    there = target.iterdir()  # noqa: ASYNC240
    assert {path.name for path in there} == set(shelf.OFFERED)
