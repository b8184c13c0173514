"""The zip, installed as HACS does into an empty configuration, runs in a real Home Assistant."""

from pathlib import Path
import shutil
import zipfile

import pytest

from scripts.lib import release
from simulator.hass import Json, until
from simulator.real_home import CONTROLLER, RealHome

VERSION = "7.6.5"


def install(archive: Path, config: Path) -> Path:
    """Do what HACS does with a zip release: an empty folder of the domain, and the zip into it."""
    target = config / "custom_components" / "kvarbo"
    if target.is_symlink():
        target.unlink()
    else:
        shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(target)
    return target


@pytest.mark.real_hass
async def test_the_zip_installed_into_an_empty_configuration_runs(
    tmp_path: Path, socket_enabled: None
) -> None:
    async with RealHome(tmp_path) as home:
        target = install(release.build(VERSION, tmp_path / "dist"), home.config)
        assert not target.is_symlink()
        await home.start(onboard=True)

        await home.hass.connect()
        manifest: Json = await home.hass.ask("manifest/get", integration="kvarbo")
        assert manifest["version"] == VERSION

        made = await home.hass.walk(
            "flow",
            {"handler": "kvarbo", "show_advanced_options": False},
            {"user": {"controller": CONTROLLER, "label": "Home", "demo": True}},
        )
        entry_id = made["result"]["entry_id"]

        async def loaded() -> bool:
            entries = await home.hass.ask("config_entries/get", domain="kvarbo")
            return [(e["entry_id"], e["state"]) for e in entries] == [(entry_id, "loaded")]

        await until(loaded, 30, "the home's entry is not loaded")
        home.entry_id = entry_id
        undelivered = await home.kvarbo_entity("undelivered", "sensor")
        assert await home.state(undelivered) == "0"

        async def offered() -> bool:
            listed = await home.hass.ask("blueprint/list", domain="automation")
            return {"kvarbo/night_absence.yaml", "kvarbo/night_absence.sv.yaml"} <= set(listed)

        await until(offered, 30, "the blueprints are not offered")

        # It stands on its own: nothing of it comes from anywhere but the zip, and it starts again.
        await home.stop()
        await home.start()
        assert await home.state(undelivered) == "0"
        complaints = [
            line
            for line in home.log().splitlines()
            if "kvarbo" in line and (" ERROR " in line or "Traceback" in line)
        ]
        assert complaints == []
