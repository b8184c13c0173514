"""The words of the page: both languages say the same, nothing is missing and nothing is idle."""

import json
from pathlib import Path
import re
from typing import Any, Final

import pytest
import yaml  # type: ignore[import-untyped]

from custom_components.kvarbo.alarm.alarm import AlarmState
from custom_components.kvarbo.commissioning.items import State, Step
from custom_components.kvarbo.commissioning.progress import GapReason
from custom_components.kvarbo.devices.vitals import Ailment
from custom_components.kvarbo.pages.concerns import ConcernKind, Next
from custom_components.kvarbo.panel import ELEMENT, FOLDER
from custom_components.kvarbo.replay_action import describe_kinds
from custom_components.kvarbo.supervision.catalogue import KINDS
from custom_components.kvarbo.supervision.settings import setting_fields
from custom_components.kvarbo.supervision.slot import Standing
from custom_components.kvarbo.supervision.stages import FaultKind, Told
from custom_components.kvarbo.transmission.outlet import Takes
from custom_components.kvarbo.transmission.path import PathState
from custom_components.kvarbo.transmission.tunnel import Enforcement, Road
from tests.house.hassfest import find_parity_faults, text_faults
from tests.house.tree import leaves

LANGUAGES: Final = ("en", "sv")
CODE: Final = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.js")}
BLUEPRINT_WORDS: Final = Path(__file__).parents[2] / "scripts" / "lib" / "blueprint_words"
ALL_CODE: Final = "\n".join(CODE.values())


def texts(language: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        (FOLDER / "texts" / f"{language}.json").read_text(encoding="utf-8")
    )
    return found


def test_both_languages_say_the_same() -> None:
    assert find_parity_faults(texts("en"), texts("sv")) == []
    for language in LANGUAGES:
        for path, text in leaves(texts(language)):
            assert text_faults(text) == [], f"{language}: {path}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_setting_of_every_rule_has_a_name(language: str) -> None:
    settings = texts(language)["settings"]
    used = set()
    for kind, watcher in KINDS.items():
        for name in setting_fields(watcher.settings_type):
            key = f"{kind}.{name}" if f"{kind}.{name}" in settings else name
            assert settings[key]["name"], f"{kind}.{name}"
            used.add(key)
    assert set(settings) == used


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_setting_is_called_what_its_blueprint_calls_it(language: str) -> None:
    settings = texts(language)["settings"]
    compared = 0
    for path in sorted(BLUEPRINT_WORDS.glob("*.yaml")):
        words = yaml.safe_load(path.read_text(encoding="utf-8"))
        kind = words.get("rule")
        if kind not in KINDS:
            continue
        for name in setting_fields(KINDS[kind].settings_type):
            if name in words.get("inputs", {}):
                found = settings.get(f"{kind}.{name}") or settings[name]
                blueprint = dict(
                    zip(("name", "about"), words["inputs"][name][language], strict=True)
                )
                assert found == blueprint, f"{kind}.{name}"
                compared += 1
    assert compared > 50


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_that_home_assistant_sends_has_words(language: str) -> None:
    said = texts(language)
    assert set(said["stages"]) == {*Told, "acted"}
    assert set(said["standings"]) == set(Standing)
    assert set(said["faults"]) == set(FaultKind)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_of_a_home_has_words_and_no_words_are_idle(language: str) -> None:
    said = texts(language)
    assert set(said["concerns"]) == set(ConcernKind)
    assert set(said["next"]) == set(Next)
    assert set(said["alarm_states"]) == set(AlarmState)
    of_sensors = {"unplugged", "sees_nothing", "misfit"}
    assert set(said["ailments"]) == {*Ailment, *of_sensors, "missing", "unusable", "fading"}
    assert set(said["takes"]) == set(Takes)
    assert set(said["enforcements"]) == set(Enforcement)
    assert set(said["path_states"]) == {*PathState, "unknown"}
    assert set(said["ways"]) == set(Road)
    assert set(said["installations"]) == set(State)
    assert set(said["steps"]) == set(said["steps_next"]) == set(Step)
    for reason in GapReason:
        assert f'"{reason}"' in CODE["installation.js"]
    keys = re.findall(r'key: "(\w+)", make:', CODE["tabs.js"])
    assert list(said["tabs"]) == list(said["titles"]) == keys
    sections = set(re.findall(r'words\.say\("(\w+)"', ALL_CODE))
    assert {"concerns", "next", "tabs", "titles", "groups", "ways", "alarm_states"} <= sections
    assert sections <= set(said)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_concern_names_what_it_is_about(language: str) -> None:
    for kind, sentence in texts(language)["concerns"].items():
        places = set(re.findall(r"\{(\w+)\}", sentence))
        of_device = kind.startswith("device_") or kind == "lock_fault"
        assert ("{device}" in sentence) is of_device, kind
        assert ("{rule}" in sentence) is kind.startswith("rule_"), kind
        assert places <= {"device", "rule", "receiver", "way", "n"}, kind


def test_every_problem_of_a_setting_has_words() -> None:
    source = (FOLDER.parent / "supervision" / "settings.py").read_text(encoding="utf-8")
    problems = set(re.findall(r'"((?:not_an?_|not_|out_|missing|unknown)\w*)"', source))
    problems -= {"not_a_mapping"}  # the page sends nothing else
    assert {"missing", "out_of_range", "unknown"} <= problems
    assert problems <= set(texts("en")["problems"])


def test_every_word_that_is_asked_for_is_there_and_none_is_idle() -> None:
    said = texts("en")
    asked = set(re.findall(r'page\("(\w+)"', ALL_CODE))
    assert asked <= set(said["page"])
    spoken = set(re.findall(r'"(\w+)"', ALL_CODE)) | set(
        re.findall(r'(?:\w+|\d): "(\w+)"', ALL_CODE)
    )
    assert set(said["page"]) <= spoken
    sentences = {re.sub(r"_(none|one|many)$", "", key) for key in said["sentence"]}
    assert sentences <= spoken | set(Told)
    for tells in {kind["tells"] for kind in describe_kinds()}:
        for form in ("none", "one", "many"):
            assert f"{tells}_{form}" in said["sentence"]


def test_the_page_asks_nothing_of_strangers_and_shows_text_alone() -> None:
    for name, code in CODE.items():
        outside = code.replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?:|//[a-z]+\.\w|url\(|@import", outside), name
        for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
            assert way not in code, f"{name}: {way}"
        for imported in re.findall(r'from "([^"]+)"', code):
            assert imported.removeprefix("./") in CODE, f"{name}: {imported}"


def test_the_element_has_the_name_that_home_assistant_is_told() -> None:
    assert f'customElements.define("{ELEMENT}"' in CODE["panel.js"]


def test_files_stay_short() -> None:
    for path in Path(FOLDER).glob("*.js"):
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 400, path.name
