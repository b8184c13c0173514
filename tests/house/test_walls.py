"""The house stands: pure parts are pure, arrows run one way, files stay small.

And each check can fail: it is shown a crooked tree and must name the place.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from tests.house import walls

ROOT: Final = Path(__file__).parents[2]

type Check = Callable[[Path], list[str]]

CHECKS: Final[list[Check]] = [
    walls.find_wrong_arrows,
    walls.find_outside_imports,
    walls.find_shared_code,
    walls.find_long_files,
    walls.find_banned_imports,
    walls.find_data_by_domain,
    walls.find_vague_names,
    walls.find_unproved_rules,
]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_wall_stands(check: Check) -> None:
    assert check(ROOT) == []


def test_pure_parts_import_without_home_assistant() -> None:
    wanted = walls.pure_modules(ROOT)
    imported, said = walls.import_pure(ROOT)
    assert said == ""
    assert imported == wanted
    for part in ("alarm", "journal", "transmission"):
        assert f"{walls.PACKAGE}.{part}" in imported


def build(root: Path, **files: str) -> Path:
    """Build a component; `a__b` stands for the file a/b.py of it."""
    for name, text in files.items():
        inner = name if name.startswith("__") else name.replace("__", "/", 1)
        path = root / walls.COMPONENT / f"{inner}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        (path.parent / "__init__.py").touch()
    return root


@pytest.mark.parametrize(
    ("file", "text", "found"),
    [
        ("alarm__a", "from ..journal import x", "alarm/a.py:1: alarm must not import journal"),
        ("alarm__a", "from .. import journal", "alarm/a.py:1: alarm must not import journal"),
        ("alarm__a", "\nfrom .. import DOMAIN", "alarm/a.py:2: alarm must not import __init__"),
        (
            "alarm__a",
            "from custom_components.kvarbo.home import Home",
            "alarm/a.py:1: alarm must not import home",
        ),
        ("alarm__a", "import custom_components.kvarbo.chain", "must not import chain"),
        ("journal__a", "def f():\n    from ..transmission import x", "journal/a.py:2: journal"),
        ("transmission__a", "from ..devices import x", "transmission must not import devices"),
        ("transmission__a", "from ..chain import x", "transmission must not import chain"),
        ("devices__a", "from ..journal import x", "devices must not import journal"),
        ("supervision__a", "from ..devices import x", "supervision must not import devices"),
        ("supervision__a", "from ..journal import x", "supervision must not import journal"),
        ("chain", "from .home import Home", "chain.py:1: chain must not import home"),
        ("home", "from .sensor import x", "home.py:1: home must not import sensor"),
        ("home", "from .entity import x", "home.py:1: home must not import entity"),
        ("entity", "from .journal import x", "entity.py:1: entity must not import journal"),
        ("sensor", "from .transmission import x", "sensor must not import transmission"),
        ("sensor", "from .button import x", "sensor.py:1: sensor must not import button"),
    ],
)
def test_an_arrow_that_runs_the_wrong_way_is_named(
    tmp_path: Path, file: str, text: str, found: str
) -> None:
    names = ("journal", "transmission", "devices", "supervision", "alarm")
    parts = {f"{name}__x": "" for name in names} | dict.fromkeys(
        ("__init__", "home", "chain", "entity", "sensor", "button"), ""
    )
    build(tmp_path, **parts)
    assert walls.find_wrong_arrows(tmp_path) == []
    build(tmp_path, **{file: text})
    [finding] = walls.find_wrong_arrows(tmp_path)
    assert finding.startswith(str(walls.COMPONENT))
    assert found in finding


def test_arrows_that_run_the_right_way_pass(tmp_path: Path) -> None:
    build(
        tmp_path,
        alarm__x="from .y import z",
        alarm__y="",
        journal__x="from ..alarm.x import y",
        transmission__x="from ..alarm import x\nfrom ..journal.x import y",
        chain="from .transmission import x\nfrom .journal import x",
        home="from .chain import x\nfrom .alarm import x",
        sensor="from .home import x\nfrom .entity import y\nfrom .alarm.x import y",
        entity="from .home import x",
    )
    assert walls.find_wrong_arrows(tmp_path) == []


@pytest.mark.parametrize("text", ["import simulator.zigbee", "from tests.house import walls"])
def test_the_simulator_and_the_tests_stay_outside(tmp_path: Path, text: str) -> None:
    build(tmp_path, alarm__x="", home=text)
    [finding, *_] = walls.find_outside_imports(tmp_path)
    assert finding.startswith(f"{walls.COMPONENT}/home.py:1: ")


def test_the_far_end_shares_no_code_with_us(tmp_path: Path) -> None:
    far_end = tmp_path / "simulator" / "municipality.py"
    far_end.parent.mkdir()
    far_end.write_text("import json\nfrom custom_components.kvarbo.alarm import kinds\n")
    [finding, *_] = walls.find_shared_code(tmp_path)
    assert finding.startswith("simulator/municipality.py:2: the far end must not import custom_")


def test_a_long_file_is_named_and_tests_may_be_longer(tmp_path: Path) -> None:
    build(tmp_path, home="\n" * 401, chain="\n" * 400)
    tests = tmp_path / "tests"
    tests.mkdir()
    (tests / "test_long.py").write_text("\n" * 500)
    (tests / "test_longer.py").write_text("\n" * 501)
    scripts = tmp_path / "scripts"
    scripts.mkdir()
    (scripts / "demo").write_text("#!/usr/bin/env python3" + "\n" * 401)
    (scripts / "setup").write_text("#!/usr/bin/env bash" + "\n" * 401)
    assert walls.find_long_files(tmp_path) == [
        "custom_components/kvarbo/home.py:401: 401 lines, the limit is 400",
        "scripts/demo:401: 401 lines, the limit is 400",
        "tests/test_longer.py:501: 501 lines, the limit is 500",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "import voluptuous as vol",
        "from voluptuous import Schema",
        "from __future__ import annotations",
        "def f():\n    import sqlite3",
    ],
)
def test_a_banned_import_is_named(tmp_path: Path, text: str) -> None:
    build(tmp_path, home=text)
    [finding] = walls.find_banned_imports(tmp_path)
    assert finding.startswith(f"{walls.COMPONENT}/home.py:")


def test_the_journal_may_open_its_database(tmp_path: Path) -> None:
    assert walls.find_banned_imports(build(tmp_path, journal__rows="import sqlite3")) == []


@pytest.mark.parametrize(
    "text",
    [
        "hass.data[DOMAIN] = home",
        "hass.data['kvarbo']",
        "self.hass.data.setdefault(DOMAIN, {})",
        "hass.data.get(const.DOMAIN)",
    ],
)
def test_state_under_the_domain_is_named(tmp_path: Path, text: str) -> None:
    [finding] = walls.find_data_by_domain(build(tmp_path, home=text))
    assert finding.startswith(f"{walls.COMPONENT}/home.py:1: ")
    assert walls.find_data_by_domain(build(tmp_path, home="entry.data[CONF_ID]")) == []


def test_a_vague_name_is_named(tmp_path: Path) -> None:
    build(tmp_path, home="class AlarmManager: ...", alarm_utils="")
    assert walls.find_vague_names(tmp_path) == [
        "custom_components/kvarbo/alarm_utils.py:1: name the file for what it does",
        "custom_components/kvarbo/home.py:1: name AlarmManager for what it is in the field",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "import homeassistant.core",
        "def f(): ...\nfrom homeassistant.util import dt",
        "from ..shell import x",
        "import probatio",
    ],
)
def test_a_pure_part_that_reaches_for_home_assistant_fails(tmp_path: Path, text: str) -> None:
    shell = "import homeassistant.core\nx = 1"
    build(tmp_path, alarm__good="", shell=shell, __init__="import homeassistant.core")
    imported, said = walls.import_pure(tmp_path)
    assert (imported[-1], said) == (f"{walls.PACKAGE}.alarm.good", "")
    build(tmp_path, alarm__bad=text)
    imported, said = walls.import_pure(tmp_path)
    assert "is blocked: a pure part reached for Home Assistant" in said
    assert f"{walls.PACKAGE}.alarm.bad" not in imported


def test_a_pure_part_takes_nothing_from_the_door(tmp_path: Path) -> None:
    build(tmp_path, alarm__bad="from .. import DOMAIN", __init__="DOMAIN = 'kvarbo'")
    assert "DOMAIN" in walls.import_pure(tmp_path)[1]


def test_a_rule_that_nothing_proves_is_named(tmp_path: Path) -> None:
    rules = " ".join(walls.RULES)
    build(tmp_path, chain=f'"""{rules}"""')
    tests = tmp_path / "tests"
    tests.mkdir()
    (tests / "test_chain.py").write_text(f'"""{rules.replace("A7", "A77")}"""')
    assert walls.find_unproved_rules(tmp_path) == ["A7: no test names it"]
